// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace steploom {

/// A bordered button that names a thing and says what it is at present: "evaluator  reader ▾".
class ValuePill : public QAbstractButton {
    Q_OBJECT
public:
    explicit ValuePill(const QString& label, QWidget* parent = nullptr);
    void setValue(const QString& value);
    QString value() const { return m_value; }
    void setOpensMenu(bool opens);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_label;
    QString m_value;
    bool m_opensMenu = false;
};

} // namespace steploom
