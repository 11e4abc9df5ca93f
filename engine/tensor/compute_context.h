// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

namespace steploom {

class ThreadPool;
class MatMulCache;

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

private:
    std::unique_ptr<ThreadPool> m_threads;
    std::unique_ptr<MatMulCache> m_matMuls;
};

/// "Intel Xeon …, 2 threads, AVX-512 with AMX": for provenance. The instruction set is the one oneDNN uses
/// (ONEDNN_MAX_CPU_ISA lowers it).
std::string processorName();
std::string instructionSet();
/// Width of the vectors that oneDNN uses and our own kernels follow: 512, 256 or 128 bits.
int vectorBits();
/// Whether matrix products in bf16 run on this processor; if not, bf16 members compute in f32.
bool supportsBf16();
/// "2.6.3": of the library that is loaded.
std::string oneDnnVersion();

} // namespace steploom
