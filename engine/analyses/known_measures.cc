// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/known_measures.h"

#include "engine/core/error.h"
#include "engine/runs/run_json.h"
#include "engine/runs/run_store.h"

#include <algorithm>
#include <chrono>

namespace steploom {

namespace {

/// Whether a measure was made with the settings of `key`, whatever else it notes.
bool isUnder(const Measure& measure, const nlohmann::json& key) {
    return std::ranges::all_of(key.items(), [&](const auto& item) {
        return measure.settings.contains(item.key()) && measure.settings[item.key()] == item.value();
    });
}

} // namespace

const Measure* Measured::measure(std::string_view name) const noexcept {
    const auto found = std::ranges::find(measures, name, &Measure::name);
    return found == measures.end() ? nullptr : &*found;
}

void KnownMeasures::addKnown(const Measure& measure) {
    m_measured.measures.push_back(measure);
    m_measured.known.push_back(measure.name);
}

bool KnownMeasures::computed(const nlohmann::json& key, const Compute& compute,
                             std::vector<Measure>& measures) {
    if (!m_stop.stop_requested()) {
        const auto begin = std::chrono::steady_clock::now();
        measures = compute();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        for (Measure& measure : measures) {
            measure.settings.update(key);
            measure.seconds = seconds;
        }
    }
    // Half a measurement is none: it would stand where the whole one belongs.
    m_measured.stopped = m_measured.stopped || m_stop.stop_requested();
    return !m_stop.stop_requested();
}

void KnownMeasures::addOfRun(const RunSummary& run, const OfRun& wanted, const Compute& compute) {
    const auto known = [&](const std::string& name) {
        const Measure* measure = run.measure(name);
        return measure != nullptr && isUnder(*measure, wanted.key) ? measure : nullptr;
    };
    const auto isKnown = [&](const std::string& name) { return known(name) != nullptr; };
    // A run that was continued has more samples than it was measured on.
    if (!m_again && std::ranges::all_of(wanted.names, isKnown) &&
        (wanted.samples == 0 || known(wanted.names.front())->estimate.n == wanted.samples)) {
        if (isKnown(wanted.optional))
            addKnown(*known(wanted.optional));
        for (const std::string& name : wanted.names)
            addKnown(*known(name));
        return;
    }
    std::vector<Measure> measures;
    if (!computed(wanted.key, compute, measures))
        return;
    for (const Measure& measure : measures) {
        if (m_store != nullptr)
            m_store->addMeasure(run.id, measure);
        m_measured.measures.push_back(measure);
    }
}

void KnownMeasures::addOfModels(const nlohmann::json& identity, const nlohmann::json& key,
                                const Compute& compute) {
    nlohmann::json settings = identity;
    settings.update(key);
    if (!m_again && m_store != nullptr)
        if (const auto found = m_store->findAnalysis(kTextMeasuresKind, settings)) {
            try {
                for (const Measure& measure : found->result.get<std::vector<Measure>>())
                    addKnown(measure);
            } catch (const nlohmann::json::exception& error) {
                throw Error(ErrorKind::Store, {"cannot read a stored analysis",
                                               m_store->file().string() + ", " + kTextMeasuresKind,
                                               error.what(), "Measure it again"});
            }
            return;
        }
    std::vector<Measure> measures;
    if (!computed(key, compute, measures))
        return;
    if (m_store != nullptr)
        m_store->keepAnalysis({.kind = kTextMeasuresKind,
                               .settings = settings,
                               .result = measures,
                               .created = {},
                               .seconds = measures.empty() ? 0 : measures.front().seconds});
    m_measured.measures.insert(m_measured.measures.end(), measures.begin(), measures.end());
}

} // namespace steploom
