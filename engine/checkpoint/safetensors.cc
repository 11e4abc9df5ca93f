// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"

#include "engine/core/error.h"
#include "engine/core/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace steploom {
namespace {

using nlohmann::json;

constexpr const char* kWhat = "cannot read the tensor file";
constexpr const char* kDownloadAgain = "The file is damaged or cut off: download or save it again";
constexpr std::uint64_t kSizeBytes = 8;
/// The limit of the reference reader: real headers take kilobytes, a lying one must not fill the memory.
constexpr std::uint64_t kMostHeaderBytes = 100'000'000;

/// NumPy's limit, the highest of the libraries that write these files.
constexpr std::size_t kMostDimensions = 64;

constexpr std::array kReadTypes = {DType::F64, DType::F32, DType::F16, DType::BF16, DType::I64,
                                   DType::I32, DType::I16, DType::I8,  DType::U8,   DType::Bool};

/// Checks the entries of one header against the data bytes that follow it.
class Table {
public:
    Table(std::string path, std::span<const std::byte> data) : m_path(std::move(path)), m_data(data) {}

    void add(const std::string& name, const json& entry) {
        m_name = name;
        if (!entry.is_object())
            refuse(fmt::format("its entry is {}, not an object", entry.type_name()));
        TensorView view;
        view.dtype = dtypeOf(entry);
        view.shape = shapeOf(entry);
        const auto [begin, end] = offsetsOf(entry);
        const std::uint64_t implied = impliedBytes(view);
        if (end - begin != implied)
            refuse(fmt::format("its data_offsets [{}, {}] hold {} bytes, but shape {} in {} takes {}", begin,
                               end, end - begin, shapeText(view.shape), dtypeName(view.dtype), implied));
        view.bytes = m_data.subspan(begin, implied);
        m_spans.push_back({begin, end, name});
        m_tensors.emplace(name, std::move(view));
    }

    /// The data must be owned byte by byte, each by one tensor: what overlaps or belongs to nobody is a lie
    /// about one of the tensors.
    std::map<std::string, TensorView> finish() {
        std::sort(m_spans.begin(), m_spans.end());
        std::uint64_t covered = 0;
        std::string last;
        for (const Span& span : m_spans) {
            m_name = span.name;
            if (span.begin < covered)
                refuse(fmt::format("its data begin at byte {}, inside tensor \"{}\", which ends at {}",
                                   span.begin, last, covered));
            if (span.begin > covered)
                refuse(fmt::format("its data begin at byte {}, the tensors before it end at {}", span.begin,
                                   covered));
            covered = span.end;
            last = span.name;
        }
        if (covered != m_data.size())
            throw Error(ErrorKind::File,
                        {kWhat, m_path,
                         fmt::format("the tensors take {} bytes, the file holds {} after its header", covered,
                                     m_data.size()),
                         kDownloadAgain});
        return std::move(m_tensors);
    }

private:
    struct Span {
        std::uint64_t begin, end;
        std::string name;
        auto operator<=>(const Span&) const = default;
    };

    [[noreturn]] void refuse(std::string why, std::string remedy = kDownloadAgain) const {
        throw Error(ErrorKind::File, {kWhat, fmt::format("{}, tensor \"{}\"", m_path, m_name), std::move(why),
                                      std::move(remedy)});
    }

    const json& member(const json& entry, const char* key) const {
        const auto found = entry.find(key);
        if (found == entry.end())
            refuse(fmt::format("its entry has no \"{}\"", key));
        return *found;
    }

    DType dtypeOf(const json& entry) const {
        const json& value = member(entry, "dtype");
        if (!value.is_string())
            refuse(fmt::format("its dtype is {}, not a string", value.type_name()));
        const auto& name = value.get_ref<const std::string&>();
        std::string known;
        for (const DType dtype : kReadTypes) {
            if (dtypeName(dtype) == name)
                return dtype;
            known += (known.empty() ? "" : ", ") + std::string(dtypeName(dtype));
        }
        refuse(fmt::format("its element type \"{}\" is unknown here (known: {})", name, known),
               "Convert the checkpoint to one of these types");
    }

