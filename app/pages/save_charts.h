// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <filesystem>

namespace steploom {

/// Writes what the Analyse page shows of a store, without a window: every chart that has something to show
/// as NAME.svg and NAME.csv in `folder`, which is made. Returns the files. Throws Error(Store) when the store
/// cannot be read, Error(File) when a file cannot be written.
QStringList saveCharts(const std::filesystem::path& store, const QString& folder);

} // namespace steploom
