// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/training_text.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"
#include "engine/core/sha256.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {
namespace {

constexpr const char* kWhat = "cannot read the text to train on";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLineBreaks = "\r\n";
constexpr std::string_view kWhiteSpace = " \t\r\n\f\v";

std::shared_ptr<const MappedFile> map(const std::filesystem::path& path) {
    try {
        return MappedFile::open(path);
    } catch (const Error& error) {
        // It was asked for as text, and whoever reads the message knows of no tensors.
        throw Error(error.kind(), {kWhat, path.string(), error.parts().why, error.parts().remedy});
    }
}

std::string_view textOf(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

void requireValid(std::string_view text, const std::filesystem::path& path) {
    const std::size_t valid = validUtf8Prefix(text);
    if (valid == text.size())
        return;
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(valid), '\n');
    throw Error(ErrorKind::Text,
                {kWhat, fmt::format("{}, line {}, byte {} of the file", path.string(), line, valid),
                 fmt::format("it is not valid UTF-8: 0x{:02X} does not begin or continue a character",
                             static_cast<unsigned char>(text[valid])),
                 "Convert it to UTF-8, for example with iconv -t UTF-8"});
}

std::string_view trimmed(std::string_view text, std::string_view characters) {
    const std::size_t begin = text.find_first_not_of(characters);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(characters) + 1 - begin);
}

} // namespace

TrainingText TrainingText::read(std::span<const std::filesystem::path> files) {
    TrainingText result;
    for (const std::filesystem::path& path : files) {
        const auto file = map(path);
        std::string_view text = textOf(*file);
        requireValid(text, path);
        Sha256 digest;
        digest.add(file->bytes());
        result.m_files.push_back({path.filename().string(), text.size(), digest.hex()});
        if (text.starts_with(kByteOrderMark))
            text.remove_prefix(kByteOrderMark.size());
        result.addDocuments(text);
        result.m_mapped.push_back(file);
    }
    const std::string where =
        files.empty() ? std::string("no file")
                      : files.front().string() +
                            (files.size() > 1 ? fmt::format(" and {} more", files.size() - 1) : "");
    constexpr const char* kGiveText = "Give a file of running text in UTF-8, with a line <|endoftext|> "
                                      "between its documents";
    if (result.m_documents.empty())
        throw Error(ErrorKind::Text, {kWhat, where, "there is not a single document in it", kGiveText});
    if (result.m_bytes < kLeastBytes)
        throw Error(ErrorKind::Text, {kWhat, where,
                                      fmt::format("it has {} bytes of text, and at least {} are needed",
                                                  result.m_bytes, kLeastBytes),
                                      kGiveText});
    return result;
}

void TrainingText::addDocuments(std::string_view text) {
    while (true) {
        const std::size_t end = text.find(kMarker);
        const std::string_view document = trimmed(text.substr(0, end), kLineBreaks);
        if (!trimmed(document, kWhiteSpace).empty()) {
            m_documents.push_back(document);
            m_bytes += document.size();
        }
        if (end == std::string_view::npos)
            return;
        text.remove_prefix(end + kMarker.size());
    }
}

void TrainingText::requireUnchanged() const {
    for (const auto& file : m_mapped) {
        try {
            file->requireUnchanged();
        } catch (const Error& error) {
            throw Error(error.kind(),
                        {kWhat, file->path().string(), error.parts().why, error.parts().remedy});
        }
    }
}

} // namespace steploom
