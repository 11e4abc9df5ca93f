// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_query.h"

#include "engine/core/error.h"
#include "engine/core/near_names.h"
#include "engine/runs/run.h"
#include "engine/runs/run_columns.h"
#include "engine/runs/utc_now.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace steploom {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array<std::string_view, 6> kProperties{"starred", "branch", "prompted",
                                                      "noted",   "tagged", "measured"};

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlphanumeric(char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isNameLetter(char c) { return isAlphanumeric(c) || c == '_' || c == '-'; }

/// As names are written: lower case, with underscores.
std::string normalised(std::string_view text) {
    std::string name = lowerCase(text);
    std::ranges::replace(name, '-', '_');
    return name;
}

std::string nearestOf(std::string_view name, std::span<const std::string> candidates) {
    std::string nearest;
    std::size_t least = std::max<std::size_t>(2, name.size() / 2) + 1;
    for (const std::string& candidate : candidates) {
        // A beginning is as near as one wrong letter.
        const bool begins = name.size() >= 2 && (candidate.starts_with(name) || name.starts_with(candidate));
        const std::size_t distance = begins ? 1 : editDistance(name, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

Error unknownName(std::string where, std::string_view name, std::span<const std::string> candidates) {
    const std::string nearest = nearestOf(name, candidates);
    return Error(ErrorKind::Request,
                 {"cannot read the query", std::move(where), fmt::format("there is no \"{}\"", name),
                  nearest.empty()
                      ? std::string("Put it in quotes to search for it as text")
                      : fmt::format("Did you mean \"{}\"? In quotes it is searched as text", nearest)});
}

class QueryParser {
public:
    QueryParser(std::string_view text, std::span<const std::string> measures)
        : m_text(text), m_columns(runQueryColumns(measures)), m_words(runQueryWords()) {}

    std::vector<RunTerm> parse() {
        std::vector<RunTerm> terms;
        while (true) {
            skipBlanks();
            if (atEnd())
                return terms;
            m_termBegin = m_at;
            RunTerm term = readTerm();
            term.begin = m_termBegin;
            term.end = m_at;
            terms.push_back(std::move(term));
        }
    }

private:
    bool atEnd() const { return m_at >= m_text.size(); }
    char peek(std::size_t ahead = 0) const {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }
    void skipBlanks() {
        while (!atEnd() && isBlank(peek()))
            ++m_at;
    }
    std::string place(std::size_t at) const {
        return fmt::format("character {} of \"{}\"", at + 1, m_text.substr(0, 200));
    }
    [[noreturn]] void refuse(std::size_t at, std::string why, std::string remedy) const {
        throw Error(ErrorKind::Request,
                    {"cannot read the query", place(at), std::move(why), std::move(remedy)});
    }
    [[noreturn]] void refuseName(std::size_t at, std::string_view name,
                                 std::span<const std::string> candidates) const {
        throw unknownName(place(at), name, candidates);
    }

    RunTerm readTerm() {
        RunTerm term;
        if (peek() == '-' && m_at + 1 < m_text.size() && !isBlank(peek(1))) {
            term.negated = true;
            ++m_at;
        }
        if (peek() == '"') {
            readText(term);
            return term;
        }
        const std::size_t begin = m_at;
        while (!atEnd() && (isNameLetter(peek())))
            ++m_at;
        const std::string name = normalised(m_text.substr(begin, m_at - begin));
        const std::size_t afterName = m_at;
        if (!name.empty()) {
            if (peek() != ':')
                skipBlanks(); // "light < 0.3"
            if (const std::string sign = readSign(); !sign.empty()) {
                readComparison(term, name, sign, begin);
                return term;
            }
            m_at = afterName;
            if (name == "starred" && (atEnd() || isBlank(peek()))) {
                term.kind = RunTerm::Kind::State;
                term.name = "starred";
                return term;
            }
        }
        m_at = begin;
        readText(term);
        return term;
    }

    std::string readSign() {
        for (const std::string_view sign : {"<=", ">=", "<", ">", "=", ":"})
            if (m_text.substr(m_at).starts_with(sign)) {
                m_at += sign.size();
                return std::string(sign);
            }
        return {};
    }

    /// Up to the next blank, or to the closing quote; without quotes.
    std::string readValue(bool& quoted) {
        const std::size_t begin = m_at;
        quoted = peek() == '"';
        if (!quoted) {
            while (!atEnd() && !isBlank(peek()))
                ++m_at;
            return std::string(m_text.substr(begin, m_at - begin));
        }
        const std::size_t close = m_text.find('"', m_at + 1);
        if (close == std::string_view::npos)
            refuse(begin, "the quote is not closed", "Close it with \"");
        m_at = close + 1;
        return std::string(m_text.substr(begin + 1, close - begin - 1));
    }

    void readText(RunTerm& term) {
        const std::size_t begin = m_at;
        bool quoted = false;
        term.kind = RunTerm::Kind::Text;
        term.text = readValue(quoted);
        if (peek() == '*' && quoted) {
            term.prefix = true;
            ++m_at;
        } else if (!quoted && term.text.ends_with('*')) {
            term.prefix = true;
            term.text.pop_back();
        }
        // What the index holds: letters and digits, and whatever is beyond ASCII.
        const bool searchable = std::ranges::any_of(
            term.text, [](unsigned char c) { return c >= 0x80 || isAlphanumeric(static_cast<char>(c)); });
        if (!searchable)
            refuse(begin, "it has neither a letter nor a digit", "Search for words");
    }

    void readComparison(RunTerm& term, const std::string& name, const std::string& sign, std::size_t begin) {
        skipBlanks();
        const std::size_t valueAt = m_at;
        if (atEnd())
            refuse(begin, fmt::format("nothing follows \"{}{}\"", name, sign), "Write a value after it");
        if (readWord(term, name, sign, begin))
            return;
        const RunColumnName* column = find(name);
        if (column == nullptr)
            refuseName(begin, name, allNames());
        bool quoted = false;
        const std::string value = readValue(quoted);
        term.name = column->name;
        term.measure = column->measure;
        if (column->name == "started")
            readTime(term, sign, value, valueAt);
        else if (column->number)
            readNumbers(term, sign, value, valueAt);
        else
            readColumnText(term, sign, value, valueAt);
    }

    /// What stands before a colon and is no column.
    bool readWord(RunTerm& term, const std::string& name, const std::string& sign, std::size_t begin) {
        if (std::ranges::find(m_words, name, &RunColumnName::name) == m_words.end())
            return false;
        if (sign != ":" && sign != "=")
            refuse(begin, fmt::format("\"{}\" cannot be compared by {}", name, sign),
                   fmt::format("Write {}:…", name));
        const std::size_t valueAt = m_at;
        if (name == "output" || name == "note" || name == "prompt") {
            readText(term);
            term.name = name;
            return true;
        }
        bool quoted = false;
        const std::string value = readValue(quoted);
        if (name == "tag") {
            term.kind = RunTerm::Kind::Tag;
            term.text = value;
        } else if (name == "is") {
            term.kind = RunTerm::Kind::State;
            term.name = normalised(value);
            if (std::ranges::find(kProperties, term.name) == kProperties.end())
                refuseName(valueAt, value, std::vector<std::string>(kProperties.begin(), kProperties.end()));
        } else {
            term.name = "started";
            readTime(term, name == "since" ? ">=" : "<", value, valueAt);
        }
        return true;
    }

    void readColumnText(RunTerm& term, const std::string& sign, const std::string& value, std::size_t at) {
        if (sign != ":" && sign != "=")
            refuse(at, fmt::format("\"{}\" is text, which cannot be compared by {}", term.name, sign),
                   fmt::format("Write {}:… or {}=…", term.name, term.name));
        term.kind = sign == "=" ? RunTerm::Kind::Is : RunTerm::Kind::Contains;
        term.text = value;
        if (term.name == "state")
            readOneOf(term, {"running", "finished", "stopped", "cut off"}, at);
        if (term.name == "sampler") {
            if (lowerCase(value) == "ddpm")
                term.text = samplerName(Sampler::Ancestral);
            std::vector<std::string> names;
            for (const Sampler each : allSamplers())
                names.emplace_back(samplerName(each));
            readOneOf(term, names, at);
        }
        if (term.name == "remasking") {
            std::vector<std::string> names;
            for (const Remask each : allRemasks())
                names.emplace_back(remaskName(each));
            readOneOf(term, names, at);
        }
        if (term.name == "schedule" && !value.empty() && value.front() == '(') {
            term.kind = RunTerm::Kind::Is;
            term.name = "notation";
            try {
                term.text = printSchedule(parseSchedule(value));
            } catch (const Error& error) {
                refuse(at, fmt::format("{}: {}", error.parts().where, error.parts().why),
                       error.parts().remedy);
            }
        }
    }

    /// The value becomes the only one of the names that it begins.
    void readOneOf(RunTerm& term, const std::vector<std::string>& names, std::size_t at) {
        const auto folded = [](std::string_view text) {
            std::string name = lowerCase(text);
            std::ranges::replace_if(
                name, [](char c) { return c == '_' || c == ' '; }, '-');
            return name;
        };
        const std::string wanted = folded(term.text);
        for (const std::string& name : names)
            if (!wanted.empty() && folded(name).starts_with(wanted)) {
                term.kind = RunTerm::Kind::Is;
                term.text = name;
                return;
            }
        refuseName(at, term.text, names);
    }

    double number(std::string_view text, std::size_t at) const {
        double value = 0;
        const char* end = text.data() + text.size();
        auto [stop, failure] = std::from_chars(text.data(), end, value);
        const std::string_view suffix(stop, static_cast<std::size_t>(end - stop));
        static constexpr std::array<std::pair<std::string_view, double>, 11> kSuffixes{{{"", 1},
                                                                                        {"%", 0.01},
                                                                                        {"k", 1e3},
                                                                                        {"K", 1e3},
                                                                                        {"M", 1e6},
                                                                                        {"G", 1e9},
                                                                                        {"T", 1e12},
                                                                                        {"P", 1e15},
                                                                                        {"s", 1},
                                                                                        {"min", 60},
                                                                                        {"h", 3600}}};
        const auto* unit = std::ranges::find(kSuffixes, suffix, &std::pair<std::string_view, double>::first);
        if (failure != std::errc() || unit == kSuffixes.end() || !std::isfinite(value))
            refuse(at, fmt::format("\"{}\" is no number", text.substr(0, 40)),
                   "Write one as 0.3, 30%, 1e-4, 5k, 2M, 1.5T, 90s, 5min");
        return value * unit->second;
    }

    void readNumbers(RunTerm& term, const std::string& sign, const std::string& value, std::size_t at) {
        term.kind = RunTerm::Kind::Number;
        term.low = -kInfinity;
        term.high = kInfinity;
        if (const std::size_t dots = value.find(".."); dots != std::string::npos) {
            if (sign != ":" && sign != "=")
                refuse(at, "a range is not compared", fmt::format("Write {}:{}", term.name, value));
            if (value.size() == 2)
                refuse(at, "the range has no end", "Write one as 1..8, 1.. or ..8");
            if (dots > 0)
                term.low = number(std::string_view(value).substr(0, dots), at);
            if (dots + 2 < value.size())
                term.high = number(std::string_view(value).substr(dots + 2), at + dots + 2);
            if (term.low > term.high)
                refuse(at, "the range ends before it begins", "Write the smaller number first");
            return;
        }
        const double bound = number(value, at);
        if (sign[0] == '<') {
            term.high = bound;
            term.highIncluded = sign == "<=";
        } else if (sign[0] == '>') {
            term.low = bound;
            term.lowIncluded = sign == ">=";
        } else {
            // 30% is not quite 0.3 in binary.
            const double width = std::abs(bound) * 1e-12;
            term.low = bound - width;
            term.high = bound + width;
        }
    }

    /// A day, a time, or so long ago. A day is compared by its beginning, and taken whole by ':' and ranges.
    void readTime(RunTerm& term, const std::string& sign, const std::string& value, std::size_t at) {
        term.kind = RunTerm::Kind::Number;
        const std::size_t dots = value.find("..");
        if (dots != std::string::npos && (sign == ":" || sign == "=")) {
            if (dots > 0)
                term.from = timeText(value.substr(0, dots), at).first;
            if (dots + 2 < value.size())
                term.before = timeText(value.substr(dots + 2), at + dots + 2).second;
            return;
        }
        const auto [begin, end] = timeText(value, at);
        if (sign == "<")
            term.before = begin;
        else if (sign == "<=")
            term.before = end;
        else if (sign == ">")
            term.from = end;
        else if (sign == ">=")
            term.from = begin;
        else {
            term.from = begin;
            term.before = end;
        }
    }

    /// Where it begins, and what comes after its end.
    std::pair<std::string, std::string> timeText(const std::string& value, std::size_t at) const {
        if (value.size() >= 2 && value.size() <= 6 &&
            std::all_of(value.begin(), value.end() - 1, [](char c) { return isDigit(c); }) &&
            !isDigit(value.back())) {
            static constexpr std::string_view kUnits = "hdw";
            static constexpr std::array<int, 3> kSeconds{3600, 86'400, 604'800};
            const std::size_t unit = kUnits.find(value.back());
            if (unit != std::string_view::npos) {
                const std::time_t ago = std::time_t{std::stoi(value)} * kSeconds[unit];
                const std::string text = utcText(std::time(nullptr) - ago);
                return {text, text};
            }
        }
        constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
        const bool fits = (value.size() == 4 || value.size() == 7 || value.size() == 10 ||
                           value.size() == 16 || value.size() == 19 || value.size() == 20) &&
                          std::ranges::equal(value, kForm.substr(0, value.size()), [](char c, char form) {
                              return form == '0' ? isDigit(c) : c == form;
                          });
        if (!fits)
            refuse(
                at, fmt::format("\"{}\" is no time", value.substr(0, 40)),
                "Write one as 2026-11, 2026-11-01, 2026-11-01T15:30 (UTC), or 7d, 12h, 2w for so long ago");
        // Every time within it begins with it, and '~' sorts after all that may follow.
        return {value, value + "~"};
    }

    const RunColumnName* find(const std::string& name) const {
        for (const RunColumnName& column : m_columns)
            if (normalised(column.name) == name ||
                std::ranges::find(column.shorts, name) != column.shorts.end())
                return &column;
        return nullptr;
    }

    std::vector<std::string> allNames() const {
        std::vector<std::string> names;
        for (const auto* list : {&m_columns, &m_words})
            for (const RunColumnName& column : *list) {
                names.push_back(column.name);
                names.insert(names.end(), column.shorts.begin(), column.shorts.end());
            }
        return names;
    }

    std::string_view m_text;
    std::vector<RunColumnName> m_columns;
    std::vector<RunColumnName> m_words;
    std::size_t m_at = 0;
    std::size_t m_termBegin = 0;
};

std::vector<std::string> shortsOf(const char* shortName) {
    return *shortName == '\0' ? std::vector<std::string>() : std::vector<std::string>{shortName};
}

} // namespace

std::vector<RunColumnName> runQueryColumns(std::span<const std::string> measures) {
    std::vector<RunColumnName> columns;
    for (const RunColumn& each : runColumns())
        columns.push_back(
            {each.name, each.title, each.unit, each.meaning, each.number, false, shortsOf(each.shortName)});
    for (const RunMeasure& each : runMeasures())
        columns.push_back(
            {each.name, each.title, each.unit, each.meaning, true, true, shortsOf(each.shortName)});
    for (const std::string& name : measures)
        if (std::ranges::find(columns, name, &RunColumnName::name) == columns.end()) {
            std::string title = name;
            std::ranges::replace(title, '_', ' ');
            columns.push_back({name, title, "", "a stored measure", true, true, {}});
        }
    return columns;
}

std::vector<RunColumnName> runQueryWords() {
    return {{"tag", "tag", "", "tagged so", false, false, {}},
            {"is", "is", "", "starred, branch, prompted, noted, tagged, measured", false, false, {}},
            {"since",
             "since",
             "UTC",
             "started at this day or time or later; 7d: in the last 7 days",
             false,
             false,
             {}},
            {"before", "before", "UTC", "started before this day or time", false, false, {}},
            {"output", "output", "", "words of a sample", false, false, {}},
            {"note", "note", "", "words of the note", false, false, {}},
            {"prompt", "prompt", "", "words of the prompt or the template", false, false, {}}};
}

std::vector<RunTerm> parseRunQuery(std::string_view text, std::span<const std::string> measures) {
    return QueryParser(text, measures).parse();
}

RunColumnName runQueryColumn(std::string_view name, std::span<const std::string> measures) {
    const std::string wanted = normalised(name);
    std::vector<std::string> names;
    for (const RunColumnName& column : runQueryColumns(measures)) {
        if (normalised(column.name) == wanted ||
            std::ranges::find(column.shorts, wanted) != column.shorts.end())
            return column;
        names.push_back(column.name);
        names.insert(names.end(), column.shorts.begin(), column.shorts.end());
    }
    throw unknownName("the column to sort by", name, names);
}

} // namespace steploom
