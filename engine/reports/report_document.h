// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace steploom {

// A report as a value: what is in it and in which order, and nothing of how a format writes it. Every text is
// plain UTF-8 and may hold anything that a model wrote; each writer escapes it for its own format.

struct ReportParagraph {
    std::string text; ///< a newline begins a new line
    bool dim = false; ///< an aside: method, n, what an interval means
};

/// A table with one row of column headings.
struct ReportTable {
    struct Column {
        std::string heading;
        bool number = false; ///< aligned right, in tabular figures
    };
    std::string caption;
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows; ///< a text a column; empty: nothing to say
};

/// A drawing. `svg` is one <svg> element with a viewBox, in px, in which colours are classes alone (ink, dim,
/// line, card, member-0 … member-3, heat, good), so that a page can show it light or dark: a class sets
/// `color`, and shapes are filled and stroked with currentColor.
struct ReportFigure {
    std::string caption;
    std::string alternative; ///< what it shows, in words, for who cannot see it
    std::string svg;
    double width = 0, height = 0; ///< px, as in the viewBox
};

/// Texts side by side: one column a run, one row a sample.
struct ReportTexts {
    struct Row {
        std::string heading; ///< "sample 0"
        std::vector<std::string> texts;
    };
    std::string caption;
    std::vector<std::string> headings; ///< of the columns
    std::vector<Row> rows;
};

/// To be read or copied as it is: a command, a configuration.
struct ReportCode {
    std::string caption;
    std::string text;
};

using ReportBlock = std::variant<ReportParagraph, ReportTable, ReportFigure, ReportTexts, ReportCode>;

struct ReportSection {
    std::string id; ///< "summary": letters and hyphens, once in a document
    std::string title;
    std::vector<ReportBlock> blocks;
};

struct ReportDocument {
    std::string title;
    std::string author;  ///< may be empty
    std::string remarks; ///< may be empty
    std::string date;    ///< UTC, ISO 8601: of the newest run, so that the same runs give the same bytes
    std::string program; ///< "Steploom 0.1.0"
    std::vector<ReportSection> sections;
};

} // namespace steploom
