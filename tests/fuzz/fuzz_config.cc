// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a config.json. No tensors lie beside it, so a model may be described and never be built.
#include "engine/checkpoint/checkpoint.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/fuzz/property.h"

#include <cmath>

using namespace steploom;
using namespace steploom::fuzz;

namespace {

/// Beyond this the names of the missing tensors are many, and fuzzing would do nothing but list them.
constexpr int kMostBlocksToLoad = 50;

void readEveryWay(const Checkpoint& checkpoint, const std::string& key) {
    answers([&] { (void)checkpoint.integer(key); });
    answers([&] { (void)checkpoint.number(key); });
    answers([&] { (void)checkpoint.boolean(key); });
    answers([&] { (void)checkpoint.text(key); });
    answers([&] {
        const int size = checkpoint.size(key, 2, 100);
        require(size >= 2 && size <= 100, "a size lies within its bounds");
    });
    answers([&] {
        const double value = checkpoint.positiveOr(key, 1.0);
        require(value > 0 && std::isfinite(value), "a positive number is one");
    });
}

void load(const Checkpoint& checkpoint) {
    static ComputeContext context(1);
    for (const Precision precision : {Precision::F32, Precision::BF16}) {
        const bool loaded = answers([&] {
            if (isMaskedDiffusion(checkpoint))
                loadMaskedDiffusionModel(checkpoint, precision, context);
            else
                loadCausalModel(checkpoint, precision, context);
        });
        require(!loaded, "no model is built from no tensors");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Checkpoint checkpoint;
    if (!answers([&] { checkpoint = Checkpoint::fromParts("fuzzed", textOf(data, size), {}); }))
        return 0;
    int keys = 0;
    for (const auto& [key, value] : checkpoint.config().items())
        if (++keys <= 20)
            readEveryWay(checkpoint, key);
    ModelFacts facts;
    if (!answers([&] { facts = describe(checkpoint); }))
        return 0;
    require(facts.blocks >= 1 && facts.width >= 1 && facts.heads >= 1 && facts.length >= 1 &&
                facts.vocabulary >= 1,
            "a model has sizes");
    require(facts.width % facts.heads == 0 && facts.heads % facts.keyValueHeads == 0,
            "heads share the width");
    require(std::isfinite(facts.blockFlops(facts.length)) && facts.blockFlops(1) > 0 &&
                facts.headFlopsPerRow > 0,
            "a model's cost can be counted");
    if (facts.blocks <= kMostBlocksToLoad)
        load(checkpoint);
    return 0;
}
