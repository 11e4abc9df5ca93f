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
constexpr std::uint8_t kVersion4 = 4; ///< tokens, steps and members in as few bits as they take
constexpr std::uint8_t kVersion5 = 5; ///< version 4, then the draws of CALM's chunks
/// How version 4 keeps the members.
constexpr std::uint8_t kMemberOfPosition = 0, kMemberOfStep = 1;
/// Position, token and two steps take at least a byte each, member one, the floats eight.
constexpr std::size_t kSmallestRemasked = 13;
/// Token and step take at least one byte each, member one, the floats eight.
constexpr std::size_t kSmallestPosition = 11;
/// Version 4: the floats, where all else is the same everywhere.
constexpr std::size_t kSmallestPacked = 8;

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
    /// u8 width | the values' lowest bits, one after another from each byte's lowest bit on.
    void packed(std::span<const std::uint32_t> values) {
        std::uint32_t all = 0;
        for (const std::uint32_t value : values)
            all |= value;
        const int width = std::bit_width(all);
        byte(static_cast<std::uint8_t>(width));
        std::uint64_t pending = 0;
        int bits = 0;
        for (const std::uint32_t value : values) {
            pending |= std::uint64_t{value} << bits;
            for (bits += width; bits >= 8; bits -= 8, pending >>= 8)
                byte(static_cast<std::uint8_t>(pending));
        }
        if (bits > 0)
            byte(static_cast<std::uint8_t>(pending));
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
    std::vector<std::uint32_t> packed(std::size_t count) {
        const int width = byte();
        if (width > 32)
            refuse(fmt::format("a column has values of {} bits", width));
        if (static_cast<std::size_t>(width) * count > 8 * left())
            refuse(fmt::format("it ends after {} bytes, in the middle of a column", m_bytes.size()));
        std::vector<std::uint32_t> values(count);
        std::uint64_t pending = 0;
        int bits = 0;
        const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
        for (std::uint32_t& value : values) {
            for (; bits < width; bits += 8)
                pending |= std::uint64_t{byte()} << bits;
            value = static_cast<std::uint32_t>(pending & mask);
            pending >>= width;
            bits -= width;
        }
        return values;
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

void readLikely(Reader& in, SampleTrace& trace, bool optional) {
    const std::size_t k = in.byte();
    if (k == 0 && optional)
        return;
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

/// Behind version 4: varint count | packed count draws.
void writeChunkDraws(Writer& out, const SampleTrace& trace) {
    out.varint(static_cast<std::uint32_t>(trace.chunkDraws.size()));
    out.packed(std::vector<std::uint32_t>(trace.chunkDraws.begin(), trace.chunkDraws.end()));
}

void readChunkDraws(Reader& in, SampleTrace& trace) {
    const std::size_t count = in.varint();
    if (count > trace.tokens.size())
        in.refuse(fmt::format("it claims draws of {} chunks, it has {} tokens", count, trace.tokens.size()));
    for (const std::uint32_t draws : in.packed(count))
        trace.chunkDraws.push_back(static_cast<std::int32_t>(draws));
}

void requireWhole(const SampleTrace& trace) {
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
}

void writeRemasked(Writer& out, const SampleTrace& trace) {
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
}

/// Steps as they are kept: −1, given, is 0.
std::vector<std::uint32_t> stepCodes(const SampleTrace& trace) {
    std::vector<std::uint32_t> codes;
    codes.reserve(trace.revealStep.size());
    for (const std::int32_t step : trace.revealStep)
        codes.push_back(static_cast<std::uint32_t>(step) + 1);
    return codes;
}

/// The steps there are, ascending, without "given".
std::vector<std::uint32_t> differentSteps(std::span<const std::uint32_t> codes) {
    std::vector<std::uint32_t> steps(codes.begin(), codes.end());
    std::ranges::sort(steps);
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    if (!steps.empty() && steps.front() == 0)
        steps.erase(steps.begin());
    return steps;
}

std::size_t placeOf(std::span<const std::uint32_t> steps, std::uint32_t code) {
    return static_cast<std::size_t>(std::ranges::lower_bound(steps, code) - steps.begin());
}

void writeMembers(Writer& out, const SampleTrace& trace, std::span<const std::uint32_t> codes) {
    // One model does a step, so what it revealed names the model as well: one for each step there is.
    const std::vector<std::uint32_t> steps = differentSteps(codes);
    constexpr int kNone = 1000;
    std::vector<int> ofStep(steps.size(), kNone);
    bool byStep = true;
    for (std::size_t i = 0; i < codes.size() && byStep; ++i) {
        if (codes[i] == 0) {
            byStep = trace.member[i] == -1;
            continue;
        }
        int& known = ofStep[placeOf(steps, codes[i])];
        byStep = known == kNone || known == trace.member[i];
        known = trace.member[i];
    }
    if (!byStep) // written by hand, say
        ofStep.assign(trace.member.begin(), trace.member.end());
    const int lowest = ofStep.empty() ? 0 : *std::ranges::min_element(ofStep);
    std::vector<std::uint32_t> values;
    for (const int member : ofStep)
        values.push_back(static_cast<std::uint32_t>(member - lowest));
    out.byte(byStep ? kMemberOfStep : kMemberOfPosition);
    out.byte(static_cast<std::uint8_t>(lowest));
    out.packed(values);
}

void readMembers(Reader& in, std::span<const std::uint32_t> codes, SampleTrace& trace) {
    const std::uint8_t form = in.byte();
    if (form > kMemberOfStep)
        in.refuse(fmt::format("it keeps its members in form {}, this program knows 0 and 1", form));
    const int lowest = static_cast<std::int8_t>(in.byte());
    const std::vector<std::uint32_t> steps =
        form == kMemberOfStep ? differentSteps(codes) : std::vector<std::uint32_t>();
    const std::vector<std::uint32_t> values = in.packed(form == kMemberOfStep ? steps.size() : codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (form == kMemberOfStep && codes[i] == 0) {
            trace.member[i] = -1;
            continue;
        }
        const std::uint32_t value = values[form == kMemberOfStep ? placeOf(steps, codes[i]) : i];
        trace.member[i] = static_cast<std::int8_t>(lowest + static_cast<int>(value & 0xFF));
    }
}

void readPacked(Reader& in, std::size_t length, SampleTrace& trace) {
    const std::vector<std::uint32_t> tokens = in.packed(length);
    std::ranges::transform(tokens, trace.tokens.begin(),
                           [](std::uint32_t token) { return static_cast<std::int32_t>(token); });
    const std::vector<std::uint32_t> codes = in.packed(length);
    std::ranges::transform(codes, trace.revealStep.begin(),
                           [](std::uint32_t code) { return static_cast<std::int32_t>(code - 1); });
    readMembers(in, codes, trace);
}

} // namespace

std::vector<std::byte> traceToBlob(const SampleTrace& trace) {
    if (!trace.chunkDraws.empty())
        return traceToCompactBlob(trace);
    requireWhole(trace);
    const std::size_t length = trace.tokens.size();
    std::vector<std::byte> bytes;
    bytes.reserve(12 + 15 * length + 18 * trace.remasked.size() + 7 * trace.likely.size());
    Writer out(bytes);
    const std::uint8_t version = trace.topTokens > 0      ? kVersion3
                                 : trace.remasked.empty() ? kVersion1
                                                          : kVersion2;
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
    writeRemasked(out, trace);
    if (version == kVersion3)
        writeLikely(out, trace);
    return bytes;
}

std::vector<std::byte> traceToCompactBlob(const SampleTrace& trace) {
    requireWhole(trace);
    const std::size_t length = trace.tokens.size();
    std::vector<std::byte> bytes;
    bytes.reserve(24 + 12 * length + 18 * trace.remasked.size() + 7 * trace.likely.size());
    Writer out(bytes);
    out.byte(trace.chunkDraws.empty() ? kVersion4 : kVersion5);
    out.varint(static_cast<std::uint32_t>(length));
    out.packed(std::vector<std::uint32_t>(trace.tokens.begin(), trace.tokens.end()));
    const std::vector<std::uint32_t> codes = stepCodes(trace);
    out.packed(codes);
    writeMembers(out, trace, codes);
    for (const float value : trace.logProbability)
        out.bits(value);
    for (const float value : trace.entropy)
        out.bits(value);
    writeRemasked(out, trace);
    if (trace.topTokens > 0)
        writeLikely(out, trace);
    else
        out.byte(0);
    if (!trace.chunkDraws.empty())
        writeChunkDraws(out, trace);
    return bytes;
}

void traceFromBlob(std::span<const std::byte> blob, const std::string& where, SampleTrace& trace) {
    Reader in(blob, where);
    const int version = in.byte();
    if (version < kVersion1 || version > kVersion5)
        in.refuse(fmt::format("its format is version {}, this program reads versions {} to {}", version,
                              kVersion1, kVersion5));
    const std::size_t length = in.varint();
    // Before anything is allocated: a lying length must not ask for gigabytes.
    if (length > in.left() / (version >= kVersion4 ? kSmallestPacked : kSmallestPosition))
        in.refuse(fmt::format("it claims {} positions, its {} bytes cannot hold them", length, blob.size()));
    trace.tokens.resize(length);
    trace.revealStep.resize(length);
    trace.member.resize(length);
    trace.logProbability.resize(length);
    trace.entropy.resize(length);
    if (version >= kVersion4) {
        readPacked(in, length, trace);
    } else {
        for (std::int32_t& token : trace.tokens)
            token = static_cast<std::int32_t>(in.varint());
        for (std::int32_t& step : trace.revealStep)
            step = static_cast<std::int32_t>(in.varint() - 1);
        for (std::int8_t& member : trace.member)
            member = static_cast<std::int8_t>(in.byte());
    }
    for (float& value : trace.logProbability)
        value = in.bits();
    for (float& value : trace.entropy)
        value = in.bits();
    trace.remasked.clear();
    trace.topTokens = 0;
    trace.likely.clear();
    if (version >= kVersion2)
        readRemasked(in, trace);
    if (version >= kVersion3)
        readLikely(in, trace, version >= kVersion4);
    trace.chunkDraws.clear();
    if (version == kVersion5)
        readChunkDraws(in, trace);
    if (in.left() != 0)
        in.refuse(fmt::format("{} bytes follow its {} positions", in.left(), length));
}

} // namespace steploom
