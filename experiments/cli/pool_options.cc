// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/pool_options.h"

#include "engine/core/error.h"
#include "engine/models/registry.h"
#include "engine/sampling/pool_checks.h"
#include "engine/sampling/sequential_sampling.h"
#include "experiments/cli/schedule_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace steploom::cli {

namespace {

constexpr int kPresetSteps = 256;

} // namespace

void addModelOption(CLI::App& command, std::vector<std::string>& models) {
    command
        .add_option(
            "--model,--pool", models,
            "Pool member: LETTER=FOLDER or LETTER=FOLDER:PRECISION (f32, bf16, int8); once for each. H, or "
            "without one the first, is the full model that savings refer to. All of one kind: masked "
            "diffusion, autoregressive (GPT-2, Llama, Qwen2) or CALM")
        ->required()
        ->allow_extra_args(false)
        ->type_name("H=PATH[:PRECISION]");
}

std::vector<PoolMemberSpec> membersOf(const std::vector<std::string>& models) {
    std::vector<PoolMemberSpec> members;
    for (const std::string& text : models) {
        PoolMemberSpec member = parseMemberSpec(text);
        member.path = absolutePath(member.path);
        members.push_back(std::move(member));
    }
    requireLettersApart(members);
    // Savings refer to the first member: whoever writes H means it, wherever it stands.
    std::ranges::stable_partition(members, [](const PoolMemberSpec& member) { return member.letter == 'H'; });
    return members;
}

void PoolOptions::addTo(CLI::App& command) {
    addModelOption(command, models);
    command
        .add_option("--schedule", schedule,
                    scheduleForms() + ". CALM and autoregressive pools: every step by the first member "
                                      "unless told")
        ->required()
        ->type_name("S");
    command
        .add_option(
            "--steps", steps,
            "Denoising steps; presets take 256 unless told, notation must sum to it. CALM and "
            "autoregressive pools have length / K of them, K = 1 for the latter, and need not be told")
        ->check(CLI::Range(1, StepSchedule::kMaximumSteps));
    command
        .add_option("--length", length,
                    "Tokens in a sample, prompt included; default: what the model was made for")
        ->check(CLI::PositiveNumber);
    order.addTo(command);
    command
        .add_option("--tokenizer", tokenizer,
                    "tokenizer.json or its folder, where the checkpoints hold none (mdlm-owt: GPT-2's)")
        ->type_name("PATH");
    command
        .add_option("--batch", batch,
                    "Samples in one network call at most, or auto: a short timing chooses; changes no result")
        ->check([](const std::string& text) {
            return text == "auto" ? std::string() : CLI::Range(1, kLargestBatch)(text);
        })
        ->type_name("auto|N")
        ->capture_default_str();
    command.add_option("--threads", threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command.add_flag("--no-timing", noTiming,
                     "Do not time the calls beforehand; expected seconds are then not known");
}

void PoolOptions::requireScheduleGiven() const {
    if (schedule.empty())
        throw Error(ErrorKind::Schedule,
                    {.what = "no schedule",
                     .where = "--schedule",
                     .why = "masked-diffusion models take as many steps as one likes",
                     .remedy = "Name one, as in --schedule heavy or --schedule (L32,H192,L32)"});
}

GenerationRequest PoolOptions::request() const {
    GenerationRequest request;
    request.pool = membersOf(models);
    std::string letters;
    for (const PoolMemberSpec& member : request.pool)
        letters += member.letter;
    if (!tokenizer.empty())
        request.tokenizer = absolutePath(tokenizer);

    const ModelFacts facts = describe(Checkpoint::open(request.pool.front().path));
    request.length = length > 0 ? length : facts.length;
    if (facts.kind == GenerationKind::MaskedDiffusion) {
        requireScheduleGiven();
        request.schedule = scheduleFor(letters, kPresetSteps);
    } else {
        PoolOptions told = *this;
        told.steps = steps > 0 ? steps : sequentialSteps(request.length, facts.chunk);
        if (schedule.empty())
            told.schedule = printSchedule(StepSchedule::all(letters[0], told.steps));
        request.schedule = told.scheduleFor(letters, told.steps);
    }
    order.writeTo(request);
    request.batch = batchSize();
    return request;
}

StepSchedule PoolOptions::scheduleFor(const std::string& letters, int presetSteps) const {
    PresetOptions preset;
    preset.steps = steps > 0 ? steps : presetSteps;
    preset.heavy = letters[0];
    if (letters.size() > 1)
        preset.light = letters[1];
    StepSchedule wanted = scheduleOf(schedule, preset, steps, store).schedule;
    requireLetters(wanted, letters);
    return wanted;
}

int PoolOptions::batchSize() const { return batch == "auto" ? kAutomaticBatch : std::stoi(batch); }

std::string absolutePath(const std::string& path) {
    std::filesystem::path absolute = std::filesystem::absolute(path).lexically_normal();
    if (!absolute.has_filename()) // "folder/" names the same folder as "folder"
        absolute = absolute.parent_path();
    return absolute.string();
}

} // namespace steploom::cli
