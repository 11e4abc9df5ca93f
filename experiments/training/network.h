// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/fused_layers.h"
#include "experiments/training/training_config.h"

#include <torch/types.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace steploom {

/// One tensor that a network learns.
struct Parameter {
    std::string name; ///< as in model.safetensors
    std::vector<std::int64_t> shape;
    double deviation = 0; ///< of the normal distribution that it begins with; 0: it begins as `constant`
    double constant = 0;

    std::int64_t count() const noexcept;
};

/// The parameters of a network as stretches of one flat f32 tensor, so that optimiser, average, norm and file
/// treat them as one. Matrices come first: only they decay.
class Parameters {
public:
    Parameters() = default;
    /// Begins with the random weights of `seed`, the same on every device.
    Parameters(std::vector<Parameter> table, std::uint64_t seed, torch::Device device);

    const std::vector<Parameter>& table() const noexcept { return m_table; }
    std::int64_t count() const noexcept { return m_flat.numel(); }
    std::int64_t matrixCount() const noexcept { return m_matrixCount; }
    /// [count] f32
    torch::Tensor& flat() noexcept { return m_flat; }
    /// The stretch of `flat` that belongs to a parameter, in its shape.
    torch::Tensor stretch(const torch::Tensor& flat, std::size_t index) const;
    /// Makes every parameter a leaf whose gradient collects in a stretch of the result, [count] f32 zeros.
    torch::Tensor collectGradients();
    /// Uses the values of `flat` instead, without gradients.
    Parameters withValues(const torch::Tensor& flat) const;

    const torch::Tensor& operator[](const std::string& name) const { return m_tensors.at(name); }

private:
    void cut();
    std::vector<Parameter> m_table;
    std::vector<std::int64_t> m_offsets;
    std::int64_t m_matrixCount = 0;
    torch::Tensor m_flat;
    std::unordered_map<std::string, torch::Tensor> m_tensors;
};

/// A network's forward pass for training: the formulas of engine/models, in LibTorch, with gradients.
class Network {
public:
    /// `vocabulary` V: for MDLM with the mask token, which is its last id.
    static std::unique_ptr<Network> create(TrainingKind kind, const NetworkShape& shape, int vocabulary);
    virtual ~Network() = default;

    virtual std::vector<Parameter> parameters() const = 0;
    /// config.json of the published layout.
    virtual nlohmann::ordered_json config() const = 0;
    /// tokens [B, L] → states [B, L, d] before the output layer. `sigma` [B]: noise of each window, for MDLM
    /// with time conditioning. Products run in `precision`, all else in f32.
    virtual torch::Tensor states(const Parameters& parameters, const torch::Tensor& tokens,
                                 const torch::Tensor& sigma, torch::ScalarType precision,
                                 const Dropout& dropout) const = 0;
    /// states [rows, d] (of windows `window` [rows], where time conditioning needs them) → logits [rows, V]
    /// in `precision`.
    virtual torch::Tensor logits(const Parameters& parameters, const torch::Tensor& states,
                                 const torch::Tensor& window, const torch::Tensor& sigma,
                                 torch::ScalarType precision) const = 0;
    /// Prefix of block `index`'s names, and what must be zero for that block to be the identity: names of
    /// tensors with the rows [first, end) of each.
    struct Gate {
        std::string name;
        std::int64_t first, end;
    };
    virtual std::string blockPrefix(int index) const = 0;
    virtual std::vector<Gate> gatesOf(int index) const = 0;
};

} // namespace steploom
