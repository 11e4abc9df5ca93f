// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/bundled_run_json.h"

#include "engine/bundles/run_identity.h"
#include "engine/core/error.h"
#include "engine/runs/run_json.h"
#include "engine/runs/run_tag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <set>

namespace steploom {

namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& where, std::string why) {
    throw Error(ErrorKind::File, {"cannot read a run of the bundle", where, std::move(why),
                                  "Get the bundle again from who made it"});
}

/// Reads a document with the place in mind that errors name.
class RunReader {
public:
    explicit RunReader(const std::string& where) : m_where(where) {}

    BundledRun read(const Json& json) const {
        BundledRun bundled;
        bundled.identity = json.at("identity");
        if (const Json& parent = json.at("parent"); !parent.is_null()) {
            bundled.parent = parent.at("identity");
            bundled.parentStarted = parent.at("started");
            if (!isSha256(bundled.parent))
                refuse(m_where, "its parent is no identity of a run");
        }
        RunSummary& summary = bundled.run.summary;
        summary.state = stateOf(json.at("state"));
        summary.started = json.at("started");
        requireTime(summary.started);
        summary.seconds = amount(json, "seconds");
        summary.executedFlops = amount(json, "executed_flops");
        summary.note = json.at("note");
        readMarks(json, summary);
        json.at("request").get_to(summary.request);
        if (summary.request.branch)
            summary.request.branch->parent = 0;
        requireRunnable(summary.request);
        readCost(json.at("cost"), summary.cost);
        summary.calls = calls(json.at("calls"));
        readWork(json.at("work"), summary.work);
        readMeasures(json.at("measures"), summary.measures);
        readProvenance(json.at("provenance"), bundled.run.provenance);
        if (!bundled.run.provenance.members.empty())
            summary.kind = bundled.run.provenance.members.front().kind;
        readSamples(json.at("samples"), bundled.run);
        summary.finishedSamples = static_cast<int>(bundled.run.samples.size());
        return bundled;
    }

private:
    RunState stateOf(const std::string& name) const {
        for (const RunState state : {RunState::Finished, RunState::Stopped, RunState::CutOff})
            if (runStateName(state) == name)
                return state;
        refuse(m_where, "its state is none that an ended run has");
    }

    /// Bundles of before have none.
    void readMarks(const Json& json, RunSummary& summary) const {
        summary.starred = json.value("starred", false);
        summary.tags = json.value("tags", std::vector<std::string>());
        for (const std::string& tag : summary.tags)
            if (const std::string why = tagFault(tag); !why.empty())
                refuse(m_where, why);
    }

    /// "2026-01-31T12:00:00Z"
    void requireTime(const std::string& text) const {
        constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
        const bool fits =
            text.size() == kForm.size() && std::ranges::equal(text, kForm, [](char c, char form) {
                return form == '0' ? c >= '0' && c <= '9' : c == form;
            });
        if (!fits)
            refuse(m_where, "its start is no time in UTC");
    }

    /// A finite number that is not negative.
    double amount(const Json& json, const char* key) const {
        const Json& value = json.at(key);
        if (!value.is_number() || !(value.get<double>() >= 0))
            refuse(m_where, fmt::format("{} is no amount", key));
        return value.get<double>();
    }

    /// nlohmann::json cuts whatever number there is to the type asked for, and what does not fit is
    /// undefined.
    std::int64_t whole(const Json& json, const char* key,
                       std::int64_t most = std::numeric_limits<int>::max()) const {
        const Json& value = json.at(key);
        const bool tooLarge =
            value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(most);
        if (!value.is_number_integer() || tooLarge || value.get<std::int64_t>() < 0)
            refuse(m_where, fmt::format("{} is no whole number up to {}", key, most));
        return value.get<std::int64_t>();
    }
    static constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

    void requireLetters(const Json& json) const {
        for (const auto& [key, value] : json.items())
            if (key.size() != 1 || key[0] < 'A' || key[0] > 'Z')
                refuse(m_where, "what it counts by pool letter has a key that is none");
    }

    std::map<char, std::int64_t> calls(const Json& json) const {
        requireLetters(json);
        std::map<char, std::int64_t> counts;
        for (const auto& [key, value] : json.items())
            counts[key.front()] = whole(json, key.c_str(), kAny);
        return counts;
    }

    void readCost(const Json& json, ScheduleCost& cost) const {
        whole(json, "steps");
        requireLetters(json.at("calls_by_letter"));
        json.get_to(cost);
    }

    std::int64_t wholeOrNone(const Json& json, const char* key) const {
        return json.contains(key) ? whole(json, key, kAny) : 0;
    }

    void readWork(const Json& json, RunWork& work) const {
        work.batch = static_cast<int>(whole(json, "batch"));
        work.peakMemory = whole(json, "peak_memory", kAny);
        const Json& members = json.at("members");
        requireLetters(members);
        for (const auto& [key, member] : members.items())
            work.members[key.front()] = {
                whole(member, "sample_calls", kAny), whole(member, "network_calls", kAny),
                whole(member, "rows", kAny),         amount(member, "flops"),
                amount(member, "seconds"),           wholeOrNone(member, "draws"),
                wholeOrNone(member, "attempts"),     wholeOrNone(member, "fall_backs")};
    }

    void readMeasures(const Json& json, std::vector<Measure>& measures) const {
        std::set<std::string> names;
        for (const Json& each : json) {
            whole(each, "n");
            amount(each, "seconds");
            Measure& measure = measures.emplace_back();
            each.get_to(measure);
            if (measure.name.empty() || !names.insert(measure.name).second)
                refuse(m_where, "two of its measures have one name, or one has none");
        }
    }

