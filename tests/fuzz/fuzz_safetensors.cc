// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a safetensors file.
#include "engine/checkpoint/safetensors.h"
#include "tests/fuzz/property.h"

using namespace steploom;
using namespace steploom::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    std::map<std::string, TensorView> tensors;
    if (!answers([&] { tensors = readSafetensors(file, "fuzzed.safetensors"); }))
        return 0;
    std::size_t covered = 0;
    for (const auto& [name, tensor] : tensors) {
        require(tensor.bytes.empty() ||
                    (tensor.bytes.data() >= file.data() &&
                     tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size()),
                "a view lies in the file");
        require(tensor.elements() * dtypeSize(tensor.dtype) == tensor.bytes.size(), "a view holds its shape");
        covered += tensor.bytes.size();
        require(tensor.toFloats().size() == tensor.elements(), "every element becomes a float");
    }
    require(covered < size, "no byte belongs to two tensors");
    return 0;
}
