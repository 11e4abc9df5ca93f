// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/calm.h"
#include "engine/sampling/generator.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace steploom::testing {

/// The golden's energy transformer with its last layer left out: another model with the same autoencoder.
inline Checkpoint withoutLastLayer(const Checkpoint& whole, const std::string& layers) {
    nlohmann::json config = whole.config();
    const int last = config["num_hidden_layers"].get<int>() - 1;
    config["num_hidden_layers"] = last;
    std::map<std::string, TensorView> tensors = whole.tensors();
    std::erase_if(tensors, [prefix = layers + std::to_string(last) + '.'](const auto& tensor) {
        return tensor.first.starts_with(prefix);
    });
    return Checkpoint::fromParts(whole.folder(), config.dump(), std::move(tensors));
}

/// F: a golden of tests/golden; S: the same without its last layer.
struct CalmPool {
    explicit CalmPool(const std::string& golden = "calm_k4", int threads = 2)
        : context(threads), whole(Checkpoint::open(goldenPath(golden + "/calm"))),
          full(CalmModel::load(whole, Precision::F32, context)),
          small(CalmModel::load(withoutLastLayer(whole, "transformer.layers."), Precision::F32, context)),
          pool({{{.letter = 'F', .name = "full"}, full}, {{.letter = 'S', .name = "small"}, small}},
               makeLetterTokenizer(full->facts().vocabulary)) {}

    ComputeContext context;
    Checkpoint whole;
    std::shared_ptr<CalmModel> full, small;
    ModelPool pool;
};

} // namespace steploom::testing
