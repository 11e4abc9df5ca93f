// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/run_values.h"

#include "engine/models/precision_text.h"
#include "engine/runs/run_facts.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom::cli {

namespace {

template <typename Number>
nlohmann::json byLetter(const std::map<char, Number>& values) {
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [letter, value] : values)
        json[std::string(1, letter)] = value;
    return json;
}

nlohmann::json knownOrNull(double seconds) {
    return seconds > 0 ? nlohmann::json(seconds) : nlohmann::json();
}

/// What each member did, unfinished samples included.
std::string workText(const RunWork& work) {
    if (work.members.empty())
        return {};
    Table table("lrrrrr", {"model", "calls", "of a network", "rows a call", "FLOPs", "seconds in calls"});
    for (const auto& [letter, member] : work.members)
        table.add({std::string(1, letter), std::to_string(member.sampleCalls),
                   std::to_string(member.networkCalls),
                   member.sampleCalls > 0 ? numberText(member.rowsPerCall()) : "–", flopsText(member.flops),
                   durationText(member.seconds)});
    std::string text = table.text();
    for (const auto& [letter, member] : work.members)
        if (member.draws > member.sampleCalls) // CALM below temperature 1
            text += fmt::format("{} drew {:.4g} vectors a chunk, acceptance {:.3g}{}\n", letter,
                                static_cast<double>(member.draws) / static_cast<double>(member.sampleCalls),
                                static_cast<double>(member.sampleCalls) /
                                    static_cast<double>(std::max<std::int64_t>(1, member.attempts)),
                                member.fallBacks > 0
                                    ? fmt::format(", {} by the batch method at the limit", member.fallBacks)
                                    : std::string());
    return text;
}

double perSample(double total, const RunSummary& run) {
    return run.finishedSamples > 0 ? total / run.finishedSamples : 0;
}

} // namespace

nlohmann::json costJson(const ScheduleCost& cost) {
    return {{"steps", cost.steps},
            {"light_share", cost.lightShare},
            {"blocks_only_saving", cost.blocksOnlySaving},
            {"nominal_saving", cost.nominalSaving},
            {"executed_saving", cost.executedSaving},
            {"expected_calls", cost.expectedCalls},
            {"figures", figuresName(cost.figures)},
            {"expected_calls_by_letter", byLetter(cost.callsByLetter)},
            {"flops",
             {{"blocks_only", cost.blocksOnlyFlops},
              {"nominal", cost.nominalFlops},
              {"executed", cost.executedFlops}}},
            {"seconds", knownOrNull(cost.seconds)}};
}

nlohmann::json measuredCostJson(const RunSummary& run) {
    nlohmann::json json = costJson(run.cost);
    json["seconds_measured"] = run.seconds;
    json["seconds_measured_per_sample"] = knownOrNull(perSample(run.seconds, run));
    json["flops_measured"] = run.executedFlops;
    json["calls"] = byLetter(run.calls);
    for (const PoolMemberSpec& member : run.request.pool)
        json["calls"].emplace(std::string(1, member.letter), 0);
    return json;
}

nlohmann::json workJson(const RunSummary& run) {
    if (run.work.members.empty())
        return nullptr;
    nlohmann::json members = nlohmann::json::object();
    for (const auto& [letter, work] : run.work.members) {
        nlohmann::json& of = members[std::string(1, letter)] = {{"sample_calls", work.sampleCalls},
                                                                {"network_calls", work.networkCalls},
                                                                {"rows", work.rows},
                                                                {"rows_per_call", work.rowsPerCall()},
                                                                {"flops", work.flops},
                                                                {"seconds", work.seconds}};
        if (work.draws > 0)
            of.update({{"draws", work.draws}, {"attempts", work.attempts}, {"fall_backs", work.fallBacks}});
    }
    return {{"batch", run.work.batch},
            {"peak_memory", run.work.peakMemory > 0 ? nlohmann::json(run.work.peakMemory) : nlohmann::json()},
            {"members", std::move(members)}};
}

nlohmann::json estimateJson(const Estimate& estimate) {
    return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}, {"n", estimate.n}};
}

nlohmann::json measuresJson(const std::vector<Measure>& measures) {
    nlohmann::json json = nlohmann::json::object();
    for (const Measure& measure : measures) {
        nlohmann::json& entry = json[measure.name] = estimateJson(measure.estimate);
        entry.update({{"unit", measure.unit},
                      {"estimator", measure.estimator},
                      {"settings", measure.settings},
                      {"seconds", measure.seconds}});
    }
    return json;
}

nlohmann::json sampleJson(const RunSample& sample) {
    nlohmann::json json = {
        {"index", sample.trace.index}, {"tokens", sample.trace.tokens}, {"text", sample.text}};
    if (sample.score)
        json["score"] = {{"nats", sample.score->nats}, {"tokens", sample.score->tokens}};
    return json;
}

nlohmann::json parentJson(const GenerationRequest& request) {
    if (!request.branch)
        return nullptr;
    return {
        {"run", request.branch->parent}, {"sample", request.branch->sample}, {"step", request.branch->step}};
}

std::string parentText(const GenerationRequest& request) {
    return !request.branch
               ? std::string()
               : fmt::format("branched from run {}, sample {}, at step {}\n", request.branch->parent,
                             request.branch->sample, request.branch->step);
}

