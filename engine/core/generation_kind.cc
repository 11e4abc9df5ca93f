// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/generation_kind.h"

#include "engine/core/error.h"

#include <fmt/format.h>

namespace steploom {

std::string_view generationKindName(GenerationKind kind) noexcept {
    switch (kind) {
    case GenerationKind::MaskedDiffusion:
        return "masked-diffusion";
    case GenerationKind::Autoregressive:
        return "autoregressive";
    case GenerationKind::Calm:
        return "calm";
    }
    return "";
}

std::string_view stepName(GenerationKind kind) noexcept {
    switch (kind) {
    case GenerationKind::MaskedDiffusion:
        return "step";
    case GenerationKind::Autoregressive:
        return "token";
    case GenerationKind::Calm:
        return "vector";
    }
    return "";
}

GenerationKind parseGenerationKind(std::string_view name) {
    for (const GenerationKind kind :
         {GenerationKind::MaskedDiffusion, GenerationKind::Autoregressive, GenerationKind::Calm})
        if (name == generationKindName(kind))
            return kind;
    throw Error(ErrorKind::Request,
                {"unknown kind of generation", std::string(name), "there is none of this name",
                 "Known are masked-diffusion, autoregressive and calm"});
}

} // namespace steploom
