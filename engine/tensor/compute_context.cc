// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/compute_context.h"

#include "engine/core/thread_pool.h"
#include "engine/tensor/matmul.h"

#include <fstream>

namespace steploom {

ComputeContext::ComputeContext(int threads)
    : m_threads(std::make_unique<ThreadPool>(threads)),
      m_matMuls(std::make_unique<MatMulCache>(m_threads->workers())),
      m_scratch(static_cast<std::size_t>(m_threads->workers())) {}

ComputeContext::~ComputeContext() = default;

ThreadPool& ComputeContext::threads() noexcept { return *m_threads; }
MatMulCache& ComputeContext::matMuls() noexcept { return *m_matMuls; }

Precision effectivePrecision(Precision requested) {
    if (requested == Precision::Int8 && supportsInt8())
        return Precision::Int8;
    return requested == Precision::F32 || !supportsBf16() ? Precision::F32 : Precision::BF16;
}

Precision activationPrecision(Precision effective) {
    return effective == Precision::Int8 ? effectivePrecision(Precision::BF16) : effective;
}

std::string processorName() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (!line.starts_with("model name"))
            continue;
        const auto colon = line.find(": ");
        if (colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return "unknown processor";
}

} // namespace steploom
