// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/recent_runs.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/number_format.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QHBoxLayout>
#include <QPainter>

namespace steploom {
namespace {

constexpr int kInset = 12; // px

/// The figures of a card in their order: name and value.
std::vector<std::pair<QString, QString>> figuresOf(const RunSummary& run) {
    std::vector<std::pair<QString, QString>> figures{
        {RunCard::tr("saved"), formatShare(run.cost.executedSaving)}};
    if (const Measure* perplexity = run.measure("generative_perplexity"))
        figures.emplace_back(RunCard::tr("ppl"), formatEstimate(perplexity->estimate));
    if (const Measure* entropy = run.measure("entropy"))
        figures.emplace_back(RunCard::tr("entropy"), formatNumber(entropy->estimate.value, 3));
    return figures;
}

QString samplesText(const RunSummary& run) {
    const QString count = run.finishedSamples == run.request.samples
                              ? QString::number(run.finishedSamples)
                              : RunCard::tr("%1 of %2").arg(run.finishedSamples).arg(run.request.samples);
    return RunCard::tr("%1 samples").arg(count);
}

} // namespace

RunCard::RunCard(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("No run yet"));
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RunCard::setRun(const RunSummary& run) {
    m_run = run;
    const QString name = scheduleLabel(run.request);
    QStringList spoken{samplesText(run)};
    for (const auto& [figure, value] : figuresOf(run))
        spoken += figure + u' ' + value;
    setText(name);
    setAccessibleName(tr("Run %1: %2").arg(run.id).arg(name));
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    setToolTip(tr("Run %1 · %2\nClick to show its text")
                   .arg(run.id)
                   .arg(QString::fromStdString(printSchedule(run.request.schedule)).left(120)));
    update();
}

void RunCard::setSelected(bool selected) {
    m_selected = selected;
    update();
}

void RunCard::paintEvent(QPaintEvent*) {
    const Theme& theme = Theme::instance();
    const ThemeColors& colors = theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor border = hasFocus() || m_selected ? colors.heavy
                          : underMouse()           ? colors.masked
                                                   : colors.line;
    const double pen = hasFocus() ? 2 : 1;
    painter.setPen(QPen(border, pen));
    painter.setBrush(colors.card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2), Theme::kRadius,
                            Theme::kRadius);

    const QRect inner = rect().adjusted(kInset, 8, -kInset, -8);
    const QRect top(inner.left(), inner.top(), inner.width(), 20);
    painter.setFont(theme.font(0));
    const QString samples = samplesText(m_run);
    const int samplesWidth = painter.fontMetrics().horizontalAdvance(samples) + 8;
    painter.setPen(colors.dim);
    painter.drawText(top, Qt::AlignRight | Qt::AlignVCenter, samples);
    painter.setFont(theme.font(0, true));
    painter.setPen(colors.ink);
    painter.drawText(top.adjusted(0, 0, -samplesWidth, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text(), Qt::ElideRight, top.width() - samplesWidth));

    ScheduleThumbnail::paint(painter, QRectF(inner.left(), inner.top() + 25, inner.width(), 14),
                             m_run.request.schedule, poolLetters(m_run.request));

    painter.setFont(theme.font(0));
    int x = inner.left();
    for (const auto& [name, value] : figuresOf(m_run)) {
        const int nameWidth = painter.fontMetrics().horizontalAdvance(name + u' ');
        const int valueWidth = painter.fontMetrics().horizontalAdvance(value);
        if (x + nameWidth + valueWidth > inner.right() + 1)
            break; // a figure that does not fit whole is left to the tool tip of the table
        const QRect place(x, inner.bottom() - 19, nameWidth + valueWidth + 2, 20);
        painter.setPen(colors.dim);
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, name);
        painter.setPen(colors.ink);
        painter.drawText(place.adjusted(nameWidth, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, value);
        x += nameWidth + valueWidth + 12;
    }
}

RecentRuns::RecentRuns(Session* session, QWidget* parent) : QWidget(parent), m_session(session) {
    setObjectName(QStringLiteral("recentRuns"));
    setAccessibleName(tr("Latest runs"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    for (int i = 0; i < kCards; ++i) {
        auto* card = new RunCard;
        card->setObjectName(QStringLiteral("recentRun%1").arg(i));
        QSizePolicy policy = card->sizePolicy();
        policy.setRetainSizeWhenHidden(true); // three places of one width, however many runs there are
        card->setSizePolicy(policy);
        connect(card, &RunCard::clicked, this,
                [this, card] { emit m_session->openRunRequested(card->run()); });
        m_cards.push_back(card);
        layout->addWidget(card, 1);
    }
    connect(m_session, &Session::selectedRunChanged, this, [this](qint64 run) {
        for (RunCard* card : m_cards)
            card->setSelected(card->run() == run);
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    setRuns({});
}

void RecentRuns::setRuns(const std::vector<RunSummary>& runs) {
    m_empty = runs.empty();
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_cards[i]->setVisible(i < runs.size());
        if (i < runs.size()) {
            m_cards[i]->setRun(runs[i]);
            m_cards[i]->setSelected(runs[i].id == m_session->selectedRun());
        }
    }
    update();
}

void RecentRuns::paintEvent(QPaintEvent*) {
    if (!m_empty)
        return;
    const ThemeColors& colors = Theme::instance().colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colors.line, 1, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Theme::kRadius, Theme::kRadius);
    painter.setPen(colors.dim);
    painter.setFont(Theme::instance().font());
    painter.drawText(rect(), Qt::AlignCenter, tr("The latest runs appear here."));
}

} // namespace steploom
