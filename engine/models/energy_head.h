// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/layers/linear.h"
#include "engine/layers/norm.h"

#include <span>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// The generative head of an energy transformer (arXiv 2510.27688, section 4.2): noise and a hidden state go
/// in, a vector comes out; other noise, another vector. Not thread-safe.
class EnergyHead {
public:
    struct Shape {
        int width = 0;  ///< d
        int noise = 0;  ///< numbers of noise for a vector
        int latent = 0; ///< l
        int blocks = 0;
        /// FLOPs of the matrix products for one vector; what it needs of the hidden state alone is counted
        /// by conditionFlops, once for all vectors that are drawn from it.
        double drawFlops() const noexcept;
        double conditionFlops() const noexcept;
    };
    /// Its tensors lie under `scope`: "mlp_generator.", in some files "generative_head.".
    static std::vector<ExpectedTensor> tensors(const Shape& shape, const std::string& scope);

    EnergyHead() = default;
    EnergyHead(const Checkpoint& checkpoint, const std::string& scope, const Shape& shape,
               Precision precision, ComputeContext& context);

    const Shape& shape() const noexcept { return m_shape; }
    /// hidden [rows, d] f32 and noise [rows, draws, noise] in −½…½ → latents [rows, draws, l]. A vector
    /// depends on its own row and noise alone, bit for bit in f32.
    void draw(std::span<const float> hidden, std::span<const float> noise, int draws,
              std::span<float> latents);

private:
    struct Block {
        Norm in;
        Linear ofNoise;     ///< of linears.0, the part that multiplies the noise's state
        Linear ofCondition; ///< the part that multiplies the hidden state's, with the bias
        Linear second;      ///< linears.2, then SiLU
        Linear third;       ///< linears.4: gate and up stacked
        Linear down;        ///< accumulates
    };
    struct Scratch {
        Buffer state;  ///< [tile, d] f32: what the blocks add to
        Buffer normed; ///< [tile, d] or [tile, noise] in the activations' precision
        Buffer first;  ///< [tile, d] f32
        Buffer second; ///< [tile, d] in the activations' precision
        Buffer third;  ///< [tile, 2d] f32
    };
    void condition(std::span<const float> hidden, int rows);
    void drawTile(int worker, bool shared, int first, int count, int draws, const float* noise,
                  float* latents);
    const void* asInput(const float* x, int rows, int width, Buffer& to) const;

    Shape m_shape;
    ComputeContext* m_context = nullptr;
    Precision m_activations = Precision::F32;
    Linear m_noiseEmbedding, m_hiddenEmbedding;
    Norm m_noiseNorm, m_hiddenNorm;
    std::vector<Block> m_blocks;
    Norm m_finalNorm;
    Linear m_finalFirst, m_finalSecond;
    Buffer m_condition;  ///< [blocks, rows, d] f32: what each block's first product adds for a hidden state
    Buffer m_conditionX; ///< [rows, d]: on the way there
    Buffer m_conditionNormed;
    int m_conditionRows = 0;
    std::vector<Scratch> m_scratch; ///< by worker
};

} // namespace steploom
