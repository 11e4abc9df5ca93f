// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    std::shared_ptr<MaskedDiffusionModel> model;
};

/// What a call of a model costs at this length; no seconds.
CallCost callCostOf(char letter, const ModelFacts& facts, int length);

/// The models a schedule may name, in order; the first is the reference of every saving. All share a
/// tokenizer, a vocabulary and a mask token: what does not fit is refused with the reason.
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
    std::int32_t maskToken() const;
    /// Ids below this one may be drawn: those of the tokenizer, without the rows that pad the vocabulary.
    int drawableTokens() const;
    /// "HL"
    std::string letters() const;
    /// Index of the member with this letter; throws Error(Schedule).
    int indexOf(char letter) const;
    /// FLOPs per call at this length, in pool order; secondsPerCall as calibrated for that length, else 0.
    std::vector<CallCost> callCosts(int length) const;

    /// Times a few calls of every member on `batch` samples of `length` (all masked, `rowsPerSample` rows
    /// through the output layer) and keeps seconds per sample for callCosts. Takes a second or two at demo
    /// size.
    void calibrate(int length, int batch, int rowsPerSample = 1);

    /// What is known of the batch that suits these models.
    BatchCalibration& batches() noexcept { return m_batches; }

private:
    void check() const;

    struct Timing {
        int length;
        std::vector<double> secondsPerCall;
    };
    std::vector<PoolMember> m_members;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<Timing> m_timings;
    BatchCalibration m_batches;
};

} // namespace steploom
