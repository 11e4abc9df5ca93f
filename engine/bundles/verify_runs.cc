// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/verify_runs.h"

#include "engine/bundles/bundled_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

ModelPool& RunVerifier::poolOf(const GenerationRequest& request) {
    if (m_members != request.pool || m_tokenizer != request.tokenizer) {
        m_members = request.pool;
        m_tokenizer = request.tokenizer;
        m_pool.reset(); // before the next takes as much memory
        m_failure.reset();
        try {
            std::vector<PoolMemberSpec> members = request.pool;
            for (PoolMemberSpec& member : members)
                member.path = findCheckpoint(member, m_store);
            m_pool = ModelPool::load(std::move(members), request.tokenizer, m_context);
        } catch (const Error& cause) {
            m_failure = cause;
        }
    }
    if (m_failure)
        throw *m_failure;
    return *m_pool;
}

VerifiedRun RunVerifier::verify(Run run, int samples, GenerationObserver& observer, std::stop_token stop) {
    VerifiedRun verified{.id = run.summary.id};
    const auto notTried = [&](Error::Parts reason) {
        verified.reason = std::move(reason);
        return verified;
    };
    const std::string where = fmt::format("run {}", run.summary.id);
    if (run.samples.empty())
        return notTried({"cannot verify the run", where, "it holds no finished sample to compare with",
                         "Choose a run that has some"});
    if (run.summary.request.pool.empty())
        return notTried({"cannot verify the run", where, "it does not say which models made it",
                         "Choose a run that was made from checkpoints"});
    run.samples.resize(std::min(run.samples.size(), static_cast<std::size_t>(std::max(1, samples))));
    try {
        const RerunResult result = rerunAndCompare(run, poolOf(run.summary.request), observer, stop);
        verified.compared = result.compared;
        if (stop.stop_requested() && result.compared < static_cast<int>(run.samples.size()))
            return notTried({"cannot verify the run", where, "it was stopped", "Verify it again"});
        verified.outcome =
            result.identical ? VerifiedRun::Outcome::Identical : VerifiedRun::Outcome::Different;
        verified.firstDifference = result.firstDifference;
        return verified;
    } catch (const Error& cause) {
        return notTried(cause.parts());
    }
}

} // namespace steploom
