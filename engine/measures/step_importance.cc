// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/step_importance.h"

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/thread_pool.h"
#include "engine/measures/row_divergence.h"
#include "engine/measures/text_windows.h"
#include "engine/sampling/model_pool.h"
#include "engine/schedule/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr std::size_t kMostLogits = std::size_t{16} << 20; ///< of one member in a call: 64 MiB
constexpr int kMostTokens = 4096;                          ///< in a call: a stop is honoured soon
constexpr float kNoChance = -1e9f; ///< a logit without probability, and without an infinity in differences

void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot measure the importance of the steps", where, why, remedy});
}

void requireMeasurable(const ModelPool& pool, const ImportanceSettings& settings) {
    if (settings.times < 1 || settings.times > 1000)
        refuse("times", fmt::format("{} is not in 1…1000", settings.times), "Ask for 20");
    if (settings.windows < 1)
        refuse("windows", fmt::format("{} is less than 1", settings.windows), "Ask for 256");
    if (settings.length < 1)
        refuse("length", fmt::format("{} is less than 1", settings.length), "Ask for 128");
    for (const PoolMember& member : pool.members())
        if (settings.length > member.model->facts().length)
            refuse(fmt::format("{} ({})", member.spec.letter, member.spec.name),
                   fmt::format("windows have {} tokens, the model was made for {} positions", settings.length,
                               member.model->facts().length),
                   fmt::format("Ask for windows of {} or less", member.model->facts().length));
}

/// Sums over the masked positions of one window at one time.
struct WindowSums {
    int masked = 0;
    std::vector<double> crossEntropy; ///< by member
    std::vector<double> divergence;   ///< by member
};

class Measuring {
public:
    Measuring(const ModelPool& pool, std::span<const std::int32_t> text, const ImportanceSettings& settings,
              ThreadPool& threads)
        : m_pool(pool), m_text(text), m_settings(settings), m_threads(threads), m_random(settings.seed),
          m_length(static_cast<std::size_t>(settings.length)),
          m_vocabulary(static_cast<std::size_t>(pool.members()[0].model->facts().vocabulary)),
          m_starts(spreadWindows(text.size(), settings.length, settings.windows)) {
        // From the run's start, where all is masked, to its end.
        for (int part = 0; part < settings.times; ++part)
            m_times.push_back(1 - (part + 0.5) / settings.times);
        const std::size_t members = pool.members().size();
        m_sums.assign(m_starts.size() * m_times.size(),
                      {0, std::vector<double>(members), std::vector<double>(members)});
    }

    ImportanceProfile run(const ImportanceProgress& progress, const std::stop_token& stop);

private:
    void gather();
    void compare(std::size_t member);
    ImportanceProfile profile() const;

    const ModelPool& m_pool;
    const std::span<const std::int32_t> m_text;
    const ImportanceSettings m_settings;
    ThreadPool& m_threads;
    const CounterRandom m_random;
    const std::size_t m_length;
    const std::size_t m_vocabulary;
    const std::vector<std::size_t> m_starts; ///< of the windows
    std::vector<double> m_times;             ///< [G]
    std::vector<WindowSums> m_sums;          ///< [windows, G]
    std::size_t m_done = 0;                  ///< of m_sums

    // One call: some of m_sums, from m_done on.
    std::size_t m_samples = 0;
    std::vector<std::int32_t> m_tokens; ///< [samples, L]
    std::vector<float> m_sigma;         ///< [samples]
    std::vector<std::int32_t> m_rows;   ///< masked positions, as sample · L + position
    std::vector<float> m_first;         ///< [rows, V] logits of the first member
    std::vector<float> m_other;         ///< [rows, V] of another one
    std::vector<RowWeights> m_firstWeights;
    std::vector<double> m_crossEntropy; ///< [rows]
    std::vector<double> m_divergence;   ///< [rows]
};

