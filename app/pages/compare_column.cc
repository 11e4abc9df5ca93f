// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compare_column.h"

#include "app/bridge/run_table_columns.h"
#include "app/widgets/elided_label.h"
#include "app/widgets/number_format.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kTextPixels = 15; ///< up to four columns are read beside each other
constexpr int kInset = 12;      ///< px

template <class Widget>
Widget* named(Widget* widget, const char* name, int place) {
    widget->setObjectName(QLatin1String(name) + QString::number(place));
    return widget;
}

} // namespace

CompareColumn::CompareColumn(int place, QWidget* parent) : Card(parent) {
    named(this, "compareColumn", place);
    m_name = named(new ElidedLabel(64), "compareName", place);
    setLook(m_name, "title");
    m_origin = named(new ElidedLabel(0), "compareOrigin", place);
    setLook(m_origin, "dim");
    m_saved = named(makeLabel({}, "dim"), "compareSaved", place);
    m_saved->setToolTip(tr("Executed FLOPs saved against all steps on the first model, as expected"));
    m_schedule = named(new ScheduleThumbnail, "compareSchedule", place);
    m_measures = named(new ElidedLabel(64), "compareMeasures", place);
    setLook(m_measures, "dim");
    m_tag = named(makeLabel({}), "compareTag", place);
    m_notice = named(makeLabel({}, "dim"), "compareNotice", place);
    m_notice->setWordWrap(true);
    m_notice->hide();
    m_canvas = named(new TokenCanvas, "compareCanvas", place);
    m_canvas->setTextPixels(kTextPixels);
    m_plain = named(new QPlainTextEdit, "comparePlain", place);
    m_plain->setReadOnly(true);
    m_plain->setAccessibleName(tr("Text without colours"));
    m_absent = named(makeLabel({}, "dim"), "compareAbsent", place);
    m_absent->setAlignment(Qt::AlignCenter);
    m_absent->setWordWrap(true);
    m_note = named(new ElidedLabel(64), "compareNote", place);
    setLook(m_note, "hint");
    m_stack = new QStackedWidget;
    for (QWidget* page : std::initializer_list<QWidget*>{m_canvas, m_plain, m_absent})
        m_stack->addWidget(page);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kInset, 8, kInset, 8);
    column->setSpacing(6);
    makeHeading(place);
    column->addWidget(m_notice);
    column->addWidget(m_stack, 1);
    column->addWidget(m_note);
    setMinimumWidth(160);
}

void CompareColumn::makeHeading(int place) {
    auto* menu = new QMenu(this);
    const auto add = [&](const char* name, const QString& text, auto does) {
        QAction* action = menu->addAction(text, this, does);
        action->setObjectName(QLatin1String(name) + QString::number(place));
        return action;
    };
    m_useAsBaseline = add("compareBaseline", tr("Use as baseline"), [this] { emit baselineRequested(); });
    m_left = add("compareLeft", tr("Move to the left"), [this] { emit moveRequested(-1); });
    m_right = add("compareRight", tr("Move to the right"), [this] { emit moveRequested(1); });
    menu->addSeparator();
    m_open = add("compareOpen", tr("Open in Design"), [this] { emit openRequested(); });
    auto* more = named(new FlatButton(Glyph::ChevronDown, tr("Baseline, order, open in Design")),
                       "compareMenu", place);
    more->setMenu(menu);
    more->setPopupMode(QToolButton::InstantPopup);
    auto* close = named(new FlatButton(Glyph::Close, tr("Take this run out of the comparison")),
                        "compareRemove", place);
    for (FlatButton* button : {more, close}) {
        button->setIconSize(QSize(14, 14));
        setLook(button, "small");
        button->setFixedSize(20, 20);
    }
    connect(close, &QToolButton::clicked, this, &CompareColumn::removeRequested);

    auto* top = new QHBoxLayout;
    top->setSpacing(6);
    top->addWidget(m_name);
    top->addWidget(m_origin, 1);
    top->addWidget(m_saved);
    top->addWidget(more);
    top->addWidget(close);
    auto* measures = new QHBoxLayout;
    measures->setSpacing(6);
    measures->addWidget(m_measures, 1);
    measures->addWidget(m_tag);
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->addLayout(top);
    column->addWidget(m_schedule);
    column->addLayout(measures);
}

void CompareColumn::setRun(const Run& run) {
    m_run = &run;
    const RunSummary& summary = run.summary;
    m_name->setText(comparedName(summary));
    m_name->setToolTip(QString::fromStdString(printSchedule(summary.request.schedule)).left(400));
    m_origin->setText(tr("run %1").arg(summary.id));
    m_origin->setToolTip(QStringLiteral("%1\n%2")
                             .arg(comparedOrigin(summary), QString::fromStdString(summary.note))
                             .trimmed());
    m_saved->setText(tr("%1 saved").arg(formatShare(summary.cost.executedSaving)));
    m_schedule->setSchedule(summary.request.schedule, poolLetters(summary.request));
    std::vector<CanvasMember> members;
    for (const PoolMemberSpec& member : summary.request.pool)
        members.push_back({member.letter, QString::fromStdString(member.name)});
    m_canvas->setMembers(std::move(members));
    setAccessibleName(tr("Run %1: %2").arg(summary.id).arg(m_name->text()));
    refreshMeasures();
}

void CompareColumn::clear() {
    m_run = nullptr;
    m_difference = {};
    m_canvas->clear();
}

