// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/training_config.h"

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/near_names.h"
#include "engine/core/read_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <variant>

namespace steploom {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::max();

/// One key of the file: where its value lives and what it may be.
struct Key {
    const char* section;
    const char* name;
    std::variant<int*, std::int64_t*, std::uint64_t*, double*, bool*, std::string*> value;
    double least = 0, most = kNoLimit;
    const char* meaning = "";
    std::vector<std::string> choices{};

    std::string path() const { return fmt::format("{}.{}", section, name); }
};

std::vector<Key> keysOf(TrainingConfig& c) {
    NetworkShape& n = c.network;
    return {
        {"network", "width", &n.width, 8, 65536, "d, numbers of a position's state"},
        {"network", "blocks", &n.blocks, 1, 1000, "transformer blocks"},
        {"network", "heads", &n.heads, 1, 1024, "attention heads; width/heads must be even"},
        {"network", "length", &n.length, 2, 1 << 20, "positions of a training window, and of the model"},
        {"network", "condition", &n.condition, 1, 65536, "mdlm: width of the time condition"},
        {"network", "time_conditioning", &n.timeConditioning, 0, 1,
         "mdlm: whether the network sees the time"},
        {"network", "key_value_heads", &n.keyValueHeads, 1, 1024, "causal: divides heads"},
        {"network", "hidden", &n.hidden, 1, 1 << 20, "causal: width inside SwiGLU"},
        {"network", "rope_theta", &n.ropeTheta, 1, 1e12, "causal: base of the rotary frequencies"},
        {"network", "rms_epsilon", &n.rmsEpsilon, 1e-12, 1, "causal: of RMSNorm"},
        {"network", "tied", &n.tied, 0, 1, "causal: whether the output layer is the embedding"},
        {"network", "chunk", &n.chunk, 1, 64, "calm: tokens that become one vector; divides length"},
        {"network", "latent", &n.latent, 1, 65536, "calm: numbers of that vector"},
        {"network", "encoder_layers", &n.encoderLayers, 0, 1000,
         "calm-autoencoder: the first half works on tokens, the second on chunks"},
        {"network", "decoder_layers", &n.decoderLayers, 0, 1000,
         "calm-autoencoder: the first half works on chunks, the second on tokens"},
        {"network", "head_blocks", &n.headBlocks, 0, 1000, "calm: blocks of the head that draws vectors"},
        {"network", "noise", &n.noise, 1, 65536, "calm: random numbers that it draws one of"},
        {"network", "dropout", &c.dropout, 0, 0.95, "after attention and MLP"},
        {"start", "from", &c.startFrom, 0, 0,
         "folder of a checkpoint to begin with; if it has fewer blocks, copies that begin as identity fill "
         "up"},
        {"training", "steps", &c.steps, 1, 1e12, "optimiser steps"},
        {"training", "batch", &c.batch, 1, 1 << 20, "windows of one pass"},
        {"training", "accumulation", &c.accumulation, 1, 1 << 20, "passes of one step"},
        {"training", "parts", &c.parts, 1, 4096,
         "parts of a pass that threads share; results depend on them, not on the number of threads"},
        {"training", "seed", &c.seed, 0, kNoLimit, "of weights, order of the text, masks and dropout"},
        {"training", "learning_rate", &c.learningRate, 0, 10, "highest"},
        {"training", "warm_up", &c.warmUp, 0, 1e12, "steps until it is reached"},
        {"training", "decay", &c.decay, 0, 0, "afterwards", {"cosine", "constant"}},
        {"training", "last_learning_rate", &c.lastLearningRate, 0, 1,
         "at the end, as a share of the highest"},
        {"training", "cool_down", &c.coolDown, 0, 1,
         "constant: share of the steps, at the end, over which it falls to the last"},
        {"training", "weight_decay", &c.weightDecay, 0, 10, "of matrices (AdamW)"},
        {"training", "beta1", &c.beta1, 0, 0.99999, "AdamW"},
        {"training", "beta2", &c.beta2, 0, 0.999999, "AdamW"},
        {"training", "epsilon", &c.epsilon, 1e-16, 1, "AdamW"},
        {"training", "clip", &c.clip, 0, 1e9, "largest norm of the gradient; 0: none"},
        {"training", "averaging", &c.averaging, 0, 0.999999, "decay of the weights' moving average; 0: none"},
        {"training", "precision", &c.precision, 0, 0, "of matrix products", {"bf16", "f32"}},
        {"training", "device", &c.device, 0, 0, "where to compute", {"auto", "cpu", "cuda"}},
        {"training", "threads", &c.threads, 0, 4096, "0: one per processor"},
        {"data", "held_out", &c.heldOut, 0, 0.5, "share of the text that is only measured on"},
        {"saving", "every", &c.saveEvery, 1, 1e12, "steps between saves"},
        {"saving", "keep_every", &c.keepEvery, 0, 1e12,
         "steps between checkpoints that stay, in steps/NUMBER of the output; 0: none"},
        {"saving", "validate_every", &c.validateEvery, 1, 1e12,
         "steps between measurements on the held-out text"},
        {"saving", "validation_windows", &c.validationWindows, 1, 1e9, "windows of such a measurement"},
        {"saving", "log_every", &c.logEvery, 1, 1e9, "steps between points of the curve"},
        {"saving", "stored_as", &c.storedAs, 0, 0, "element type of model.safetensors", {"bf16", "f32"}},
        {"distillation", "share", &c.teacherShare, 0, 1,
         "of the loss that is KL(teacher || student) on masked positions"},
        {"distillation", "temperature", &c.teacherTemperature, 0.01, 100, "of both distributions in it"},
        {"autoencoder", "token_dropout", &c.tokenDropout, 0, 0.95,
         "share of the tokens that are replaced by id 0 before they are encoded"},
        {"autoencoder", "latent_dropout", &c.latentDropout, 0, 0.95,
         "share of a vector's numbers that are dropped before it is decoded"},
        {"autoencoder", "kl_weight", &c.klWeight, 0, 1e3, "of the KL divergence from a standard normal"},
        {"autoencoder", "kl_clip", &c.klClip, 0, 1e3,
         "nats of it in each dimension below which it is not pressed"},
        {"energy", "samples", &c.samples, 2, 4096, "draws of the head for each patch (N)"},
        {"energy", "posterior_samples", &c.posteriorSamples, 1, 1 << 16,
         "vectors of the autoencoder that they are held against (M)"},
        {"energy", "exponent", &c.exponent, 0, 2, "of the distances; between 0 and 2, neither of them"},
        {"energy", "brier_draws", &c.brierDraws, 2, 4096,
         "draws of each patch in a measurement on held-out text"},
    };
}

std::vector<Key> keysOf(TrainingPhase& p) {
    return {
        {"phase", "until", &p.until, 0, 1, "share of the steps at which the next phase begins"},
        {"phase", "least_masked", &p.leastMasked, 0, 1, "masked share of a window"},
        {"phase", "most_masked", &p.mostMasked, 0, 1, "masked share of a window"},
        {"phase", "nelbo_weights", &p.nelboWeights, 0, 1, "1/t, or every masked position alike"},
    };
}

[[noreturn]] void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Config, {"cannot use this training configuration", where, why, remedy});
}

