// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <QString>

class QLabel;
class QSpinBox;
class QWidget;

/// What the forms of analyses are made of, alike in all of them.
namespace steploom::fields {

inline constexpr int kWideField = 400, kField = 152, kLineGap = 3; // px

/// "It cannot be opened. Check the path.": reason and remedy.
QString sentence(const Error::Parts& parts);
/// A line beneath a field: what is wrong, else a remark; hidden when there is neither.
void showLine(QLabel& line, const QString& problem, const QString& remark = {});
QSpinBox* number(const QString& name, int low, int high, int value);
/// A label at the left, the field at the right, and what the field means as tool tip and description.
QWidget* row(const QString& label, QWidget* field, const QString& tip, int width = kField);

} // namespace steploom::fields
