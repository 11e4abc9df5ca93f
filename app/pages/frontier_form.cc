// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/frontier_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/schedule_choice_list.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpression>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr int kUsualSamples = 32, kMostSamples = 1'000'000;
constexpr int kLeastListHeight = 150; ///< px
constexpr double kHighestTemperature = 100;

} // namespace

std::vector<double> parseTemperatures(const QString& text) {
    static const QRegularExpression between(QStringLiteral("[\\s,;]+"));
    std::vector<double> temperatures;
    for (const QString& part : text.split(between, Qt::SkipEmptyParts)) {
        bool isNumber = false;
        const double value = QLocale::c().toDouble(part, &isNumber);
        if (!isNumber || !(value > 0) || value > kHighestTemperature)
            throw Error(ErrorKind::Request, {"cannot read the temperatures", part.toStdString(),
                                             "“" + part.toStdString() + "” is no temperature",
                                             "give numbers above 0, as in 0.8 1 1.2"});
        if (std::ranges::find(temperatures, value) == temperatures.end())
            temperatures.push_back(value);
    }
    if (temperatures.empty())
        throw Error(ErrorKind::Request,
                    {"cannot read the temperatures", "", "there is none", "give some, as in 0.6 0.8 1 1.2"});
    std::ranges::sort(temperatures);
    return temperatures;
}

FrontierForm::FrontierForm(const AnalysisMeans& means, QWidget* parent)
    : AnalysisForm(parent), m_means(means) {
    const QSettings stored;
    m_schedules = new ScheduleChoiceList(m_means.present, m_means.library);
    m_schedules->setObjectName("frontierSchedules");
    m_schedules->setMinimumHeight(kLeastListHeight);
    m_schedulesLine = makeLabel({}, "dim");
    m_schedulesLine->setObjectName("frontierSchedulesLine");
    m_budget = fields::number("frontierBudget", 1, 99,
                              static_cast<int>(std::lround(100 * m_schedules->lightShare())));
    m_budget->setSuffix("%");
    m_temperatures =
        new QLineEdit(stored.value(settings::kFrontierTemperatures, "0.6 0.8 1.0 1.2").toString());
    m_temperatures->setObjectName("frontierTemperatures");
    m_temperatures->setPlaceholderText("0.6 0.8 1.0 1.2");
    m_temperaturesLine = makeLabel({}, "dim");
    m_temperaturesLine->setObjectName("frontierTemperaturesLine");
    m_temperaturesLine->setWordWrap(true);
    m_samples = fields::number("frontierSamples", 2, kMostSamples,
                               stored.value(settings::kFrontierSamples, kUsualSamples).toInt());

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(m_schedules, 1);
    column->addWidget(m_schedulesLine);
    column->addWidget(fields::row(tr("Presets with light steps"), m_budget,
                                  tr("The budget of the presets in the list: the share of steps that the "
                                     "pool's second model does")));
    column->addWidget(fields::row(tr("Temperatures"), m_temperatures,
                                  tr("Each schedule is generated at each of them"), 240));
    column->addWidget(m_temperaturesLine);
    column->addWidget(fields::row(tr("Samples"), m_samples, tr("Of each schedule at each temperature")));
    const auto edited = [this] {
        review();
        emit changed();
    };
    connect(m_schedules, &QListWidget::itemChanged, this, edited);
    connect(m_budget, &QSpinBox::valueChanged, this, [this, edited](int percent) {
        m_schedules->setLightShare(percent / 100.0);
        edited();
    });
    connect(m_temperatures, &QLineEdit::textChanged, this, edited);
    connect(m_samples, &QSpinBox::valueChanged, this, edited);
    review();
}

AnalysisOrder FrontierForm::order() const {
    FrontierOrder order;
    for (const ScheduleChoiceList::Choice* choice : m_schedules->ticked())
        if (std::ranges::find(order.schedules, choice->schedule) == order.schedules.end())
            order.schedules.push_back(choice->schedule);
    if (m_temperaturesProblem.isEmpty())
        order.temperatures = parseTemperatures(m_temperatures->text());
    return order;
}

/// Schedule and temperature are the order's: whatever the Design page has of them, it is the same frontier.
GenerationRequest FrontierForm::request() const {
    GenerationRequest request = m_means.present;
    if (!request.pool.empty() && !request.schedule.empty())
        request.schedule = StepSchedule::all(request.pool.front().letter, request.schedule.steps());
    request.temperature = 1;
    request.samples = m_samples->value();
    return request;
}

QString FrontierForm::missing() const {
    const QString pool = problemOfPool(m_means, 1);
    return pool.isEmpty() ? problemOfEvaluator(m_means) : pool;
}

QString FrontierForm::problem() const {
    return m_schedules->ticked().empty() ? tr("Tick at least one schedule.") : m_temperaturesProblem;
}

void FrontierForm::review() {
    m_temperaturesProblem.clear();
    try {
        (void)parseTemperatures(m_temperatures->text());
    } catch (const Error& error) {
        m_temperaturesProblem = fields::sentence(error.parts());
    }
    fields::showLine(*m_temperaturesLine, m_temperaturesProblem);
    const auto ticked = static_cast<int>(m_schedules->ticked().size());
    fields::showLine(*m_schedulesLine, ticked == 0 ? tr("Tick at least one schedule.") : QString(),
                     ticked == 1 ? tr("1 schedule is ticked") : tr("%1 schedules are ticked").arg(ticked));
}

void FrontierForm::remember() const {
    QSettings stored;
    stored.setValue(settings::kFrontierTemperatures, m_temperatures->text());
    stored.setValue(settings::kFrontierSamples, m_samples->value());
}

} // namespace steploom
