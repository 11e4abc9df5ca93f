// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/trainer.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/training_record.h"
#include "engine/core/error.h"
#include "engine/core/file_beside.h"
#include "engine/core/sha256.h"
#include "engine/core/version.h"
#include "engine/runs/run_store.h"
#include "engine/text/tokenizer.h"
#include "experiments/training/calm_training.h"
#include "experiments/training/measurement.h"
#include "experiments/training/network_checkpoint.h"
#include "experiments/training/objectives.h"
#include "experiments/training/optimizer.h"
#include "experiments/training/prepare_process.h"
#include "experiments/training/token_cache.h"
#include "experiments/training/torch_errors.h"
#include "experiments/training/training_state.h"
#include "experiments/training/training_text.h"
#include "experiments/training/window_order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <random>

namespace steploom {
namespace {

using torch::Tensor;
using Clock = std::chrono::steady_clock;

constexpr const char* kStateFile = "training-state.safetensors";
/// Validation is the same measurement every time: its own seed, not the training's.
constexpr std::uint64_t kValidationSeed = 20260101;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

torch::Device deviceOf(const TrainingConfig& config) {
    if (config.device == "cuda" && !torch::cuda::is_available())
        throw Error(ErrorKind::Device, {"cannot train on this device", "training.device = \"cuda\"",
                                        "LibTorch finds no such device", "Take \"cpu\" or \"auto\""});
    return config.device == "cuda" || (config.device == "auto" && torch::cuda::is_available())
               ? torch::Device(torch::kCUDA)
               : torch::Device(torch::kCPU);
}

torch::ScalarType precisionOf(const TrainingConfig& config) {
    return config.precision == "bf16" ? torch::kBFloat16 : torch::kFloat32;
}

void writeText(const std::filesystem::path& file, const std::string& text) {
    FileBeside out(file, "cannot write the checkpoint");
    out.write(text);
    out.moveIntoPlace();
}

/// A training between its first step and its last.
void createFolder(const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem)
        throw Error(ErrorKind::File, {"cannot create the folder of the checkpoint", folder.string(),
                                      problem.message(), "Choose another --out"});
}

class Training {
    /// What a part of a pass has for itself: the same weights, as leaves whose gradients go to `gradient`
    /// [count].
    struct Share {
        Parameters parameters;
        Tensor gradient;
    };

public:
    Training(const TrainingJob& job, RunStore* store, TrainingObserver& observer, const std::stop_token& stop)
        : m_job(job), m_config(job.config), m_store(store), m_observer(observer), m_stop(stop),
          m_device(deviceOf(job.config)), m_precision(precisionOf(job.config)),
          m_parts(job.config.threads, m_device) {
        createFolder(job.out);
        m_tokenizer = Tokenizer::load(job.tokenizer);
        const TrainingText text = TrainingText::read(job.texts);
        m_files = text.files();
        m_cache.emplace(TokenCache::open(
            text, *m_tokenizer, job.out, {.heldOutShare = m_config.heldOut},
            [&](double share) { observer.preparing(share); }, stop));
        // The mask token follows the tokenizer's last id (models.md, section 1).
        const bool masks =
            job.kind == TrainingKind::MaskedDiffusion || job.kind == TrainingKind::Distillation;
        m_vocabulary = m_tokenizer->size() + (masks ? 1 : 0);
        if (isCalm(job.kind))
            m_calm = CalmPart::create(job.kind, m_config, m_vocabulary, job.autoencoder, m_device);
        else
            m_network = Network::create(job.kind, m_config.network, m_vocabulary);
        m_parameters =
            Parameters(m_calm ? m_calm->parameters() : m_network->parameters(), m_config.seed, m_device);
        m_order.emplace(m_cache->trainingTokens(), textLength(job.kind, m_config.network), m_config.seed);
        m_validationWindows = validationWindows();
        if (job.kind == TrainingKind::Distillation)
            loadTeacher();
        const std::filesystem::path saved = job.out / kStateFile;
        const bool resumed = std::filesystem::exists(saved);
        if (!resumed && !m_config.startFrom.empty()) {
            const Checkpoint start = Checkpoint::open(m_config.startFrom);
            begin(start);
            m_before = beforeJson(trainingTotals(start.folder()));
        }
        m_optimizer.emplace(m_config, m_parameters);
        if (resumed)
            resume(loadTrainingState(saved));
        else
            m_key = newKey();
        const int parts = m_device.is_cpu() ? std::min(m_config.parts, m_config.batch) : 1;
        for (int part = 0; part < parts; ++part) {
            m_shares.push_back({m_parameters, {}});
            m_shares.back().gradient = m_shares.back().parameters.collectGradients();
        }
        openCurve();
    }

