// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/generator.h"

#include "engine/sampling/autoregressive_generator.h"
#include "engine/sampling/calm_generator.h"
#include "engine/sampling/masked_diffusion.h"

#include <algorithm>

namespace steploom {

std::string textOf(const SampleTrace& trace, std::span<const std::int32_t> padding,
                   const Tokenizer& tokenizer) {
    if (padding.empty())
        return tokenizer.decode(trace.tokens);
    std::vector<std::int32_t> tokens;
    for (std::size_t position = 0; position < trace.tokens.size(); ++position)
        if (!std::ranges::binary_search(padding, static_cast<std::int32_t>(position)))
            tokens.push_back(trace.tokens[position]);
    return tokenizer.decode(tokens);
}

std::unique_ptr<Generator> makeGenerator(const ModelPool& pool, std::vector<int> finished) {
    switch (pool.kind()) {
    case GenerationKind::Autoregressive:
        return std::make_unique<AutoregressiveGenerator>(pool, std::move(finished));
    case GenerationKind::Calm:
        return std::make_unique<CalmGenerator>(pool, std::move(finished));
    case GenerationKind::MaskedDiffusion:
        break;
    }
    return std::make_unique<MaskedDiffusionGenerator>(pool, std::move(finished));
}

} // namespace steploom
