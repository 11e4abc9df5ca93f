// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <QFrame>

class QLabel;

namespace steploom {

/// A checkpoint that was to join the pool and may not: its name and the reason, in the row of the members.
class RefusedMember : public QFrame {
    Q_OBJECT
public:
    explicit RefusedMember(QWidget* parent = nullptr);
    void setRefusal(char letter, const QString& name, const Error::Parts& error);
    /// Why, as far as it has room.
    QString reason() const;

signals:
    void dismissed();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();
    QLabel* m_icon;
    QLabel* m_name;
    QLabel* m_reason;
    QString m_text; ///< the whole reason
};

} // namespace steploom