nlohmann::json summaryJson(const RunSummary& run) {
    return {{"id", run.id},
            {"state", runStateName(run.state)},
            {"started", run.started},
            {"kind", generationKindName(run.kind)},
            {"schedule", printSchedule(run.request.schedule)},
            {"label", scheduleTitle(run.request)},
            {"order", orderText(run.request)},
            {"request", run.request},
            {"length", run.request.length},
            {"seed", run.request.seed},
            {"parent", parentJson(run.request)},
            {"samples_requested", run.request.samples},
            {"samples_finished", run.finishedSamples},
            {"cost", measuredCostJson(run)},
            {"work", workJson(run)},
            {"measures", measuresJson(run.measures)},
            {"note", run.note},
            {"starred", run.starred},
            {"tags", run.tags},
            {"binned", run.binned.empty() ? nlohmann::json() : nlohmann::json(run.binned)}};
}

nlohmann::json provenanceJson(const Run& run) {
    nlohmann::json members = nlohmann::json::array();
    const auto& pool = run.summary.request.pool;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        nlohmann::json member = {{"letter", std::string(1, pool[i].letter)},
                                 {"name", pool[i].name},
                                 {"path", pool[i].path},
                                 {"sha256", pool[i].sha256}};
        if (i < run.provenance.members.size()) {
            const ModelFacts& facts = run.provenance.members[i];
            member["architecture"] = facts.architecture;
            member["parameters"] = facts.parameters;
            member["blocks"] = facts.blocks;
            member["precision"] = {{"stored", dtypeName(facts.stored)},
                                   {"requested", precisionName(facts.requested)},
                                   {"effective", precisionName(facts.effective)}};
        }
        members.push_back(std::move(member));
    }
    return {{"version", run.provenance.version},
            {"processor", run.provenance.processor},
            {"threads", run.provenance.threads},
            {"onednn", run.provenance.onednn},
            {"members", std::move(members)}};
}

std::string writingText(const GenerationRequest& request, GenerationKind kind) {
    if (kind == GenerationKind::MaskedDiffusion)
        return orderText(request);
    std::string text = kind == GenerationKind::Calm ? "vector by vector" : "token by token";
    if (request.temperature != 1)
        text += fmt::format(", temperature {:.6g}", request.temperature);
    if (kind == GenerationKind::Calm && request.temperature < 1)
        text += request.temperatureMethod == TemperatureMethod::Exact
                    ? fmt::format(", exact, at most {} draws a vector", request.mostDraws)
                    : fmt::format(" by {} draws a vector", request.candidates);
    if (request.topK > 0)
        text += fmt::format(", top-k {}", request.topK);
    if (request.topP < 1)
        text += fmt::format(", top-p {:.4g}", request.topP);
    return text;
}

std::string writingText(const Run& run) {
    const std::vector<ModelFacts>& members = run.provenance.members;
    return writingText(run.summary.request,
                       members.empty() ? GenerationKind::MaskedDiffusion : members.front().kind);
}

std::string costText(const ScheduleCost& cost) {
    Table table("lr", {});
    table.add({"steps", std::to_string(cost.steps)});
    table.add({"light steps", shareText(cost.lightShare)});
    table.add({"saved, blocks only", shareText(cost.blocksOnlySaving)});
    table.add({"saved, nominal", shareText(cost.nominalSaving)});
    table.add({"saved, executed", shareText(cost.executedSaving)});
    const auto stated = [&cost](const std::string& what) {
        switch (cost.figures) {
        case Figures::Exact:
            return what;
        case Figures::AtMost:
            return what + ", at most";
        case Figures::Expected:
            break;
        }
        return "expected " + what;
    };
    table.add({stated("calls a sample"), numberText(cost.expectedCalls)});
    table.add({stated("FLOPs a sample"), flopsText(cost.executedFlops)});
    table.add({stated("time a sample"), cost.seconds > 0 ? durationText(cost.seconds) : "not timed"});
    return table.text();
}

std::string measuredText(const RunSummary& run) {
    Table table("lr", {});
    table.add({"samples", fmt::format("{} of {}", run.finishedSamples, run.request.samples)});
    table.add({"time, all samples", durationText(run.seconds)});
    table.add({"FLOPs of finished samples", flopsText(run.executedFlops)});
    if (run.work.members.empty()) { // a run of an older version
        std::string calls;
        for (const auto& [letter, count] : run.calls)
            calls += fmt::format("{}{} {}", calls.empty() ? "" : ", ", letter, count);
        table.add({"calls of finished samples", calls.empty() ? "–" : calls});
    } else {
        table.add({"batch", fmt::format("{}{}", run.work.batch,
                                        run.request.batch == kAutomaticBatch ? ", chosen by timing" : "")});
        table.add({"peak memory",
                   run.work.peakMemory > 0 ? memoryText(static_cast<double>(run.work.peakMemory)) : "–"});
    }
    for (const Measure& measure : run.measures) {
        std::string name = measure.name;
        std::ranges::replace(name, '_', ' ');
        table.add({name, estimateText(measure.estimate) + (measure.unit.empty() ? "" : " " + measure.unit)});
    }
    return table.text() + workText(run.work);
}

std::string membersText(const Run& run) {
    Table table("llll", {});
    const auto& pool = run.summary.request.pool;
    for (std::size_t i = 0; i < pool.size(); ++i)
        table.add({std::string(1, pool[i].letter), pool[i].path,
                   i < run.provenance.members.size() ? precisionSummary(run.provenance.members[i])
                                                     : std::string(precisionName(pool[i].precision)),
                   "SHA-256 " + pool[i].sha256});
    return table.text();
}

std::string measureText(const RunSummary& run, std::string_view name) {
    const Measure* measure = run.measure(name);
    return measure ? estimateText(measure->estimate) : "–";
}

} // namespace steploom::cli
