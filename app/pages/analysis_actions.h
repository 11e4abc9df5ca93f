// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/generation_queue.h"
#include "app/bridge/run_library.h"
#include "app/pages/analysis_dialog.h"

#include <QAction>
#include <QObject>

#include <array>
#include <functional>

namespace steploom {

/// The commands that begin an analysis, one for each kind: "New segment search…". Each opens the dialog and
/// puts what comes out of it into the queue.
class AnalysisActions : public QObject {
    Q_OBJECT
public:
    struct Sources {
        const Session& session;
        RunLibrary& library;
        GenerationQueue& queue;
        std::function<GenerationRequest()> present; ///< of the Design page
        std::function<QString()> text;              ///< file that is measured on unless another one is chosen
        QWidget* window;                            ///< of the dialog
    };
    /// All that is referred to must outlive it.
    explicit AnalysisActions(Sources sources, QObject* parent = nullptr);

    /// Object names newImportanceAction, newSearchAction, newFrontierAction, newCorrelationAction,
    /// newBrierAction, newAutoencoderAction.
    QAction* action(AnalysisKind kind) const { return m_actions[static_cast<std::size_t>(kind)]; }
    QList<QAction*> all() const { return {m_actions.begin(), m_actions.end()}; }

signals:
    /// One was added to the queue.
    void queued();
    void failed(const steploom::Error::Parts& error);

private:
    void open(AnalysisKind kind);

    Sources m_sources;
    std::array<QAction*, kAnalysisKinds> m_actions{};
};

} // namespace steploom
