// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"
#include "engine/sampling/model_pool.h"
#include "tests/testing/fake_models.h"

#include <limits>
#include <memory>

namespace steploom::testing {

/// A pool of two fakes over 26 letters and a mask: H with four blocks, L with two.
inline ModelPool makeFakePool(const std::string& heavySha256 = "heavy-sha") {
    return ModelPool({{{'H', "heavy", "checkpoints/heavy", Precision::F32, heavySha256},
                       std::make_shared<FakeDenoiser>(27, 64, 4)},
                      {{'L', "light", "checkpoints/light", Precision::F32, "light-sha"},
                       std::make_shared<FakeDenoiser>(27, 64, 2)}},
                     makeLetterTokenizer(26));
}

inline GenerationRequest makeRequest() {
    GenerationRequest request;
    request.schedule = parseSchedule("(L4,H8,L4)");
    request.length = 24;
    request.samples = 5;
    request.seed = 77;
    request.batch = 2;
    return request;
}

/// Every field other than its default.
inline GenerationRequest makeFullRequest() {
    GenerationRequest request = makeRequest();
    request.pool = {{'H', "heavy", "checkpoints/heavy", Precision::BF16, "aa11"},
                    {'L', "light", "checkpoints/light", Precision::F32, "bb22"}};
    request.tokenizer = "checkpoints/tokenizer.json";
    request.seed = std::numeric_limits<std::uint64_t>::max();
    request.sampler = Sampler::FirstHitting;
    request.temperature = 0.7;
    request.topP = 0.95;
    request.prompt = "Es war einmal: \"λ\"\n";
    request.templateText = "a[mask:3]";
    return request;
}

inline Provenance makeProvenance() {
    Provenance provenance{"0.1.0", "a processor, AVX2", 2, "2.6.3", {}};
    ModelFacts& facts = provenance.members.emplace_back();
    facts.architecture = "mdlm";
    facts.parameters = 169'627'250;
    facts.blocks = 12;
    facts.width = 768;
    facts.heads = 12;
    facts.keyValueHeads = 4;
    facts.vocabulary = 50'258;
    facts.length = 1024;
    facts.stored = DType::BF16;
    facts.requested = Precision::BF16;
    facts.effective = Precision::F32;
    facts.weightFlopsPerRow = 169'869'312;
    facts.headFlopsPerRow = 77'196'288;
    return provenance;
}

inline ScheduleCost makeCost() {
    ScheduleCost cost;
    cost.steps = 16;
    cost.lightShare = 0.5;
    cost.blocksOnlySaving = 1.0 / 3;
    cost.nominalSaving = 0.121;
    cost.executedSaving = 0.123;
    cost.blocksOnlyFlops = 1e12;
    cost.nominalFlops = 1.2345678901234567e12;
    cost.executedFlops = 9.87e11;
    cost.expectedCalls = 12.25;
    cost.callsByLetter = {{'H', 6.125}, {'L', 6.125}};
    cost.seconds = 0.75;
    return cost;
}

inline RunWork makeWork() {
    return {.members = {{'H', {70, 40, 300, 1.5e12, 2.5}}, {'L', {30, 20, 100, 2.5e11, 0.25}}},
            .batch = 2,
            .peakMemory = 3'000'000'000};
}

inline RunSample makeSample(int index, int length = 24) {
    RunSample sample;
    SampleTrace& trace = sample.trace;
    trace.index = index;
    for (int i = 0; i < length; ++i) {
        const bool given = i < 2;
        trace.tokens.push_back((index * 131 + i * 7919) % 50'257);
        trace.revealStep.push_back(given ? -1 : (index + i * 37) % 10'001);
        trace.member.push_back(static_cast<std::int8_t>(given ? -1 : i % 2));
        trace.logProbability.push_back(given ? 0 : -0.1f * static_cast<float>(i) / 3);
        trace.entropy.push_back(given ? 0 : 1.0f / static_cast<float>(i + index));
    }
    trace.calls = {{'H', 7 + index}, {'L', 3}};
    trace.flops = 1.1e9 * (index + 1);
    trace.seconds = 0.125 * (index + 1);
    sample.text = "sample " + std::to_string(index) + " – ü\n";
    return sample;
}

} // namespace steploom::testing