    TrainingOutcome run() {
        if (m_step > 0)
            m_observer.note(fmt::format("going on after step {}", m_step));
        TrainingOutcome outcome;
        try {
            loop();
            outcome = {m_step == m_config.steps,
                       m_step,
                       m_tokens,
                       parameterCount(),
                       m_seconds,
                       m_flops,
                       measure(),
                       heldOut()};
            save(&outcome.heldOut);
        } catch (...) {
            closeCurve(TrainingState::Failed);
            throw;
        }
        closeCurve(outcome.finished ? TrainingState::Finished : TrainingState::Stopped);
        return outcome;
    }

private:
    const char* measure() const { return measureName(m_job.kind); }
    std::int64_t parameterCount() const { return m_parameters.count(); }
    /// Parameters that multiply every token: all but the table that the embedding is looked up in.
    double multiplied() const {
        const bool tied = m_job.kind == TrainingKind::Causal && m_config.network.tied;
        return static_cast<double>(m_parameters.count()) -
               (tied ? 0.0 : static_cast<double>(m_vocabulary) * m_config.network.width);
    }

    int validationWindows() const {
        const auto length = static_cast<std::size_t>(textLength(m_job.kind, m_config.network));
        if (m_cache->heldOutTokens() < length) {
            m_observer.note(fmt::format("the held-out text has {} tokens, fewer than a window of {}: no "
                                        "validation (more text, or a larger data.held_out)",
                                        m_cache->heldOutTokens(), length));
            return 0;
        }
        // More windows than lie side by side would count text twice.
        return std::min<int>(m_config.validationWindows,
                             static_cast<int>(std::max<std::size_t>(1, m_cache->heldOutTokens() / length)));
    }

    void begin(const Checkpoint& checkpoint) {
        if (m_calm)
            readWeights(checkpoint, m_parameters);
        else
            beginWith(checkpoint, *m_network, m_config.network.blocks, m_parameters);
    }

    void loadTeacher() {
        const Checkpoint checkpoint = Checkpoint::open(m_job.teacher);
        m_teacher = networkOf(checkpoint);
        if (m_teacher.kind == TrainingKind::Causal || m_teacher.vocabulary != m_vocabulary ||
            m_teacher.shape.length < m_config.network.length)
            throw Error(
                ErrorKind::Pool,
                {"cannot learn from this teacher", m_job.teacher.string(),
                 fmt::format("it has model_type {}, {} tokens and {} positions, where mdlm, {} and at "
                             "least {} are needed",
                             checkpoint.text("model_type"), m_teacher.vocabulary, m_teacher.shape.length,
                             m_vocabulary, m_config.network.length),
                 "Take a masked-diffusion checkpoint of the same tokenizer"});
        m_teacherHash = checkpoint.sha256();
        m_teacherParameters = parametersOf(checkpoint, m_teacher, m_device);
    }

    std::string newKey() const {
        Sha256 hash;
        std::random_device random;
        hash.add(fmt::format("{} {} {} {}", std::filesystem::absolute(m_job.out).string(), random(), random(),
                             Clock::now().time_since_epoch().count()));
        return hash.hex();
    }

    nlohmann::json identity() const {
        nlohmann::json json = decisive(m_config, m_job.kind);
        json["kind"] = trainingKindName(m_job.kind);
        json["text and tokenizer"] = m_cache->fingerprint();
        if (!m_teacherHash.empty())
            json["teacher"] = m_teacherHash;
        if (m_calm && !m_calm->frozenHash().empty())
            json["autoencoder"] = m_calm->frozenHash();
        return json;
    }

