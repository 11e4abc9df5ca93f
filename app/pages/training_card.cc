// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/training_card.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <utility>

namespace steploom {
namespace {

/// Of the members' colours, without Okabe–Ito's yellow, which cannot be seen on white.
constexpr std::array kColors{0, 1, 2, 3, 4, 5, 7};
/// Drawn without being asked for: the newest trainings, and those that begin while the window is open.
constexpr std::size_t kShownAtFirst = 4;
constexpr int kListWidth = 272; ///< px

QColor colorAt(int index) {
    return Theme::instance().memberColor(kColors[static_cast<std::size_t>(index) % kColors.size()]);
}

/// The lowest colour that no drawn training has.
int freeColor(const std::map<qint64, int>& shown) {
    for (int color = 0;; ++color)
        if (std::ranges::none_of(shown, [&](const auto& each) { return each.second == color; }))
            return color;
}

QString stateText(TrainingState state) {
    switch (state) {
    case TrainingState::Running:
        return TrainingRow::tr("running");
    case TrainingState::Finished:
        return TrainingRow::tr("finished");
    case TrainingState::Stopped:
        return TrainingRow::tr("stopped");
    case TrainingState::Failed:
        return TrainingRow::tr("failed");
    case TrainingState::CutOff:
        break;
    }
    return TrainingRow::tr("cut off");
}

} // namespace

TrainingRow::TrainingRow(QWidget* parent) : QAbstractButton(parent) {
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TrainingRow::setTraining(const TrainingSummary& training, const QString& label) {
    m_training = training;
    setObjectName(QStringLiteral("training%1").arg(training.id));
    setText(label);
    setAccessibleName(tr("Training %1: %2").arg(training.id).arg(label));
    QStringList lines{tr("training %1 · %2").arg(training.id).arg(QString::fromStdString(training.kind))};
    lines += tr("%1 · %2").arg(stateText(training.state), progressText(training));
    if (training.last) {
        lines += tr("%1 tokens, %2, %3")
                     .arg(formatCount(static_cast<double>(training.last->tokens)),
                          formatFlops(training.last->flops), formatDuration(training.last->seconds));
        lines += (isInNatsPerToken(training) ? tr("loss %1 nats per token") : tr("loss %1"))
                     .arg(formatNumber(training.last->loss));
    }
    if (training.lastValidation)
        lines += isInNatsPerToken(training) ? tr("%1 nats per token").arg(figureText(training))
                                            : figureText(training);
    lines += tr("to %1").arg(QString::fromStdString(training.folder));
    if (!training.note.empty())
        lines += QString::fromStdString(training.note);
    const QString described = lines.join(u'\n');
    setAccessibleDescription(QString(described).replace(u'\n', QStringLiteral(", ")));
    setToolTip(QStringLiteral("<p style='white-space:pre'>%1</p>").arg(described.toHtmlEscaped()));
    update();
}

void TrainingRow::setColor(const QColor& color) {
    m_color = color;
    update();
}

void TrainingRow::paintEvent(QPaintEvent*) {
    const Theme& theme = Theme::instance();
    const ThemeColors& colors = theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasFocus() || underMouse()) {
        painter.setPen(hasFocus() ? QPen(colors.heavy, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(colors.background);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
    const QRectF box(8.5, 8.5, 15, 15);
    painter.setPen(QPen(isChecked() ? m_color : colors.masked, 1));
    painter.setBrush(isChecked() ? m_color : colors.background);
    painter.drawRoundedRect(box, 4, 4);
    if (isChecked()) {
        const double luminance =
            0.2126 * m_color.redF() + 0.7152 * m_color.greenF() + 0.0722 * m_color.blueF();
        painter.setPen(QPen(luminance > 0.42 ? QColor(0x13161B) : QColor(Qt::white), 1.8, Qt::SolidLine,
                            Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        QPainterPath tick(box.topLeft() + QPointF(box.width() * 0.25, box.height() * 0.53));
        tick.lineTo(box.topLeft() + QPointF(box.width() * 0.43, box.height() * 0.70));
        tick.lineTo(box.topLeft() + QPointF(box.width() * 0.76, box.height() * 0.32));
        painter.drawPath(tick);
    }

    const QRect inner = rect().adjusted(34, 5, -8, -5);
    const QRect top(inner.left(), inner.top(), inner.width(), 20);
    const QRect bottom(inner.left(), inner.bottom() - 19, inner.width(), 20);
    painter.setFont(theme.font(0));
    const QString figure = figureText(m_training);
    const int figureWidth = figure.isEmpty() ? 0 : painter.fontMetrics().horizontalAdvance(figure) + 8;
    painter.setPen(colors.ink);
    painter.drawText(top, Qt::AlignRight | Qt::AlignVCenter, figure);
    painter.setFont(theme.font(0, true));
    painter.drawText(top, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text(), Qt::ElideMiddle, top.width() - figureWidth));
    painter.setFont(theme.font(-1));
    painter.setPen(colors.dim);
    const QString line = QStringLiteral("%1 · %2").arg(stateText(m_training.state), progressText(m_training));
    painter.drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(line, Qt::ElideRight, bottom.width()));
}

TrainingCard::TrainingCard(QWidget* parent) : ChartCard(QStringLiteral("training"), tr("Training"), parent) {
    m_measures = named(new QComboBox, "trainingMeasures", tr("Curves"));
    m_measures->addItem(tr("loss and validation"), static_cast<int>(TrainingMeasures::Both));
    m_measures->addItem(tr("loss"), static_cast<int>(TrainingMeasures::Loss));
    m_measures->addItem(tr("validation"), static_cast<int>(TrainingMeasures::Validation));
    m_axis = named(new QComboBox, "trainingAxis", tr("What loss is held against"));
    m_axis->addItem(tr("over steps"), static_cast<int>(TrainingAxis::Steps));
    m_axis->addItem(tr("over tokens"), static_cast<int>(TrainingAxis::Tokens));
    m_axis->addItem(tr("over FLOPs"), static_cast<int>(TrainingAxis::Flops));
    m_axis->addItem(tr("over wall time"), static_cast<int>(TrainingAxis::Seconds));
    m_logarithmicX = named(new QCheckBox(tr("log x")), "trainingLogX", tr("Logarithmic horizontal axis"));
    m_logarithmicX->setToolTip(tr("Logarithmic horizontal axis"));
    m_logarithmicY = named(new QCheckBox(tr("log y")), "trainingLogY", tr("Logarithmic loss axis"));
    m_logarithmicY->setToolTip(tr("Logarithmic loss axis"));

    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_logarithmicX, m_logarithmicY, m_measures, m_axis})
        addControl(widget);

    m_list = named(new QScrollArea, "trainingList", tr("Training runs"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setWidgetResizable(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFixedWidth(kListWidth);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* rows = new QWidget;
    m_rowLayout = new QVBoxLayout(rows);
    m_rowLayout->setContentsMargins(0, 0, 0, 0);
    m_rowLayout->setSpacing(2);
    m_rowLayout->addStretch();
    m_list->setWidget(rows);
    rows->setAutoFillBackground(false);
    m_list->viewport()->setAutoFillBackground(false);
    addAside(m_list);

    for (QComboBox* combo : {m_measures, m_axis})
        connect(combo, &QComboBox::currentIndexChanged, this, &TrainingCard::refresh);
    for (QCheckBox* box : {m_logarithmicX, m_logarithmicY})
        connect(box, &QCheckBox::toggled, this, &TrainingCard::refresh);
    connect(&Theme::instance(), &Theme::changed, this, &TrainingCard::refresh);
    refresh();
}

void TrainingCard::setTrainings(std::vector<TrainingSummary> trainings, Reader read) {
    m_trainings = std::move(trainings);
    m_read = std::move(read);
    const bool first = m_known.empty();
    std::size_t drawn = 0;
    for (const TrainingSummary& training : m_trainings) {
        if (std::ranges::find(m_known, training.id) != m_known.end())
            continue;
        m_known.push_back(training.id);
        if (!first || drawn++ < kShownAtFirst)
            m_shown[training.id] = freeColor(m_shown);
    }
    const auto gone = [&](const auto& each) {
        return std::ranges::find(m_trainings, each.first, &TrainingSummary::id) == m_trainings.end();
    };
    std::erase_if(m_shown, gone);
    std::erase_if(m_runs, gone);
    refreshRows();
    refresh();
}

/// One row a training; those that are there keep focus and place.
void TrainingCard::refreshRows() {
    while (m_rows.size() < m_trainings.size()) {
        auto* row = new TrainingRow;
        connect(row, &TrainingRow::clicked, this,
                [this, row] { setShown(row->training().id, row->isChecked()); });
        m_rowLayout->insertWidget(static_cast<int>(m_rows.size()), row);
        m_rows.push_back(row);
    }
    while (m_rows.size() > m_trainings.size()) {
        delete m_rows.back();
        m_rows.pop_back();
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_rows[i]->setTraining(m_trainings[i], trainingLabel(m_trainings[i], m_trainings));
}

void TrainingCard::setShown(qint64 training, bool shown) {
    if (shown)
        m_shown.emplace(training, freeColor(m_shown));
    else
        m_shown.erase(training);
    refresh();
}

TrainingChoice TrainingCard::choice() const {
    return {.axis = static_cast<TrainingAxis>(m_axis->currentData().toInt()),
            .measures = static_cast<TrainingMeasures>(m_measures->currentData().toInt()),
            .logarithmicX = m_logarithmicX->isChecked(),
            .logarithmicY = m_logarithmicY->isChecked()};
}

void TrainingCard::showEvent(QShowEvent* event) {
    ChartCard::showEvent(event);
    refresh();
}

void TrainingCard::refresh() {
    for (TrainingRow* row : m_rows) {
        const auto shown = m_shown.find(row->training().id);
        row->setChecked(shown != m_shown.end());
        if (shown != m_shown.end())
            row->setColor(colorAt(shown->second));
    }
    if (!isVisible())
        return; // showEvent catches up
    std::vector<ShownTraining> drawn;
    int withoutPoints = 0;
    for (const TrainingSummary& training : m_trainings) {
        const auto shown = m_shown.find(training.id);
        if (shown == m_shown.end())
            continue;
        auto run = m_runs.find(training.id);
        if (run == m_runs.end() || !(run->second.summary == training)) {
            std::optional<TrainingRun> read = m_read ? m_read(training.id) : std::nullopt;
            if (!read)
                continue;             // removed meanwhile, or the window says why
            read->summary = training; // what it was read for
            run = m_runs.insert_or_assign(training.id, std::move(*read)).first;
        }
        withoutPoints += run->second.points.empty();
        drawn.push_back({&run->second, trainingLabel(training, m_trainings), colorAt(shown->second)});
    }
    setEmptyText(m_trainings.empty()
                     ? tr("No training runs yet. steploom-train writes the curve of each training "
                          "here while it runs: to "
                          "this user's store, unless --store names another.")
                 : m_shown.empty() ? tr("Choose a training run at the right: its curves appear here.")
                 : withoutPoints > 0
                     ? tr("The training has not written a point yet.")
                     : tr("Nothing was validated yet. Choose the loss to see how far the training is."));
    const Plot plot = trainingPlot(drawn, choice());
    showPlot(plot);
    for (QWidget* control :
         std::initializer_list<QWidget*>{m_measures, m_axis, m_logarithmicX, m_logarithmicY})
        control->setEnabled(!m_shown.empty());
    m_list->setVisible(!m_trainings.empty());
    setSubtitle(!plot.isEmpty()
                    ? tr("thin: loss of the training batches · bold: on held-out text · hover for figures")
                    : tr("loss over what training took"));
    setRemarks({});
}

} // namespace steploom
