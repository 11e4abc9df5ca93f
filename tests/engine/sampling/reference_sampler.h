// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"
#include "tests/testing/fake_models.h"

#include <map>
#include <random>
#include <vector>

namespace steploom::testing {

/// What the plain samplers need; `rules` by letter.
struct ReferenceInput {
    std::map<char, FakeDenoiser::Rule> rules;
    StepSchedule schedule;
    std::vector<std::int32_t> initialTokens;
    int vocabulary = 0; ///< the mask token is the last
};

struct ReferenceSample {
    std::vector<std::int32_t> tokens;
    std::vector<int> revealStep; ///< −1: given
};

/// Ancestral sampling as the papers state it (models.md §2): every step t → s calls the network and reveals
/// each masked position with probability (t − s)/t. No plan, nothing saved, another random number generator.
ReferenceSample sampleStepByStep(const ReferenceInput& input, std::mt19937_64& random);

/// Its limit of infinitely many steps: every position is hit at an independent uniform time; the network is
/// called at each hit. The schedule's step is where that time falls among its T equal stretches.
ReferenceSample sampleInContinuousTime(const ReferenceInput& input, std::mt19937_64& random);

} // namespace steploom::testing