[[noreturn]] void refuseUnknown(const std::string& file, const std::string& path,
                                const std::vector<Key>& keys) {
    // "steps" alone is nearest to "training.steps", and so is "network.steps": a forgotten section, or
    // another one, is the likeliest slip.
    const std::string name = path.substr(path.find_last_of('.') + 1);
    const auto distance = [&](const Key& key) {
        return std::min(
            {editDistance(path, key.path()), editDistance(path, key.name), editDistance(name, key.name) + 1});
    };
    const auto nearest = std::min_element(
        keys.begin(), keys.end(), [&](const Key& a, const Key& b) { return distance(a) < distance(b); });
    refuse(file, fmt::format("there is no key \"{}\"", path),
           fmt::format("The nearest is \"{}\"; --print-config shows all of them", nearest->path()));
}

void assign(const Key& key, const nlohmann::json& value, const std::string& file) {
    const auto wrong = [&](std::string_view kind) {
        refuse(file, fmt::format("\"{}\" is {}, where {} is expected", key.path(), value.dump(), kind),
               fmt::format("It is: {}", key.meaning));
    };
    const auto bounded = [&](double number) {
        if (!(number >= key.least && number <= key.most))
            refuse(file, fmt::format("\"{}\" is {}", key.path(), number),
                   key.most == kNoLimit ? fmt::format("Take at least {}", key.least)
                                        : fmt::format("Take a value from {} to {}", key.least, key.most));
    };
    std::visit(
        [&](auto* target) {
            using Type = std::remove_pointer_t<decltype(target)>;
            if constexpr (std::is_same_v<Type, bool>) {
                if (!value.is_boolean())
                    wrong("true or false");
                *target = value.get<bool>();
            } else if constexpr (std::is_same_v<Type, std::string>) {
                if (!value.is_string())
                    wrong("a text in quotes");
                *target = value.get<std::string>();
                if (!key.choices.empty() &&
                    std::find(key.choices.begin(), key.choices.end(), *target) == key.choices.end())
                    refuse(file, fmt::format("\"{}\" is \"{}\"", key.path(), *target),
                           fmt::format("Take one of: {}", fmt::join(key.choices, ", ")));
            } else if constexpr (std::is_same_v<Type, double>) {
                if (!value.is_number())
                    wrong("a number");
                bounded(value.get<double>());
                *target = value.get<double>();
            } else {
                if (!value.is_number_integer())
                    wrong("a whole number");
                bounded(value.get<double>());
                *target = value.get<Type>();
            }
        },
        key.value);
}

