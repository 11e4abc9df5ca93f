// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/palette_model.h"

#include "app/pages/fuzzy_match.h"

#include <algorithm>
#include <set>

namespace steploom {
namespace {

constexpr int kMostRecent = 5;  ///< in their section
constexpr int kRecentBonus = 6; ///< less than the beginning of a word
constexpr int kUnableLoss = 10;
constexpr int kMostRows = 80;

} // namespace

void PaletteModel::setEntries(std::vector<PaletteEntry> entries, const QStringList& recent) {
    beginResetModel();
    m_rows.clear();
    m_entries = std::move(entries);
    m_recent = recent;
    m_made.clear();
    m_text.clear();
    listAll();
    endResetModel();
}

void PaletteModel::setTyped(const QString& text, std::vector<PaletteEntry> madeOfIt) {
    beginResetModel();
    m_rows.clear();
    m_made = std::move(madeOfIt);
    m_text = text.simplified();
    m_text.isEmpty() ? listAll() : listFitting();
    endResetModel();
}

void PaletteModel::listAll() {
    std::set<QString> listed;
    for (const QString& id : m_recent) {
        const auto entry = std::ranges::find(m_entries, id, &PaletteEntry::id);
        if (entry == m_entries.end() || listed.size() == kMostRecent || listed.contains(id))
            continue;
        m_rows.push_back({&*entry, listed.empty() ? tr("Recently used") : QString(), {}});
        listed.insert(id);
    }
    QString group;
    for (const PaletteEntry& entry : m_entries) {
        if (entry.onlyWhenTyped || listed.contains(entry.id))
            continue;
        m_rows.push_back({&entry, entry.group == group ? QString() : entry.group, {}});
        group = entry.group;
    }
}

void PaletteModel::listFitting() {
    struct Scored {
        Row row;
        int score;
    };
    std::vector<Scored> fitting;
    for (const PaletteEntry& entry : m_entries) {
        // The group counts too ("theme dark"), but is not marked.
        std::optional<FuzzyMatch> match = fuzzyMatch(m_text, entry.text);
        int score = match ? match->score : 0;
        if (!match) {
            const QString inGroup = entry.text + u' ' + entry.group;
            match = fuzzyMatch(m_text, inGroup);
            if (!match)
                continue;
            score = match->score / 2;
            std::erase_if(match->positions, [&](int at) { return at >= entry.text.size(); });
        }
        if (m_recent.contains(entry.id))
            score += kRecentBonus;
        if (!entry.whyNot.isEmpty())
            score -= kUnableLoss;
        fitting.push_back(
            {{&entry, {}, QList<int>(match->positions.begin(), match->positions.end())}, score});
    }
    std::ranges::stable_sort(fitting, std::greater<>(), &Scored::score);
    if (fitting.size() > kMostRows)
        fitting.resize(kMostRows);
    for (const PaletteEntry& entry : m_made)
        m_rows.push_back({&entry, {}, {}});
    for (Scored& each : fitting)
        m_rows.push_back(std::move(each.row));
}

const PaletteEntry* PaletteModel::at(int row) const {
    return row >= 0 && row < static_cast<int>(m_rows.size()) ? m_rows[static_cast<std::size_t>(row)].entry
                                                             : nullptr;
}

int PaletteModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const PaletteEntry& entry = *row.entry;
    switch (role) {
    case Qt::DisplayRole:
        return entry.text;
    case Qt::AccessibleTextRole: {
        QString spoken = entry.text;
        for (const QString& part : {entry.keys, entry.whyNot})
            if (!part.isEmpty())
                spoken += QStringLiteral(", ") + part;
        return spoken;
    }
    case HeadingRole:
        return row.heading;
    case GroupRole:
        return m_text.isEmpty() ? QString() : entry.group;
    case KeysRole:
        return entry.keys;
    case WhyNotRole:
        return entry.whyNot;
    case PositionsRole:
        return QVariant::fromValue(row.positions);
    case IdRole:
        return entry.id;
    default:
        return {};
    }
}

} // namespace steploom
