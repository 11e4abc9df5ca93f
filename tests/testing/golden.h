// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/safetensors.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace steploom::testing {

/// Tensors of a golden.safetensors file.
class GoldenFile {
public:
    explicit GoldenFile(const std::string& name); ///< under tests/golden
    std::vector<float> floats(const std::string& tensor) const;
    std::vector<std::int32_t> integers(const std::string& tensor) const;
    const std::vector<std::int64_t>& shape(const std::string& tensor) const;

private:
    std::shared_ptr<const MappedFile> m_file;
    std::map<std::string, TensorView> m_tensors;
};

/// max |found − expected| / max |expected|: the distance that the golden data's tolerances are stated in.
double relativeDistance(std::span<const float> found, std::span<const float> expected);

/// Tolerance of the float32 goldens (tests/golden/README.md).
inline constexpr double kGoldenTolerance = 2e-4;

} // namespace steploom::testing
