// SPDX-License-Identifier: GPL-3.0-or-later
// Input: the per-position part of a trace as the run store keeps it.
#include "engine/runs/trace_blob.h"
#include "tests/fuzz/property.h"

using namespace steploom;
using namespace steploom::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    SampleTrace trace;
    if (!answers([&] { traceFromBlob(std::as_bytes(std::span(data, size)), "fuzzed", trace); }))
        return 0;
    const std::size_t length = trace.tokens.size();
    require(length <= size, "a trace has no more positions than its blob has bytes");
    require(trace.revealStep.size() == length && trace.member.size() == length &&
                trace.logProbability.size() == length && trace.entropy.size() == length,
            "every position has one of each");
    const std::vector<std::byte> blob = traceToBlob(trace);
    SampleTrace back;
    traceFromBlob(blob, "rewritten", back);
    require(traceToBlob(back) == blob, "what is written reads as the same trace, bit for bit");
    SampleTrace unpacked;
    traceFromBlob(traceToCompactBlob(trace), "packed", unpacked);
    require(traceToBlob(unpacked) == blob, "what is packed reads as the same trace, bit for bit");
    return 0;
}
