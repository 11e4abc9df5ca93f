// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/brier_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/checkpoint_folders.h"
#include "app/pages/checkpoint_list.h"
#include "app/pages/text_file_field.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "engine/core/error.h"

#include <QGridLayout>
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

constexpr int kMostWindows = 1'000'000, kMostDraws = 64, kMostLength = 65'536, kMostCandidates = 1'000'000;
constexpr int kPairField = 110; // px
constexpr double kWholeTolerance = 0.005;

QStringList partsOf(const QString& text, const char* between) {
    return text.split(QRegularExpression(QLatin1String(between)), Qt::SkipEmptyParts);
}

[[noreturn]] void refuse(const QString& part, const QString& why, const QString& remedy) {
    throw Error(ErrorKind::Request, {BrierForm::tr("cannot read the form").toStdString(), part.toStdString(),
                                     why.toStdString(), remedy.toStdString()});
}

} // namespace

std::vector<double> parseWholeTemperatures(const QString& text) {
    std::vector<double> temperatures;
    for (const QString& part : partsOf(text, "[\\s,;]+")) {
        bool isNumber = false;
        const bool isFraction = part.startsWith(QLatin1String("1/"));
        double value = QLocale::c().toDouble(isFraction ? part.mid(2) : part, &isNumber);
        if (isFraction && value > 0)
            value = 1 / value;
        const double whole = isNumber && value > 0 ? std::round(1 / value) : 0;
        if (!(whole >= 1) || std::abs(1 / whole - value) > kWholeTolerance)
            refuse(part, BrierForm::tr("“%1” is no temperature that the approximation can do").arg(part),
                   BrierForm::tr("give 1, 1/2, 1/3 and so on"));
        if (std::ranges::find(temperatures, 1 / whole) == temperatures.end())
            temperatures.push_back(1 / whole);
    }
    if (temperatures.empty())
        refuse({}, BrierForm::tr("there is no temperature"), BrierForm::tr("give some, as in 1 1/2 1/3"));
    std::ranges::sort(temperatures);
    return temperatures;
}

std::vector<int> parseCandidates(const QString& text) {
    std::vector<int> candidates;
    for (const QString& part : partsOf(text, "[\\s,;]+")) {
        bool isNumber = false;
        const int value = part.toInt(&isNumber);
        if (!isNumber || value < 1 || value > kMostCandidates)
            refuse(part, BrierForm::tr("“%1” is no number of candidates").arg(part),
                   BrierForm::tr("give whole numbers from 1 up, as in 10 50 200"));
        if (std::ranges::find(candidates, value) == candidates.end())
            candidates.push_back(value);
    }
    if (candidates.empty())
        refuse({}, BrierForm::tr("there is no number of candidates"), BrierForm::tr("give some, as in 200"));
    std::ranges::sort(candidates);
    return candidates;
}

BrierForm::BrierForm(const AnalysisMeans& means, QWidget* parent) : AnalysisForm(parent), m_means(means) {
    const QSettings stored;
    const BrierStudyOrder usual;
    m_folders = new CheckpointList(
        "brier", tr("An autoregressive, CALM or masked-diffusion checkpoint, or the output of a training"),
        problemOfGeneratorFolder);
    const auto line = [&](const char* name, const char* key, const QString& text,
                          const QString& placeholder) {
        auto* field = new QLineEdit(stored.value(QLatin1String(key), text).toString());
        field->setObjectName(QLatin1String(name));
        field->setPlaceholderText(placeholder);
        return field;
    };
    m_schedules =
        line("brierSchedules", settings::kBrierSchedules, {}, tr("sandwich:0.25; tail:0.5; (H16,L16)"));
    m_temperatures = line("brierTemperatures", settings::kBrierTemperatures, "1", "1 1/2 1/3");
    m_candidates = line("brierCandidates", settings::kBrierCandidates, "200", "10 50 200");
    m_line = makeLabel({}, "dim");
    m_line->setObjectName("brierLine");
    m_line->setWordWrap(true);
    m_text = new TextFileField("brierText", tr("Text"));
    const auto number = [&](const char* name, const char* key, int most, int value) {
        return fields::number(QLatin1String(name), 1, most, stored.value(QLatin1String(key), value).toInt());
    };
    m_windows = number("brierWindows", settings::kBrierWindows, kMostWindows, usual.windows);
    m_context = number("brierContext", settings::kBrierContext, kMostLength, usual.context);
    m_length = number("brierLength", settings::kBrierLength, kMostLength, usual.length);
    m_steps = number("brierSteps", settings::kBrierSteps, StepSchedule::kMaximumSteps, usual.steps);
    m_draws = number("brierDraws", settings::kBrierDraws, kMostDraws, usual.draws);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(m_folders, 1);
    column->addWidget(
        fields::row(tr("Schedules of the CALM models"), m_schedules,
                    tr("Of the CALM checkpoints as a pool, lettered H, L, C, D in their order; separated "
                       "by semicolons; empty: each model alone"),
                    fields::kWideField));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(3 * Theme::kGrid);
    grid->setVerticalSpacing(6);
    int place = 0;
    const auto add = [&](const QString& label, QWidget* field, const QString& tip) {
        grid->addWidget(fields::row(label, field, tip, kPairField), place / 2, place % 2);
        ++place;
    };
    add(tr("Temperatures"), m_temperatures, tr("Of every CALM checkpoint alone: 1/n"));
    add(tr("Candidates N"), m_candidates, tr("At every temperature below 1, each in turn"));
    add(tr("Windows"), m_windows, tr("Pieces of the text that are continued, at most"));
    add(tr("Context"), m_context, tr("Tokens of each window that are given"));
    add(tr("Length"), m_length, tr("Of the canvas that the cost and the schedules are for, tokens"));
    add(tr("Steps"), m_steps, tr("Of masked diffusion"));
    add(tr("Draws R"), m_draws, tr("Continuations of each window, for those that state no probabilities"));
    column->addLayout(grid);
    column->addWidget(m_line);
    column->addWidget(m_text);
    m_text->setMeasure(nullptr, 0); // each model has a tokenizer of its own
    const QString text = stored.value(settings::kAnalysisText).toString();
    m_text->setPath(text.isEmpty() ? m_means.text : text);
    m_folders->setFolders(stored.value(settings::kBrierFolders).toStringList());

    const auto edited = [this] {
        review();
        emit changed();
    };
    connect(m_text, &TextFileField::changed, this, &AnalysisForm::changed);
    connect(m_folders, &CheckpointList::changed, this, edited);
    for (QLineEdit* field : {m_schedules, m_temperatures, m_candidates})
        connect(field, &QLineEdit::textChanged, this, edited);
    for (QSpinBox* box : {m_windows, m_context, m_length, m_steps, m_draws})
        connect(box, &QSpinBox::valueChanged, this, edited);
    review();
}

