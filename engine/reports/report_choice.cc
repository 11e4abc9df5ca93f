// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/report_choice.h"

#include "engine/core/error.h"
#include "engine/core/near_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace steploom {

namespace {

struct PartName {
    ReportPart part;
    std::string_view name, title;
};

constexpr std::array kParts = {
    PartName{ReportPart::Summary, "summary", "Summary"},
    PartName{ReportPart::Schedules, "schedules", "Step schedules"},
    PartName{ReportPart::Charts, "charts", "Quality against compute"},
    PartName{ReportPart::Importance, "importance", "Step importance"},
    PartName{ReportPart::Search, "search", "Segment search"},
    PartName{ReportPart::Samples, "samples", "Texts side by side"},
    PartName{ReportPart::Configuration, "configuration", "Configuration"},
    PartName{ReportPart::Provenance, "provenance", "Where it comes from"},
};

constexpr std::array kAll = {ReportPart::Summary,       ReportPart::Schedules, ReportPart::Charts,
                             ReportPart::Importance,    ReportPart::Search,    ReportPart::Samples,
                             ReportPart::Configuration, ReportPart::Provenance};

const PartName& nameOf(ReportPart part) noexcept { return *std::ranges::find(kParts, part, &PartName::part); }

} // namespace

std::span<const ReportPart> allReportParts() noexcept { return kAll; }
std::string_view reportPartName(ReportPart part) noexcept { return nameOf(part).name; }
std::string_view reportPartTitle(ReportPart part) noexcept { return nameOf(part).title; }

ReportPart parseReportPart(std::string_view name) {
    constexpr std::size_t kLongest = 64; // beyond it no name is near, and comparing takes time
    const std::string wanted = lowerCase(name.substr(0, kLongest));
    const auto found = std::ranges::find(kParts, wanted, &PartName::name);
    if (found != kParts.end())
        return found->part;
    const PartName& nearest = *std::ranges::min_element(
        kParts, {}, [&](const PartName& each) { return editDistance(wanted, each.name); });
    std::vector<std::string_view> names;
    for (const PartName& each : kParts)
        names.push_back(each.name);
    throw Error(ErrorKind::Request,
                {"cannot make the report", fmt::format("section \"{}\"", name),
                 fmt::format("there is none of that name; \"{}\" comes nearest", nearest.name),
                 fmt::format("Name some of {}", fmt::join(names, ", "))});
}

void to_json(nlohmann::json& json, const ReportChoice& choice) {
    nlohmann::json parts = nlohmann::json::array();
    for (const ReportPart part : choice.parts)
        parts.push_back(reportPartName(part));
    json = {{"runs", choice.runs},     {"parts", std::move(parts)}, {"title", choice.title},
            {"author", choice.author}, {"remarks", choice.remarks}, {"samples", choice.samples}};
}

void from_json(const nlohmann::json& json, ReportChoice& choice) {
    const auto take = [&json](const char* key, auto& value) {
        if (const auto found = json.find(key); found != json.end())
            found->get_to(value);
    };
    take("runs", choice.runs);
    take("title", choice.title);
    take("author", choice.author);
    take("remarks", choice.remarks);
    take("samples", choice.samples);
    if (const auto parts = json.find("parts"); parts != json.end()) {
        choice.parts.clear();
        for (const nlohmann::json& each : *parts)
            choice.parts.push_back(parseReportPart(each.get<std::string>()));
    }
}

} // namespace steploom
