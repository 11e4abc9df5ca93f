// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_name.h"

#include "engine/sampling/generation_request.h"
#include "engine/schedule/segment_schedules.h"

#include <fmt/format.h>

#include <filesystem>

namespace steploom {

namespace {

std::string counted(std::size_t n, const char* one) {
    return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
}

std::string name(const ImportanceOrder& order, const GenerationRequest&) {
    return "Importance, " + counted(static_cast<std::size_t>(order.settings.windows), "window");
}

std::string name(const SearchOrder& order, const GenerationRequest& request) {
    const std::uint64_t all = segmentScheduleCount({.segments = order.segments, .light = order.light});
    std::string text = fmt::format("Search: {} light of {}", order.light,
                                   counted(static_cast<std::size_t>(order.segments), "segment"));
    if (order.most > 0 && static_cast<std::uint64_t>(order.most) < all)
        text += fmt::format(", {} of {} schedules", order.most, all);
    return text + ", " + counted(static_cast<std::size_t>(request.samples), "sample");
}

std::string name(const FrontierOrder& order, const GenerationRequest&) {
    return "Frontier, " + counted(order.schedules.size(), "schedule") + " × " +
           counted(order.temperatures.size(), "temperature");
}

std::string name(const CorrelationOrder& order, const GenerationRequest&) {
    return "Correlation, " + counted(order.checkpoints.size(), "checkpoint");
}

std::string name(const BrierStudyOrder& order, const GenerationRequest&) {
    std::string text = "BrierLM, " + counted(order.checkpoints.size(), "checkpoint");
    if (!order.schedules.empty())
        text += ", " + counted(order.schedules.size(), "schedule");
    return text;
}

std::string name(const AutoencoderOrder& order, const GenerationRequest&) {
    return "Autoencoder " + std::filesystem::path(order.autoencoder).filename().string();
}

} // namespace

std::string analysisName(const AnalysisOrder& order, const GenerationRequest& request) {
    return std::visit([&](const auto& each) { return name(each, request); }, order);
}

std::string nameOf(const QueuedGeneration& item) {
    if (!item.name.empty())
        return item.name;
    if (!item.isAnalysis())
        return printSchedule(item.request.schedule);
    try {
        return analysisName(orderOf(item.analysis), item.request);
    } catch (const std::exception&) {
        return "an analysis of another version"; // running it will say what is wrong
    }
}

} // namespace steploom