    void resume(SavedTraining state) {
        const std::string where = (m_job.out / kStateFile).string();
        const nlohmann::json saved = state.facts.value("identity", nlohmann::json());
        const std::vector<std::string> different =
            differences(saved.is_object() ? saved : nlohmann::json::object(), identity());
        if (!different.empty())
            throw Error(ErrorKind::Config,
                        {"cannot resume the training", where, fmt::format("{}", fmt::join(different, "; ")),
                         "Use the text and configuration that it began with, or another --out"});
        const torch::NoGradGuard none;
        const auto take = [&](const char* name, Tensor& to) {
            const auto found = state.tensors.find(name);
            if (found == state.tensors.end() || found->second.numel() != to.numel())
                throw Error(ErrorKind::File, {"cannot resume the training", where,
                                              fmt::format("\"{}\" is missing or of another size", name),
                                              "Restore the file, or begin anew in another folder"});
            to.copy_(found->second);
        };
        take("weights", m_parameters.flat());
        take("average", m_optimizer->average());
        take("first moment", m_optimizer->firstMoment());
        take("second moment", m_optimizer->secondMoment());
        try {
            m_step = state.facts.at("step").get<std::int64_t>();
            m_tokens = state.facts.at("tokens").get<std::int64_t>();
            m_seconds = state.facts.at("seconds").get<double>();
            m_flops = state.facts.at("flops").get<double>();
            m_key = state.facts.at("key").get<std::string>();
            m_measurements = state.facts.value("measurements", nlohmann::ordered_json::array());
            m_before = state.facts.value("before", nlohmann::ordered_json());
        } catch (const nlohmann::json::exception& error) {
            throw Error(ErrorKind::File, {"cannot resume the training", where, error.what(),
                                          "Restore the file, or begin anew in another folder"});
        }
    }

    void loop() {
        const auto begin = Clock::now();
        const double before = m_seconds;
        const std::int64_t tokensBefore = m_tokens, stepsBefore = m_step;
        double lossSum = 0;
        int losses = 0;
        while (m_step < m_config.steps && !m_stop.stop_requested()) {
            lossSum += step();
            ++losses;
            ++m_step;
            m_seconds = before + secondsSince(begin);
            const bool last = m_step == m_config.steps, measured = m_step % m_config.validateEvery == 0;
            if (m_step % m_config.logEvery == 0 || measured || last) {
                TrainingPoint point{
                    m_step,           m_tokens, m_seconds, m_flops, learningRateAt(m_config, m_step - 1),
                    lossSum / losses, {}};
                if (measured && m_validationWindows > 0)
                    tellHeldOut(point);
                lossSum = losses = 0;
                const double spent = secondsSince(begin);
                m_observer.point(point, static_cast<double>(m_tokens - tokensBefore) / spent,
                                 spent / static_cast<double>(m_step - stepsBefore) *
                                     static_cast<double>(m_config.steps - m_step));
                record(point);
            }
            // The last step's is the output itself. Before the state of this step: whoever resumes from that
            // has the kept checkpoint whole.
            if (m_config.keepEvery > 0 && m_step % m_config.keepEvery == 0 && !last)
                writeCheckpoint(m_job.out / "steps" / fmt::format("{:08}", m_step), nullptr);
            if (m_step % m_config.saveEvery == 0 && !last)
                save(nullptr);
        }
        m_seconds = before + secondsSince(begin);
    }

    /// One optimiser step; returns the loss in nats per token.
    double step() {
        double loss = 0;
        for (Share& share : m_shares)
            share.gradient.zero_();
        for (int pass = 0; pass < m_config.accumulation; ++pass)
            loss += addGradients(pass) / m_config.accumulation;
        Tensor& gradient = m_shares.front().gradient;
        for (std::size_t part = 1; part < m_shares.size(); ++part)
            gradient.add_(m_shares[part].gradient);
        const double norm = std::isfinite(loss) ? m_optimizer->step(m_parameters, gradient, m_step) : loss;
        if (!std::isfinite(loss) || !std::isfinite(norm))
            refuseNumbers(m_step + 1, fmt::format("the loss is {}, the gradient's norm {}", loss, norm));
        const std::int64_t tokens =
            std::int64_t{m_config.batch} * m_config.accumulation * m_config.network.length;
        m_tokens += tokens;
        m_flops += m_calm ? m_calm->trainingFlops(static_cast<double>(tokens) / m_config.network.chunk)
                          : 6 * multiplied() * static_cast<double>(tokens);
        if (m_teacher.network)
            m_flops += 2 * static_cast<double>(m_teacherParameters.count()) * static_cast<double>(tokens);
        return loss;
    }

