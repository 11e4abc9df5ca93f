// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/calm.h"
#include "engine/models/model.h"
#include "engine/sampling/batch_calibration.h"
#include "engine/schedule/cost.h"
#include "engine/text/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// A pool member as a request names it: a checkpoint *and* a precision.
struct PoolMemberSpec {
    char letter = 'H';
    std::string name; ///< "heavy"; the folder's name unless given
    std::string path; ///< checkpoint folder
    Precision precision = Precision::F32;
    std::string sha256; ///< filled when loaded; when given beforehand it must match

    friend bool operator==(const PoolMemberSpec&, const PoolMemberSpec&) = default;
};

/// Reads "H=PATH", "H=PATH:bf16" or "PATH" (letter H). Throws Error(Request).
PoolMemberSpec parseMemberSpec(std::string_view text);

struct PoolMember {
    PoolMemberSpec spec;
    std::shared_ptr<Model> model;

    // The model as what it is. Throw Error(Pool), naming the member and its kind, where it is something else.
    MaskedDiffusionModel& maskedDiffusion() const;
    CausalModel& causal() const;
    CalmModel& calm() const;
};

/// What a call of a model costs at this length; no seconds.
CallCost callCostOf(char letter, const ModelFacts& facts, int length);

/// The models a schedule may name, in order; the first is the reference of every saving. All are of one kind
/// and share a tokenizer and a vocabulary; masked-diffusion ones a mask token, CALM ones K, the latent size
/// and the autoencoder: what does not fit is refused with the reason.
class ModelPool {
public:
    /// Loads every member. The tokenizer is the one given, else the first one that a member's folder holds;
    /// members whose own tokenizer differs from it are refused. Throws Error of the kinds Pool, Tokenizer,
    /// File, Config, Tensors.
    static ModelPool load(std::vector<PoolMemberSpec> members, const std::filesystem::path& tokenizer,
                          ComputeContext& context);

    ModelPool() = default;
    /// From parts (tests, generated models): same checks, no files.
    ModelPool(std::vector<PoolMember> members, std::shared_ptr<const Tokenizer> tokenizer);

    const std::vector<PoolMember>& members() const noexcept { return m_members; }
    const std::shared_ptr<const Tokenizer>& tokenizer() const noexcept { return m_tokenizer; }
    GenerationKind kind() const { return m_members.at(0).model->facts().kind; }
    /// K: tokens that a step writes, 1 but for CALM.
    int chunk() const { return m_members.at(0).model->facts().chunk; }
    /// What stands on a canvas where nothing is written yet: the models' mask token; of a pool of another
    /// kind the first id that is neither the tokenizer's nor the vocabulary's.
    std::int32_t maskToken() const;
    /// Ids below this one may be drawn: those of the tokenizer, without the rows that pad the vocabulary.
    int drawableTokens() const;
    /// "HL"
    std::string letters() const;
    /// Index of the member with this letter; throws Error(Schedule).
    int indexOf(char letter) const;
    /// FLOPs per call at this length, in pool order; seconds as calibrated for that length, else 0.
    std::vector<CallCost> callCosts(int length) const;

    /// Times a few calls of every member on `batch` samples of `length` (all masked, `rowsPerSample` rows
    /// through the output layer) and keeps seconds per sample for callCosts. Takes a second or two at demo
    /// size. Of autoregressive models and CALM it is a step half way through a sample, whatever batch and
    /// rows.
    void calibrate(int length, int batch, int rowsPerSample = 1);

    /// What is known of the batch that suits these models.
    BatchCalibration& batches() noexcept { return m_batches; }

private:
    void check() const;

    struct Timing {
        int length;
        std::vector<CallSeconds> seconds; ///< in pool order
    };
    std::vector<PoolMember> m_members;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<Timing> m_timings;
    BatchCalibration m_batches;
};

} // namespace steploom
