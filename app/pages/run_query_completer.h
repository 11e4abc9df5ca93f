// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

class QCompleter;
class QLineEdit;
class QStandardItemModel;

namespace steploom {

/// Offers what can be said at the cursor of a line that holds a query of runs: columns, words before a colon,
/// and after "tag:" the tags there are. What is chosen takes the place of the word at the cursor.
class RunQueryCompleter : public QObject {
    Q_OBJECT
public:
    explicit RunQueryCompleter(QLineEdit* line);

    void setTags(const QStringList& tags);
    /// What is offered for the word that ends at the cursor, as it would be written.
    QStringList offers() const;

private:
    int wordBegin() const;
    void offer();
    void insert(const QString& word);

    QLineEdit* m_line;
    QCompleter* m_completer;
    QStandardItemModel* m_model;
};

} // namespace steploom