    double addGradients(int pass) {
        const NetworkShape& shape = m_config.network;
        const int length = textLength(m_job.kind, shape), batch = m_config.batch;
        const std::int64_t passes = m_step * m_config.accumulation + pass;
        const auto text = windowsOf(batch, length, [&](int w, std::span<std::int64_t> to) {
            m_cache->copyTraining(m_order->at(static_cast<std::uint64_t>(passes * batch + w)).first, to);
        });
        if (m_calm)
            return addCalmGradients(torch::tensor(text).view({batch, length}), passes);
        const TrainingBatch whole =
            m_job.kind == TrainingKind::Causal
                ? causalBatch(text, batch, shape.length)
                : maskedBatch(text, batch, shape.length, m_vocabulary - 1, phaseAt(m_config, m_step),
                              m_config.seed, m_step, pass * batch);
        return sumOverParts(
            passes, [&](const Share& share, std::int64_t first, std::int64_t count, std::uint64_t seed) {
                return addGradient(share, whole.part(first, count).to(m_device),
                                   Dropout(m_config.dropout, seed, m_device));
            });
    }

    /// Σ body(share, first window, windows, seed) over the parts of a pass. Its random numbers are a function
    /// of the step, so that nothing of them has to be saved.
    template <typename Body>
    double sumOverParts(std::int64_t passes, const Body& body) {
        const int parts = static_cast<int>(m_shares.size()), batch = m_config.batch;
        std::vector<double> losses(m_shares.size());
        m_parts.forEach(parts, [&](int part) {
            const std::int64_t first = std::int64_t{batch} * part / parts,
                               end = std::int64_t{batch} * (part + 1) / parts;
            losses[static_cast<std::size_t>(part)] =
                body(m_shares[static_cast<std::size_t>(part)], first, end - first,
                     m_config.seed * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(passes * parts + part));
        });
        return std::accumulate(losses.begin(), losses.end(), 0.0);
    }

    double addCalmGradients(const Tensor& windows, std::int64_t passes) {
        return sumOverParts(passes, [&](const Share& share, std::int64_t first, std::int64_t count,
                                        std::uint64_t seed) {
            const Parts::FirstOccurrence occurrence(m_parts, {count, 0});
            const Tensor loss = m_calm->loss(share.parameters, windows.narrow(0, first, count).to(m_device),
                                             {seed, m_precision, m_config.dropout}) *
                                (static_cast<double>(count) / m_config.batch);
            (loss / m_config.accumulation).backward();
            return loss.item<double>();
        });
    }

    double addGradient(const Share& share, const TrainingBatch& shown, const Dropout& dropout) {
        if (shown.rows.size(0) == 0) // nothing was masked: nothing to learn from
            return 0;
        const Parts::FirstOccurrence occurrence(m_parts, {shown.tokens.size(0), shown.rows.size(0)});
        Tensor losses;
        if (m_teacher.network) {
            const Tensor said =
                logProbabilities(*m_network, share.parameters, shown, m_job.kind, m_precision, dropout);
            losses = (1 - m_config.teacherShare) * crossEntropy(said, shown) +
                     m_config.teacherShare * teacherLosses(shown, said);
        } else {
            losses = crossEntropy(*m_network, share.parameters, shown, m_job.kind, m_precision, dropout);
        }
        const Tensor loss = (losses * shown.weights).sum() / shown.normaliser;
        (loss / m_config.accumulation).backward();
        return loss.item<double>();
    }

    Tensor teacherLosses(const TrainingBatch& shown, const Tensor& said) {
        const double temperature = m_config.teacherTemperature;
        Tensor teacher;
        {
            const torch::NoGradGuard none;
            teacher = logProbabilities(*m_teacher.network, m_teacherParameters, shown, m_job.kind,
                                       m_precision, Dropout(), temperature);
        }
        // T² keeps the gradient's size (Hinton et al., arXiv 1503.02531, section 2).
        return divergence(teacher, temperature == 1.0 ? said : torch::log_softmax(said / temperature, -1)) *
               (temperature * temperature);
    }

