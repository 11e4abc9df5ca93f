// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/token_cache.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"
#include "engine/core/file_beside.h"
#include "engine/core/sha256.h"
#include "engine/text/tokenizer.h"
#include "experiments/training/text_encoding.h"
#include "experiments/training/training_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace steploom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWhat = "cannot keep the tokens of the text";
constexpr int kFormat = 1;
constexpr std::array<char, 16> kMagic = {"steploom tokens"};
constexpr double kMostHeldOut = 0.5;

/// What stands behind the ids, training stream first, when the file is whole. Little-endian.
struct Trailer {
    std::array<char, 64> sha256; ///< of the ids
    std::array<char, 64> fingerprint;
    std::uint64_t trainingTokens, heldOutTokens;
    std::uint64_t idBytes;
    std::array<char, 16> magic;
};
static_assert(std::is_trivially_copyable_v<Trailer> && sizeof(Trailer) == 168);
static_assert(std::endian::native == std::endian::little);

std::array<char, 64> hexArray(const std::string& hex) {
    std::array<char, 64> digits{};
    std::copy_n(hex.begin(), std::min(hex.size(), digits.size()), digits.begin());
    return digits;
}

std::string sha256Of(std::span<const std::byte> bytes) {
    Sha256 digest;
    digest.add(bytes);
    return digest.hex();
}

std::string fingerprintOf(const TrainingText& text, const Tokenizer& tokenizer,
                          const TokenCache::Options& options) {
    Sha256 digest;
    // The names of the files do not matter, their order does.
    digest.add(fmt::format("steploom tokens {}\n{}\n{}:{}\n{:a}\n", kFormat, tokenizer.fingerprint(),
                           options.separator.size(), options.separator, options.heldOutShare));
    for (const FileHash& file : text.files())
        digest.add(file.sha256 + "\n");
    return digest.hex();
}

/// Uniform in [0, 1): the first 52 bits of the document's SHA-256.
double drawOf(std::string_view document) {
    const std::string hex = sha256Of(std::as_bytes(std::span(document)));
    return static_cast<double>(std::stoull(hex.substr(0, 13), nullptr, 16)) * 0x1p-52;
}

struct Sides {
    std::vector<std::string_view> training, heldOut;
    bool byTokens = false; ///< all documents are on one side: the last share of their tokens is held out
};

Sides sidesOf(const TrainingText& text, double share) {
    Sides sides;
    for (const std::string_view document : text.documents())
        (share > 0 && drawOf(document) < share ? sides.heldOut : sides.training).push_back(document);
    if (share > 0 && (sides.training.empty() || sides.heldOut.empty())) {
        sides = {};
        sides.training.assign(text.documents().begin(), text.documents().end());
        sides.byTokens = true;
    }
    return sides;
}

/// The file, when there is one that can be read.
std::shared_ptr<const MappedFile> mapIfThere(const fs::path& path) {
    try {
        return MappedFile::open(path);
    } catch (
        const Error&) { // whatever stands there: another is made, which says what is wrong if it cannot be
        return nullptr;
    }
}

/// The trailer of a whole file of this fingerprint, otherwise nothing.
std::optional<Trailer> trailerOf(const MappedFile& file, const std::string& fingerprint) {
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.size() < sizeof(Trailer))
        return std::nullopt;
    const auto ids = bytes.first(bytes.size() - sizeof(Trailer));
    Trailer trailer;
    std::memcpy(&trailer, bytes.data() + ids.size(), sizeof trailer);
    const bool known = trailer.magic == kMagic && trailer.fingerprint == hexArray(fingerprint) &&
                       (trailer.idBytes == 2 || trailer.idBytes == 4) &&
                       trailer.trainingTokens <= ids.size() && trailer.heldOutTokens <= ids.size() &&
                       (trailer.trainingTokens + trailer.heldOutTokens) * trailer.idBytes == ids.size();
    if (!known || trailer.sha256 != hexArray(sha256Of(ids)))
        return std::nullopt;
    return trailer;
}

/// Writes ids narrow or wide and keeps their hash.
class IdWriter {
public:
    IdWriter(const fs::path& path, std::size_t idBytes) : m_file(path, kWhat), m_idBytes(idBytes) {}

    void add(std::span<const std::int32_t> ids) {
        if (m_idBytes == 4) {
            write(std::as_bytes(ids));
        } else {
            m_narrow.assign(ids.begin(), ids.end());
            write(std::as_bytes(std::span(m_narrow)));
        }
        m_count += ids.size();
    }
    std::size_t count() const noexcept { return m_count; }
    void finish(Trailer trailer) {
        trailer.sha256 = hexArray(m_digest.hex());
        m_file.write(std::as_bytes(std::span(&trailer, 1)));
        m_file.moveIntoPlace();
    }

private:
    void write(std::span<const std::byte> bytes) {
        m_digest.add(bytes);
        m_file.write(bytes);
    }

    FileBeside m_file;
    Sha256 m_digest;
    std::size_t m_idBytes;
    std::size_t m_count = 0;
    std::vector<std::uint16_t> m_narrow;
};

