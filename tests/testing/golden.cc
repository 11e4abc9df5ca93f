// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/golden.h"

#include "tests/testing/paths.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steploom::testing {

GoldenFile::GoldenFile(const std::string& name)
    : m_file(MappedFile::open(goldenPath(name))), m_tensors(readSafetensors(*m_file)) {}

std::vector<float> GoldenFile::floats(const std::string& tensor) const {
    return m_tensors.at(tensor).toFloats();
}

std::vector<std::int32_t> GoldenFile::integers(const std::string& tensor) const {
    // Ids and rows are far below 2²⁴, where float32 stops being exact.
    const std::vector<float> values = floats(tensor);
    return {values.begin(), values.end()};
}

const std::vector<std::int64_t>& GoldenFile::shape(const std::string& tensor) const {
    return m_tensors.at(tensor).shape;
}

double relativeDistance(std::span<const float> found, std::span<const float> expected) {
    if (found.size() != expected.size())
        return std::numeric_limits<double>::infinity();
    double distance = 0, largest = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!std::isfinite(found[i]))
            return std::numeric_limits<double>::infinity();
        distance = std::max(distance, std::abs(double{found[i]} - expected[i]));
        largest = std::max(largest, std::abs(double{expected[i]}));
    }
    return distance / largest;
}

} // namespace steploom::testing
