// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace steploom {

/// What a step of a model writes, and so what kind of generation it takes part in: masked positions anywhere,
/// the next token, or the next vector of K tokens.
enum class GenerationKind { MaskedDiffusion, Autoregressive, Calm };
/// "masked-diffusion", "autoregressive", "calm"
std::string_view generationKindName(GenerationKind kind) noexcept;
/// What a step of it is called: "step", "token", "vector".
std::string_view stepName(GenerationKind kind) noexcept;
/// Throws Error(Request) naming the three.
GenerationKind parseGenerationKind(std::string_view name);

} // namespace steploom