    /// Of the averaged weights as they are; measured once a step, however often it is asked.
    const HeldOutFigures& heldOut() {
        if (m_heldOutStep == m_step)
            return m_heldOut;
        m_heldOut = {meanWithInterval({}), {}};
        m_heldOutStep = m_step;
        if (m_validationWindows == 0)
            return m_heldOut;
        const Parameters parameters = m_parameters.withValues(averaged());
        const auto copy = [&](std::size_t first, std::span<std::int64_t> to) {
            m_cache->copyHeldOut(first, to);
        };
        if (m_calm)
            m_heldOut = m_calm->measure(parameters,
                                        {m_cache->heldOutTokens(), m_validationWindows, m_config.brierDraws},
                                        {kValidationSeed, m_precision}, m_parts, {}, copy);
        else
            m_heldOut.main = meanWithInterval(natsOfWindows(
                {*m_network, parameters, m_job.kind, m_config.network, m_vocabulary, m_precision, m_device},
                {m_cache->heldOutTokens(), m_validationWindows}, kValidationSeed, m_parts, {}, copy));
        return m_heldOut;
    }

    /// The curve is of one figure; what is beside it is told, and kept in training.json.
    void tellHeldOut(TrainingPoint& point) {
        const HeldOutFigures& found = heldOut();
        if (found.main.n > 0)
            point.validation = found.main.value;
        if (found.beside.empty())
            return;
        nlohmann::ordered_json entry = {{"step", m_step}};
        if (point.validation)
            entry[measure()] = *point.validation;
        std::string told;
        for (const NamedEstimate& figure : found.beside) {
            entry[figure.name] = figure.value.value;
            told += fmt::format("{}{} {:.4f} (95% {:.4f} to {:.4f})", told.empty() ? "" : ", ", figure.name,
                                figure.value.value, figure.value.low, figure.value.high);
        }
        m_measurements.push_back(entry);
        m_observer.note(fmt::format(
            "held out: {}{}", point.validation ? "" : fmt::format("{} is not defined; ", measure()), told));
    }

    const Tensor& averaged() { return m_config.averaging > 0 ? m_optimizer->average() : m_parameters.flat(); }

    [[noreturn]] static void refuseNumbers(std::int64_t step, const std::string& why) {
        throw Error(ErrorKind::Config,
                    {"the training left the range of numbers", fmt::format("step {}", step), why,
                     "Lower training.learning_rate, or lengthen training.warm_up; the state saved last is "
                     "unharmed"});
    }

    /// `heldOut`: what the last measurement gave, for training.json.
    void save(const HeldOutFigures* heldOut) {
        // An update may overflow where its gradient did not: what cannot be gone on from is not saved.
        if (!m_parameters.flat().isfinite().all().item<bool>())
            refuseNumbers(m_step, "a weight is no number any more");
        const std::filesystem::path& out = m_job.out;
        saveTrainingState(out / kStateFile, {{{"identity", identity()},
                                              {"step", m_step},
                                              {"tokens", m_tokens},
                                              {"seconds", m_seconds},
                                              {"flops", m_flops},
                                              {"key", m_key},
                                              {"measurements", m_measurements},
                                              {"before", m_before}},
                                             {{"weights", m_parameters.flat()},
                                              {"average", m_optimizer->average()},
                                              {"first moment", m_optimizer->firstMoment()},
                                              {"second moment", m_optimizer->secondMoment()}}});
        writeCheckpoint(out, heldOut);
    }

    void writeCheckpoint(const std::filesystem::path& out, const HeldOutFigures* heldOut) {
        createFolder(out);
        writeWeights(out / "model.safetensors", m_parameters.withValues(averaged()),
                     m_config.storedAs == "bf16");
        nlohmann::ordered_json config = m_calm ? m_calm->config(out) : m_network->config();
        config["torch_dtype"] = m_config.storedAs == "bf16" ? "bfloat16" : "float32";
        writeText(out / "config.json", config.dump(2) + "\n");
        const std::filesystem::path tokenizer = std::filesystem::is_directory(m_job.tokenizer)
                                                    ? m_job.tokenizer / "tokenizer.json"
                                                    : m_job.tokenizer;
        if (std::filesystem::exists(tokenizer) && !std::filesystem::exists(out / "tokenizer.json"))
            std::filesystem::copy_file(tokenizer, out / "tokenizer.json");
        writeText(out / "training.json", record(heldOut).dump(2) + "\n");
    }

