// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/dream.h"

#include "engine/models/bidirectional_transformer.h"
#include "engine/models/fixed_settings.h"
#include "engine/models/llama.h"
#include "engine/models/qwen2.h"

namespace steploom {

ModelFacts describeDream(const Checkpoint& checkpoint) {
    ModelFacts facts = describeLlama(checkpoint);
    facts.kind = GenerationKind::MaskedDiffusion;
    facts.logitsShifted = true;
    saveLastBlock(facts);
    return facts;
}

std::unique_ptr<MaskedDiffusionModel> loadDream(const Checkpoint& checkpoint, Precision precision,
                                                ComputeContext& context) {
    // Later models of the family go by the same name, denoise block after block and shift nothing.
    requireSettings(checkpoint, {{"block_size", nullptr}});
    ModelFacts facts = describeDream(checkpoint);
    const int mask = checkpoint.size("mask_token_id", 0, facts.vocabulary - 1);
    return std::make_unique<BidirectionalTransformer>(
        buildStack(checkpoint, qwen2Layout(checkpoint), std::move(facts), precision, context), mask, context);
}

} // namespace steploom
