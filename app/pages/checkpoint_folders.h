// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"

#include <QString>
#include <QStringList>

#include <optional>

class QMimeData;

namespace steploom {

/// Local folders of a drag, in order.
QStringList foldersOf(const QMimeData& data);

/// Local files of a drag that bring runs: bundles (.steploom) and reports (.html).
QStringList runFilesOf(const QMimeData& data);

/// The checkpoints that a folder stands for: those of steps/NUMBER in a trainer's output, the earliest first,
/// then the folder itself where it holds weights; else the folder.
QStringList checkpointsIn(const QString& folder);

/// What a folder's model is, when it can be a member of some pool; nothing for everything else.
std::optional<ModelFacts> generatorFacts(const QString& folder);

/// Why a folder is no model that can be drawn from, of any kind; as a sentence. Empty when it is one.
QString problemOfGeneratorFolder(const QString& folder);
/// Why a folder has no CALM autoencoder, neither its own nor a CALM model's; as a sentence. Empty when it
/// has.
QString problemOfAutoencoderFolder(const QString& folder);
/// Why a folder cannot be judged by next-token probabilities: it is no checkpoint, or not one of a causal
/// model; as a sentence. Empty when it can.
QString problemOfCausalFolder(const QString& folder);

} // namespace steploom
