// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/autoencoder_quality.h"

#include <nlohmann/json.hpp>

namespace steploom {

// AutoencoderQuality as an analysis keeps it.

/// {chunks, token, chunk, noisy_token, noisy_chunk, divergence: [nats by dimension], latent_divergence,
/// collapsed, stopped}. Reading throws nlohmann::json::exception for what is missing or unfit.
void to_json(nlohmann::json& json, const AutoencoderQuality& quality);
void from_json(const nlohmann::json& json, AutoencoderQuality& quality);

} // namespace steploom