    nlohmann::ordered_json record(const HeldOutFigures* heldOut) const {
        nlohmann::ordered_json files = nlohmann::ordered_json::array();
        for (const FileHash& file : m_files)
            files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
        nlohmann::ordered_json json = {{"kind", trainingKindName(m_job.kind)},
                                       {"steploom", kVersion},
                                       {"steps", m_step},
                                       {"tokens", m_tokens},
                                       {"seconds", m_seconds},
                                       {"flops", m_flops},
                                       {"parameters", m_parameters.count()},
                                       {"text", files},
                                       {"tokenizer", m_tokenizer->fingerprint()},
                                       {"config", toJson(m_config)}};
        if (!m_teacherHash.empty())
            json["teacher"] = m_teacherHash;
        if (m_calm && !m_calm->frozenHash().empty())
            json["autoencoder"] = m_calm->frozenHash();
        if (!m_before.is_null())
            json["before"] = m_before;
        if (!m_measurements.empty())
            json["measurements"] = m_measurements;
        if (heldOut && heldOut->main.n + heldOut->beside.size() > 0)
            json["held_out"] = heldOutJson(*heldOut);
        return json;
    }

    nlohmann::ordered_json heldOutJson(const HeldOutFigures& found) const {
        nlohmann::ordered_json json = {{"measure", measure()}};
        if (found.main.n > 0) {
            json[m_calm ? "value" : "nats_per_token"] = found.main.value;
            json["low"] = found.main.low;
            json["high"] = found.main.high;
            json["windows"] = found.main.n;
        }
        for (const auto& [name, value] : found.beside)
            json["beside"][name] = {{"value", value.value}, {"low", value.low}, {"high", value.high}};
        return json;
    }

    void openCurve() {
        if (!m_store)
            return;
        TrainingRun description;
        description.summary.key = m_key;
        description.summary.name = m_job.name.empty() ? m_job.out.filename().string() : m_job.name;
        description.summary.kind = trainingKindName(m_job.kind);
        description.summary.folder = std::filesystem::absolute(m_job.out).string();
        description.summary.validation = measure();
        description.summary.plannedSteps = m_config.steps;
        description.config = toJson(m_config).dump();
        nlohmann::json provenance = record(nullptr);
        provenance.erase("config");
        provenance["device"] = m_device.str();
        provenance["threads"] = m_parts.threads();
        provenance["libtorch"] = TORCH_VERSION;
        description.provenance = provenance.dump();
        m_curve = m_store->beginTraining(description, m_step);
    }
    void record(const TrainingPoint& point) {
        if (m_store)
            m_store->addTrainingPoints(m_curve, std::span(&point, 1));
    }
    void closeCurve(TrainingState state) {
        if (m_store)
            m_store->finishTraining(m_curve, state);
    }

    const TrainingJob& m_job;
    const TrainingConfig& m_config;
    RunStore* m_store;
    TrainingObserver& m_observer;
    std::stop_token m_stop;
    torch::Device m_device;
    torch::ScalarType m_precision;
    Parts m_parts;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<FileHash> m_files;
    std::optional<TokenCache> m_cache;
    std::optional<WindowOrder> m_order;
    int m_vocabulary = 0;
    int m_validationWindows = 0;
    std::unique_ptr<Network> m_network; ///< none for CALM
    std::unique_ptr<CalmPart> m_calm;   ///< for CALM
    Parameters m_parameters;
    std::vector<Share> m_shares; ///< one a part
    std::optional<Optimizer> m_optimizer;
    LoadedNetwork m_teacher;
    Parameters m_teacherParameters;
    std::string m_teacherHash;
    nlohmann::ordered_json m_before; ///< of the checkpoint that it began with (training_record.h); null: none

    std::string m_key;
    std::int64_t m_curve = 0;
    std::int64_t m_step = 0; ///< steps taken
    std::int64_t m_tokens = 0;
    double m_seconds = 0;
    double m_flops = 0;
    nlohmann::ordered_json m_measurements =
        nlohmann::ordered_json::array(); ///< where there are several figures
    HeldOutFigures m_heldOut;
    std::int64_t m_heldOutStep = -1; ///< that it was measured after
};

} // namespace

TrainingOutcome train(const TrainingJob& job, RunStore* store, TrainingObserver& observer,
                      const std::stop_token& stop) {
    prepareProcess();
    return withTorchErrors("cannot train", [&] { return Training(job, store, observer, stop).run(); });
}

} // namespace steploom
