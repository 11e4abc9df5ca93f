// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <QFrame>

class QLabel;
class QToolButton;

namespace steploom {

/// A checkpoint that was to join the pool and may not: its name and the reason, in the row of the members.
class RefusedMember : public QFrame {
    Q_OBJECT
public:
    explicit RefusedMember(QWidget* parent = nullptr);
    void setRefusal(char letter, const QString& name, const Error::Parts& error);
    /// Whether it can be a pool of its own: then that is offered.
    void offerNewPool(bool offered);
    /// Why, as far as it has room.
    QString reason() const;

signals:
    void dismissed();
    void newPoolRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();
    QLabel* m_icon;
    QLabel* m_name;
    QLabel* m_reason;
    QToolButton* m_newPool;
    QString m_text; ///< the whole reason
};

} // namespace steploom
