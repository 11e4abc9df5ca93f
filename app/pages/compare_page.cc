// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compare_page.h"

#include "app/pages/compare_column.h"
#include "app/pages/compare_details.h"
#include "app/pages/difference_model.h"
#include "app/pages/run_chooser.h"
#include "app/pages/window_settings.h"
#include "app/widgets/canvas_legend.h"
#include "app/widgets/canvas_transport.h"
#include "app/widgets/controls.h"
#include "app/widgets/trace_events.h"

#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollBar>
#include <QSettings>
#include <QSignalBlocker>
#include <QStackedWidget>

#include <algorithm>
#include <cmath>
#include <utility>

namespace steploom {
namespace {

constexpr int kLegendWidth = 1180; ///< px of the page from which there is room for the legend

/// A share of the way from 0 to `from`, as steps out of `to`.
int mapped(int step, int from, int to) {
    return from > 0 ? static_cast<int>(std::lround(static_cast<double>(step) * to / from)) : to;
}

QVariantList asList(const std::vector<qint64>& ids) {
    QVariantList list;
    for (const qint64 id : ids)
        list << id;
    return list;
}

} // namespace

std::vector<qint64> ComparePage::runs() const {
    std::vector<qint64> ids;
    for (const Run& run : m_runs)
        ids.push_back(run.summary.id);
    return ids;
}

TextDifference ComparePage::difference() const {
    return static_cast<TextDifference>(std::max(0, m_difference->currentIndex()));
}

int ComparePage::longest() const {
    int steps = 0;
    for (const Run& run : m_runs)
        steps = std::max(steps, run.summary.request.schedule.steps());
    return steps;
}

void ComparePage::setRuns(const std::vector<qint64>& ids) {
    m_restored = true;
    std::vector<Run> runs;
    QStringList missing;
    for (const qint64 id : ids) {
        if (runs.size() == kMostCompared ||
            std::ranges::any_of(runs, [id](const Run& run) { return run.summary.id == id; }))
            continue;
        std::optional<Run> run;
        if (m_library.summary(id))
            run = m_library.load(id);
        if (run)
            runs.push_back(std::move(*run));
        else
            missing << QString::number(id);
    }
    const qint64 baseline = m_runs.empty() ? 0 : m_runs[m_baseline].summary.id;
    m_runs = std::move(runs);
    m_gone.clear();
    const auto kept = std::ranges::find(m_runs, baseline, [](const Run& run) { return run.summary.id; });
    m_baseline = kept == m_runs.end() ? 0 : static_cast<std::size_t>(kept - m_runs.begin());
    m_message->dismiss();
    if (!missing.isEmpty())
        m_message->showNotice(missing.size() == 1
                                  ? tr("Run %1 is not there any more.").arg(missing.front())
                                  : tr("Runs %1 are not there any more.").arg(missing.join(tr(", "))));
    refresh();
    showTick(longest());
    remember();
}

void ComparePage::addRuns() {
    if (m_runs.size() >= kMostCompared)
        return;
    std::vector<qint64> ids = runs();
    const std::vector<qint64> more = m_choose();
    ids.insert(ids.end(), more.begin(), more.end());
    if (!more.empty())
        setRuns(ids);
}

void ComparePage::remove(std::size_t place) {
    m_gone.erase(m_runs[place].summary.id);
    m_runs.erase(m_runs.begin() + static_cast<std::ptrdiff_t>(place));
    if (m_baseline == place)
        m_baseline = 0;
    else if (m_baseline > place)
        --m_baseline;
    refresh();
    remember();
}

void ComparePage::move(std::size_t place, int direction) {
    const std::size_t other = direction < 0 ? place - 1 : place + 1;
    if (place >= m_runs.size() || other >= m_runs.size())
        return;
    std::swap(m_runs[place], m_runs[other]);
    if (m_baseline == place)
        m_baseline = other;
    else if (m_baseline == other)
        m_baseline = place;
    refresh();
    remember();
}

void ComparePage::setBaseline(std::size_t place) {
    m_baseline = place;
    refresh();
    remember();
}

void ComparePage::restore() {
    if (std::exchange(m_restored, true))
        return;
    const QSettings stored;
    std::vector<qint64> ids;
    for (const QVariant& id : stored.value(settings::kCompareRuns).toList())
        ids.push_back(id.toLongLong());
    const auto baseline = static_cast<std::size_t>(stored.value(settings::kCompareBaseline).toUInt());
    if (!ids.empty())
        setRuns(ids);
    if (baseline < m_runs.size())
        setBaseline(baseline);
}

void ComparePage::remember() const {
    QSettings stored;
    stored.setValue(settings::kCompareRuns, asList(runs()));
    stored.setValue(settings::kCompareBaseline, static_cast<uint>(m_baseline));
}

/// The store has changed: runs may have grown, been judged, or be gone.
void ComparePage::look() {
    refreshEmpty();
    bool changed = false;
    for (Run& run : m_runs) {
        const qint64 id = run.summary.id;
        const std::optional<RunSummary> now = m_library.summary(id);
        if (!now) {
            changed |= m_gone.insert(id).second;
            continue;
        }
        changed |= m_gone.erase(id) > 0;
        if (now->finishedSamples == run.summary.finishedSamples && now->state == run.summary.state &&
            now->measures == run.summary.measures && now->note == run.summary.note)
            continue;
        if (std::optional<Run> loaded = m_library.load(id)) {
            run = std::move(*loaded);
            changed = true;
        }
    }
    if (changed)
        refresh();
}

/// Shows m_runs anew, at the same sample and step.
void ComparePage::refresh() {
    m_stack->setCurrentIndex(m_runs.empty() ? 0 : 1);
    m_summary->setText(comparedSummary(m_runs));
    m_legend->setVisible(!m_runs.empty() && width() >= kLegendWidth);
    for (QWidget* each : std::initializer_list<QWidget*>{m_difference, m_coloring, m_together, m_report})
        each->setEnabled(!m_runs.empty());
    m_add->setEnabled(m_runs.size() < kMostCompared);
    m_add->setToolTip(m_runs.size() < kMostCompared ? tr("Choose among the newest runs")
                                                    : tr("Four runs fit beside each other"));
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        m_columns[i]->setVisible(i < m_runs.size());
        if (i >= m_runs.size()) {
            m_columns[i]->clear();
            continue;
        }
        m_columns[i]->setRun(m_runs[i]);
        m_columns[i]->setPlace(i == m_baseline && m_runs.size() > 1, i == 0, i + 1 == m_runs.size());
        m_columns[i]->setGone(m_gone.contains(m_runs[i].summary.id));
    }
    refreshEmpty();
    if (m_runs.empty()) {
        m_transport->pause();
        return;
    }
    m_details->setRuns(m_runs, m_baseline);
    const auto best =
        m_details->differences().comparison().best[static_cast<std::size_t>(SampleMeasure::LogPerplexity)];
    for (std::size_t i = 0; i < m_runs.size(); ++i)
        m_columns[i]->setBest(best == i);
    refreshTokenizers();
    const std::vector<int> samples = sampleIndices(m_runs);
    const bool kept = std::ranges::find(samples, m_sample) != samples.end();
    showSample(kept || samples.empty() ? m_sample : samples.front());
}

