// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"

class QComboBox;

namespace steploom {

/// Which chart is shown: all of them side by side where there is room, else a box to choose from.
class ChartSwitch : public QWidget {
    Q_OBJECT
public:
    explicit ChartSwitch(const QStringList& charts, QWidget* parent = nullptr);
    int currentIndex() const;
    void setCurrentIndex(int index);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void currentChanged(int index);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    SegmentedSwitch* m_pills;
    QComboBox* m_box;
};

} // namespace steploom
