// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/branch_options.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace steploom::cli {

namespace {

[[noreturn]] void refuse(std::string_view option, std::string_view value, std::string why,
                         std::string remedy) {
    throw Error(ErrorKind::Request, {"cannot branch the run", fmt::format("{} {}", option, value),
                                     std::move(why), std::move(remedy)});
}

int wholeNumber(std::string_view text, std::string_view option, std::string_view value, int most) {
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 0 || number > most)
        refuse(option, value, fmt::format("\"{}\" is no whole number from 0 to {}", text, most),
               "Write positions as 3,7-12 and edits as 5=text");
    return number;
}

/// "3,7-12" → 3, 7, 8, … 12.
std::vector<int> positionsOf(std::string_view list, std::string_view option, int length) {
    std::vector<int> positions;
    for (std::size_t begin = 0; begin < list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        const std::string_view part = list.substr(begin, end - begin);
        const std::size_t dash = part.find('-');
        const int first = wholeNumber(part.substr(0, dash), option, list, length - 1);
        const int last = dash == std::string_view::npos
                             ? first
                             : wholeNumber(part.substr(dash + 1), option, list, length - 1);
        for (int position = first; position <= last; ++position)
            positions.push_back(position);
        begin = end + 1;
    }
    return positions;
}

struct Edit {
    int position = 0;
    std::string_view value;
};

Edit editOf(const std::string& text, std::string_view option, int length) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
        refuse(option, text, "it has no equals sign", "Write a position and what stands there: 5=text");
    return {wholeNumber(std::string_view(text).substr(0, equals), option, text, length - 1),
            std::string_view(text).substr(equals + 1)};
}

} // namespace

void BranchOptions::addTo(CLI::App& command) {
    CLI::Option* from = command.add_option("--from-run", run,
                                           "Go on from a stored run (of --store, or the window's store): its "
                                           "models and settings, unless others are "
                                           "given; a new run with its parent recorded");
    from->check(CLI::PositiveNumber)->type_name("ID");
    for (const char* own : {"--model", "--length", "--tokenizer", "--prompt", "--template"})
        from->excludes(command.get_option(own));
    command
        .add_option("--at-step", step,
                    "First step that runs again, 0 to T of the parent; T: the closing call alone")
        ->check(CLI::NonNegativeNumber)
        ->needs(from);
    from->needs(command.get_option("--at-step"));
    command.add_option("--from-sample", sample, "Sample of that run, from 0")
        ->check(CLI::NonNegativeNumber)
        ->needs(from)
        ->capture_default_str();
    command
        .add_option(
            "--edit", edits,
            "Write text from a position on, over as many tokens as it has: 5=\" bear\"; may be repeated")
        ->allow_extra_args(false)
        ->needs(from)
        ->type_name("POS=TEXT");
    command.add_option("--edit-token", tokenEdits, "Write one token by its id: 5=231; may be repeated")
        ->allow_extra_args(false)
        ->needs(from)
        ->type_name("POS=ID");
    command.add_option("--remask-at", remask, "Positions to write anew: 3,7-12")
        ->needs(from)
        ->type_name("POS,…");
    command.add_option("--fix", fix, "Positions whose tokens stay whatever ReMDM does: 3,7-12")
        ->needs(from)
        ->type_name("POS,…");
}

BranchPoint BranchOptions::canvas(const Run& parent, const Tokenizer& tokenizer, std::int32_t maskId,
                                  int steps) const {
    const GenerationRequest& request = parent.summary.request;
    const auto found =
        std::ranges::find(parent.samples, sample, [](const RunSample& each) { return each.trace.index; });
    if (found == parent.samples.end())
        refuse("--from-sample", std::to_string(sample),
               fmt::format("run {} holds {} finished samples, not this one", run, parent.samples.size()),
               "See which there are: steploom-cli runs show ID");
    const int parentSteps = request.schedule.steps();
    if (step > parentSteps)
        refuse("--at-step", std::to_string(step), fmt::format("the run has {} steps", parentSteps),
               fmt::format("Choose a step from 0 to {}", parentSteps));
    BranchPoint branch = branchFrom(parent.summary.request, run, found->trace, maskId, step);
    // By time, to the nearest step.
    const auto moved = static_cast<int>((std::int64_t{step} * steps * 2 + parentSteps) / (2 * parentSteps));
    branch = movedTo(std::move(branch), parentSteps, moved, steps);

    for (const int position : positionsOf(remask, "--remask-at", request.length))
        maskToken(branch, position);
    for (const std::string& text : edits) {
        const Edit edit = editOf(text, "--edit", request.length);
        const std::vector<std::int32_t> tokens = tokenizer.encode(edit.value);
        if (tokens.empty() || edit.position + static_cast<int>(tokens.size()) > request.length)
            refuse("--edit", text,
                   fmt::format("its {} tokens do not fit from position {} into a length of {}", tokens.size(),
                               edit.position, request.length),
                   "Write a shorter text, or --remask-at to empty a position");
        for (std::size_t i = 0; i < tokens.size(); ++i)
            writeToken(branch, edit.position + static_cast<int>(i), tokens[i]);
    }
    for (const std::string& text : tokenEdits) {
        const Edit edit = editOf(text, "--edit-token", request.length);
        writeToken(branch, edit.position,
                   wholeNumber(edit.value, "--edit-token", text, tokenizer.size() - 1));
    }
    for (const int position : positionsOf(fix, "--fix", request.length))
        fixToken(branch, position);
    return branch;
}

} // namespace steploom::cli
