// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/random_tensors.h"

#include "engine/checkpoint/safetensors.h"

#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>

namespace steploom::testing {
namespace {

/// Rounds to the nearest half-precision number; for the small magnitudes that weights have (no infinity, no
/// NaN).
std::uint16_t toF16(float value) {
    const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
    const float magnitude = std::fabs(value);
    if (magnitude < 0x1p-14f) // subnormal: steps of 2^-24
        return static_cast<std::uint16_t>(sign | static_cast<int>(std::nearbyint(magnitude * 0x1p24f)));
    int exponent = 0;
    const float fraction = std::frexp(magnitude, &exponent);                // [0.5, 1)
    const int steps = static_cast<int>(std::nearbyint(fraction * 2048.0f)); // [1024, 2048]
    return static_cast<std::uint16_t>(sign | ((exponent + 13) * 1024 + steps));
}

} // namespace

void RandomTensors::add(std::string name, std::vector<std::int64_t> shape, double mean) {
    std::vector<std::byte> bytes(elementCount(shape) * dtypeSize(m_stored));
    for (std::size_t at = 0; at < bytes.size(); at += dtypeSize(m_stored))
        store(static_cast<float>(mean + 0.1 * normal()), bytes.data() + at);
    m_tensors.push_back({std::move(name), std::move(shape), std::move(bytes)});
}

void RandomTensors::addLinear(const std::string& scope, std::vector<std::int64_t> shape,
                              std::size_t biasAxis) {
    const std::int64_t outputs = shape[biasAxis];
    add(scope + ".weight", std::move(shape));
    add(scope + ".bias", {outputs});
}

void RandomTensors::write(const std::filesystem::path& file) const {
    std::vector<TensorToWrite> tensors;
    for (const Tensor& tensor : m_tensors)
        tensors.push_back({tensor.name, m_stored, tensor.shape, tensor.bytes});
    writeSafetensors(file, tensors);
}

double RandomTensors::normal() { // Box and Muller, 1958
    const double radius = std::sqrt(-2.0 * std::log((m_random() + 0.5) * 0x1p-32));
    return radius * std::cos(2.0 * std::numbers::pi * (m_random() * 0x1p-32));
}

void RandomTensors::store(float value, std::byte* to) const {
    const std::uint16_t half = m_stored == DType::F16 ? toF16(value) : toBf16(value);
    if (m_stored == DType::F32)
        std::memcpy(to, &value, sizeof value);
    else if (m_stored == DType::F16 || m_stored == DType::BF16)
        std::memcpy(to, &half, sizeof half);
    else
        throw std::invalid_argument("tiny checkpoints are stored in F32, F16 or BF16");
}

} // namespace steploom::testing
