// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_query.h"

namespace steploom {

/// A column as the program knows it: its name, and what gives it in a row `f` of run_facts.
struct RunColumn {
    const char* name;
    const char* title;
    const char* unit;
    const char* meaning;
    const char* shortName; ///< "": none
    bool number;
    const char* sql;
};

std::span<const RunColumn> runColumns() noexcept;
/// Nothing when it is none (a measure, say).
const RunColumn* findRunColumn(std::string_view name) noexcept;

/// The measures that this program makes.
struct RunMeasure {
    const char* name;
    const char* title;
    const char* unit;
    const char* meaning;
    const char* shortName;
};
std::span<const RunMeasure> runMeasures() noexcept;

} // namespace steploom
