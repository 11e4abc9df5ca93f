// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <QString>

namespace steploom {

/// Where a run holds what the query's words look for: a stretch of an output, the note or the prompt, as rich
/// text with the words in bold, and where it stands. Empty when the query has no words, or they are not found
/// as they are written.
QString foundText(const Run& run, const QString& query);
/// Whether the query looks for words at all.
bool hasWords(const QString& query);

} // namespace steploom