nlohmann::json valueOf(const Key& key) {
    return std::visit([](auto* target) { return nlohmann::json(*target); }, key.value);
}

void assignTable(const nlohmann::json& table, const std::string& section, std::vector<Key> keys,
                 const std::string& file) {
    if (!table.is_object())
        refuse(file, fmt::format("\"{}\" is {}, where a section is expected", section, table.dump()),
               fmt::format("Write [{}] and its keys below it", section));
    for (const auto& [name, value] : table.items()) {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& candidate) {
            return candidate.section == section && candidate.name == name;
        });
        if (key == keys.end())
            refuseUnknown(file, section + "." + name, keys);
        assign(*key, value, file);
    }
}

void assignPhases(const nlohmann::json& list, TrainingConfig& config, const std::string& file) {
    if (!list.is_array() || list.empty())
        refuse(file, "\"phase\" is not a list of sections", "Write [[phase]] above the keys of each");
    config.phases.clear();
    for (const nlohmann::json& table : list) {
        TrainingPhase& phase = config.phases.emplace_back();
        assignTable(table, "phase", keysOf(phase), file);
    }
}

/// A slip in a section's name is found by a key in it: "trainig.steps" is nearest to "training.steps".
[[noreturn]] void refuseUnknownSection(const std::string& file, const std::string& section,
                                       const nlohmann::json& content, std::vector<Key> keys) {
    const nlohmann::json table = content.is_array() && !content.empty() ? content.front() : content;
    TrainingPhase phase;
    const std::vector<Key> ofPhase = keysOf(phase);
    keys.insert(keys.end(), ofPhase.begin(), ofPhase.end());
    refuseUnknown(file,
                  table.is_object() && !table.empty() ? section + "." + table.items().begin().key() : section,
                  keys);
}

/// TOML by way of JSON, so that both formats pass the same checks.
nlohmann::json documentOf(const std::filesystem::path& file) {
    const std::string text = readFile(file, ErrorKind::Config, "cannot read the training configuration");
    if (file.extension() == ".json")
        return parseJson(text, ErrorKind::Config,
                         {"cannot read the training configuration", file.string(), "", "Correct the file"});
    try {
        std::ostringstream json;
        json << toml::json_formatter(toml::parse(text));
        return nlohmann::json::parse(json.str());
    } catch (const toml::parse_error& error) {
        refuse(fmt::format("{}, line {}, column {}", file.string(), error.source().begin.line,
                           error.source().begin.column),
               std::string(error.description()), "Correct the line");
    }
}

