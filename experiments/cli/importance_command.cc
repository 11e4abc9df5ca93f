// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/known_importance.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/importance_options.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom::cli {

namespace {

/// What the largest of a member's divergences says, in a line.
std::string peakText(const ImportanceProfile& profile, const ImportanceProfile::Member& member) {
    const auto peak = std::ranges::max_element(member.divergence, {}, &Estimate::value);
    const auto part = static_cast<std::size_t>(peak - member.divergence.begin());
    const std::size_t last = member.divergence.size() - 1;
    const std::string place =
        part == 0      ? "at the start of the run, not inside it"
        : part == last ? "at the end of the run, not inside it"
        // Only intervals that lie apart tell an inner maximum from the ends.
        : member.divergence.front().high >= peak->low ? "the start of the run may be no less"
        : member.divergence.back().high >= peak->low  ? "the end of the run may be no less"
                                                      : "more than at either end of the run";
    return fmt::format("{} diverges most at t = {:.3f}: {} nats; {}\n", member.letter, profile.times[part],
                       estimateText(*peak), place);
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

int importance(const ImportanceOptions& options, const Console& console) {
    const Interruption interruption;
    ComputeContext context(options.threads);
    const MeasuredImportance measured = measuredImportance(options, context, interruption.token());
    const ImportanceProfile& profile = measured.found.profile;
    const int wanted = measured.settings.windows;
    if (profile.windows == 0) {
        console.note("stopped before the first window was complete");
        return kFailed;
    }
    if (console.json) {
        nlohmann::json json = profile;
        json["length"] = measured.settings.length;
        json["seed"] = measured.settings.seed;
        json["text_sha256"] = measured.key["text_sha256"];
        json["stopped"] = measured.found.stopped;
        json["known"] = measured.found.known;
        for (const PoolMember& member : measured.pool.members())
            json["pool"].push_back({{"letter", std::string(1, member.spec.letter)},
                                    {"path", member.spec.path},
                                    {"precision", precisionName(member.spec.precision)},
                                    {"sha256", member.spec.sha256}});
        console.printJson(json);
    } else {
        console.print(profileText(profile));
    }
    if (measured.found.stopped) {
        console.note(fmt::format("stopped: {} of {} windows measured", profile.windows, wanted));
        return kFailed;
    }
    if (profile.windows < wanted)
        console.note(
            fmt::format("the text holds {} windows of {} tokens that do not overlap; {} were asked for",
                        profile.windows, measured.settings.length, wanted));
    return kDone;
}

} // namespace

void addImportance(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "importance", "How much each step of a run matters: cross-entropy of every model, and its divergence "
                      "from the first one, on a text masked at a grid of times");
    auto options = std::make_shared<ImportanceOptions>();
    options->addTo(*command);
    command->add_flag("--json", console.json, "Print JSON");
    command->footer(
        "Ctrl+C stops within one network call; what the complete windows say is printed, the exit "
        "code is 1.");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return importance(*options, console); }; });
}

} // namespace steploom::cli
