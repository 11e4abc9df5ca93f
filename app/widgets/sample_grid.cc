// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/sample_grid.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "engine/measures/generative_perplexity.h"

#include <QPainter>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QTextLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace steploom {
namespace {

constexpr int kLeastCardWidth = 230, kCardHeight = 136, kGap = 8, kPadding = 10; // px
constexpr int kSlack = 4; ///< what the view's wrapping wants beside the cards

/// Text in as many lines as the rectangle holds, the last one cut with an ellipsis.
void drawLines(QPainter& painter, const QRectF& rect, const QString& text) {
    QTextLayout layout(text.simplified().left(1000), painter.font());
    layout.beginLayout();
    double y = 0;
    const double lineHeight = painter.fontMetrics().lineSpacing();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(rect.width());
        line.setPosition({0, y});
        y += lineHeight;
        if (y + lineHeight > rect.height()) { // the last one that fits
            const QString rest = layout.text().mid(line.textStart());
            painter.drawText(
                QPointF(rect.left(), rect.top() + y - lineHeight + painter.fontMetrics().ascent()),
                painter.fontMetrics().elidedText(rest, Qt::ElideRight, static_cast<int>(rect.width())));
            break;
        }
        line.draw(&painter, rect.topLeft());
    }
    layout.endLayout();
}

class SampleDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        const auto* grid = qobject_cast<const QListView*>(option.widget);
        return grid ? grid->gridSize() : QSize(kLeastCardWidth, kCardHeight);
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Theme& theme = Theme::instance();
        const ThemeColors& colors = theme.colors();
        const bool current = option.state & QStyle::State_Selected;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF card = QRectF(option.rect).adjusted(0.5, 0.5, -kGap + 0.5, -kGap + 0.5);
        painter->setPen(QPen(current ? colors.heavy : colors.line, current ? 2 : 1));
        painter->setBrush(colors.background);
        painter->drawRoundedRect(current ? card.adjusted(0.5, 0.5, -0.5, -0.5) : card, 8, 8);

        const QRectF inner = card.adjusted(kPadding, kPadding - 2, -kPadding, -kPadding + 2);
        painter->setFont(theme.font(-1, true));
        painter->setPen(colors.ink);
        const double head = painter->fontMetrics().lineSpacing();
        painter->drawText(
            QRectF(inner.topLeft(), QSizeF(inner.width(), head)), Qt::AlignLeft,
            SampleGrid::tr("Sample %1").arg(index.data(SampleListModel::IndexRole).toInt() + 1));
        painter->setFont(theme.font(-1));
        painter->setPen(colors.dim);
        const double perplexity = index.data(SampleListModel::PerplexityRole).toDouble();
        QString scores = SampleGrid::tr("entropy %1")
                             .arg(formatNumber(index.data(SampleListModel::EntropyRole).toDouble(), 3));
        if (!std::isnan(perplexity))
            scores = SampleGrid::tr("ppl %1 · %2").arg(formatNumber(perplexity, 3), scores);
        painter->drawText(QRectF(inner.topLeft(), QSizeF(inner.width(), head)), Qt::AlignRight, scores);
        painter->setFont(theme.font());
        painter->setPen(colors.ink);
        drawLines(*painter, inner.adjusted(0, head + 4, 0, 0),
                  index.data(SampleListModel::TextRole).toString());
        painter->restore();
    }
};

} // namespace

SampleListModel::Row SampleListModel::rowOf(const RunSample& sample) {
    return {sample.trace.index, QString::fromStdString(sample.text),
            sample.score ? sample.score->perplexity() : std::numeric_limits<double>::quiet_NaN(),
            unigramEntropyOf(sample.trace.tokens)};
}

bool SampleListModel::before(const Row& a, const Row& b) const {
    if (m_order == Order::Index)
        return a.sample < b.sample;
    // NaN is beyond every number.
    const auto key = [](const Row& row) {
        return std::tuple(std::isnan(row.perplexity), std::isnan(row.perplexity) ? 0 : row.perplexity,
                          row.sample);
    };
    return key(a) < key(b);
}

