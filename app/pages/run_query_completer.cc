// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_query_completer.h"

#include "app/widgets/theme.h"
#include "engine/runs/run_query.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QLineEdit>
#include <QStandardItemModel>

namespace steploom {
namespace {

constexpr int kWordRole = Qt::UserRole + 1; ///< as it is written in a query
constexpr int kPopupWidth = 380;            ///< px

void add(QStandardItemModel& model, const QString& word, const QString& meaning) {
    auto* item = new QStandardItem(meaning.isEmpty() ? word : QStringLiteral("%1   %2").arg(word, meaning));
    item->setData(word, kWordRole);
    model.appendRow(item);
}

} // namespace

RunQueryCompleter::RunQueryCompleter(QLineEdit* line)
    : QObject(line), m_line(line), m_completer(new QCompleter(this)),
      m_model(new QStandardItemModel(m_completer)) {
    m_completer->setModel(m_model);
    m_completer->setWidget(line);
    m_completer->setCompletionRole(kWordRole);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_completer->setMaxVisibleItems(9);
    m_completer->popup()->setObjectName(QStringLiteral("runFilterOffers"));
    connect(m_completer, qOverload<const QModelIndex&>(&QCompleter::activated), this,
            [this](const QModelIndex& index) { insert(index.data(kWordRole).toString()); });
    connect(line, &QLineEdit::textEdited, this, &RunQueryCompleter::offer);
    setTags({});
}

void RunQueryCompleter::setTags(const QStringList& tags) {
    m_model->clear();
    add(*m_model, QStringLiteral("starred"), tr("runs with a star"));
    for (const QString& tag : tags)
        add(*m_model,
            tag.contains(u' ') ? QStringLiteral("tag:\"%1\"").arg(tag) : QStringLiteral("tag:%1").arg(tag),
            {});
    for (const char* state : {"finished", "stopped", "running", "cut"})
        add(*m_model, QStringLiteral("state:") + QLatin1String(state), {});
    for (const char* property : {"branch", "prompted", "noted", "tagged", "measured"})
        add(*m_model, QStringLiteral("is:") + QLatin1String(property), {});
    const auto addNames = [this](const std::vector<RunColumnName>& names) {
        for (const RunColumnName& each : names) {
            const QString name = QString::fromStdString(each.name) + (each.number ? "" : ":");
            const QString meaning = QString::fromStdString(each.meaning);
            add(*m_model, name, meaning);
            for (const std::string& other : each.shorts)
                add(*m_model, QString::fromStdString(other) + (each.number ? "" : ":"), meaning);
        }
    };
    addNames(runQueryColumns());
    addNames(runQueryWords());
}

/// Of the word that the cursor stands in or behind, without the minus that negates it.
int RunQueryCompleter::wordBegin() const {
    const QString before = m_line->text().left(m_line->cursorPosition());
    if (before.count(u'"') % 2 != 0)
        return static_cast<int>(before.size()); // within quotes nothing is offered
    int begin = static_cast<int>(before.lastIndexOf(u' ')) + 1;
    if (begin < before.size() && before[begin] == u'-')
        ++begin;
    return begin;
}

QStringList RunQueryCompleter::offers() const {
    const int begin = wordBegin();
    const QString word = m_line->text().mid(begin, m_line->cursorPosition() - begin);
    QStringList found;
    if (word.isEmpty())
        return found;
    for (int row = 0; row < m_model->rowCount(); ++row)
        if (const QString offered = m_model->item(row)->data(kWordRole).toString();
            offered.startsWith(word, Qt::CaseInsensitive))
            found << offered;
    return found;
}

void RunQueryCompleter::offer() {
    const QStringList found = offers();
    const int begin = wordBegin();
    const QString word = m_line->text().mid(begin, m_line->cursorPosition() - begin);
    if (found.isEmpty() || (found.size() == 1 && found.front() == word)) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->setCompletionPrefix(word);
    QRect place = m_line->inputMethodQuery(Qt::ImCursorRectangle).toRect();
    place.setWidth(kPopupWidth);
    place.moveLeft(qMax(0, place.left() - 12));
    m_completer->complete(place);
}

void RunQueryCompleter::insert(const QString& word) {
    const int begin = wordBegin(), end = m_line->cursorPosition();
    m_line->setSelection(begin, end - begin);
    m_line->insert(word);
}

} // namespace steploom
