// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/configuration_difference.h"

#include "engine/models/precision_text.h"
#include "engine/schedule/presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace steploom {

namespace {

const std::string kNone = "–";

/// Makes the settings one after the other; one that no run has is left out.
class Settings {
public:
    explicit Settings(std::span<const Run> runs) : m_runs(runs) {}

    /// `value` answers what a run has, empty for nothing.
    void add(const std::string& name, const std::function<std::string(const Run&)>& value) {
        ConfigurationSetting setting{name, {}};
        for (const Run& run : m_runs) {
            setting.values.push_back(value(run));
            if (setting.values.back().empty())
                setting.values.back() = kNone;
        }
        if (std::ranges::any_of(setting.values, [](const std::string& each) { return each != kNone; }))
            m_settings.push_back(std::move(setting));
    }
    std::vector<ConfigurationSetting> take() { return std::move(m_settings); }

private:
    std::span<const Run> m_runs;
    std::vector<ConfigurationSetting> m_settings;
};

/// Letters of all pools, in the order in which they appear.
std::string lettersOf(std::span<const Run> runs) {
    std::string letters;
    for (const Run& run : runs)
        for (const PoolMemberSpec& member : run.summary.request.pool)
            if (letters.find(member.letter) == std::string::npos)
                letters += member.letter;
    return letters;
}

/// Place of a letter in a run's pool; the pool's size where it has none.
std::size_t placeOf(const Run& run, char letter) {
    const auto& pool = run.summary.request.pool;
    return static_cast<std::size_t>(std::ranges::find(pool, letter, &PoolMemberSpec::letter) - pool.begin());
}

std::string modelText(const Run& run, char letter) {
    const std::size_t place = placeOf(run, letter);
    if (place >= run.summary.request.pool.size())
        return {};
    const PoolMemberSpec& member = run.summary.request.pool[place];
    return member.sha256.empty() ? member.name
                                 : fmt::format("{} ({})", member.name, hashPrefix(member.sha256));
}

/// "8.78M", "170M": three digits.
std::string parametersText(std::int64_t parameters) {
    const auto count = static_cast<double>(parameters);
    if (count >= 1e9)
        return fmt::format("{:.3g}B", count / 1e9);
    return count >= 1e6 ? fmt::format("{:.3g}M", count / 1e6) : fmt::format("{}", parameters);
}

std::string sizeText(const Run& run, char letter) {
    const std::size_t place = placeOf(run, letter);
    if (place >= run.provenance.members.size())
        return {};
    const ModelFacts& facts = run.provenance.members[place];
    return fmt::format("{}, {} blocks, {} parameters", facts.architecture, facts.blocks,
                       parametersText(facts.parameters));
}

std::string precisionText(const Run& run, char letter) {
    const std::size_t place = placeOf(run, letter);
    if (place >= run.summary.request.pool.size())
        return {};
    const Precision asked = run.summary.request.pool[place].precision;
    if (place >= run.provenance.members.size() || run.provenance.members[place].effective == asked)
        return std::string(precisionName(asked));
    return fmt::format("{} asked for, {} used", precisionName(asked),
                       precisionName(run.provenance.members[place].effective));
}

std::string branchText(const GenerationRequest& request) {
    if (!request.branch)
        return {};
    const std::string place = fmt::format("sample {}, step {}", request.branch->sample, request.branch->step);
    return request.branch->parent > 0 ? fmt::format("run {}, {}", request.branch->parent, place) : place;
}

std::string judgeText(const RunSummary& run) {
    const Measure* perplexity = run.measure("generative_perplexity");
    if (!perplexity)
        return {};
    const auto text = [&](const char* key) {
        const auto found = perplexity->settings.find(key);
        return found != perplexity->settings.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
    };
    const std::string hash = text("evaluator_sha256"), precision = text("evaluator_precision");
    return text("evaluator") + (hash.empty() ? "" : fmt::format(" ({})", hashPrefix(hash))) +
           (precision.empty() ? "" : ", " + precision);
}

GenerationKind kindOf(const Run& run) {
    const auto& members = run.provenance.members;
    return members.empty() ? GenerationKind::MaskedDiffusion : members.front().kind;
}

/// Of models that write in order: there is no order of reveal to tell.
std::string orderText(const Run& run) {
    return kindOf(run) == GenerationKind::Calm
               ? fmt::format("CALM, vectors of {} tokens", run.provenance.members.front().chunk)
               : "autoregressive";
}

/// Of CALM, where a temperature is to be had by drawing.
std::string temperatureText(const Run& run) {
    const GenerationRequest& request = run.summary.request;
    if (kindOf(run) != GenerationKind::Calm || request.temperature >= 1)
        return {};
    if (request.temperatureMethod == TemperatureMethod::Batch)
        return fmt::format("batch of {}", request.candidates);
    return fmt::format("exact, at most {} draws{}", request.mostDraws,
                       request.fallBack ? ", then batch" : "");
}

void addModels(Settings& settings, std::span<const Run> runs) {
    for (const char letter : lettersOf(runs)) {
        settings.add(fmt::format("model {}", letter),
                     [letter](const Run& run) { return modelText(run, letter); });
        settings.add(fmt::format("precision of {}", letter),
                     [letter](const Run& run) { return precisionText(run, letter); });
        settings.add(fmt::format("size of {}", letter),
                     [letter](const Run& run) { return sizeText(run, letter); });
        settings.add(fmt::format("folder of {}", letter), [letter](const Run& run) {
            const std::size_t place = placeOf(run, letter);
            return place < run.summary.request.pool.size() ? run.summary.request.pool[place].path
                                                           : std::string();
        });
    }
    settings.add("tokenizer", [](const Run& run) {
        return run.summary.request.tokenizer.empty() ? "the models' own" : run.summary.request.tokenizer;
    });
}

void addSampling(Settings& settings) {
    const auto ofRequest = [&settings](const char* name, auto text) {
        settings.add(name, [text](const Run& run) { return std::string(text(run.summary.request)); });
    };
    using Request = GenerationRequest;
    ofRequest("length", [](const Request& r) { return fmt::format("{}", r.length); });
    ofRequest("samples", [](const Request& r) { return fmt::format("{}", r.samples); });
    ofRequest("seed", [](const Request& r) { return fmt::format("{}", r.seed); });
    settings.add("sampler", [](const Run& run) {
        return kindOf(run) == GenerationKind::MaskedDiffusion ? samplerText(run.summary.request)
                                                              : orderText(run);
    });
    ofRequest("temperature", [](const Request& r) { return fmt::format("{}", r.temperature); });
    settings.add("temperature method", [](const Run& run) { return temperatureText(run); });
    ofRequest("top-p", [](const Request& r) { return fmt::format("{}", r.topP); });
    ofRequest("top-k",
              [](const Request& r) { return r.topK > 0 ? fmt::format("{}", r.topK) : std::string(); });
    ofRequest("Gumbel noise", [](const Request& r) { return r.float32Gumbel ? "float32" : "float64"; });
    ofRequest("prompt", [](const Request& r) { return r.prompt; });
    settings.add("fit of the prompt", [](const Run& run) {
        const bool fitted = kindOf(run) == GenerationKind::Calm && !run.summary.request.prompt.empty();
        return fitted ? std::string(promptFitName(run.summary.request.promptFit)) : std::string();
    });
    ofRequest("template", [](const Request& r) { return r.templateText; });
    ofRequest("branched from", branchText);
    ofRequest("samples in a call", [](const Request& r) {
        return r.batch == kAutomaticBatch ? "automatic" : fmt::format("{}", r.batch);
    });
    ofRequest("likeliest tokens kept", [](const Request& r) { return fmt::format("{}", r.topTokens); });
}

void addMachine(Settings& settings) {
    settings.add("evaluator", [](const Run& run) { return judgeText(run.summary); });
    settings.add("state", [](const Run& run) {
        return fmt::format("{}, {} of {} samples", runStateName(run.summary.state),
                           run.summary.finishedSamples, run.summary.request.samples);
    });
    settings.add("program", [](const Run& run) {
        return run.provenance.version.empty() ? std::string() : "Steploom " + run.provenance.version;
    });
    settings.add("oneDNN", [](const Run& run) { return run.provenance.onednn; });
    settings.add("processor", [](const Run& run) { return run.provenance.processor; });
    settings.add("threads", [](const Run& run) {
        return run.provenance.threads > 0 ? fmt::format("{}", run.provenance.threads) : std::string();
    });
}

} // namespace

