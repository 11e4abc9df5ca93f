// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/known_measures.h"
#include "engine/analyses/study_text.h"
#include "engine/core/progress.h"
#include "engine/models/model.h"
#include "engine/text/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace steploom {

class ComputeContext;
class ThreadPool;

/// A causal model with the tokenizer of its text.
struct CausalReader {
    std::shared_ptr<CausalModel> model;
    std::shared_ptr<const Tokenizer> tokenizer;
};

/// A causal checkpoint whose weights are read when they are needed: not when its figures are known.
struct CausalCheckpoint {
    std::string name; ///< of its folder
    std::string sha256;
    int positions = 0; ///< it was made for
    std::function<CausalReader()> load;
};

/// Reads config and hash, no weights. `tokenizer` empty: the one in the folder. `context` must outlive what
/// is loaded. Throws as Checkpoint::open and describe do; `load` as the loaders.
CausalCheckpoint openCausalCheckpoint(const std::filesystem::path& folder, ComputeContext& context,
                                      const std::filesystem::path& tokenizer = {});

/// How a causal model is measured on a text.
struct CausalMeasuring {
    int windows = 512; ///< of the text, at most, spread evenly
    int context = 0;   ///< tokens given for BrierLM; 0: half the model's positions
    int draws = 4;     ///< R
    std::uint64_t seed = 1;
    bool again = false; ///< also what is known
};

/// "cross_entropy", nats a token, teacher forced, and BrierLM with exact probabilities (brierOfCausal): both
/// on the same windows of context + 4 tokens, means over windows. Kept in `store` (null: none) under
/// checkpoint, text and settings, and found again. Throws Error(Text) when the text is shorter than a window,
/// Error(Request) when a window is longer than the model's positions or settings are out of range.
Measured measureCausal(const CausalCheckpoint& checkpoint, const StudyText& text,
                       const CausalMeasuring& settings, RunStore* store, ThreadPool* threads,
                       const Progress& progress, const std::stop_token& stop);

} // namespace steploom
