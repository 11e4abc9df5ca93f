// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/train_commands.h"

#include "engine/runs/run_store.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/table.h"
#include "experiments/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <unistd.h>

namespace steploom::cli {
namespace {

struct TrainOptions {
    std::vector<std::string> texts, overrides;
    std::string tokenizer, config, out, teacher, autoencoder, name, store;
    bool noStore = false, printConfig = false;
};

bool isInNats(const std::string& measure) { return measure == "NELBO" || measure == "cross-entropy"; }

std::string figureText(const std::string& measure, double value) {
    return fmt::format("{} {:.4f}{}", measure, value, isInNats(measure) ? " nats/token" : "");
}

/// A line a point on standard error; on a terminal those without a validation overwrite each other.
class Teller : public TrainingObserver {
public:
    Teller(const Console& console, std::int64_t steps, const char* measure)
        : m_console(console), m_steps(steps), m_measure(measure), m_terminal(::isatty(STDERR_FILENO) == 1) {}

    void note(const std::string& text) override { m_console.note(text); }
    void preparing(double share) override {
        m_preparing.advance(share);
        if (share >= 1)
            m_preparing.clear();
    }
    void point(const TrainingPoint& point, double tokensPerSecond, double left) override {
        std::string line = fmt::format("step {:>7} of {}   loss {:.4f}   {:.0f} tokens/s   {} left",
                                       point.step, m_steps, point.loss, tokensPerSecond, durationText(left));
        if (point.validation)
            line += fmt::format("   held out: {}", figureText(m_measure, *point.validation));
        if (m_terminal)
            fmt::print(stderr, "\r\033[K{}{}", line, point.validation ? "\n" : "");
        else
            m_console.note(line);
    }

private:
    const Console& m_console;
    std::int64_t m_steps;
    const char* m_measure;
    bool m_terminal;
    ProgressBar m_preparing{"tokenising"};
};

nlohmann::json estimateOrNull(const Estimate& estimate) {
    if (estimate.n == 0)
        return nullptr;
    return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}, {"n", estimate.n}};
}

std::string estimateText(const std::string& measure, const Estimate& estimate) {
    if (estimate.n == 0)
        return fmt::format("{} is not defined", measure);
    return fmt::format("{} (95% {:.4f} to {:.4f}, n = {} windows)", figureText(measure, estimate.value),
                       estimate.low, estimate.high, estimate.n);
}

void printFigures(const char* before, const std::string& measure, const HeldOutFigures& figures,
                  const Console& console) {
    console.print(fmt::format("{}{}\n", before, estimateText(measure, figures.main)));
    for (const NamedEstimate& figure : figures.beside)
        console.print(fmt::format("{}{}\n", before, estimateText(figure.name, figure.value)));
}

nlohmann::json besideJson(const HeldOutFigures& figures) {
    nlohmann::json json = nlohmann::json::object();
    for (const NamedEstimate& figure : figures.beside)
        json[figure.name] = estimateOrNull(figure.value);
    return json;
}

