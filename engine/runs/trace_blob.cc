// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/trace_blob.h"

#include "engine/core/error.h"
#include "engine/sampling/generation_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace steploom {

namespace {

constexpr std::uint8_t kVersion1 = 1;
constexpr std::uint8_t kVersion2 = 2; ///< version 1, then what was masked again
constexpr std::uint8_t kVersion3 = 3; ///< version 2, then the likeliest tokens
/// Position, token and two steps take at least a byte each, member one, the floats eight.
constexpr std::size_t kSmallestRemasked = 13;
/// Token and step take at least one byte each, member one, the floats eight.
constexpr std::size_t kSmallestPosition = 11;

class Writer {
public:
    explicit Writer(std::vector<std::byte>& bytes) : m_bytes(bytes) {}
    void byte(std::uint8_t value) { m_bytes.push_back(std::byte{value}); }
    void varint(std::uint32_t value) {
        for (; value >= 0x80; value >>= 7)
            byte(static_cast<std::uint8_t>(value | 0x80));
        byte(static_cast<std::uint8_t>(value));
    }
    void bits(float value) {
        const auto word = std::bit_cast<std::uint32_t>(value);
        for (int shift = 0; shift < 32; shift += 8)
            byte(static_cast<std::uint8_t>(word >> shift));
    }

private:
    std::vector<std::byte>& m_bytes;
};

class Reader {
public:
    Reader(std::span<const std::byte> bytes, const std::string& where) : m_bytes(bytes), m_where(where) {}

    [[noreturn]] void refuse(const std::string& why) const {
        throw Error(
            ErrorKind::Store,
            {"cannot read a stored trace", m_where, why,
             "The sample's text is still in the store; restore the file from a copy, or run it again"});
    }
    std::size_t left() const noexcept { return m_bytes.size() - m_at; }
    std::uint8_t byte() {
        if (left() == 0)
            refuse(fmt::format("it ends after {} bytes, in the middle of a column", m_bytes.size()));
        return std::to_integer<std::uint8_t>(m_bytes[m_at++]);
    }
    std::uint32_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            const std::uint8_t next = byte();
            value |= std::uint64_t{next & 0x7Fu} << shift;
            if (next < 0x80) {
                if (value > 0xFFFFFFFFu)
                    break;
                return static_cast<std::uint32_t>(value);
            }
        }
        refuse(fmt::format("the number before byte {} is longer than 32 bits", m_at));
    }
    float bits() {
        std::uint32_t word = 0;
        for (int shift = 0; shift < 32; shift += 8)
            word |= std::uint32_t{byte()} << shift;
        return std::bit_cast<float>(word);
    }

private:
    std::span<const std::byte> m_bytes;
    const std::string& m_where;
    std::size_t m_at = 0;
};

void readRemasked(Reader& in, SampleTrace& trace) {
    const std::size_t count = in.varint();
    if (count > in.left() / kSmallestRemasked)
        in.refuse(fmt::format("it claims {} remasked tokens, its last {} bytes cannot hold them", count,
                              in.left()));
    trace.remasked.resize(count);
    for (RemaskedToken& remasked : trace.remasked) {
        remasked.position = static_cast<std::int32_t>(in.varint());
        if (static_cast<std::size_t>(remasked.position) >= trace.tokens.size()) // a negative one is huge
            in.refuse(
                fmt::format("position {} was remasked, it has {}", remasked.position, trace.tokens.size()));
        remasked.token = static_cast<std::int32_t>(in.varint());
        remasked.revealStep = static_cast<std::int32_t>(in.varint());
        remasked.remaskStep = static_cast<std::int32_t>(in.varint());
        remasked.member = static_cast<std::int8_t>(in.byte());
        remasked.logProbability = in.bits();
        remasked.entropy = in.bits();
    }
}

void writeLikely(Writer& out, const SampleTrace& trace) {
    const auto k = static_cast<std::size_t>(trace.topTokens);
    out.byte(static_cast<std::uint8_t>(k));
    for (std::size_t position = 0; position < trace.tokens.size(); ++position) {
        const auto all = std::span(trace.likely).subspan(position * k, k);
        const auto none = std::ranges::find(all, -1, &LikelyToken::token);
        const auto some = all.first(static_cast<std::size_t>(none - all.begin()));
        out.byte(static_cast<std::uint8_t>(some.size()));
        for (const LikelyToken& likely : some) {
            out.varint(static_cast<std::uint32_t>(likely.token));
            out.bits(likely.logProbability);
        }
    }
}

