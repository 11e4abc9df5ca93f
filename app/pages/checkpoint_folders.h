// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

class QMimeData;

namespace steploom {

/// Local folders of a drag, in order.
QStringList foldersOf(const QMimeData& data);

/// Local files of a drag that bring runs: bundles (.steploom) and reports (.html).
QStringList runFilesOf(const QMimeData& data);

/// The checkpoints that a folder stands for: those of steps/NUMBER in a trainer's output, the earliest first,
/// then the folder itself where it holds weights; else the folder.
QStringList checkpointsIn(const QString& folder);

/// Why a folder cannot be judged by next-token probabilities: it is no checkpoint, or not one of a causal
/// model; as a sentence. Empty when it can.
QString problemOfCausalFolder(const QString& folder);

} // namespace steploom