int runTraining(TrainingKind kind, const TrainOptions& options, const Console& console) {
    const TrainingConfig config = readTrainingConfig(options.config, kind, options.overrides);
    if (options.printConfig) {
        console.json ? console.printJson(toJson(config)) : console.print(toToml(config));
        return kDone;
    }
    for (const auto& [value, name] :
         {std::pair(options.tokenizer, "--tokenizer"), std::pair(options.out, "--out"),
          std::pair(options.texts.empty() ? "" : options.texts.front(), "--text"),
          std::pair(kind == TrainingKind::Energy ? options.autoencoder : "none", "--autoencoder")})
        if (value.empty())
            throw Error(ErrorKind::Request,
                        {"wrong use", fmt::format("steploom-train {}", trainingKindName(kind)),
                         fmt::format("{} is required", name), "See --help"});
    const Interruption interruption;
    TrainingJob job{kind,
                    config,
                    {options.texts.begin(), options.texts.end()},
                    options.tokenizer,
                    options.teacher,
                    options.out,
                    options.name,
                    options.autoencoder};
    std::optional<RunStore> store;
    if (!options.noStore)
        store.emplace(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    Teller teller(console, config.steps, measureName(kind));
    const TrainingOutcome outcome = train(job, store ? &*store : nullptr, teller, interruption.token());
    if (console.json) {
        console.printJson({{"out", options.out},
                           {"finished", outcome.finished},
                           {"steps", outcome.steps},
                           {"tokens", outcome.tokens},
                           {"parameters", outcome.parameters},
                           {"seconds", outcome.seconds},
                           {"flops", outcome.flops},
                           {"measure", outcome.measure},
                           {"held_out", estimateOrNull(outcome.heldOut.main)},
                           {"held_out_beside", besideJson(outcome.heldOut)}});
    } else {
        console.print(fmt::format("{}: {} of {} steps, {} tokens, {:.3g} FLOPs, {}\n", options.out,
                                  outcome.steps, config.steps, outcome.tokens, outcome.flops,
                                  durationText(outcome.seconds)));
        if (outcome.heldOut.main.n > 0 || !outcome.heldOut.beside.empty())
            printFigures("held out: ", outcome.measure, outcome.heldOut, console);
        if (!outcome.finished)
            console.note("stopped; the same command goes on from here");
    }
    return outcome.finished ? kDone : kFailed;
}

void addTraining(CLI::App& app, Console& console, Work& work, TrainingKind kind, const char* description) {
    const auto options = std::make_shared<TrainOptions>();
    CLI::App* command = app.add_subcommand(trainingKindName(kind), description);
    command->add_option("--text", options->texts, "UTF-8 text files; <|endoftext|> separates documents");
    command->add_option("--tokenizer", options->tokenizer, "tokenizer.json, or a folder that holds it");
    command->add_option("--config", options->config, "TOML or JSON file; without it the defaults");
    command->add_option("--set", options->overrides, "key=value over the file, e.g. training.steps=1000");
    if (kind == TrainingKind::Distillation)
        command->add_option("--teacher", options->teacher, "Folder of the checkpoint to learn from")
            ->required();
    if (kind == TrainingKind::Energy)
        command->add_option("--autoencoder", options->autoencoder,
                            "Folder of the autoencoder whose vectors to predict; it stays as it is");
    command->add_option("--out", options->out, "Folder of the checkpoint; a training begun there goes on");
    command->add_option("--name", options->name, "Name of the training in the run store");
    command->add_option("--store", options->store, "Run store for the curve (default: this user's)");
    command->add_flag("--no-store", options->noStore, "Keep no curve");
    command->add_flag("--print-config", options->printConfig, "Print every hyper-parameter and end");
    command->callback([&work, &console, options, kind] {
        work = [&console, options, kind] { return runTraining(kind, *options, console); };
    });
}

struct MeasureOptions {
    std::string model;
    std::vector<std::string> texts;
    MeasureSettings settings;
};

int runMeasure(const MeasureOptions& options, const Console& console) {
    const Interruption interruption;
    const Measurement found = measureText(options.model, {options.texts.begin(), options.texts.end()},
                                          options.settings, interruption.token());
    if (interruption.requested())
        return kFailed;
    if (console.json)
        console.printJson(
            {{"measure", found.measure},
             {isInNats(found.measure) ? "nats_per_token" : "value", estimateOrNull(found.figures.main)},
             {"beside", besideJson(found.figures)},
             {"tokens", found.tokens},
             {"parameters", found.parameters}});
    else
        printFigures("", found.measure, found.figures, console);
    return kDone;
}

void addMeasure(CLI::App& app, Console& console, Work& work) {
    const auto options = std::make_shared<MeasureOptions>();
    CLI::App* command = app.add_subcommand(
        "measure",
        "A checkpoint on a text: NELBO of masked diffusion, cross-entropy of causal networks, token "
        "accuracy of CALM's autoencoders, BrierLM of its energy transformers");
    command->add_option("--model", options->model, "Folder of the checkpoint, with its tokenizer")
        ->required();
    command->add_option("--text", options->texts, "UTF-8 text files")->required();
    command->add_option("--seed", options->settings.seed, "Of the masks")->capture_default_str();
    command
        ->add_option("--draws", options->settings.draws,
                     "Masked copies of each window, at times spread over 0 to 1; of CALM draws of each patch")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command
        ->add_option("--length", options->settings.length, "Tokens of a window; default: all the model takes")
        ->check(CLI::PositiveNumber);
    command->add_flag("--bf16", options->settings.bf16,
                      "Multiply in bf16: several times as fast, the nats differ in the third place");
    command->callback(
        [&work, &console, options] { work = [&console, options] { return runMeasure(*options, console); }; });
}

} // namespace

void addTrainingCommands(CLI::App& app, Console& console, Work& work) {
    addTraining(app, console, work, TrainingKind::MaskedDiffusion, "Train a masked-diffusion network");
    addTraining(app, console, work, TrainingKind::Distillation,
                "Train a masked-diffusion network to agree with a larger one");
    addTraining(app, console, work, TrainingKind::Causal, "Train a causal network (Llama layout)");
    addTraining(app, console, work, TrainingKind::Autoencoder,
                "Train an autoencoder of CALM: K tokens as one vector");
    addTraining(app, console, work, TrainingKind::Energy,
                "Train an energy transformer of CALM on a frozen autoencoder's vectors");
    addMeasure(app, console, work);
}

} // namespace steploom::cli