/// What is wrong with the typed lines; empty when nothing is.
static QString problemOfLines(const QString& temperatures, const QString& candidates) {
    try {
        (void)parseWholeTemperatures(temperatures);
        (void)parseCandidates(candidates);
    } catch (const Error& error) {
        return fields::sentence(error.parts());
    }
    return {};
}

void BrierForm::review() {
    const auto count = m_folders->folders().size();
    m_folders->setRemark(
        count == 0   ? tr("Add checkpoints, or drop their folders here: of several kinds, to compare them.")
        : count == 1 ? tr("1 checkpoint")
                     : tr("%1 checkpoints").arg(count));
    fields::showLine(*m_line, problemOfLines(m_temperatures->text(), m_candidates->text()));
}

AnalysisOrder BrierForm::order() const {
    BrierStudyOrder order;
    for (const QString& folder : m_folders->folders())
        order.checkpoints.push_back(folder.toStdString());
    for (const QString& schedule : partsOf(m_schedules->text(), ";"))
        if (!schedule.trimmed().isEmpty())
            order.schedules.push_back(schedule.trimmed().toStdString());
    if (problemOfLines(m_temperatures->text(), m_candidates->text()).isEmpty()) {
        order.temperatures = parseWholeTemperatures(m_temperatures->text());
        order.candidates = parseCandidates(m_candidates->text());
    }
    order.text = m_text->path().toStdString();
    order.windows = m_windows->value();
    order.context = m_context->value();
    order.length = m_length->value();
    order.steps = m_steps->value();
    order.draws = m_draws->value();
    order.seed = m_means.present.seed;
    return order;
}

GenerationRequest BrierForm::request() const {
    GenerationRequest request;
    request.schedule = StepSchedule("H"); // none is used, but a request without one cannot be kept
    request.seed = m_means.present.seed;
    return request;
}

QString BrierForm::missing() const { return {}; }

QString BrierForm::problem() const {
    const QString none = m_folders->folders().isEmpty() ? tr("Add a checkpoint first.") : QString();
    for (const QString& problem :
         {m_folders->unfit(), none, problemOfLines(m_temperatures->text(), m_candidates->text()),
          m_text->problem()})
        if (!problem.isEmpty())
            return problem;
    return {};
}

void BrierForm::remember() const {
    QSettings stored;
    stored.setValue(settings::kBrierFolders, m_folders->folders());
    stored.setValue(settings::kBrierSchedules, m_schedules->text());
    stored.setValue(settings::kBrierTemperatures, m_temperatures->text());
    stored.setValue(settings::kBrierCandidates, m_candidates->text());
    stored.setValue(settings::kAnalysisText, m_text->path() == m_means.text ? QString() : m_text->path());
    stored.setValue(settings::kBrierWindows, m_windows->value());
    stored.setValue(settings::kBrierContext, m_context->value());
    stored.setValue(settings::kBrierLength, m_length->value());
    stored.setValue(settings::kBrierSteps, m_steps->value());
    stored.setValue(settings::kBrierDraws, m_draws->value());
}

} // namespace steploom
