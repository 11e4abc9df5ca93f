// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/importance_control.h"

#include "app/pages/window_settings.h"
#include "engine/runs/known_importance.h"
#include "engine/schedule/optimum_schedule.h"

#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>

#include <algorithm>
#include <map>

namespace steploom {

namespace {

/// 256 windows of 128 tokens, and as much text of longer ones.
constexpr int kTokens = 32'768;
constexpr int kLeastWindows = 16;

} // namespace

ImportanceControl::ImportanceControl(Session& session, EngineThread& engine, QObject* parent)
    : QObject(parent), m_session(session), m_engine(engine) {
    m_measure = new QAction(tr("Measure step importance"), this);
    m_measure->setObjectName(QStringLiteral("measureImportanceAction"));
    connect(m_measure, &QAction::triggered, this, &ImportanceControl::measure);
    m_choose = new QAction(tr("Measure step importance on another text…"), this);
    m_choose->setObjectName(QStringLiteral("chooseImportanceTextAction"));
    connect(m_choose, &QAction::triggered, this, &ImportanceControl::chooseText);

    connect(&m_session, &Session::poolChanged, this, &ImportanceControl::adoptPool);
    connect(&m_engine, &EngineThread::importanceKnown, this, [this](const ImportanceProfile& profile) {
        if (!m_measuring)
            take(profile);
    });
    connect(&m_engine, &EngineThread::importanceAdvanced, this,
            [this](const ImportanceProfile& profile, double share) {
                if (!m_measuring)
                    return;
                take(profile);
                emit advanced(share, tr("Importance · %n windows", nullptr, profile.windows));
            });
    connect(&m_engine, &EngineThread::importanceEnded, this,
            [this](const ImportanceProfile& profile, bool complete) {
                m_measuring = false;
                take(profile);
                emit ended(complete
                               ? tr("Step importance measured on %n windows", nullptr, profile.windows)
                               : tr("Step importance stopped after %n windows", nullptr, profile.windows));
            });
    // Measured by the queue, it may be what this pool was waiting for.
    connect(&m_engine, &EngineThread::analysisKept, this, [this](qint64, const StoredAnalysis& kept) {
        if (kept.kind == kImportanceKind && !m_measuring)
            look();
    });
    connect(&m_engine, &EngineThread::failed, this, [this](const Error::Parts&, EngineJob job) {
        if (job == EngineJob::Importance) {
            m_measuring = false;
            review();
        }
    });
    review();
}

void ImportanceControl::setUsualText(const QString& file) {
    m_usualText = file;
    review();
}

QString ImportanceControl::text() const {
    const QString chosen = QSettings().value(settings::kImportanceText).toString();
    return !chosen.isEmpty() && QFileInfo(chosen).isFile() ? chosen : m_usualText;
}

ImportanceSettings ImportanceControl::settings() const {
    ImportanceSettings settings;
    settings.length = m_session.pool().members.front().facts.length;
    for (const PoolFacts::Member& member : m_session.pool().members)
        settings.length = std::min(settings.length, member.facts.length);
    settings.windows = std::max(kLeastWindows, kTokens / std::max(1, settings.length));
    return settings;
}

/// What the old pool's steps mattered says nothing of the new one.
void ImportanceControl::adoptPool() {
    m_profile = {};
    review();
    look();
}

void ImportanceControl::look() {
    if (m_session.pool().members.size() > 1 && !text().isEmpty() &&
        m_session.pool().kind() == GenerationKind::MaskedDiffusion)
        m_engine.findImportance(text(), settings());
}

void ImportanceControl::measure() {
    if (!m_measure->isEnabled())
        return;
    m_measuring = true;
    review();
    m_engine.measureImportance(text(), settings());
    emit advanced(-1, tr("Measuring step importance"));
}

void ImportanceControl::chooseText() {
    const QString file =
        QFileDialog::getOpenFileName(QApplication::activeWindow(), tr("Text to measure step importance on"),
                                     QFileInfo(text()).path(), tr("Text (*.txt);;All files (*)"));
    if (file.isEmpty())
        return;
    QSettings().setValue(settings::kImportanceText, file);
    review();
    measure();
}

void ImportanceControl::take(const ImportanceProfile& profile) {
    m_profile = profile;
    review();
}

QString ImportanceControl::measureText() const {
    if (m_profile.members.size() < 2)
        return {};
    return tr("KL(%1‖%2), nats a masked position, %n windows", nullptr, m_profile.windows)
        .arg(QLatin1Char(m_profile.members[0].letter))
        .arg(QLatin1Char(m_profile.members[1].letter));
}

std::optional<double> ImportanceControl::predictedCost(const StepSchedule& schedule) const {
    if (m_profile.windows == 0 || schedule.empty())
        return std::nullopt;
    std::map<char, std::vector<double>> importance;
    for (const ImportanceProfile::Member& member : m_profile.members)
        importance[member.letter] = m_profile.importanceOf(member.letter);
    for (const StepSchedule::Segment& segment : schedule.segments())
        if (!importance.contains(segment.letter))
            return std::nullopt;
    return steploom::predictedCost(schedule, 1, [&](char letter) {
        return letter == m_profile.members.front().letter ? std::span<const double>()
                                                          : std::span<const double>(importance.at(letter));
    });
}

void ImportanceControl::review() {
    const QString whyNot =
        m_session.pool().kind() != GenerationKind::MaskedDiffusion
            ? tr("it is defined for masked-diffusion models: they are compared on masked text")
        : m_session.pool().members.size() < 2 ? tr("the pool has one model only")
        : m_measuring                         ? tr("it is being measured")
                                              : QString();
    m_choose->setEnabled(whyNot.isEmpty());
    m_choose->setProperty("whyNot", whyNot);
    const bool measurable = whyNot.isEmpty() && !text().isEmpty();
    m_measure->setEnabled(measurable);
    m_measure->setProperty("whyNot",
                           whyNot.isEmpty() && !measurable ? tr("there is no text to measure on") : whyNot);
    m_measure->setToolTip(
        tr("Masks a text as the steps of a run find it and compares the models: %1")
            .arg(text().isEmpty() ? tr("no text was found") : QFileInfo(text()).fileName()));
    emit changed();
}

} // namespace steploom
