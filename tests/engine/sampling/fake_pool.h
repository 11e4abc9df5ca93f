// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/masked_diffusion.h"
#include "tests/testing/fake_models.h"

#include <bit>
#include <memory>
#include <string>
#include <vector>

namespace steploom::testing {

/// A pool of fake denoisers over letters, with access to each.
struct FakePool {
    /// One model a letter; the light ones have a block less than the one before. `vocabulary` counts the
    /// mask.
    explicit FakePool(const std::string& letters = "HL", int vocabulary = 12, int length = 64,
                      const std::vector<FakeDenoiser::Rule>& rules = {}) {
        std::vector<PoolMember> members;
        for (std::size_t i = 0; i < letters.size(); ++i) {
            models.push_back(
                std::make_shared<FakeDenoiser>(vocabulary, length, 6 - 2 * static_cast<int>(i),
                                               i < rules.size() ? rules[i] : FakeDenoiser::Rule()));
            members.push_back({{.letter = letters[i], .name = "fake"}, models.back()});
        }
        pool = ModelPool(std::move(members), makeLetterTokenizer(vocabulary - 1));
    }

    std::vector<std::shared_ptr<FakeDenoiser>> models;
    ModelPool pool;
};

/// Keeps what an observer is told.
class Recorder : public GenerationObserver {
public:
    struct Step {
        StepEvent event; ///< its spans are over; see `revealed` and `remasked`
        std::vector<RevealedToken> revealed;
        std::vector<RemaskedToken> remasked;
    };
    void started(const PlannedWork& plan) override { plans.push_back(plan); }
    void stepped(const StepEvent& event) override {
        steps.push_back({event,
                         {event.revealed.begin(), event.revealed.end()},
                         {event.remasked.begin(), event.remasked.end()}});
        steps.back().event.revealed = {};
        steps.back().event.remasked = {};
    }
    void finished(const SampleTrace& sample) override { finishedSamples.push_back(sample.index); }

    std::vector<PlannedWork> plans;
    std::vector<Step> steps;
    std::vector<int> finishedSamples;
};

/// Equal bit for bit in everything but wall time.
inline bool sameBytes(const SampleTrace& a, const SampleTrace& b) {
    const auto bits = [](const std::vector<float>& values) {
        std::vector<std::uint32_t> all;
        for (float value : values)
            all.push_back(std::bit_cast<std::uint32_t>(value));
        return all;
    };
    return a.index == b.index && a.tokens == b.tokens && a.revealStep == b.revealStep &&
           a.member == b.member && bits(a.logProbability) == bits(b.logProbability) &&
           bits(a.entropy) == bits(b.entropy) && a.calls == b.calls && a.flops == b.flops &&
           a.remasked == b.remasked;
}

inline bool sameBytes(const Trace& a, const Trace& b) {
    if (a.samples.size() != b.samples.size())
        return false;
    for (std::size_t i = 0; i < a.samples.size(); ++i)
        if (!sameBytes(a.samples[i], b.samples[i]))
            return false;
    return true;
}

} // namespace steploom::testing
