// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <QString>
#include <QVariant>

#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// A column of the table of runs.
struct RunTableColumn {
    /// How its figures are written.
    enum class Figure { Text, Star, Tags, Time, Count, Number, Share, Flops, Seconds, Estimate };
    const char* key; ///< what a query calls it, and what its rows are sorted by where that can be
    QString title;   ///< empty for the star
    QString meaning; ///< in a line; empty where the title says it
    Figure figure = Figure::Text;
    int width = 80;           ///< px, at first
    bool usual = false;       ///< shown unless somebody chose otherwise
    const char* measure = ""; ///< name of the measure that it shows; Estimate only

    bool isNumeric() const noexcept { return figure >= Figure::Count; }
    bool isSortable() const noexcept { return figure != Figure::Tags && std::string_view(key) != "note"; }
};

/// All there are. Their places are RunListModel::Column's as far as that goes.
const std::vector<RunTableColumn>& runTableColumns();

/// A run's figure in a column: a number wherever the column is numeric (NaN where it was not measured),
/// QDateTime in local time, bool for the star, QStringList for the tags, else text.
QVariant runFigure(const RunSummary& run, int column);

/// The pool's letters of a run, in order: what decides a member's colour.
std::string poolLetters(const GenerationRequest& request);
/// What people call a schedule: the preset's name where it is one of the first two members' presets, else the
/// notation.
QString scheduleLabel(const GenerationRequest& request);
/// "heavy + light"
QString poolLabel(const GenerationRequest& request);

} // namespace steploom