void ComparePage::refreshTokenizers() {
    m_tokenizers.assign(m_runs.size(), nullptr);
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        const GenerationRequest& request = m_runs[i].summary.request;
        const PoolFacts& pool = m_session.pool();
        QString why;
        if (!request.pool.empty() && pool.serves(request.pool) && request.tokenizer == pool.tokenizerPath) {
            m_tokenizers[i] = pool.tokenizer; // it is loaded already
        } else {
            const TokenizerShelf::Entry entry = m_shelf.entryOf(request);
            m_tokenizers[i] = entry.tokenizer;
            if (entry.error)
                why = tr("%1 (%2).")
                          .arg(QString::fromStdString(entry.error->why),
                               QString::fromStdString(entry.error->where));
        }
        m_columns[i]->setTokenizer(m_tokenizers[i], why);
    }
}

void ComparePage::refreshDifferences() {
    const std::vector<ColumnDifference> columns =
        columnDifferences(m_runs, m_baseline, m_sample, difference(), m_tokenizers);
    for (std::size_t i = 0; i < columns.size(); ++i)
        m_columns[i]->setDifference(columns[i]);
}

void ComparePage::refreshEmpty() {
    m_newestRuns = newestComparable(m_library.runs());
    m_newest->setVisible(!m_newestRuns.empty());
    m_chooseEmpty->setVisible(!m_newestRuns.empty());
    if (m_newestRuns.empty()) {
        m_emptyText->setText(
            tr("Nothing to compare yet. Generate the same request under two schedules on the "
               "Design page:\nequal seeds give both the same random numbers, so that what "
               "differs is the schedules’ doing."));
        return;
    }
    m_emptyText->setText(tr("Put two to four runs side by side: texts of one seed in one row, differences "
                            "framed, measures in pairs."));
    QStringList names;
    for (const qint64 id : m_newestRuns) {
        const auto run = std::ranges::find(m_library.runs(), id, &RunSummary::id);
        names << tr("run %1 · %2").arg(id).arg(comparedName(*run).left(40));
    }
    m_newest->setText(tr("Compare %1 with %2").arg(names[1], names[0]));
    m_newest->setAccessibleName(m_newest->text());
}

