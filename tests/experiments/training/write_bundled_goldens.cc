// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the outputs in tests/golden/bundled anew, for the inputs that stand there: what LibTorch makes of
// the checkpoints in resources. To be run when those are replaced; the tests only read.
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"

#include "experiments/training/trainer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr std::size_t kLength = 128;

template <typename Value>
std::span<const std::byte> bytesOf(const std::vector<Value>& values) {
    return std::as_bytes(std::span(values));
}

std::vector<std::int64_t> wide(const std::vector<std::int32_t>& ids) { return {ids.begin(), ids.end()}; }

/// Logits [128, V] of one row of the inputs.
std::vector<float> logitsOf(const std::string& name, const std::vector<std::int64_t>& ids,
                            std::size_t sample) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(sample * kLength);
    return trainerLogits(resourcePath("checkpoints/" + name),
                         {begin, begin + static_cast<std::ptrdiff_t>(kLength)}, 1.0);
}

void writeDenoiser(const std::string& name) {
    const GoldenFile golden("bundled/" + name + ".safetensors");
    const std::vector<std::int64_t> ids = wide(golden.integers("input_ids")),
                                    rows = wide(golden.integers("rows"));
    std::vector<float> logits;
    for (std::size_t i = 0; i < rows.size(); i += 2) { // sample, position
        const std::vector<float> all = logitsOf(name, ids, static_cast<std::size_t>(rows[i]));
        const std::size_t columns = all.size() / kLength;
        const auto row = all.begin() + static_cast<std::ptrdiff_t>(rows[i + 1] * static_cast<long>(columns));
        logits.insert(logits.end(), row, row + static_cast<std::ptrdiff_t>(columns));
    }
    const std::vector<TensorToWrite> tensors{
        {"input_ids", DType::I64, golden.shape("input_ids"), bytesOf(ids)},
        {"rows", DType::I64, golden.shape("rows"), bytesOf(rows)},
        {"logits_at_rows", DType::F32, golden.shape("logits_at_rows"), bytesOf(logits)}};
    writeSafetensors(goldenPath("bundled/" + name + ".safetensors"), tensors);
}

void writeReader() {
    const GoldenFile golden("bundled/reader.safetensors");
    const std::vector<std::int64_t> ids = wide(golden.integers("input_ids"));
    std::vector<float> nats;
    for (std::size_t sample = 0; sample < ids.size() / kLength; ++sample) {
        const std::vector<float> logits = logitsOf("reader", ids, sample);
        const std::size_t columns = logits.size() / kLength;
        for (std::size_t position = 0; position + 1 < kLength; ++position) {
            const float* const row = logits.data() + position * columns;
            double sum = 0;
            for (std::size_t id = 0; id < columns; ++id)
                sum += std::exp(static_cast<double>(row[id]));
            const auto target = static_cast<std::size_t>(ids[sample * kLength + position + 1]);
            nats.push_back(static_cast<float>(std::log(sum) - static_cast<double>(row[target])));
        }
    }
    const std::vector<TensorToWrite> tensors{
        {"input_ids", DType::I64, golden.shape("input_ids"), bytesOf(ids)},
        {"nll", DType::F32, golden.shape("nll"), bytesOf(nats)}};
    writeSafetensors(goldenPath("bundled/reader.safetensors"), tensors);
}

} // namespace

int main() {
    try {
        writeDenoiser("heavy");
        writeDenoiser("light");
        writeReader();
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
