// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/qwen2.h"

#include "engine/models/llama.h"

namespace steploom {

StackLayout qwen2Layout(const Checkpoint& checkpoint) {
    requireSettings(checkpoint, {{"use_mrope", false}});
    StackLayout layout = llamaLayout(checkpoint);
    // The published code has these biases whatever the config says of attention_bias.
    layout.biased = {.queryKeyValue = true};
    return layout;
}

std::unique_ptr<CausalModel> loadQwen2(const Checkpoint& checkpoint, Precision precision,
                                       ComputeContext& context) {
    return std::make_unique<CausalTransformer>(
        buildStack(checkpoint, qwen2Layout(checkpoint), describeLlama(checkpoint), precision, context),
        context);
}

} // namespace steploom