    void readProvenance(const Json& json, Provenance& provenance) const {
        whole(json, "threads");
        for (const Json& member : json.at("members")) {
            whole(member, "parameters", kAny);
            for (const char* key : {"blocks", "width", "heads", "key_value_heads", "vocabulary", "length"})
                whole(member, key);
        }
        json.get_to(provenance);
    }

    void readSamples(const Json& json, Run& run) const {
        int last = -1;
        for (const Json& each : json) {
            RunSample& sample = run.samples.emplace_back();
            sample.trace.index = static_cast<int>(whole(each, "index"));
            if (sample.trace.index <= last || sample.trace.index >= run.summary.request.samples)
                refuse(m_where, fmt::format("sample {} is out of order, or beyond the {} it asks for",
                                            sample.trace.index, run.summary.request.samples));
            last = sample.trace.index;
            sample.trace.flops = amount(each, "flops");
            sample.trace.seconds = amount(each, "seconds");
            sample.trace.calls = calls(each.at("calls"));
            sample.text = each.at("text");
            if (const Json& score = each.at("score"); !score.is_null()) {
                const Json& nats = score.at("nats");
                sample.score =
                    TextScore{nats.is_null() ? std::numeric_limits<double>::quiet_NaN() : nats.get<double>(),
                              static_cast<int>(whole(score, "tokens"))};
            }
        }
    }

    const std::string& m_where;
};

Json sampleJson(const RunSample& sample) {
    Json score;
    if (sample.score) {
        score = {{"nats", nullptr}, {"tokens", sample.score->tokens}};
        if (std::isfinite(sample.score->nats))
            score["nats"] = sample.score->nats;
    }
    return {{"index", sample.trace.index},
            {"flops", sample.trace.flops},
            {"seconds", sample.trace.seconds},
            {"calls", callsToJson(sample.trace.calls)},
            {"text", sample.text},
            {"score", std::move(score)}};
}

Json workJson(const RunWork& work) {
    Json members = Json::object();
    for (const auto& [letter, member] : work.members) {
        Json& of = members[std::string(1, letter)] = {{"sample_calls", member.sampleCalls},
                                                      {"network_calls", member.networkCalls},
                                                      {"rows", member.rows},
                                                      {"flops", member.flops},
                                                      {"seconds", member.seconds}};
        if (member.draws > 0) // of CALM alone: older programs can read all others
            of.update(
                {{"draws", member.draws}, {"attempts", member.attempts}, {"fall_backs", member.fallBacks}});
    }
    return {{"batch", work.batch}, {"peak_memory", work.peakMemory}, {"members", std::move(members)}};
}

} // namespace

Json bundledRunJson(const BundledRun& bundled) {
    const RunSummary& summary = bundled.run.summary;
    GenerationRequest request = summary.request;
    if (request.branch)
        request.branch->parent = 0; // an id says nothing elsewhere; `parent` does
    Json samples = Json::array();
    for (const RunSample& sample : bundled.run.samples)
        samples.push_back(sampleJson(sample));
    Json parent;
    if (!bundled.parent.empty())
        parent = {{"identity", bundled.parent}, {"started", bundled.parentStarted}};
    return {{"identity", bundled.identity},
            {"parent", std::move(parent)},
            {"state", runStateName(summary.state)},
            {"started", summary.started},
            {"seconds", summary.seconds},
            {"executed_flops", summary.executedFlops},
            {"note", summary.note},
            {"starred", summary.starred},
            {"tags", summary.tags},
            {"request", std::move(request)},
            {"cost", summary.cost},
            {"calls", callsToJson(summary.calls)},
            {"work", workJson(summary.work)},
            {"measures", summary.measures},
            {"provenance", bundled.run.provenance},
            {"samples", std::move(samples)}};
}

BundledRun bundledRunFromJson(const Json& json, const std::string& where) {
    try {
        return RunReader(where).read(json);
    } catch (const Json::exception& cause) {
        refuse(where, cause.what());
    } catch (const Error& cause) {
        if (cause.parts().where == where)
            throw;
        refuse(where, fmt::format("{}: {}", cause.parts().where, cause.parts().why));
    }
}

void requireFits(const SampleTrace& trace, const GenerationRequest& request, const std::string& where) {
    const int steps = request.schedule.steps();
    const int members = request.pool.empty() ? 26 : static_cast<int>(request.pool.size());
    const auto length = static_cast<std::size_t>(request.length);
    if (trace.tokens.size() != length)
        refuse(where, fmt::format("it has {} positions, its request {}", trace.tokens.size(), length));
    const auto isStep = [steps](std::int32_t step) { return step >= -1 && step <= steps; };
    const auto isMember = [members](std::int8_t member) { return member >= -1 && member < members; };
    if (std::ranges::any_of(trace.tokens, [](std::int32_t token) { return token < 0; }))
        refuse(where, "it has a token below 0");
    if (!std::ranges::all_of(trace.revealStep, isStep))
        refuse(where, fmt::format("it was revealed at a step beyond the {} of its schedule", steps));
    if (!std::ranges::all_of(trace.member, isMember))
        refuse(where, fmt::format("it was revealed by a model beyond the {} of its pool", members));
    for (const RemaskedToken& each : trace.remasked)
        if (each.token < 0 || !isStep(each.revealStep) || !isStep(each.remaskStep) || !isMember(each.member))
            refuse(where,
                   fmt::format("what was masked again at position {} cannot have been", each.position));
}

} // namespace steploom
