// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/prediction_study.h"

#include "engine/schedule/optimum_schedule.h"

#include <limits>
#include <map>

namespace steploom {

PredictionStudy comparePrediction(const SearchResult& search, const ImportanceProfile& importance) {
    PredictionStudy study;
    if (importance.members.empty())
        return study;
    const char reference = importance.members[0].letter;
    std::map<char, std::vector<double>> known;
    const auto importanceOf = [&](char letter) -> std::span<const double> {
        if (letter == reference)
            return {};
        auto found = known.find(letter);
        if (found == known.end())
            found = known.emplace(letter, importance.importanceOf(letter)).first;
        return found->second;
    };
    std::vector<double> predicted, measured;
    for (const SearchEntry& entry : search.entries) {
        if (entry.dropped)
            continue; // fewer samples than the others: what is left out is not left out by chance
        study.points.push_back({.schedule = entry.schedule,
                                .run = entry.run,
                                .predicted = predictedCost(entry.schedule, 1, importanceOf),
                                .measured = entry.natsPerToken});
        predicted.push_back(study.points.back().predicted);
        measured.push_back(entry.natsPerToken.value);
    }
    if (study.points.size() < 3) { // two points lie on a line whatever they are
        constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
        study.pearson = study.spearman = {kNaN, kNaN, kNaN, static_cast<int>(study.points.size())};
        return study;
    }
    study.pearson = pearsonCorrelation(predicted, measured);
    study.spearman = spearmanCorrelation(predicted, measured);
    return study;
}

} // namespace steploom