void ComparePage::showSample(int index) {
    m_sample = index;
    const std::vector<int> samples = sampleIndices(m_runs);
    std::vector<int> events;
    double largest = 0;
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        m_columns[i]->showSample(index);
        const RunSample* sample = sampleOf(m_runs[i], index);
        if (!sample)
            continue;
        for (const int step : eventsOf(sample->trace, -1))
            events.push_back(mapped(step, m_columns[i]->steps(), longest()));
        largest = std::max(largest, m_columns[i]->canvas()->largestEntropy());
    }
    std::ranges::sort(events);
    events.erase(std::ranges::unique(events).begin(), events.end());
    m_transport->setEvents(std::move(events));
    m_transport->setRange(longest(), longest());
    for (std::size_t i = 0; i < m_runs.size(); ++i) // one scale for all, or colours would not compare
        m_columns[i]->canvas()->setEntropyScale(largest);
    const auto place = std::ranges::find(samples, index);
    m_sampleText->setText(samples.empty() ? tr("No samples")
                                          : tr("Sample %1 of %2").arg(index + 1).arg(samples.back() + 1));
    m_previous->setEnabled(place != samples.end() && place != samples.begin());
    m_next->setEnabled(place != samples.end() && std::next(place) != samples.end());
    refreshDifferences();
    if (!m_runs.empty()) {
        const CompareColumn& first = *m_columns.front();
        std::vector<CanvasMember> members;
        for (const PoolMemberSpec& member : m_runs.front().summary.request.pool)
            members.push_back({member.letter, QString::fromStdString(member.name)});
        m_legend->describe(first.canvas()->coloring(), members, first.canvas()->scaleEnd());
    }
    showTick(std::clamp(m_tick, 0, longest()));
}

void ComparePage::stepSample(int direction) {
    const std::vector<int> samples = sampleIndices(m_runs);
    const auto place = std::ranges::find(samples, m_sample);
    if (place == samples.end() || (direction < 0 && place == samples.begin()))
        return;
    const auto other = direction < 0 ? std::prev(place) : std::next(place);
    if (other != samples.end())
        showSample(*other);
}

void ComparePage::showTick(int tick) {
    m_tick = tick;
    const int steps = longest();
    m_transport->setStep(tick);
    for (std::size_t i = 0; i < m_runs.size(); ++i)
        m_columns[i]->setStep(mapped(tick, steps, m_columns[i]->steps()));
    m_transport->setText(steps == 0      ? QString()
                         : tick >= steps ? tr("finished")
                                         : tr("%1% of the steps").arg(100.0 * tick / steps, 0, 'f', 1));
}

void ComparePage::scrollFrom(std::size_t column) {
    if (m_scrolling || !m_together->isChecked())
        return;
    m_scrolling = true;
    const QScrollBar* moved = m_columns[column]->canvas()->verticalScrollBar();
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        QScrollBar* bar = m_columns[i]->canvas()->verticalScrollBar();
        if (i != column)
            bar->setValue(mapped(moved->value(), moved->maximum(), bar->maximum()));
    }
    m_scrolling = false;
}

void ComparePage::showEvent(QShowEvent* event) {
    restore();
    QWidget::showEvent(event);
}

void ComparePage::resizeEvent(QResizeEvent* event) {
    m_legend->setVisible(!m_runs.empty() && width() >= kLegendWidth);
    QWidget::resizeEvent(event);
}

void ComparePage::hideEvent(QHideEvent* event) {
    m_transport->pause();
    QWidget::hideEvent(event);
}

void ComparePage::keyPressEvent(QKeyEvent* event) {
    const int direction = event->key() == Qt::Key_Left ? -1 : 1;
    if (m_runs.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        event->modifiers() & Qt::ControlModifier ? stepSample(direction)
                                                 : m_transport->stepToEvent(direction);
        return;
    case Qt::Key_Home:
    case Qt::Key_End:
        m_transport->pause();
        showTick(event->key() == Qt::Key_Home ? 0 : longest());
        return;
    case Qt::Key_Space:
        m_transport->isPlaying() ? m_transport->pause() : m_transport->play();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace steploom