bool ConfigurationSetting::isSame() const {
    return std::ranges::all_of(values, [this](const std::string& value) { return value == values.front(); });
}

std::string hashPrefix(const std::string& sha256) { return sha256.substr(0, 8); }

std::string drawText(const GenerationRequest& request) {
    const GenerationRequest usual;
    std::string text;
    const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
    if (request.topK != usual.topK)
        add(fmt::format("top-k {}", request.topK));
    if (request.temperatureMethod == TemperatureMethod::Exact)
        add(fmt::format("exact, at most {} draws{}", request.mostDraws,
                        request.fallBack ? ", then by their counts" : ""));
    else if (request.candidates != usual.candidates)
        add(fmt::format("by {} draws", request.candidates));
    if (request.promptFit != usual.promptFit)
        add("prompt trimmed");
    return text;
}

std::string samplerText(const GenerationRequest& request) {
    std::string text(samplerName(request.sampler));
    if (request.sampler == Sampler::Threshold)
        text += fmt::format(" {}", request.threshold);
    if (request.blockLength > 0)
        text += fmt::format(", blocks of {}", request.blockLength);
    const Remasking& remasking = request.remasking;
    if (remasking.kind == Remask::None)
        return text;
    text += fmt::format(", ReMDM {} (η {}", remaskName(remasking.kind), remasking.eta);
    if (remasking.kind == Remask::Loop)
        text += fmt::format(", t {} to {}, α {}", remasking.loopOn, remasking.loopOff, remasking.alphaOn);
    return text + ")";
}

std::string scheduleText(const GenerationRequest& request) {
    const std::string notation = printSchedule(request.schedule);
    if (request.pool.empty() || request.schedule.empty())
        return notation;
    const char heavy = request.pool.front().letter,
               light = request.pool.size() > 1 ? request.pool[1].letter : heavy;
    const std::string_view name = nameOfSchedule(request.schedule, heavy, light);
    return name.empty() ? notation : fmt::format("{} {}", name, notation);
}

std::vector<ConfigurationSetting> configurationOf(std::span<const Run> runs) {
    Settings settings(runs);
    settings.add("schedule", [](const Run& run) { return scheduleText(run.summary.request); });
    settings.add("steps",
                 [](const Run& run) { return fmt::format("{}", run.summary.request.schedule.steps()); });
    addModels(settings, runs);
    addSampling(settings);
    addMachine(settings);
    return settings.take();
}

ConfigurationDifference configurationDifference(std::span<const Run> runs) {
    ConfigurationDifference difference;
    for (ConfigurationSetting& setting : configurationOf(runs))
        (setting.isSame() ? difference.same : difference.different).push_back(std::move(setting));
    return difference;
}

} // namespace steploom