std::int32_t separatorOf(const Tokenizer& tokenizer, const std::string& separator) {
    if (const auto id = tokenizer.idOf(separator))
        return *id;
    throw Error(ErrorKind::Tokenizer,
                {kWhat, tokenizer.description(),
                 fmt::format("it has no token \"{}\" to put between documents", separator),
                 "Use a tokenizer that has it, or name the token that ends its texts"});
}

void make(const fs::path& path, const std::string& fingerprint, const TrainingText& text,
          const Tokenizer& tokenizer, const TokenCache::Options& options, const Progress& progress,
          const std::stop_token& stop) {
    const std::int32_t separator = separatorOf(tokenizer, options.separator);
    const Sides sides = sidesOf(text, options.heldOutShare);
    Trailer trailer{.fingerprint = hexArray(fingerprint), .magic = kMagic};
    trailer.idBytes = tokenizer.size() <= 1 << 16 ? 2 : 4;
    IdWriter writer(path, trailer.idBytes);
    std::size_t done = 0;
    const auto take = [&](std::span<const std::int32_t> ids, std::size_t bytes) {
        writer.add(ids);
        done += bytes;
        if (progress)
            progress(static_cast<double>(done) / static_cast<double>(text.bytes()));
    };
    bool finished = encodeDocuments(sides.training, tokenizer, separator, stop, take);
    trailer.trainingTokens = writer.count();
    finished = finished && encodeDocuments(sides.heldOut, tokenizer, separator, stop, take);
    if (!finished)
        throw Error(ErrorKind::File,
                    {kWhat, path.string(), "it was stopped, and nothing is left of it", "Start it again"});
    if (sides.byTokens)
        trailer.trainingTokens -=
            static_cast<std::uint64_t>(static_cast<double>(writer.count()) * options.heldOutShare);
    trailer.heldOutTokens = writer.count() - trailer.trainingTokens;
    text.requireUnchanged();
    writer.finish(trailer);
}

fs::path placeFor(const std::string& fingerprint, const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        throw Error(ErrorKind::File,
                    {kWhat, folder.string(), fmt::format("the folder cannot be made ({})", problem.message()),
                     "Choose a folder that you may write to"});
    return folder / fmt::format("{}.tokens", fingerprint.substr(0, 24));
}

} // namespace

TokenCache TokenCache::open(const TrainingText& text, const Tokenizer& tokenizer, const fs::path& folder,
                            const Options& options, const Progress& progress, std::stop_token stop) {
    if (!(options.heldOutShare >= 0 && options.heldOutShare <= kMostHeldOut))
        throw Error(ErrorKind::Config,
                    {kWhat, "the held-out share",
                     fmt::format("{} is not from 0 to {}", options.heldOutShare, kMostHeldOut),
                     "Hold out a small part of the text, as 0.02"});
    TokenCache cache;
    cache.m_fingerprint = fingerprintOf(text, tokenizer, options);
    const fs::path path = placeFor(cache.m_fingerprint, folder);
    std::optional<Trailer> trailer;
    cache.m_file = mapIfThere(path);
    if (cache.m_file)
        trailer = trailerOf(*cache.m_file, cache.m_fingerprint);
    if (!trailer) {
        make(path, cache.m_fingerprint, text, tokenizer, options, progress, stop);
        cache.m_file = MappedFile::open(path);
        trailer = trailerOf(*cache.m_file, cache.m_fingerprint);
    }
    if (!trailer)
        throw Error(ErrorKind::File, {kWhat, path.string(), "what was written there reads otherwise",
                                      "Check the disk, or choose another folder"});
    if (progress)
        progress(1);
    cache.m_trainingTokens = trailer->trainingTokens;
    cache.m_heldOutTokens = trailer->heldOutTokens;
    cache.m_idBytes = trailer->idBytes;
    return cache;
}

const fs::path& TokenCache::path() const noexcept { return m_file->path(); }

void TokenCache::copyTraining(std::size_t first, std::span<std::int64_t> to) const {
    if (first > m_trainingTokens || to.size() > m_trainingTokens - first)
        throw std::out_of_range("TokenCache::copyTraining");
    copy(first, to);
}

void TokenCache::copyHeldOut(std::size_t first, std::span<std::int64_t> to) const {
    if (first > m_heldOutTokens || to.size() > m_heldOutTokens - first)
        throw std::out_of_range("TokenCache::copyHeldOut");
    copy(m_trainingTokens + first, to);
}

void TokenCache::copy(std::size_t first, std::span<std::int64_t> to) const {
    const std::byte* ids = m_file->bytes().data() + first * m_idBytes;
    // The mapping is page-aligned and the ids begin it.
    if (m_idBytes == 2)
        std::copy_n(reinterpret_cast<const std::uint16_t*>(ids), to.size(), to.begin());
    else
        std::copy_n(reinterpret_cast<const std::int32_t*>(ids), to.size(), to.begin());
}

} // namespace steploom