void CompareColumn::setPlace(bool baseline, bool first, bool last) {
    m_baseline = baseline;
    m_useAsBaseline->setEnabled(!baseline);
    m_left->setEnabled(!first);
    m_right->setEnabled(!last);
    refreshMeasures();
    refreshNote();
}

void CompareColumn::setBest(bool best) {
    m_best = best;
    refreshMeasures();
}

void CompareColumn::refreshMeasures() {
    if (!m_run)
        return;
    QStringList figures;
    if (const Measure* perplexity = m_run->summary.measure("generative_perplexity"))
        figures << tr("ppl %1").arg(formatEstimate(perplexity->estimate));
    if (const Measure* entropy = m_run->summary.measure("entropy"))
        figures << tr("entropy %1").arg(formatNumber(entropy->estimate.value, 3));
    for (const Measure& measure : m_run->summary.measures)
        if (measure.name == "brier_lm")
            figures << tr("BrierLM %1").arg(formatEstimate(measure.estimate));
    if (figures.isEmpty())
        figures << tr("not measured");
    m_measures->setText(figures.join(QStringLiteral(" · ")));
    QString tip = m_measures->text();
    for (const Measure& measure : m_run->summary.measures)
        tip += QStringLiteral("\n%1: %2 %3")
                   .arg(QString::fromStdString(measure.name).replace(u'_', u' '),
                        formatEstimate(measure.estimate), QString::fromStdString(measure.unit));
    m_measures->setToolTip(tip);
    QStringList tags;
    if (m_best)
        tags << tr("best");
    if (m_baseline)
        tags << tr("baseline");
    m_tag->setText(tags.join(QStringLiteral(" · ")));
    setLook(m_tag, m_best ? "good" : "dim");
    m_tag->setToolTip(m_best ? tr("Its log-perplexity is below every other run's: the 95% intervals of the "
                                  "differences exclude 0")
                             : QString());
    m_tag->setVisible(!tags.isEmpty());
}

void CompareColumn::setGone(bool gone) {
    m_gone = gone;
    m_open->setEnabled(!gone);
    refreshNote();
}

void CompareColumn::setTokenizer(std::shared_ptr<const Tokenizer> tokenizer, const QString& why) {
    m_why = tokenizer ? QString() : why.isNull() ? QStringLiteral("") : why;
    m_canvas->setTokenizer(std::move(tokenizer));
    showSample(m_sample);
}

void CompareColumn::showSample(int index) {
    if (index != m_sample)
        m_canvas->markStep(-1);
    m_sample = index;
    const RunSample* sample = m_run ? sampleOf(*m_run, index) : nullptr;
    if (!sample) {
        m_absent->setText(!m_run || m_run->samples.empty()
                              ? tr("This run has no finished sample.")
                              : tr("Sample %1 is not finished in this run.").arg(index + 1));
        m_canvas->clear();
        m_stack->setCurrentWidget(m_absent);
    } else if (!m_why.isNull()) {
        m_plain->setPlainText(QString::fromStdString(sample->text));
        m_stack->setCurrentWidget(m_plain);
    } else {
        constexpr std::int32_t kNoMask = -1; // a finished sample has no position left
        m_canvas->setWords(words());
        m_canvas->setSample(sample->trace, kNoMask, steps());
        m_stack->setCurrentWidget(m_canvas);
    }
    refreshNote();
}

StepWords CompareColumn::words() const {
    if (!m_run || m_run->provenance.members.empty())
        return {};
    const ModelFacts& facts = m_run->provenance.members.front();
    return {facts.kind, facts.chunk};
}

void CompareColumn::setDifference(const ColumnDifference& difference) {
    m_difference = difference;
    m_canvas->setFrames(difference.framed);
    refreshNote();
}

void CompareColumn::setStep(int step) {
    m_canvas->setStep(step);
    refreshNote();
}

void CompareColumn::refreshNote() {
    QStringList words;
    if (m_gone)
        words << tr("Deleted meanwhile: this is what was read before.");
    if (!m_why.isEmpty())
        words << tr("Plain text: %1").arg(m_why);
    m_notice->setText(words.join(u'\n'));
    m_notice->setVisible(!words.isEmpty());

    QStringList parts;
    if (m_stack->currentWidget() == m_canvas && m_run) {
        const int step = m_canvas->step(), masked = m_canvas->maskedCount();
        parts << (step >= steps() ? tr("finished")
                                  : tr("%1 %2 of %3").arg(this->words().one()).arg(step).arg(steps()));
        if (masked > 0)
            parts << (this->words().inOrder() ? tr("%1 to write") : tr("%1 masked")).arg(masked);
    }
    const QString share =
        formatShare(static_cast<double>(m_difference.equal) / std::max(1, m_difference.tokens));
    if (m_difference.known && m_baseline)
        parts << tr("%1 tokens").arg(m_difference.tokens);
    else if (m_difference.known && parts.size() > 1) // beside the step there is little room
        parts << tr("%1 equal").arg(share);
    else if (m_difference.known)
        parts << tr("%1 of %2 tokens equal (%3)").arg(m_difference.equal).arg(m_difference.tokens).arg(share);
    m_note->setText(parts.join(QStringLiteral(" · ")));
    m_note->setToolTip(m_difference.known && !m_baseline
                           ? tr("%1\nEqual: the same token as in the baseline").arg(m_note->text())
                           : m_note->text());
}

} // namespace steploom