/// "key=value", the value as TOML or JSON would write it, or a bare word for a text.
void assignOverride(const std::string& text, TrainingConfig& config) {
    const std::size_t equals = text.find('=');
    const std::string where = "--set " + text;
    if (equals == std::string::npos || equals == 0)
        refuse(where, "there is no key before an \"=\"", "Write for example --set training.steps=1000");
    const std::string path = text.substr(0, equals), value = text.substr(equals + 1);
    const std::vector<Key> keys = keysOf(config);
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const Key& candidate) { return candidate.path() == path; });
    if (key == keys.end())
        refuseUnknown(where, path, keys);
    nlohmann::json parsed = nlohmann::json::parse(value, nullptr, false);
    if (parsed.is_discarded() || std::holds_alternative<std::string*>(key->value))
        parsed = parsed.is_string() ? parsed : nlohmann::json(value);
    assign(*key, parsed, where);
}

void requireChunks(const TrainingConfig& config, const std::string& file) {
    const int length = config.network.length, chunk = config.network.chunk;
    if (length % chunk != 0) {
        const int below = length / chunk * chunk;
        refuse(file,
               fmt::format("network.length is {}, which is no multiple of network.chunk, {}", length, chunk),
               below > 0 ? fmt::format("Take {} or {}", below, below + chunk)
                         : fmt::format("Take {}", chunk));
    }
    // Else the energy loss is not least for the right distribution alone.
    if (config.exponent <= 0 || config.exponent >= 2)
        refuse(file, fmt::format("energy.exponent is {}", config.exponent),
               "Take a value above 0 and below 2; the paper's is 1");
}

void requireFitting(const TrainingConfig& config, TrainingKind kind, const std::string& file) {
    const NetworkShape& network = config.network;
    if (kind != TrainingKind::Autoencoder &&
        (network.width % network.heads != 0 || network.width / network.heads % 2 != 0))
        refuse(file,
               fmt::format("{} numbers do not make {} heads of an even size", network.width, network.heads),
               "Change network.width or network.heads");
    if ((kind == TrainingKind::Causal || kind == TrainingKind::Energy) &&
        network.heads % network.keyValueHeads != 0)
        refuse(file,
               fmt::format("{} heads cannot share {} key and value heads evenly", network.heads,
                           network.keyValueHeads),
               "Take a number that divides network.heads");
    if (isCalm(kind))
        requireChunks(config, file);
    double before = 0;
    for (const TrainingPhase& phase : config.phases) {
        if (phase.until <= before)
            refuse(file, fmt::format("a phase ends at {} of the steps, not after {}", phase.until, before),
                   "Let phase.until grow");
        if (phase.leastMasked >= phase.mostMasked)
            refuse(file, fmt::format("a phase masks from {} to {}", phase.leastMasked, phase.mostMasked),
                   "Let phase.least_masked be below phase.most_masked");
        before = phase.until;
    }
    if (config.phases.back().until != 1)
        refuse(file, fmt::format("the last phase ends at {} of the steps", config.phases.back().until),
               "Let its phase.until be 1");
}

} // namespace

const char* trainingKindName(TrainingKind kind) noexcept {
    switch (kind) {
    case TrainingKind::MaskedDiffusion:
        return "mdlm";
    case TrainingKind::Distillation:
        return "distil";
    case TrainingKind::Causal:
        return "causal";
    case TrainingKind::Autoencoder:
        return "calm-autoencoder";
    case TrainingKind::Energy:
        return "calm";
    }
    return "";
}

bool isCalm(TrainingKind kind) noexcept {
    return kind == TrainingKind::Autoencoder || kind == TrainingKind::Energy;
}

const char* measureName(TrainingKind kind) noexcept {
    switch (kind) {
    case TrainingKind::Causal:
        return "cross-entropy";
    case TrainingKind::Autoencoder:
        return "token accuracy";
    case TrainingKind::Energy:
        return "BrierLM";
    default:
        return "NELBO";
    }
}

TrainingConfig readTrainingConfig(const std::filesystem::path& file, TrainingKind kind,
                                  std::span<const std::string> overrides) {
    TrainingConfig config;
    if (!file.empty()) {
        const nlohmann::json document = documentOf(file);
        const std::string where = file.string();
        if (!document.is_object())
            refuse(where, "it is not made of sections", "See --print-config");
        for (const auto& [section, content] : document.items()) {
            const std::vector<Key> keys = keysOf(config);
            if (section == "phase")
                assignPhases(content, config, where);
            else if (std::none_of(keys.begin(), keys.end(),
                                  [&](const Key& key) { return key.section == section; }))
                refuseUnknownSection(where, section, content, keys);
            else
                assignTable(content, section, keys, where);
        }
    }
    for (const std::string& text : overrides)
        assignOverride(text, config);
    requireFitting(config, kind, file.empty() ? "the defaults" : file.string());
    return config;
}

