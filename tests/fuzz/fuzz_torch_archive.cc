// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a file of torch.save, a zip archive or the older form. A pickle alone is read as the data.pkl it
// would be: an input of any other beginning.
#include "engine/checkpoint/torch_file.h"
#include "engine/checkpoint/torch_weights.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace steploom;
using namespace steploom::fuzz;

namespace {

void readArchive(std::span<const std::byte> file) {
    const ZipArchive archive = ZipArchive::read(file, "fuzzed.ckpt");
    std::uint64_t stored = 0;
    for (const auto& item : archive.entries()) {
        const std::string& name = item.first;
        const ZipEntry& entry = item.second;
        require(entry.packed.empty() ||
                    (entry.packed.data() >= file.data() &&
                     entry.packed.data() + entry.packed.size() <= file.data() + file.size()),
                "an entry lies in the file");
        stored += entry.packed.size();
        if (entry.deflated)
            answers(
                [&] { require(archive.inflate(name, entry).size() == entry.size, "an entry has its size"); });
    }
    require(stored <= file.size(), "no byte belongs to two entries");
}

void requireWhole(const TensorView& tensor) {
    require(tensor.elements() * dtypeSize(tensor.dtype) == tensor.bytes.size(), "a view holds its shape");
    require(tensor.toFloats().size() == tensor.elements(), "every element becomes a float");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    answers([&] { readArchive(file); });
    answers([&] { readPickle(file, "fuzzed.pkl"); });
    answers([&] {
        TorchFile torch = TorchFile::read(file, "fuzzed.ckpt");
        for (const PickleNode& node : torch.document().nodes())
            if (torch.isTensor(node))
                answers([&] { requireWhole(torch.tensor(node, "t")); });
    });
    for (const auto asked : {std::optional<WeightSet>(), std::optional(WeightSet::Raw)})
        answers([&] {
            TorchFile torch = TorchFile::read(file, "fuzzed.ckpt");
            for (const auto& [name, tensor] : takeWeights(torch, asked).tensors)
                requireWhole(tensor);
        });
    return 0;
}
