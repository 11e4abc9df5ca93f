// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"

#include "engine/core/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace steploom {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string why, std::string remedy) {
    throw Error(ErrorKind::File,
                {"cannot write the tensor file", path.string(), std::move(why), std::move(remedy)});
}

/// A file under a name of its own beside `final`; gone again unless it was renamed into place.
class FileBeside {
public:
    explicit FileBeside(const std::filesystem::path& final) : m_final(final) {
        // The name is the process's own, so two writers of one file do not write into each other.
        for (int attempt = 0; m_descriptor < 0; ++attempt) {
            m_path = final;
            m_path += fmt::format(".{}-{}.part", ::getpid(), attempt);
            m_descriptor = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (m_descriptor < 0 && errno != EEXIST)
                fail("no file can be made in this folder",
                     "Choose a folder that exists and that you may write to");
        }
    }
    ~FileBeside() {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
        if (!m_renamed)
            ::unlink(m_path.c_str());
    }
    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;

    void write(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                fail(fmt::format("{} bytes could not be written", bytes.size()), "Free space on this disk");
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }

    /// Bytes first, then the name, then the folder that holds the name: after a power cut there is the old
    /// file or the new one.
    void moveIntoPlace() {
        if (::fsync(m_descriptor) != 0)
            fail("the bytes did not reach the disk", "Free space on this disk");
        const int descriptor = std::exchange(m_descriptor, -1);
        if (::close(descriptor) != 0)
            fail("the bytes did not reach the disk", "Free space on this disk");
        if (::rename(m_path.c_str(), m_final.c_str()) != 0)
            fail("the finished file cannot take its place", "Check what stands at that path");
        m_renamed = true;
        const auto parent = m_final.has_parent_path() ? m_final.parent_path() : std::filesystem::path(".");
        const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder >= 0) {
            ::fsync(folder);
            ::close(folder);
        }
    }

private:
    [[noreturn]] void fail(const std::string& why, std::string remedy) {
        const int problem = errno;
        refuse(m_final, fmt::format("{} ({})", why, std::generic_category().message(problem)),
               std::move(remedy));
    }

    std::filesystem::path m_final;
    std::filesystem::path m_path;
    int m_descriptor = -1;
    bool m_renamed = false;
};

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

    FileBeside file(path);
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
