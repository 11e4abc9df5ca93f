// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/read_file.h"
#include "engine/core/sha256.h"
#include "engine/core/thread_pool.h"
#include "engine/measures/step_importance.h"
#include "engine/models/registry.h"
#include "engine/sampling/model_pool.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace steploom::cli {

namespace {

struct ImportanceOptions {
    std::vector<std::string> models;
    std::string tokenizer, text;
    ImportanceSettings settings{.length = 0}; ///< 0: what the first member was made for
    int threads = 0;
};

/// What the largest of a member's divergences says, in a line.
std::string peakText(const ImportanceProfile& profile, const ImportanceProfile::Member& member) {
    const auto peak = std::ranges::max_element(member.divergence, {}, &Estimate::value);
    const auto part = static_cast<std::size_t>(peak - member.divergence.begin());
    const std::size_t last = member.divergence.size() - 1;
    // Only intervals that lie apart tell an inner maximum from the ends.
    const bool inside = part > 0 && part < last && member.divergence.front().high < peak->low &&
                        member.divergence.back().high < peak->low;
    return fmt::format("{} diverges most at t = {:.3f}: {} nats; {}\n", member.letter, profile.times[part],
                       estimateText(*peak),
                       inside ? "more than at either end of the run"
                              : "the intervals do not tell an inner maximum from the ends of the run");
}

std::string profileText(const ImportanceProfile& profile) {
    std::vector<std::string> headings{"t"};
    std::string align = "r";
    for (const ImportanceProfile::Member& member : profile.members) {
        headings.push_back(fmt::format("cross-entropy {}", member.letter));
        align += 'r';
    }
    for (std::size_t i = 1; i < profile.members.size(); ++i) {
        headings.push_back(fmt::format("KL({}‖{})", profile.members[0].letter, profile.members[i].letter));
        align += 'r';
    }
    Table table(align, headings);
    for (std::size_t time = 0; time < profile.times.size(); ++time) {
        std::vector<std::string> cells{fmt::format("{:.3f}", profile.times[time])};
        for (const ImportanceProfile::Member& member : profile.members)
            cells.push_back(estimateText(member.crossEntropy[time]));
        for (std::size_t i = 1; i < profile.members.size(); ++i)
            cells.push_back(estimateText(profile.members[i].divergence[time]));
        table.add(std::move(cells));
    }
    std::string text =
        table.text() +
        fmt::format("nats a masked position, means over {} windows with 95% intervals; t is the "
                    "expected masked share, 1 at the start of a run\n",
                    profile.windows);
    for (std::size_t i = 1; i < profile.members.size(); ++i)
        text += peakText(profile, profile.members[i]);
    return text;
}

nlohmann::json profileJson(const ImportanceProfile& profile) {
    nlohmann::json members = nlohmann::json::array();
    for (const ImportanceProfile::Member& member : profile.members) {
        nlohmann::json crossEntropy = nlohmann::json::array(), divergence = nlohmann::json::array();
        for (std::size_t time = 0; time < profile.times.size(); ++time) {
            crossEntropy.push_back(estimateJson(member.crossEntropy[time]));
            divergence.push_back(estimateJson(member.divergence[time]));
        }
        members.push_back({{"letter", std::string(1, member.letter)},
                           {"cross_entropy", std::move(crossEntropy)},
                           {"divergence", std::move(divergence)}});
    }
    return {{"times", profile.times}, {"windows", profile.windows}, {"members", std::move(members)}};
}

std::string hashOf(const std::string& text) {
    Sha256 digest;
    digest.add(text);
    return digest.hex();
}

int importance(const ImportanceOptions& options, const Console& console) {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<PoolMemberSpec> members = membersOf(options.models);
    const std::string text = readFile(options.text, ErrorKind::File, "cannot read the text");
    const Interruption interruption;
    ComputeContext context(options.threads);
    const ModelPool pool = ModelPool::load(
        members, options.tokenizer.empty() ? std::string() : absolutePath(options.tokenizer), context);
    ImportanceSettings settings = options.settings;
    if (settings.length == 0)
        settings.length = pool.members()[0].model->facts().length;
    const int wanted = settings.windows;

    ProgressBar bar("measuring ");
    const ImportanceProfile profile = measureImportance(
        pool, pool.tokenizer()->encode(text), settings, context.threads(),
        [&](double share, const ImportanceProfile&) { bar.advance(share); }, interruption.token());
    bar.clear();
    const bool stopped = interruption.requested();
    if (profile.windows == 0) {
        console.note("stopped before the first window was complete");
        return kFailed;
    }
    if (console.json) {
        nlohmann::json json = profileJson(profile);
        json["length"] = settings.length;
        json["seed"] = settings.seed;
        json["text_sha256"] = hashOf(text);
        json["stopped"] = stopped;
        json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        for (const PoolMember& member : pool.members())
            json["pool"].push_back({{"letter", std::string(1, member.spec.letter)},
                                    {"path", member.spec.path},
                                    {"precision", precisionName(member.spec.precision)},
                                    {"sha256", member.spec.sha256}});
        console.printJson(json);
    } else {
        console.print(profileText(profile));
    }
    if (stopped) {
        console.note(fmt::format("stopped: {} of {} windows measured", profile.windows, wanted));
        return kFailed;
    }
    if (profile.windows < wanted)
        console.note(
            fmt::format("the text holds {} windows of {} tokens that do not overlap; {} were asked for",
                        profile.windows, settings.length, wanted));
    return kDone;
}

} // namespace

void addImportance(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "importance", "How much each step of a run matters: cross-entropy of every model, and its divergence "
                      "from the first one, on a text masked at a grid of times");
    auto options = std::make_shared<ImportanceOptions>();
    addModelOption(*command, options->models);
    command->add_option("--text", options->text, "UTF-8 text, best one that no model was trained on")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--tokenizer", options->tokenizer,
                     "tokenizer.json or its folder, where the checkpoints hold none (mdlm-owt: GPT-2's)")
        ->type_name("PATH");
    command
        ->add_option("--grid", options->settings.times,
                     "Times, each in the middle of an equal part of the run")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command
        ->add_option("--windows", options->settings.windows,
                     "Windows of the text at most, spread over it evenly; they do not overlap")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_option("--length", options->settings.length,
                     "Tokens in a window; default: what the first model was made for")
        ->check(CLI::PositiveNumber);
    command->add_option("--seed", options->settings.seed, "Seed of the masks")->capture_default_str();
    command->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->add_flag("--json", console.json, "Print JSON");
    command->footer(
        "Ctrl+C stops within one network call; what the complete windows say is printed, the exit "
        "code is 1.");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return importance(*options, console); }; });
}

} // namespace steploom::cli
