// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/search_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "engine/schedule/segment_schedules.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr std::uint64_t kMostSchedules = SearchOrder::kMostSchedules;
constexpr int kUsualMost = 50, kUsualSamples = 32, kMostSamples = 1'000'000;
constexpr int kAll = 0, kSome = 1;

} // namespace

SearchForm::SearchForm(const AnalysisMeans& means, QWidget* parent) : AnalysisForm(parent), m_means(means) {
    const QSettings stored;
    const SearchOrder usual;
    const auto remembered = [&](const char* key, int value) { return stored.value(key, value).toInt(); };
    const int steps = StepSchedule::kMaximumSteps;
    m_segments =
        fields::number("searchSegments", 1, steps, remembered(settings::kSearchSegments, usual.segments));
    m_light = fields::number("searchLight", 0, steps, remembered(settings::kSearchLight, usual.light));
    m_most = fields::number("searchMost", 1, static_cast<int>(kMostSchedules),
                            remembered(settings::kSearchMost, kUsualMost));
    m_samples =
        fields::number("searchSamples", 2, kMostSamples, remembered(settings::kSearchSamples, kUsualSamples));
    m_which = new SegmentedSwitch({tr("all"), tr("drawn")});
    m_which->setObjectName("searchWhich");
    m_which->setAccessibleName(tr("Which choices"));
    m_which->setCurrentIndex(stored.value(settings::kSearchDrawn).toBool() ? kSome : kAll);
    m_stopEarly = new QCheckBox(tr("No more samples for a schedule that is surely worse than another"));
    m_stopEarly->setObjectName("searchStopEarly");
    m_stopEarly->setChecked(stored.value(settings::kSearchStopEarly, usual.stopEarly).toBool());
    m_line = makeLabel({}, "dim");
    m_line->setObjectName("searchLine");
    m_line->setWordWrap(true);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(fields::row(tr("Segments"), m_segments, tr("S: the run in this many equal parts")));
    column->addWidget(fields::row(tr("Light ones"), m_light,
                                  tr("k: how many of the segments the pool's second model does; the first "
                                     "model does the rest, and all of the baseline")));
    auto* which = new QWidget;
    auto* row = new QHBoxLayout(which);
    row->setContentsMargins({});
    row->addWidget(m_which, 1);
    row->addWidget(m_most);
    m_most->setAccessibleName(tr("How many are drawn"));
    column->addWidget(fields::row(
        tr("Choices"), which, tr("All choices of k segments, or so many of them, drawn by the seed"), 240));
    column->addWidget(m_line);
    column->addWidget(fields::row(tr("Samples"), m_samples,
                                  tr("Of each schedule; schedules are compared sample by sample, under the "
                                     "same random numbers")));
    column->addWidget(m_stopEarly);
    column->addStretch(1);
    const auto edited = [this] {
        review();
        emit changed();
    };
    for (QSpinBox* box : {m_segments, m_light, m_most, m_samples})
        connect(box, &QSpinBox::valueChanged, this, edited);
    connect(m_which, &SegmentedSwitch::currentChanged, this, edited);
    connect(m_stopEarly, &QCheckBox::toggled, this, edited);
    review();
}

SearchOrder SearchForm::search() const {
    return {.segments = m_segments->value(),
            .light = m_light->value(),
            .most = m_which->currentIndex() == kSome ? m_most->value() : 0,
            .stopEarly = m_stopEarly->isChecked()};
}

AnalysisOrder SearchForm::order() const { return search(); }

/// The baseline, whatever is drawn on the Design page: a search of the same settings is the same search.
GenerationRequest SearchForm::request() const {
    GenerationRequest request = m_means.present;
    if (!request.pool.empty() && !request.schedule.empty())
        request.schedule = StepSchedule::all(request.pool.front().letter, request.schedule.steps());
    request.samples = m_samples->value();
    return request;
}

QString SearchForm::problem() const {
    const int steps = m_means.present.schedule.steps();
    if (m_light->value() > m_segments->value())
        return tr("There are %1 segments only. Ask for at most as many light ones.").arg(m_segments->value());
    if (steps > 0 && m_segments->value() > steps)
        return tr("The run has %1 steps only. Ask for at most as many segments.").arg(steps);
    const std::uint64_t all =
        segmentScheduleCount({.segments = m_segments->value(), .light = m_light->value()});
    if (m_which->currentIndex() == kAll && all > kMostSchedules)
        return tr("That is more than %1 schedules. Draw some of them.")
            .arg(QLocale().toString(static_cast<qulonglong>(kMostSchedules)));
    return {};
}

QString SearchForm::missing() const {
    const QString pool = problemOfPool(m_means, 2);
    return pool.isEmpty() ? problemOfEvaluator(m_means) : pool;
}

void SearchForm::review() {
    m_most->setEnabled(m_which->currentIndex() == kSome);
    const std::uint64_t all =
        segmentScheduleCount({.segments = m_segments->value(), .light = m_light->value()});
    const QString count = all > 1'000'000'000 ? tr("more than a thousand million")
                                              : QLocale().toString(static_cast<qulonglong>(all));
    QString remark = tr("C(%1, %2) = %3").arg(m_segments->value()).arg(m_light->value()).arg(count);
    if (m_which->currentIndex() == kSome && static_cast<std::uint64_t>(m_most->value()) < all)
        remark += tr(", of which %1 are drawn").arg(QLocale().toString(m_most->value()));
    fields::showLine(*m_line, problem(), remark);
}

void SearchForm::remember() const {
    QSettings stored;
    stored.setValue(settings::kSearchSegments, m_segments->value());
    stored.setValue(settings::kSearchLight, m_light->value());
    stored.setValue(settings::kSearchDrawn, m_which->currentIndex() == kSome);
    stored.setValue(settings::kSearchMost, m_most->value());
    stored.setValue(settings::kSearchSamples, m_samples->value());
    stored.setValue(settings::kSearchStopEarly, m_stopEarly->isChecked());
}

} // namespace steploom
