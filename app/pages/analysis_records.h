// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/measures/statistics.h"
#include "engine/runs/stored_analysis.h"

#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace steploom {

/// A stored analysis with its result. Settings are read with patience: what an older or newer program left
/// out is empty.
template <class Result>
struct AnalysisRecord {
    StoredAnalysis stored;
    Result result;
};

template <class Result>
struct AnalysisRecords {
    std::vector<AnalysisRecord<Result>> records; ///< as stored: the newest first
    int damaged = 0;                             ///< that could not be read
};

template <class Result>
AnalysisRecords<Result> readAnalyses(const std::vector<StoredAnalysis>& stored) {
    AnalysisRecords<Result> read;
    for (const StoredAnalysis& each : stored) {
        try {
            read.records.push_back({each, each.result.get<Result>()});
        } catch (const Error&) {
            ++read.damaged;
        } catch (const nlohmann::json::exception&) {
            ++read.damaged;
        }
    }
    return read;
}

/// A member of the pool that an analysis is of.
struct AnalysedModel {
    char letter = 'H';
    std::string sha256;

    friend bool operator==(const AnalysedModel&, const AnalysedModel&) = default;
};
/// In pool order.
std::vector<AnalysedModel> modelsOf(const nlohmann::json& settings);
/// "HL", in pool order: what decides a member's colour.
std::string lettersOf(const nlohmann::json& settings);
/// A setting, or one of its request; empty or 0 when it is not there.
std::string textSetting(const nlohmann::json& settings, const char* name);
int numberSetting(const nlohmann::json& settings, const char* name);

/// "22 Nov", with the year where it is not this one.
QString dayOf(const StoredAnalysis& analysis);
/// What tells this analysis from others that are called the same: "search 2 of 3".
QString distinguished(const QString& label, const QStringList& all, int index);
/// It was broken off, or is still going on.
bool isPartial(const StoredAnalysis& analysis);
/// "1 stored search cannot be read."; empty for 0.
QString damagedText(int damaged);

/// "0.92 (0.85 to 0.96, n = 45)"
QString correlationText(const Estimate& correlation);

} // namespace steploom
