// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"

#include "engine/core/error.h"
#include "engine/core/file_beside.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace steploom {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string why, std::string remedy) {
    throw Error(ErrorKind::File,
                {"cannot write the tensor file", path.string(), std::move(why), std::move(remedy)});
}

std::size_t impliedBytes(const TensorToProduce& tensor) {
    return elementCount(tensor.shape) * dtypeSize(tensor.dtype);
}

[[noreturn]] void refuseSize(const std::filesystem::path& path, const TensorToProduce& tensor,
                             std::size_t given) {
    refuse(path,
           fmt::format("tensor \"{}\" of shape {} in {} takes {} bytes, {} were given", tensor.name,
                       shapeText(tensor.shape), dtypeName(tensor.dtype), impliedBytes(tensor), given),
           "Give shape and bytes of one tensor");
}

void requireNames(const std::filesystem::path& path, std::span<const TensorToProduce> tensors) {
    std::set<std::string_view> names;
    for (const TensorToProduce& tensor : tensors)
        if (tensor.name == "__metadata__" || !names.insert(tensor.name).second)
            refuse(path, fmt::format("the name \"{}\" is given twice or reserved", tensor.name),
                   "Give every tensor a name of its own");
}

} // namespace

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors) {
    std::vector<TensorToProduce> produced;
    for (const TensorToWrite& tensor : tensors) {
        produced.push_back({tensor.name, tensor.dtype, tensor.shape,
                            [bytes = tensor.bytes](const ByteSink& sink) { sink(bytes); }});
        if (tensor.bytes.size() != impliedBytes(produced.back()))
            refuseSize(path, produced.back(), tensor.bytes.size());
    }
    writeSafetensors(path, produced);
}

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorToProduce> tensors) {
    static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");
    requireNames(path, tensors);
    // Widest elements first, so that every tensor is aligned to its own elements (as the reference writer
    // does).
    std::vector<const TensorToProduce*> order;
    for (const TensorToProduce& tensor : tensors)
        order.push_back(&tensor);
    std::stable_sort(order.begin(), order.end(), [](const TensorToProduce* a, const TensorToProduce* b) {
        return dtypeSize(a->dtype) > dtypeSize(b->dtype);
    });

    nlohmann::ordered_json table = {{"__metadata__", {{"format", "pt"}}}};
    std::size_t offset = 0;
    for (const TensorToProduce* tensor : order) {
        table[tensor->name] = {{"dtype", dtypeName(tensor->dtype)},
                               {"shape", tensor->shape},
                               {"data_offsets", {offset, offset + impliedBytes(*tensor)}}};
        offset += impliedBytes(*tensor);
    }
    std::string header;
    try {
        header = table.dump();
    } catch (const nlohmann::json::exception&) { // the one thing dump refuses
        refuse(path, "a tensor's name is not valid UTF-8", "Name tensors in UTF-8");
    }
    header.append((8 - header.size() % 8) % 8, ' ');

    FileBeside file(path, "cannot write the tensor file");
    const auto headerSize = static_cast<std::uint64_t>(header.size());
    file.write(std::as_bytes(std::span(&headerSize, 1)));
    file.write(std::as_bytes(std::span(header)));
    for (const TensorToProduce* tensor : order) {
        std::size_t written = 0;
        tensor->produce([&](std::span<const std::byte> bytes) {
            written += bytes.size();
            file.write(bytes);
        });
        if (written != impliedBytes(*tensor))
            refuseSize(path, *tensor, written);
    }
    file.moveIntoPlace();
}

} // namespace steploom