    std::vector<std::int64_t> shapeOf(const json& entry) const {
        const json& value = member(entry, "shape");
        if (!value.is_array())
            refuse(fmt::format("its shape is {}, not an array", value.type_name()));
        if (value.size() > kMostDimensions)
            refuse(fmt::format("its shape has {} dimensions, more than the {} that tensors have",
                               value.size(), kMostDimensions));
        std::vector<std::int64_t> shape;
        for (const json& size : value)
            shape.push_back(static_cast<std::int64_t>(natural(size, "shape")));
        return shape;
    }

    std::array<std::uint64_t, 2> offsetsOf(const json& entry) const {
        const json& value = member(entry, "data_offsets");
        if (!value.is_array() || value.size() != 2)
            refuse("its data_offsets are not an array of two numbers");
        const std::uint64_t begin = natural(value[0], "data_offsets");
        const std::uint64_t end = natural(value[1], "data_offsets");
        if (begin > end)
            refuse(fmt::format("its data_offsets [{}, {}] run backwards", begin, end));
        if (end > m_data.size())
            refuse(fmt::format("its data end at byte {}, but only {} bytes follow the header", end,
                               m_data.size()));
        return {begin, end};
    }

    /// A number that is no less than zero and that int64 can hold.
    std::uint64_t natural(const json& value, const char* key) const {
        const bool fits = value.is_number_unsigned()
                              ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                              : value.is_number_integer() && value.get<std::int64_t>() >= 0;
        if (!fits)
            refuse(fmt::format("its {} holds {}, not a whole number from 0 on", key,
                               value.is_number() ? value.dump() : value.type_name()));
        return value.get<std::uint64_t>();
    }

    std::uint64_t impliedBytes(const TensorView& view) const {
        std::uint64_t bytes = dtypeSize(view.dtype);
        for (const std::int64_t size : view.shape)
            if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes))
                refuse(
                    fmt::format("its shape {} has more elements than can be counted", shapeText(view.shape)));
        return bytes;
    }

    std::string m_path;
    std::string m_name;
    std::span<const std::byte> m_data;
    std::vector<Span> m_spans;
    std::map<std::string, TensorView> m_tensors;
};

std::uint64_t headerSizeOf(std::span<const std::byte> bytes, const std::string& path) {
    const auto refuse = [&path](std::string why) {
        throw Error(ErrorKind::File, {kWhat, path, std::move(why), kDownloadAgain});
    };
    const std::uint64_t fileSize = bytes.size();
    if (fileSize < kSizeBytes)
        refuse(fmt::format("it has {} bytes, too few for the header's size", fileSize));
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data(), kSizeBytes);
    if (size > kMostHeaderBytes)
        refuse(fmt::format("it claims a header of {} bytes, more than the {} that the format allows", size,
                           kMostHeaderBytes));
    if (size > fileSize - kSizeBytes)
        refuse(fmt::format("it claims a header of {} bytes, the file has {}", size, fileSize));
    return size;
}

} // namespace

std::map<std::string, TensorView> readSafetensors(const MappedFile& file) {
    return readSafetensors(file.bytes(), file.path());
}

std::map<std::string, TensorView> readSafetensors(std::span<const std::byte> bytes,
                                                  const std::filesystem::path& path) {
    const std::uint64_t headerSize = headerSizeOf(bytes, path.string());
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kSizeBytes, headerSize);
    const std::string where = path.string() + ", header";
    const json header = parseJson(text, ErrorKind::File, {kWhat, where, {}, kDownloadAgain});
    if (!header.is_object())
        throw Error(
            ErrorKind::File,
            {kWhat, where, fmt::format("it is {}, not an object", header.type_name()), kDownloadAgain});
    Table table(path.string(), bytes.subspan(kSizeBytes + headerSize));
    for (const auto& [name, entry] : header.items())
        if (name != "__metadata__") // free text about the file
            table.add(name, entry);
    return table.finish();
}

} // namespace steploom
