// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/generator.h"

#include "engine/sampling/autoregressive_generator.h"
#include "engine/sampling/calm_generator.h"
#include "engine/sampling/masked_diffusion.h"

namespace steploom {

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
