// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/runs/run_generation.h"
#include "engine/sampling/model_pool.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace steploom {

class ComputeContext;

/// Whether a stored run is what its request makes, as far as that was tried.
struct VerifiedRun {
    enum class Outcome {
        Identical, ///< the samples that were made again are the stored ones, to the bit
        Different,
        NotTried, ///< a checkpoint is missing, nothing is stored to compare with, or it was stopped
    };
    std::int64_t id = 0;
    Outcome outcome = Outcome::NotTried;
    int compared = 0;                   ///< samples
    std::string firstDifference;        ///< as RerunResult's; Different only
    std::optional<Error::Parts> reason; ///< NotTried only
};

/// Makes samples of stored runs again and compares them, one pool of models in memory at a time: runs of the
/// same models are best verified one after another.
class RunVerifier {
public:
    /// `store`: the file that the runs are from; checkpoints may lie beside it. `context` is borrowed.
    RunVerifier(std::filesystem::path store, ComputeContext& context)
        : m_store(std::move(store)), m_context(context) {}

    /// Tries the first `samples` of those that the run has. Throws nothing that is about the run: that is its
    /// outcome.
    VerifiedRun verify(Run run, int samples, GenerationObserver& observer, std::stop_token stop);

private:
    ModelPool& poolOf(const GenerationRequest& request);

    std::filesystem::path m_store;
    ComputeContext& m_context;
    std::optional<ModelPool> m_pool;
    std::optional<Error> m_failure;        ///< why there is no pool: checkpoints take long to look through
    std::vector<PoolMemberSpec> m_members; ///< that m_pool was asked for
    std::string m_tokenizer;
};

} // namespace steploom
