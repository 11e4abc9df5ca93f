// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIdentityProxyModel>

namespace steploom {

class RunListModel;

/// The runs as people read them: figures written out, with what is behind them as tool tips. It keeps the
/// model's rows and order, and asks it for no more than what is shown.
class RunTableProxy : public QIdentityProxyModel {
    Q_OBJECT
public:
    explicit RunTableProxy(RunListModel* model, QObject* parent = nullptr);

    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    QString written(const QModelIndex& index) const;
    QString explained(const QModelIndex& index) const;

    RunListModel* m_model;
};

} // namespace steploom