nlohmann::ordered_json toJson(const TrainingConfig& config) {
    TrainingConfig copy = config;
    nlohmann::ordered_json json;
    for (const Key& key : keysOf(copy))
        json[key.section][key.name] = valueOf(key);
    json["phase"] = nlohmann::ordered_json::array();
    for (TrainingPhase& phase : copy.phases) {
        nlohmann::ordered_json& entry = json["phase"].emplace_back();
        for (const Key& key : keysOf(phase))
            entry[key.name] = valueOf(key);
    }
    return json;
}

nlohmann::json decisive(const TrainingConfig& config, TrainingKind kind) {
    nlohmann::json json = toJson(config);
    json.erase("saving");
    for (const char* where : {"device", "threads"})
        json["training"].erase(where);
    if (kind != TrainingKind::Distillation)
        json.erase("distillation");
    if (kind != TrainingKind::Autoencoder)
        json.erase("autoencoder");
    json["energy"].erase("brier_draws");
    if (kind != TrainingKind::Energy)
        json.erase("energy");
    // States of before there was CALM have none of its sizes.
    if (!isCalm(kind))
        for (const char* size :
             {"chunk", "latent", "encoder_layers", "decoder_layers", "head_blocks", "noise"})
            json["network"].erase(size);
    return json;
}

std::string toToml(const TrainingConfig& config) {
    TrainingConfig copy = config;
    std::string text;
    const auto line = [&](const Key& key) {
        std::string comment = key.meaning;
        if (!key.choices.empty())
            comment += fmt::format(" ({})", fmt::join(key.choices, ", "));
        text += fmt::format("{:<36}# {}\n", fmt::format("{} = {}", key.name, valueOf(key).dump()), comment);
    };
    std::string section;
    for (const Key& key : keysOf(copy)) {
        if (section != key.section)
            text += fmt::format("{}[{}]\n", section.empty() ? "" : "\n", key.section);
        section = key.section;
        line(key);
    }
    for (TrainingPhase& phase : copy.phases) {
        text += "\n[[phase]]\n";
        for (const Key& key : keysOf(phase))
            line(key);
    }
    return text;
}

std::vector<std::string> differences(const nlohmann::json& there, const nlohmann::json& here) {
    std::vector<std::string> found;
    for (const auto& [section, content] : here.items()) {
        const nlohmann::json before = there.value(section, nlohmann::json());
        if (!content.is_object()) {
            if (before != content)
                found.push_back(fmt::format("{}: {} there, {} here", section, before.dump(), content.dump()));
            continue;
        }
        for (const auto& [name, value] : content.items()) {
            const nlohmann::json old =
                before.is_object() ? before.value(name, nlohmann::json()) : nlohmann::json();
            if (old != value)
                found.push_back(
                    fmt::format("{}.{}: {} there, {} here", section, name, old.dump(), value.dump()));
        }
    }
    return found;
}

double learningRateAt(const TrainingConfig& config, std::int64_t step) noexcept {
    if (step < config.warmUp)
        return config.learningRate * static_cast<double>(step + 1) / static_cast<double>(config.warmUp);
    const double last = config.learningRate * config.lastLearningRate;
    const auto steps = static_cast<double>(config.steps), at = static_cast<double>(step);
    if (config.decay == "cosine") {
        const double rest = std::max(1.0, steps - static_cast<double>(config.warmUp));
        const double share = (at - static_cast<double>(config.warmUp)) / rest;
        return last + (config.learningRate - last) * 0.5 * (1 + std::cos(std::numbers::pi * share));
    }
    const double begin = steps * (1 - config.coolDown);
    return at < begin ? config.learningRate
                      : config.learningRate + (last - config.learningRate) * (at - begin) / (steps - begin);
}

const TrainingPhase& phaseAt(const TrainingConfig& config, std::int64_t step) noexcept {
    const double share = static_cast<double>(step) / static_cast<double>(config.steps);
    for (const TrainingPhase& phase : config.phases)
        if (share < phase.until)
            return phase;
    return config.phases.back();
}

} // namespace steploom