void readLikely(Reader& in, SampleTrace& trace) {
    const std::size_t k = in.byte();
    if (k == 0 || k > std::size_t{kMostTopTokens})
        in.refuse(
            fmt::format("it claims {} likeliest tokens a position, the most are {}", k, kMostTopTokens));
    trace.topTokens = static_cast<int>(k);
    trace.likely.resize(trace.tokens.size() * k);
    for (std::size_t position = 0; position < trace.tokens.size(); ++position) {
        const std::size_t count = in.byte();
        if (count > k)
            in.refuse(fmt::format("position {} claims {} likeliest tokens of {}", position, count, k));
        for (LikelyToken& likely : std::span(trace.likely).subspan(position * k, count)) {
            likely.token = static_cast<std::int32_t>(in.varint());
            if (likely.token < 0)
                in.refuse(fmt::format("a likeliest token of position {} is beyond 31 bits", position));
            likely.logProbability = in.bits();
        }
    }
}

} // namespace

std::vector<std::byte> traceToBlob(const SampleTrace& trace) {
    const std::size_t length = trace.tokens.size();
    if (trace.revealStep.size() != length || trace.member.size() != length ||
        trace.logProbability.size() != length || trace.entropy.size() != length)
        throw Error(ErrorKind::Store,
                    {"cannot keep a trace", fmt::format("sample {}", trace.index),
                     fmt::format("it has {} tokens, {} steps, {} members, {} log-probabilities, {} entropies",
                                 length, trace.revealStep.size(), trace.member.size(),
                                 trace.logProbability.size(), trace.entropy.size()),
                     "Every position needs one of each"});
    const auto k = static_cast<std::size_t>(trace.topTokens);
    if (trace.topTokens < 0 || trace.topTokens > kMostTopTokens || trace.likely.size() != length * k)
        throw Error(ErrorKind::Store, {"cannot keep a trace", fmt::format("sample {}", trace.index),
                                       fmt::format("it has {} likeliest tokens, {} for each of {} positions",
                                                   trace.likely.size(), trace.topTokens, length),
                                       "Every position needs as many"});
    std::vector<std::byte> bytes;
    bytes.reserve(12 + 15 * length + 18 * trace.remasked.size() + 7 * trace.likely.size());
    Writer out(bytes);
    const std::uint8_t version = k > 0 ? kVersion3 : trace.remasked.empty() ? kVersion1 : kVersion2;
    out.byte(version);
    out.varint(static_cast<std::uint32_t>(length));
    for (const std::int32_t token : trace.tokens)
        out.varint(static_cast<std::uint32_t>(token));
    for (const std::int32_t step : trace.revealStep)
        out.varint(static_cast<std::uint32_t>(step) + 1); // −1, given, is 0
    for (const std::int8_t member : trace.member)
        out.byte(static_cast<std::uint8_t>(member));
    for (const float value : trace.logProbability)
        out.bits(value);
    for (const float value : trace.entropy)
        out.bits(value);
    if (version == kVersion1)
        return bytes;
    out.varint(static_cast<std::uint32_t>(trace.remasked.size()));
    for (const RemaskedToken& remasked : trace.remasked) {
        out.varint(static_cast<std::uint32_t>(remasked.position));
        out.varint(static_cast<std::uint32_t>(remasked.token));
        out.varint(static_cast<std::uint32_t>(remasked.revealStep));
        out.varint(static_cast<std::uint32_t>(remasked.remaskStep));
        out.byte(static_cast<std::uint8_t>(remasked.member));
        out.bits(remasked.logProbability);
        out.bits(remasked.entropy);
    }
    if (version == kVersion3)
        writeLikely(out, trace);
    return bytes;
}

void traceFromBlob(std::span<const std::byte> blob, const std::string& where, SampleTrace& trace) {
    Reader in(blob, where);
    const int version = in.byte();
    if (version < kVersion1 || version > kVersion3)
        in.refuse(fmt::format("its format is version {}, this program reads versions {} to {}", version,
                              kVersion1, kVersion3));
    const std::size_t length = in.varint();
    // Before anything is allocated: a lying length must not ask for gigabytes.
    if (length > in.left() / kSmallestPosition)
        in.refuse(fmt::format("it claims {} positions, its {} bytes cannot hold them", length, blob.size()));
    trace.tokens.resize(length);
    trace.revealStep.resize(length);
    trace.member.resize(length);
    trace.logProbability.resize(length);
    trace.entropy.resize(length);
    for (std::int32_t& token : trace.tokens)
        token = static_cast<std::int32_t>(in.varint());
    for (std::int32_t& step : trace.revealStep)
        step = static_cast<std::int32_t>(in.varint() - 1);
    for (std::int8_t& member : trace.member)
        member = static_cast<std::int8_t>(in.byte());
    for (float& value : trace.logProbability)
        value = in.bits();
    for (float& value : trace.entropy)
        value = in.bits();
    trace.remasked.clear();
    trace.topTokens = 0;
    trace.likely.clear();
    if (version >= kVersion2)
        readRemasked(in, trace);
    if (version == kVersion3)
        readLikely(in, trace);
    if (in.left() != 0)
        in.refuse(fmt::format("{} bytes follow its {} positions", in.left(), length));
}

} // namespace steploom
