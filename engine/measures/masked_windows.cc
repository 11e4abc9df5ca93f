// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/masked_windows.h"

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/measures/text_windows.h"
#include "engine/sampling/model_pool.h"
#include "engine/schedule/noise.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

constexpr std::size_t kMostLogits = std::size_t{16} << 20; ///< of one member in a call: 64 MiB
constexpr int kMostTokens = 4096;                          ///< in a call: a stop is honoured soon
constexpr float kNoChance = -1e9f; ///< a logit without probability, and without an infinity in differences

/// The plan when it can be run.
MaskingPlan runnable(MaskingPlan plan, const ModelPool& pool, const std::string& what) {
    const auto refuse = [&](const std::string& where, const std::string& why, const std::string& remedy) {
        throw Error(ErrorKind::Request, {what, where, why, remedy});
    };
    if (plan.maskings < 1 || plan.maskings > 1000)
        refuse("times", fmt::format("{} is not in 1…1000", plan.maskings), "Ask for 20");
    if (plan.windows < 1)
        refuse("windows", fmt::format("{} is less than 1", plan.windows), "Ask for 256");
    if (plan.length < 1)
        refuse("length", fmt::format("{} is less than 1", plan.length), "Ask for 128");
    for (const PoolMember& member : pool.members())
        if (plan.length > member.model->facts().length)
            refuse(fmt::format("{} ({})", member.spec.letter, member.spec.name),
                   fmt::format("windows have {} tokens, the model was made for {} positions", plan.length,
                               member.model->facts().length),
                   fmt::format("Ask for windows of {} or less", member.model->facts().length));
    return plan;
}

} // namespace

MaskedWindows::MaskedWindows(const ModelPool& pool, std::span<const std::int32_t> text, MaskingPlan plan,
                             ThreadPool& threads, const std::string& what)
    : m_pool(pool), m_text(text), m_plan(runnable(std::move(plan), pool, what)), m_threads(threads),
      m_random(m_plan.seed), m_length(static_cast<std::size_t>(m_plan.length)),
      m_maskings(static_cast<std::size_t>(m_plan.maskings)),
      m_vocabulary(static_cast<std::size_t>(pool.members()[0].model->facts().vocabulary)),
      m_starts(spreadWindows(text.size(), m_plan.length, m_plan.windows)) {
    const std::size_t members = pool.members().size();
    m_sums.assign(m_starts.size() * m_maskings,
                  {.crossEntropy = std::vector<double>(members), .divergence = std::vector<double>(members)});
}

bool MaskedWindows::advance() {
    if (m_done == m_sums.size())
        return false;
    gather();
    for (std::size_t member = 0; member < m_pool.members().size(); ++member)
        compare(member);
    m_done += m_samples;
    return true;
}

double MaskedWindows::share() const noexcept {
    return static_cast<double>(m_done) / static_cast<double>(m_sums.size());
}

int MaskedWindows::complete() const noexcept { return static_cast<int>(m_done / m_maskings); }

const MaskedWindows::Sums& MaskedWindows::sums(int window, int masking) const {
    return m_sums.at(static_cast<std::size_t>(window) * m_maskings + static_cast<std::size_t>(masking));
}

/// Takes as many windows and times as a call holds, and masks them.
void MaskedWindows::gather() {
    m_samples = 0;
    m_tokens.clear();
    m_sigma.clear();
    m_rows.clear();
    const std::int32_t mask = m_pool.maskToken();
    const std::size_t mostRows = std::max(m_length, kMostLogits / m_vocabulary);
    while (m_done + m_samples < m_sums.size()) {
        const std::size_t window = (m_done + m_samples) / m_maskings;
        const std::size_t masking = (m_done + m_samples) % m_maskings;
        const double time = m_plan.time(static_cast<int>(window), static_cast<int>(masking));
        m_sums[m_done + m_samples].time = time;
        const bool full = m_tokens.size() + m_length > static_cast<std::size_t>(kMostTokens) ||
                          m_rows.size() + m_length > mostRows;
        if (m_samples > 0 && full)
            break;
        const auto first = static_cast<std::int32_t>(m_tokens.size());
        for (std::size_t position = 0; position < m_length; ++position) {
            const std::int32_t truth = m_text[m_starts[window] + position];
            // What no model can say (a mask token in the text) is not asked for.
            const bool masked =
                truth != mask && truth < m_pool.drawableTokens() &&
                m_random.uniform(Purpose::ImportanceMask, static_cast<std::uint32_t>(window),
                                 static_cast<std::uint32_t>(position),
                                 m_plan.nested ? 0 : static_cast<std::uint32_t>(masking)) < time;
            if (masked)
                m_rows.push_back(first + static_cast<std::int32_t>(position));
            m_tokens.push_back(masked ? mask : truth);
        }
        m_sigma.push_back(static_cast<float>(noiseLevel(time)));
        ++m_samples;
    }
}

/// Runs a member on the call and adds to the sums of its windows and times.
void MaskedWindows::compare(std::size_t member) {
    std::vector<float>& logits = member == 0 ? m_first : m_other;
    logits.resize(m_rows.size() * m_vocabulary);
    m_firstWeights.resize(m_rows.size());
    m_crossEntropy.resize(m_rows.size());
    m_divergence.resize(m_rows.size());
    if (!m_rows.empty()) {
        const DenoisingCall call{m_tokens, m_sigma, static_cast<int>(m_samples), m_plan.length, m_rows};
        m_pool.members()[member].maskedDiffusion().logits(call, logits);
    }
    const auto drawable = static_cast<std::size_t>(m_pool.drawableTokens());
    const auto mask = static_cast<std::size_t>(m_pool.maskToken());
    m_threads.forEach(static_cast<int>(m_rows.size()), [&](int index, int) {
        const auto row = static_cast<std::size_t>(index);
        const std::span<float> own = std::span(logits).subspan(row * m_vocabulary, drawable);
        if (mask < drawable)
            own[mask] = kNoChance;
        const RowWeights weights = weightsOf(own);
        const auto sample = static_cast<std::size_t>(m_rows[row]) / m_length;
        const std::size_t start = m_starts[(m_done + sample) / m_maskings];
        const std::int32_t truth = m_text[start + static_cast<std::size_t>(m_rows[row]) % m_length];
        m_crossEntropy[row] = weights.logSum() - own[static_cast<std::size_t>(truth)];
        if (member == 0) {
            m_firstWeights[row] = weights;
            m_divergence[row] = 0;
        } else {
            const auto reference = std::span(m_first).subspan(row * m_vocabulary, drawable);
            m_divergence[row] = divergence(reference, m_firstWeights[row], own, weights);
        }
    });
    for (std::size_t row = 0; row < m_rows.size(); ++row) { // in one order, whatever the threads
        Sums& sums = m_sums[m_done + static_cast<std::size_t>(m_rows[row]) / m_length];
        sums.masked += member == 0;
        sums.crossEntropy[member] += m_crossEntropy[row];
        sums.divergence[member] += m_divergence[row];
    }
}

} // namespace steploom
