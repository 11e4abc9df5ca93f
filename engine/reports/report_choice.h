// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// The sections that a report may have, in the order in which it has them.
enum class ReportPart { Summary, Schedules, Charts, Importance, Search, Samples, Configuration, Provenance };
std::span<const ReportPart> allReportParts() noexcept;
/// "summary", as in files and options: the id of the section as well.
std::string_view reportPartName(ReportPart part) noexcept;
/// "Summary", "Texts side by side": its heading.
std::string_view reportPartTitle(ReportPart part) noexcept;
/// The part of that name, in any case. Throws Error(Request) for an unknown one, naming the nearest.
ReportPart parseReportPart(std::string_view name);

/// What a report is to be of.
struct ReportChoice {
    std::vector<std::int64_t> runs; ///< ids, in the order of the report
    std::vector<ReportPart> parts{allReportParts().begin(), allReportParts().end()}; ///< in any order
    std::string title;           ///< empty: "Steploom report"
    std::string author, remarks; ///< may be empty
    int samples = 3;             ///< shown of each run

    friend bool operator==(const ReportChoice&, const ReportChoice&) = default;
};

/// {runs, parts: [name], title, author, remarks, samples}
void to_json(nlohmann::json& json, const ReportChoice& choice);
/// A key that is missing leaves what the choice has. Throws nlohmann::json::exception for one that is unfit,
/// Error(Request) for an unknown part.
void from_json(const nlohmann::json& json, ReportChoice& choice);

} // namespace steploom
