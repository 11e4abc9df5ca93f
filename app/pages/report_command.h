// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/write_report.h"

#include <QString>

#include <filesystem>

namespace steploom {

/// The steploom-cli command that writes the same bytes to the same file, for a POSIX shell.
QString reportCommand(const ReportChoice& choice, ReportFormat format, const QString& file,
                      const std::filesystem::path& store);

} // namespace steploom
