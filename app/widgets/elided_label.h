// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace steploom {

/// A label of one line that gives way where there is little room, down to `leastWidth` px: the end of its
/// text becomes an ellipsis.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(int leastWidth, QWidget* parent = nullptr)
        : QLabel(parent), m_leastWidth(leastWidth) {}

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_leastWidth;
};

} // namespace steploom
