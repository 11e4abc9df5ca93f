// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// Which runs, in which order. The text is a list of terms, all of which have to hold:
///
///     word  wor*  "some words"                in an output, the note, the prompt or the template
///     output:word  note:word  prompt:"…"      in these only
///     light<0.3  ppl<40  entropy>=4           any number of runQueryColumns(), any stored measure
///     steps:256  seed:1..8  flops<2T  saved>=30%
///     state:finished  sampler:ddpm  pool:heavy  schedule:"(L32,H192,L32)"  schedule:sandwich
///     since:2026-11-01  before:2026-12-01  since:7d                         UTC
///     tag:owt  starred  is:branch  is:prompted  is:noted  is:tagged  is:starred
///
/// A minus before a term takes the runs for which it holds away.
struct RunQuery {
    std::string text;
    std::string sort = "started"; ///< a column, or a measure; runs that have none come last
    bool descending = true;
    bool bin = false; ///< what is in the bin, instead of what is not

    friend bool operator==(const RunQuery&, const RunQuery&) = default;
};

/// Something to filter and sort by, for completion and for choosing columns.
struct RunColumnName {
    std::string name;    ///< as it is written in a query: "light"
    std::string title;   ///< "light steps"
    std::string unit;    ///< "s", "nats", "share" (0…1, shown as %), "FLOPs"; "": none
    std::string meaning; ///< one line
    bool number = true;  ///< compared with < and >; else text, which "name:" looks for
    bool measure = false;
    std::vector<std::string> shorts; ///< other names: "ppl"
};

/// The columns, then the measures that this program makes, then those of `measures` (names) that are none of
/// them.
std::vector<RunColumnName> runQueryColumns(std::span<const std::string> measures = {});

/// What else a query can say: the words before a colon that are no column, "tag", "since", …
std::vector<RunColumnName> runQueryWords();

/// One term of a query's text.
struct RunTerm {
    enum class Kind {
        Text,     ///< `text` in what `name` says: "output", "note", "prompt", or "" for all
        Number,   ///< column `name` between `low` and `high`
        Contains, ///< text column `name` has `text` in it, whatever the case
        Is,       ///< text column `name` is `text`
        Tag,      ///< is tagged `text`
        State,    ///< `name` is the property of is:…
    };
    Kind kind = Kind::Text;
    bool negated = false;
    std::string name; ///< the column's own, not its short
    std::string text;
    bool prefix = false; ///< Text: words that begin so
    bool measure = false;
    // Number: bounds that are not set are infinite. Started is compared as text: bounds in `from`, `to`.
    double low = 0, high = 0;
    bool lowIncluded = true, highIncluded = true;
    std::string from, before; ///< UTC, ISO 8601; empty: open
    std::size_t begin = 0;    ///< bytes of the query's text that say this term
    std::size_t end = 0;
};

/// Throws Error(Request) with the place in the text, the reason, and the nearest name. `measures`: names of
/// those stored, beside those this program makes.
std::vector<RunTerm> parseRunQuery(std::string_view text, std::span<const std::string> measures = {});

/// The column of that name or short. Throws Error(Request) as above.
RunColumnName runQueryColumn(std::string_view name, std::span<const std::string> measures = {});

} // namespace steploom
