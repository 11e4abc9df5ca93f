// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/buffer.h"
#include "engine/tensor/dtype.h"

#include <memory>
#include <string>
#include <vector>

namespace steploom {

class ThreadPool;
class MatMulCache;

/// Memory of one worker for what a layer needs only while it computes one tile of rows.
struct LayerScratch {
    Buffer quantized;  ///< [tile, inputs] u8
    Buffer rowFactors; ///< [2, tile] f32: scale and offset of each quantised row
    Buffer panel;      ///< [tile, panel] f32, or 32-bit sums
    Buffer values;     ///< [tile, panel] f32, of which only the greatest is wanted
    Buffer best;       ///< [rows]: the greatest so far, and where
};

/// Where models compute: the threads, the oneDNN engine and its cache of primitives. One per engine thread;
/// the models built on it borrow it and must be used by one caller at a time.
class ComputeContext {
public:
    /// `threads` 0: one per processor. Throws Error(Device) when oneDNN cannot start.
    explicit ComputeContext(int threads = 0);
    ~ComputeContext();
    ComputeContext(const ComputeContext&) = delete;
    ComputeContext& operator=(const ComputeContext&) = delete;

    ThreadPool& threads() noexcept;
    MatMulCache& matMuls() noexcept;
    LayerScratch& scratch(int worker) noexcept { return m_scratch[static_cast<std::size_t>(worker)]; }

private:
    std::unique_ptr<ThreadPool> m_threads;
    std::unique_ptr<MatMulCache> m_matMuls;
    std::vector<LayerScratch> m_scratch; ///< by worker
};

/// "Intel Xeon …, 2 threads, AVX-512 with AMX": for provenance. The instruction set is the one oneDNN uses
/// (ONEDNN_MAX_CPU_ISA lowers it).
std::string processorName();
std::string instructionSet();
/// Width of the vectors that oneDNN uses and our own kernels follow: 512, 256 or 128 bits.
int vectorBits();
/// Whether matrix products in bf16 run on this processor; if not, bf16 members compute in f32.
bool supportsBf16();
/// Whether products of unsigned and signed bytes run on this processor with exact 32-bit sums (VNNI, AMX); if
/// not, int8 members compute in what bf16 ones do.
bool supportsInt8();
/// What a member of this precision computes in on this processor.
Precision effectivePrecision(Precision requested);
/// Precision of what lies between the products with weights: attention and activations.
Precision activationPrecision(Precision effective);
/// "2.6.3": of the library that is loaded.
std::string oneDnnVersion();

} // namespace steploom
