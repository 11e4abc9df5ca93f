// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analysis_actions.h"

namespace steploom {

AnalysisActions::AnalysisActions(Sources sources, QObject* parent)
    : QObject(parent), m_sources(std::move(sources)) {
    const auto add = [this](AnalysisKind kind, const char* name, const QString& text) {
        auto* action = new QAction(text, this);
        action->setObjectName(QLatin1String(name));
        connect(action, &QAction::triggered, this, [this, kind] { open(kind); });
        m_actions[static_cast<std::size_t>(kind)] = action;
    };
    add(AnalysisKind::Importance, "newImportanceAction", tr("New measurement of step importance…"));
    add(AnalysisKind::Search, "newSearchAction", tr("New segment search…"));
    add(AnalysisKind::Frontier, "newFrontierAction", tr("New frontier…"));
    add(AnalysisKind::Correlation, "newCorrelationAction", tr("New correlation study…"));
    add(AnalysisKind::Brier, "newBrierAction", tr("New BrierLM study…"));
    add(AnalysisKind::Autoencoder, "newAutoencoderAction", tr("New measurement of an autoencoder…"));
}

void AnalysisActions::open(AnalysisKind kind) {
    AnalysisDialog dialog(
        kind,
        {.present = m_sources.present(),
         .pool = m_sources.session.pool(),
         .evaluator = m_sources.session.evaluator(),
         .library = m_sources.library.schedules(),
         .text = m_sources.text()},
        [this](const GenerationRequest& request, const AnalysisOrder& order) {
            return m_sources.queue.workOf(request, order);
        },
        m_sources.window);
    if (dialog.exec() != QDialog::Accepted)
        return;
    const std::optional<WantedGeneration> wanted = dialog.wanted();
    if (!wanted)
        return;
    if (const auto error = m_sources.queue.add({&*wanted, 1}))
        emit failed(*error);
    else
        emit queued();
}

} // namespace steploom