/// Takes as many windows and times as a call holds, and masks them.
void Measuring::gather() {
    m_samples = 0;
    m_tokens.clear();
    m_sigma.clear();
    m_rows.clear();
    const std::int32_t mask = m_pool.maskToken();
    const std::size_t mostRows = std::max(m_length, kMostLogits / m_vocabulary);
    while (m_done + m_samples < m_sums.size()) {
        const std::size_t window = (m_done + m_samples) / m_times.size();
        const double time = m_times[(m_done + m_samples) % m_times.size()];
        const bool full = m_tokens.size() + m_length > static_cast<std::size_t>(kMostTokens) ||
                          m_rows.size() + m_length > mostRows;
        if (m_samples > 0 && full)
            break;
        const auto first = static_cast<std::int32_t>(m_tokens.size());
        for (std::size_t position = 0; position < m_length; ++position) {
            const std::int32_t truth = m_text[m_starts[window] + position];
            // What no model can say (a mask token in the text) is not asked for.
            const bool masked = truth != mask && truth < m_pool.drawableTokens() &&
                                m_random.uniform(Purpose::ImportanceMask, static_cast<std::uint32_t>(window),
                                                 static_cast<std::uint32_t>(position), 0) < time;
            if (masked)
                m_rows.push_back(first + static_cast<std::int32_t>(position));
            m_tokens.push_back(masked ? mask : truth);
        }
        m_sigma.push_back(static_cast<float>(noiseLevel(time)));
        ++m_samples;
    }
}

/// Runs a member on the call and adds to the sums of its windows and times.
void Measuring::compare(std::size_t member) {
    std::vector<float>& logits = member == 0 ? m_first : m_other;
    logits.resize(m_rows.size() * m_vocabulary);
    m_firstWeights.resize(m_rows.size());
    m_crossEntropy.resize(m_rows.size());
    m_divergence.resize(m_rows.size());
    if (!m_rows.empty()) {
        const DenoisingCall call{m_tokens, m_sigma, static_cast<int>(m_samples), m_settings.length, m_rows};
        m_pool.members()[member].model->logits(call, logits);
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
        const std::size_t start = m_starts[(m_done + sample) / m_times.size()];
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
        WindowSums& sums = m_sums[m_done + static_cast<std::size_t>(m_rows[row]) / m_length];
        sums.masked += member == 0;
        sums.crossEntropy[member] += m_crossEntropy[row];
        sums.divergence[member] += m_divergence[row];
    }
}

ImportanceProfile Measuring::profile() const {
    ImportanceProfile profile;
    const std::size_t complete = m_done / m_times.size();
    profile.windows = static_cast<int>(complete);
    if (complete == 0)
        return profile;
    profile.times = m_times;
    std::vector<double> masked(complete), crossEntropy(complete), diverged(complete);
    for (std::size_t member = 0; member < m_pool.members().size(); ++member) {
        ImportanceProfile::Member& figures = profile.members.emplace_back();
        figures.letter = m_pool.members()[member].spec.letter;
        for (std::size_t time = 0; time < m_times.size(); ++time) {
            for (std::size_t window = 0; window < complete; ++window) {
                const WindowSums& sums = m_sums[window * m_times.size() + time];
                masked[window] = sums.masked;
                crossEntropy[window] = sums.crossEntropy[member];
                diverged[window] = sums.divergence[member];
            }
            figures.crossEntropy.push_back(ratioWithInterval(crossEntropy, masked));
            figures.divergence.push_back(ratioWithInterval(diverged, masked));
        }
    }
    return profile;
}

ImportanceProfile Measuring::run(const ImportanceProgress& progress, const std::stop_token& stop) {
    while (m_done < m_sums.size() && !stop.stop_requested()) {
        gather();
        for (std::size_t member = 0; member < m_pool.members().size(); ++member)
            compare(member);
        m_done += m_samples;
        if (progress)
            progress(static_cast<double>(m_done) / static_cast<double>(m_sums.size()), profile());
    }
    return profile();
}

} // namespace

std::vector<double> ImportanceProfile::importanceOf(char letter) const {
    const auto member = std::ranges::find(members, letter, &Member::letter);
    if (member == members.end())
        throw Error(ErrorKind::Schedule, {"cannot say how much the steps matter", std::string(1, letter),
                                          "no member of this letter was measured",
                                          "Measure the importance of the steps with this pool"});
    std::vector<double> values;
    for (const Estimate& estimate : member->divergence)
        values.push_back(std::isfinite(estimate.value) ? std::max(0.0, estimate.value) : 0.0);
    return values;
}

ImportanceProfile measureImportance(const ModelPool& pool, std::span<const std::int32_t> text,
                                    const ImportanceSettings& settings, ThreadPool& threads,
                                    const ImportanceProgress& progress, std::stop_token stop) {
    requireMeasurable(pool, settings);
    return Measuring(pool, text, settings, threads).run(progress, stop);
}

} // namespace steploom
