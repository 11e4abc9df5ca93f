// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analysis_fields.h"

#include "app/widgets/controls.h"

#include <QLabel>
#include <QSpinBox>

namespace steploom::fields {

QString sentence(const Error::Parts& parts) {
    QString text;
    for (const std::string& part : {parts.why, parts.remedy}) {
        QString next = QString::fromStdString(part);
        if (next.isEmpty())
            continue;
        next[0] = next[0].toUpper();
        text += (text.isEmpty() ? "" : " ") + next + (next.endsWith(u'.') ? "" : ".");
    }
    return text;
}

void showLine(QLabel& line, const QString& problem, const QString& remark) {
    line.setText(problem.isEmpty() ? remark : problem);
    setLook(&line, problem.isEmpty() ? "dim" : "error");
    line.setVisible(!line.text().isEmpty());
}

QSpinBox* number(const QString& name, int low, int high, int value) {
    auto* box = new QSpinBox;
    box->setObjectName(name);
    box->setRange(low, high);
    box->setValue(value);
    box->setAccelerated(true);
    box->setGroupSeparatorShown(true);
    return box;
}

QWidget* row(const QString& label, QWidget* field, const QString& tip, int width) {
    auto* made = new LabeledRow(label, field, width);
    made->setToolTip(tip);
    field->setAccessibleDescription(tip);
    return made;
}

} // namespace steploom::fields
