// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_columns.h"

#include <algorithm>
#include <array>

namespace steploom {

namespace {

constexpr std::array kColumns{
    RunColumn{"id", "run", "", "number of the run", "run", true, "f.run"},
    RunColumn{"started", "started", "UTC", "when it was started", "date", false, "f.started"},
    RunColumn{"state", "state", "", "running, finished, stopped, cut off", "", false, "f.state"},
    RunColumn{"schedule", "schedule", "", "which model does each step: preset or notation", "", false,
              "f.label"},
    RunColumn{"pool", "pool", "", "letters and names of the models", "model", false, "f.pool"},
    RunColumn{"sampler", "sampler", "", "which positions a step reveals", "", false, "f.sampler"},
    RunColumn{"remasking", "remasking", "", "how revealed tokens are masked again", "", false, "f.remasking"},
    RunColumn{"steps", "steps", "", "denoising steps, T", "", true, "f.steps"},
    RunColumn{"light", "light steps", "share", "share of steps not done by the first model", "light_share",
              true, "f.light"},
    RunColumn{"saved", "saved", "share", "share of executed FLOPs saved, expected", "executed_saving", true,
              "f.saved"},
    RunColumn{"saved_nominal", "saved, nominal", "share", "share of FLOPs saved with every step executed",
              "nominal_saving", true, "f.saved_nominal"},
    RunColumn{"saved_blocks", "saved, blocks only", "share",
              "share of block FLOPs saved, as the paper has it", "blocks_only_saving", true,
              "f.saved_blocks"},
    RunColumn{"flops", "FLOPs", "FLOPs", "executed for all finished samples", "", true, "f.executed_flops"},
    RunColumn{"flops_per_sample", "FLOPs a sample", "FLOPs", "executed for a finished sample", "", true,
              "f.executed_flops / nullif(f.finished_samples, 0)"},
    RunColumn{"seconds", "time", "s", "wall time of generation", "time", true, "f.seconds"},
    RunColumn{"seconds_per_sample", "time a sample", "s", "wall time of generation by finished samples", "",
              true, "f.seconds / nullif(f.finished_samples, 0)"},
    RunColumn{"tokens_per_second", "tokens a second", "1/s", "of finished samples, by wall time", "speed",
              true, "f.finished_samples * f.length / nullif(f.seconds, 0)"},
    RunColumn{"samples", "samples", "", "finished samples", "", true, "f.finished_samples"},
    RunColumn{"samples_requested", "samples requested", "", "samples asked for", "requested", true,
              "f.samples"},
    RunColumn{"length", "length", "tokens", "tokens of a sample, L", "", true, "f.length"},
    RunColumn{"seed", "seed", "", "of all random numbers", "", true, "f.seed"},
    RunColumn{"temperature", "temperature", "", "logits are divided by it", "temp", true, "f.temperature"},
    RunColumn{"top_p", "top-p", "", "smallest set of tokens with at least this probability", "", true,
              "f.top_p"},
    RunColumn{"threshold", "threshold", "", "probability from which the threshold sampler reveals", "tau",
              true, "f.threshold"},
    RunColumn{"block_length", "block length", "tokens", "positions written together, 0: no blocks", "block",
              true, "f.block_length"},
    RunColumn{"eta", "η", "", "strength of remasking", "", true, "f.eta"},
    RunColumn{"parent", "branch of", "", "run that it was branched from", "", true, "f.parent"},
    RunColumn{"starred", "star", "", "1 when it has a star", "", true, "f.starred"},
};

constexpr std::array kMeasures{
    RunMeasure{"generative_perplexity", "perplexity", "", "generative perplexity under the evaluator", "ppl"},
    RunMeasure{"entropy", "entropy", "nats", "unigram entropy of a sample's tokens", ""},
    RunMeasure{"brier_lm", "BrierLM", "", "100 · geometric mean of Brier-1 to Brier-4", "brier"},
    RunMeasure{"distinct_1", "distinct-1", "share", "different tokens of all", ""},
    RunMeasure{"distinct_2", "distinct-2", "share", "different 2-grams of all", "distinct"},
    RunMeasure{"distinct_3", "distinct-3", "share", "different 3-grams of all", ""},
    RunMeasure{"repeated_4", "repeated-4", "share", "4-grams that stood in the sample before", "repeated"},
    RunMeasure{"self_bleu", "self-BLEU", "", "BLEU-4 of a sample against the others", "bleu"},
};

} // namespace

std::span<const RunColumn> runColumns() noexcept { return kColumns; }

const RunColumn* findRunColumn(std::string_view name) noexcept {
    const auto found =
        std::ranges::find_if(kColumns, [&](const RunColumn& each) { return each.name == name; });
    return found == kColumns.end() ? nullptr : &*found;
}

std::span<const RunMeasure> runMeasures() noexcept { return kMeasures; }

} // namespace steploom
