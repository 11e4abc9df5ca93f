// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/calm_fields.h"

#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr int kMostCandidates = 1'000'000, kMostDraws = 1'000'000'000;
constexpr double kFieldStep = 0.01; ///< of the temperature, as its field shows it

QSpinBox* count(const char* name, int most) {
    auto* box = new QSpinBox;
    box->setObjectName(QLatin1String(name));
    box->setRange(1, most);
    box->setAccelerated(true);
    box->setGroupSeparatorShown(true);
    return box;
}

LabeledRow* row(const QString& label, QWidget* field, int width, const QString& tip) {
    auto* made = new LabeledRow(label, field, width);
    made->setToolTip(tip);
    field->setAccessibleDescription(tip);
    return made;
}

} // namespace

CalmFields::CalmFields(int fieldWidth, QWidget* parent)
    : QWidget(parent), m_method(new QComboBox), m_candidates(count("candidatesField", kMostCandidates)),
      m_mostDraws(count("mostDrawsField", kMostDraws)),
      m_fallBack(new QCheckBox(tr("at the limit fall back to batch"))) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(7);
    m_method->setObjectName(QStringLiteral("temperatureMethodField"));
    m_method->addItems({tr("batch"), tr("exact")}); // in the order of TemperatureMethod
    m_fallBack->setObjectName(QStringLiteral("fallBackField"));
    m_fallBack->setToolTip(
        tr("Take the batch approximation of the draws made, and say so; unticked, the run ends "
           "there with the samples that are finished"));
    column->addWidget(
        row(tr("method"), m_method, fieldWidth,
            tr("Below temperature 1. batch: from the counts of N draws, T = 1/n only, biased for few. "
               "exact: draws until n agree, every T, as many draws as that takes "
               "(arXiv 2510.27688, section 6)")));
    m_candidatesRow = row(tr("candidates N"), m_candidates, fieldWidth,
                          tr("Vectors drawn for each chunk at once; the more, the nearer to P^(1/T)"));
    column->addWidget(m_candidatesRow);
    m_mostDrawsRow = row(tr("most draws"), m_mostDraws, fieldWidth,
                         tr("Of one vector, before the exact algorithm gives up"));
    column->addWidget(m_mostDrawsRow);
    column->addWidget(m_fallBack);
    show({});
    const auto edited = [this] {
        showWhatApplies();
        emit changed();
    };
    connect(m_method, &QComboBox::currentIndexChanged, this, edited);
    for (QSpinBox* box : {m_candidates, m_mostDraws})
        connect(box, &QSpinBox::valueChanged, this, edited);
    connect(m_fallBack, &QCheckBox::toggled, this, edited);
}

TemperatureMethod CalmFields::method() const {
    return static_cast<TemperatureMethod>(m_method->currentIndex());
}

void CalmFields::showWhatApplies() {
    const bool exact = method() == TemperatureMethod::Exact;
    m_candidatesRow->setVisible(!exact);
    m_mostDrawsRow->setVisible(exact);
    m_fallBack->setVisible(exact);
}

void CalmFields::copy(const GenerationRequest& from, GenerationRequest& to) {
    to.temperatureMethod = from.temperatureMethod;
    to.candidates = from.candidates;
    to.mostDraws = from.mostDraws;
    to.fallBack = from.fallBack;
}

QString CalmFields::summary(const GenerationRequest& request) {
    return request.temperature >= 1 ? tr("one draw")
           : request.temperatureMethod == TemperatureMethod::Exact
               ? tr("exact")
               : tr("batch of %1").arg(request.candidates);
}

void CalmFields::writeTo(GenerationRequest& request) const {
    request.temperatureMethod = method();
    request.candidates = m_candidates->value();
    request.mostDraws = m_mostDraws->value();
    request.fallBack = m_fallBack->isChecked();
    const double whole = std::round(1 / request.temperature);
    if (method() == TemperatureMethod::Batch && std::abs(1 / whole - request.temperature) < kFieldStep / 2)
        request.temperature = 1 / whole;
}

void CalmFields::show(const GenerationRequest& request) {
    const QSignalBlocker quiet(this);
    m_method->setCurrentIndex(static_cast<int>(request.temperatureMethod));
    m_candidates->setValue(request.candidates);
    m_mostDraws->setValue(static_cast<int>(std::min<std::int64_t>(request.mostDraws, kMostDraws)));
    m_fallBack->setChecked(request.fallBack);
    showWhatApplies();
}

} // namespace steploom