void SampleListModel::setSamples(const std::map<int, RunSample>& samples) {
    beginResetModel();
    m_rows.clear();
    for (const auto& [index, sample] : samples)
        m_rows.push_back(rowOf(sample));
    std::ranges::sort(m_rows, [this](const Row& a, const Row& b) { return before(a, b); });
    endResetModel();
}

void SampleListModel::add(const RunSample& sample) {
    const int known = indexOfSample(sample.trace.index).row();
    if (known >= 0) {
        beginRemoveRows({}, known, known);
        m_rows.erase(m_rows.begin() + known);
        endRemoveRows();
    }
    const Row row = rowOf(sample);
    const auto at =
        std::ranges::lower_bound(m_rows, row, [this](const Row& a, const Row& b) { return before(a, b); });
    const auto place = static_cast<int>(at - m_rows.begin());
    beginInsertRows({}, place, place);
    m_rows.insert(at, row);
    endInsertRows();
}

void SampleListModel::setOrder(Order order) {
    if (order == m_order)
        return;
    emit layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    std::vector<int> samples;
    for (const QModelIndex& index : before)
        samples.push_back(m_rows[static_cast<std::size_t>(index.row())].sample);
    m_order = order;
    std::ranges::sort(m_rows, [this](const Row& a, const Row& b) { return this->before(a, b); });
    QModelIndexList after;
    for (const int sample : samples)
        after.push_back(indexOfSample(sample));
    changePersistentIndexList(before, after);
    emit layoutChanged();
}

QModelIndex SampleListModel::indexOfSample(int sample) const {
    const auto found = std::ranges::find(m_rows, sample, &Row::sample);
    return found == m_rows.end() ? QModelIndex() : index(static_cast<int>(found - m_rows.begin()));
}

int SampleListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant SampleListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return tr("Sample %1: %2").arg(row.sample + 1).arg(row.text);
    case IndexRole:
        return row.sample;
    case TextRole:
        return row.text;
    case PerplexityRole:
        return row.perplexity;
    case EntropyRole:
        return row.entropy;
    default:
        return {};
    }
}

SampleGrid::SampleGrid(QWidget* parent) : QListView(parent), m_model(new SampleListModel(this)) {
    setObjectName(QStringLiteral("sampleGrid"));
    setAccessibleName(tr("All samples"));
    setModel(m_model);
    setItemDelegate(new SampleDelegate(this));
    setViewMode(QListView::IconMode);
    setFlow(QListView::LeftToRight);
    setMovement(QListView::Static);
    setResizeMode(QListView::Adjust);
    setUniformItemSizes(true);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setViewportMargins(kGap / 2, kGap / 2, 0, 0);
    viewport()->setAutoFillBackground(false);
    connect(this, &QListView::activated, this, [this](const QModelIndex& index) {
        emit sampleOpened(index.data(SampleListModel::IndexRole).toInt());
    });
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void SampleGrid::showSample(int sample) {
    const QSignalBlocker quiet(this);
    setCurrentIndex(m_model->indexOfSample(sample));
    if (currentIndex().isValid())
        scrollTo(currentIndex());
}

/// As many columns as there is room for, sharing the width.
void SampleGrid::resizeEvent(QResizeEvent* event) {
    // The view keeps room for a scroll bar, whether it is there or not.
    const int bar = verticalScrollBar()->isVisible() ? 0 : verticalScrollBar()->sizeHint().width();
    const int width = std::max(1, viewport()->width() - bar - kSlack);
    const int columns = std::max(1, width / kLeastCardWidth);
    setGridSize(QSize(width / columns, kCardHeight));
    QListView::resizeEvent(event);
}

void SampleGrid::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QListView::currentChanged(current, previous);
    if (current.isValid())
        emit sampleChosen(current.data(SampleListModel::IndexRole).toInt());
}

} // namespace steploom
