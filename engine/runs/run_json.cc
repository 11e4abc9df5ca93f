// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_json.h"

#include "engine/core/error.h"

#include <array>
#include <cmath>
#include <limits>

namespace steploom {

namespace {

constexpr std::array kDTypes{DType::F64, DType::F32, DType::F16, DType::BF16, DType::I64,
                             DType::I32, DType::I16, DType::I8,  DType::U8,   DType::Bool};

Error unreadable(const std::string& why) {
    return Error(ErrorKind::Store,
                 {"cannot read the JSON of a run", "", why, "It was not written by this program"});
}

DType parseDType(const std::string& name) {
    for (const DType dtype : kDTypes)
        if (dtypeName(dtype) == name)
            return dtype;
    throw unreadable("\"" + name + "\" is no element type");
}

nlohmann::json finiteOrNull(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

double numberOr(const nlohmann::json& json, double fallback) {
    return json.is_null() ? fallback : json.get<double>();
}

template <class Number>
nlohmann::json byLetter(const std::map<char, Number>& values) {
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [letter, value] : values)
        json[std::string(1, letter)] = value;
    return json;
}

template <class Number>
std::map<char, Number> lettersFrom(const nlohmann::json& json) {
    std::map<char, Number> values;
    for (const auto& [key, value] : json.items()) {
        if (key.size() != 1)
            throw unreadable("\"" + key + "\" is no pool letter");
        values[key.front()] = value.template get<Number>();
    }
    return values;
}

} // namespace

void to_json(nlohmann::json& json, const ModelFacts& facts) {
    json = {
        {"architecture", facts.architecture},
        {"parameters", facts.parameters},
        {"blocks", facts.blocks},
        {"width", facts.width},
        {"heads", facts.heads},
        {"key_value_heads", facts.keyValueHeads},
        {"vocabulary", facts.vocabulary},
        {"length", facts.length},
        {"precision_stored", dtypeName(facts.stored)},
        {"precision_requested", precisionName(facts.requested)},
        {"precision_effective", precisionName(facts.effective)},
        {"weight_flops_per_row", facts.weightFlopsPerRow},
        {"head_flops_per_row", facts.headFlopsPerRow},
    };
    if (facts.kind == GenerationKind::MaskedDiffusion) // as all were before there were others
        return;
    json["kind"] = generationKindName(facts.kind);
    if (facts.kind == GenerationKind::Calm)
        json.update({{"chunk", facts.chunk},
                     {"input_flops_per_row", facts.inputFlopsPerRow},
                     {"condition_flops", facts.conditionFlops},
                     {"draw_flops", facts.drawFlops}});
}

void from_json(const nlohmann::json& json, ModelFacts& facts) {
    json.at("architecture").get_to(facts.architecture);
    json.at("parameters").get_to(facts.parameters);
    json.at("blocks").get_to(facts.blocks);
    json.at("width").get_to(facts.width);
    json.at("heads").get_to(facts.heads);
    json.at("key_value_heads").get_to(facts.keyValueHeads);
    json.at("vocabulary").get_to(facts.vocabulary);
    json.at("length").get_to(facts.length);
    facts.stored = parseDType(json.at("precision_stored").get<std::string>());
    facts.requested = parsePrecision(json.at("precision_requested").get<std::string>());
    facts.effective = parsePrecision(json.at("precision_effective").get<std::string>());
    json.at("weight_flops_per_row").get_to(facts.weightFlopsPerRow);
    json.at("head_flops_per_row").get_to(facts.headFlopsPerRow);
    if (json.contains("kind"))
        facts.kind = parseGenerationKind(json.at("kind").get<std::string>());
    facts.chunk = json.value("chunk", 1);
    facts.inputFlopsPerRow = json.value("input_flops_per_row", 0.0);
    facts.conditionFlops = json.value("condition_flops", 0.0);
    facts.drawFlops = json.value("draw_flops", 0.0);
}

void to_json(nlohmann::json& json, const Provenance& provenance) {
    json = {
        {"version", provenance.version}, {"processor", provenance.processor}, {"threads", provenance.threads},
        {"onednn", provenance.onednn},   {"members", provenance.members},
    };
}

void from_json(const nlohmann::json& json, Provenance& provenance) {
    json.at("version").get_to(provenance.version);
    json.at("processor").get_to(provenance.processor);
    json.at("threads").get_to(provenance.threads);
    json.at("onednn").get_to(provenance.onednn);
    json.at("members").get_to(provenance.members);
}

void to_json(nlohmann::json& json, const ScheduleCost& cost) {
    json = {
        {"steps", cost.steps},
        {"light_share", cost.lightShare},
        {"blocks_only_saving", cost.blocksOnlySaving},
        {"nominal_saving", cost.nominalSaving},
        {"executed_saving", cost.executedSaving},
        {"blocks_only_flops", cost.blocksOnlyFlops},
        {"nominal_flops", cost.nominalFlops},
        {"executed_flops", cost.executedFlops},
        {"expected_calls", cost.expectedCalls},
        {"calls_by_letter", byLetter(cost.callsByLetter)},
        {"seconds", cost.seconds},
    };
    if (cost.figures != Figures::Expected) // as all were before there were others
        json["figures"] = figuresName(cost.figures);
}

void from_json(const nlohmann::json& json, ScheduleCost& cost) {
    json.at("steps").get_to(cost.steps);
    json.at("light_share").get_to(cost.lightShare);
    json.at("blocks_only_saving").get_to(cost.blocksOnlySaving);
    json.at("nominal_saving").get_to(cost.nominalSaving);
    json.at("executed_saving").get_to(cost.executedSaving);
    json.at("blocks_only_flops").get_to(cost.blocksOnlyFlops);
    json.at("nominal_flops").get_to(cost.nominalFlops);
    json.at("executed_flops").get_to(cost.executedFlops);
    json.at("expected_calls").get_to(cost.expectedCalls);
    cost.callsByLetter = lettersFrom<double>(json.at("calls_by_letter"));
    json.at("seconds").get_to(cost.seconds);
    cost.figures = parseFigures(json.value("figures", std::string(figuresName(Figures::Expected))));
}

void to_json(nlohmann::json& json, const Estimate& estimate) {
    json = {{"value", finiteOrNull(estimate.value)},
            {"low", finiteOrNull(estimate.low)},
            {"high", finiteOrNull(estimate.high)},
            {"n", estimate.n}};
}

void from_json(const nlohmann::json& json, Estimate& estimate) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    estimate.value = numberOr(json.at("value"), kNaN);
    const double far = std::isnan(estimate.value) ? kNaN : kInfinity;
    estimate.low = numberOr(json.at("low"), -far);
    estimate.high = numberOr(json.at("high"), far);
    json.at("n").get_to(estimate.n);
}

void to_json(nlohmann::json& json, const Measure& measure) {
    json = measure.estimate;
    json.update({{"name", measure.name},
                 {"unit", measure.unit},
                 {"estimator", measure.estimator},
                 {"settings", measure.settings},
                 {"seconds", measure.seconds}});
}

void from_json(const nlohmann::json& json, Measure& measure) {
    json.at("name").get_to(measure.name);
    json.get_to(measure.estimate);
    json.at("unit").get_to(measure.unit);
    json.at("estimator").get_to(measure.estimator);
    measure.settings = json.at("settings");
    json.at("seconds").get_to(measure.seconds);
}

nlohmann::json callsToJson(const std::map<char, std::int64_t>& calls) { return byLetter(calls); }

std::map<char, std::int64_t> callsFromJson(const nlohmann::json& json) {
    return lettersFrom<std::int64_t>(json);
}

std::string jsonText(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace steploom
