// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QString>

#include <functional>
#include <vector>

namespace steploom {

/// One thing that the palette can do.
struct PaletteEntry {
    QString id;    ///< never changes: what "recently used" is kept by
    QString group; ///< "Schedule", "Profiles", …
    QString text;
    QString keys;   ///< as the platform writes them; may be empty
    QString whyNot; ///< why it cannot be done now; empty: it can
    std::function<void()> run;
    bool onlyWhenTyped = false; ///< too many of its kind to be listed before anything is typed
};

/// The palette's entries that fit what is typed, the best first; before anything is typed the recently used
/// ones, then all by their groups.
class PaletteModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        HeadingRole = Qt::UserRole, ///< QString: of the section that begins with this row; else empty
        GroupRole,                  ///< QString: to be shown in the row; empty under headings
        KeysRole,
        WhyNotRole,
        PositionsRole, ///< QList<int>: characters of the text that were typed
        IdRole,
    };

    explicit PaletteModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}

    /// `recent`: ids, the latest first.
    void setEntries(std::vector<PaletteEntry> entries, const QStringList& recent);
    /// Entries made of the typed text itself (a schedule in notation) go before all others.
    void setTyped(const QString& text, std::vector<PaletteEntry> madeOfIt = {});
    /// Null when the row is none.
    const PaletteEntry* at(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        const PaletteEntry* entry = nullptr;
        QString heading;
        QList<int> positions;
    };
    void listAll();
    void listFitting();

    std::vector<PaletteEntry> m_entries, m_made;
    QStringList m_recent;
    QString m_text;
    std::vector<Row> m_rows;
};

} // namespace steploom
