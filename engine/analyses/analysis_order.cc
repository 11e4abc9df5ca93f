// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_order.h"

#include "engine/analyses/kinds.h"
#include "engine/core/error.h"
#include "engine/runs/known_importance.h"

namespace steploom {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};

} // namespace

std::string kindOf(const AnalysisOrder& order) {
    return std::visit(Overloaded{[](const ImportanceOrder&) { return kImportanceKind; },
                                 [](const SearchOrder&) { return kSearchKind; },
                                 [](const FrontierOrder&) { return kFrontierKind; },
                                 [](const CorrelationOrder&) { return kCorrelationKind; },
                                 [](const BrierStudyOrder&) { return kBrierStudyKind; },
                                 [](const AutoencoderOrder&) { return kAutoencoderKind; }},
                      order);
}

nlohmann::json orderJson(const AnalysisOrder& order) {
    nlohmann::json json =
        std::visit(Overloaded{[](const ImportanceOrder& importance) -> nlohmann::json {
                                  return {{"text", importance.text},
                                          {"times", importance.settings.times},
                                          {"windows", importance.settings.windows},
                                          {"length", importance.settings.length},
                                          {"seed", importance.settings.seed}};
                              },
                              [](const SearchOrder& search) -> nlohmann::json {
                                  return {{"segments", search.segments},
                                          {"light", search.light},
                                          {"most", search.most},
                                          {"stop_early", search.stopEarly}};
                              },
                              [](const FrontierOrder& frontier) -> nlohmann::json {
                                  nlohmann::json schedules = nlohmann::json::array();
                                  for (const StepSchedule& schedule : frontier.schedules)
                                      schedules.push_back(printSchedule(schedule));
                                  return {{"schedules", schedules}, {"temperatures", frontier.temperatures}};
                              },
                              [](const CorrelationOrder& correlation) -> nlohmann::json {
                                  return {{"checkpoints", correlation.checkpoints},
                                          {"text", correlation.text},
                                          {"windows", correlation.windows},
                                          {"context", correlation.context},
                                          {"draws", correlation.draws},
                                          {"seed", correlation.seed}};
                              },
                              [](const BrierStudyOrder& study) -> nlohmann::json {
                                  return {{"checkpoints", study.checkpoints},
                                          {"schedules", study.schedules},
                                          {"temperatures", study.temperatures},
                                          {"candidates", study.candidates},
                                          {"text", study.text},
                                          {"windows", study.windows},
                                          {"context", study.context},
                                          {"length", study.length},
                                          {"steps", study.steps},
                                          {"draws", study.draws},
                                          {"precision", precisionName(study.precision)},
                                          {"seed", study.seed}};
                              },
                              [](const AutoencoderOrder& measured) -> nlohmann::json {
                                  return {{"autoencoder", measured.autoencoder},
                                          {"text", measured.text},
                                          {"chunks", measured.settings.chunks},
                                          {"seed", measured.settings.seed}};
                              }},
                   order);
    json["kind"] = kindOf(order);
    return json;
}

AnalysisOrder orderOf(const nlohmann::json& json) {
    const std::string kind = json.at("kind");
    if (kind == kImportanceKind)
        return ImportanceOrder{json.at("text"),
                               {json.at("times"), json.at("windows"), json.at("length"), json.at("seed")}};
    if (kind == kSearchKind)
        return SearchOrder{json.at("segments"), json.at("light"), json.at("most"), json.at("stop_early")};
    if (kind == kFrontierKind) {
        FrontierOrder frontier{{}, json.at("temperatures")};
        for (const nlohmann::json& schedule : json.at("schedules"))
            frontier.schedules.push_back(parseSchedule(schedule.get<std::string>()));
        return frontier;
    }
    if (kind == kCorrelationKind)
        return CorrelationOrder{json.at("checkpoints"), json.at("text"),  json.at("windows"),
                                json.at("context"),     json.at("draws"), json.at("seed")};
    if (kind == kBrierStudyKind)
        return BrierStudyOrder{.checkpoints = json.at("checkpoints"),
                               .schedules = json.at("schedules"),
                               .temperatures = json.at("temperatures"),
                               .candidates = json.at("candidates"),
                               .text = json.at("text"),
                               .windows = json.at("windows"),
                               .context = json.at("context"),
                               .length = json.at("length"),
                               .steps = json.at("steps"),
                               .draws = json.at("draws"),
                               .precision = parsePrecision(json.at("precision").get<std::string>()),
                               .seed = json.at("seed")};
    if (kind == kAutoencoderKind)
        return AutoencoderOrder{
            json.at("autoencoder"), json.at("text"), {json.at("chunks"), json.at("seed")}};
    throw Error(ErrorKind::Request,
                {"cannot read what is to be analysed", kind, "this program knows no such analysis",
                 "Use the version of the program that wrote it"});
}

} // namespace steploom
