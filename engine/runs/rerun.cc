// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/models/precision_text.h"
#include "engine/runs/run_generation.h"
#include "engine/sampling/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace steploom {

namespace {

void requireSameCheckpoints(const GenerationRequest& request, const ModelPool& pool) {
    for (const PoolMemberSpec& stored : request.pool) {
        const PoolMemberSpec& now =
            pool.members()[static_cast<std::size_t>(pool.indexOf(stored.letter))].spec;
        if (stored.sha256 != now.sha256 && !stored.sha256.empty())
            throw Error(
                ErrorKind::Pool,
                {"cannot rerun with these checkpoints", fmt::format("{} ({})", stored.letter, now.path),
                 fmt::format("the run was made with SHA-256 {}, this one has {}", stored.sha256, now.sha256),
                 "Load the checkpoint the run was made with"});
        if (stored.precision != now.precision)
            throw Error(ErrorKind::Pool,
                        {"cannot rerun at this precision", fmt::format("{} ({})", stored.letter, now.path),
                         fmt::format("the run was made in {}, this member is in {}",
                                     precisionName(stored.precision), precisionName(now.precision)),
                         "Load the member at the run's precision"});
    }
}

/// Another processor may lack what the run computed in: that is no difference of the program's making.
void requireSameProducts(const Run& stored, const ModelPool& pool) {
    const std::vector<PoolMemberSpec>& members = stored.summary.request.pool;
    for (std::size_t i = 0; i < std::min(members.size(), stored.provenance.members.size()); ++i) {
        const PoolMember& now = pool.members()[static_cast<std::size_t>(pool.indexOf(members[i].letter))];
        const Precision then = stored.provenance.members[i].effective;
        if (then != now.model->facts().effective)
            throw Error(ErrorKind::Pool, {"cannot rerun on this processor",
                                          fmt::format("{} ({})", members[i].letter, now.spec.path),
                                          fmt::format("the run computed in {}, here: {}", precisionName(then),
                                                      computedPrecision(now.model->facts())),
                                          "Rerun it on a processor like the one in its provenance"});
    }
}

bool sameBits(const RemaskedToken& a, const RemaskedToken& b) {
    const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
    return a.position == b.position && a.token == b.token && a.revealStep == b.revealStep &&
           a.remaskStep == b.remaskStep && a.member == b.member &&
           bits(a.logProbability) == bits(b.logProbability) && bits(a.entropy) == bits(b.entropy);
}

/// The first place where two samples differ; empty when they are the same. Floats are compared by their bits.
std::string difference(const SampleTrace& stored, const SampleTrace& now) {
    if (stored.tokens.size() != now.tokens.size())
        return fmt::format("sample {}: {} positions stored, {} now", stored.index, stored.tokens.size(),
                           now.tokens.size());
    for (std::size_t i = 0; i < stored.tokens.size(); ++i) {
        const auto differs = [&](const char* what, auto before, auto after) {
            return fmt::format("sample {}, position {}: {} {} stored, {} now", stored.index, i, what, before,
                               after);
        };
        if (stored.tokens[i] != now.tokens[i])
            return differs("token", stored.tokens[i], now.tokens[i]);
        if (stored.revealStep[i] != now.revealStep[i])
            return differs("reveal step", stored.revealStep[i], now.revealStep[i]);
        if (stored.member[i] != now.member[i])
            return differs("pool member", int{stored.member[i]}, int{now.member[i]});
        if (std::bit_cast<std::uint32_t>(stored.logProbability[i]) !=
            std::bit_cast<std::uint32_t>(now.logProbability[i]))
            return differs("log-probability", stored.logProbability[i], now.logProbability[i]);
        if (std::bit_cast<std::uint32_t>(stored.entropy[i]) != std::bit_cast<std::uint32_t>(now.entropy[i]))
            return differs("entropy", stored.entropy[i], now.entropy[i]);
    }
    for (std::size_t i = 0; i < std::min(stored.likely.size(), now.likely.size()); ++i)
        if (stored.likely[i].token != now.likely[i].token ||
            std::bit_cast<std::uint32_t>(stored.likely[i].logProbability) !=
                std::bit_cast<std::uint32_t>(now.likely[i].logProbability))
            return fmt::format("sample {}, position {}: other likeliest tokens now", stored.index,
                               i / static_cast<std::size_t>(std::max(1, stored.topTokens)));
    if (stored.chunkDraws != now.chunkDraws)
        return fmt::format("sample {}: candidates were counted over other numbers of draws", stored.index);
    if (stored.remasked.size() != now.remasked.size())
        return fmt::format("sample {}: {} tokens remasked stored, {} now", stored.index,
                           stored.remasked.size(), now.remasked.size());
    for (std::size_t i = 0; i < stored.remasked.size(); ++i)
        if (!sameBits(stored.remasked[i], now.remasked[i]))
            return fmt::format("sample {}: remasked token {} at position {} stored, another now",
                               stored.index, i, stored.remasked[i].position);
    return {};
}

} // namespace

RerunResult rerunAndCompare(const Run& stored, ModelPool& pool, GenerationObserver& observer,
                            std::stop_token stop) {
    RerunResult result;
    if (stored.samples.empty()) {
        result.firstDifference = "the stored run holds no sample to compare with";
        return result;
    }
    GenerationRequest request = stored.summary.request;
    requireSameCheckpoints(request, pool);
    requireSameProducts(stored, pool);
    // A sample depends on its index, not on how many there are: what lies behind the last stored one is not
    // needed.
    request.samples = stored.samples.back().trace.index + 1;
    if (request.batch == kAutomaticBatch)
        request.batch = stored.summary.work.batch; // as good as any: it changes no byte
    const Trace trace = makeGenerator(pool)->run(request, observer, stop);

    for (const RunSample& sample : stored.samples) {
        const auto again = std::ranges::find(trace.samples, sample.trace.index, &SampleTrace::index);
        if (again == trace.samples.end())
            continue; // stopped before it was finished
        ++result.compared;
        if (result.firstDifference.empty())
            result.firstDifference = difference(sample.trace, *again);
    }
    const int total = static_cast<int>(stored.samples.size());
    if (result.firstDifference.empty() && result.compared < total)
        result.firstDifference =
            fmt::format("stopped after {} of {} samples, which are the same", result.compared, total);
    result.identical = result.firstDifference.empty();
    return result;
}

} // namespace steploom
