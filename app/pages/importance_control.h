// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_thread.h"
#include "app/bridge/session.h"
#include "engine/measures/step_importance.h"
#include "engine/schedule/step_schedule.h"

#include <QAction>
#include <QObject>

#include <optional>

namespace steploom {

/// How much the steps matter for the pool of the Design page: looked up for every new pool, measured when
/// somebody asks for it, and what a schedule is expected to cost by it.
class ImportanceControl : public QObject {
    Q_OBJECT
public:
    /// Session and engine must outlive it.
    ImportanceControl(Session& session, EngineThread& engine, QObject* parent = nullptr);

    /// Text to measure on unless another one was chosen; empty: none.
    void setUsualText(const QString& file);
    /// The one that is measured on; empty: none.
    QString text() const;
    /// Of the pool; windows 0: not known. While it is being measured, of the windows so far.
    const ImportanceProfile& profile() const noexcept { return m_profile; }
    /// "KL(H‖L), nats a masked position, 134 windows"
    QString measureText() const;
    bool isMeasuring() const noexcept { return m_measuring; }

    /// Nats a token more than the first member alone, from the importance of the steps (see predictedCost()).
    /// Nothing while that is not known for every member of the schedule.
    std::optional<double> predictedCost(const StepSchedule& schedule) const;

    QAction* measureAction() const noexcept { return m_measure; }
    QList<QAction*> commands() const { return {m_measure, m_choose}; }

signals:
    /// What is known, or whether it can be measured.
    void changed();
    void advanced(double share, const QString& line);
    void ended(const QString& line);

private:
    ImportanceSettings settings() const;
    void adoptPool();
    void look();
    void measure();
    void chooseText();
    void take(const ImportanceProfile& profile);
    void review();

    Session& m_session;
    EngineThread& m_engine;
    QAction* m_measure = nullptr;
    QAction* m_choose = nullptr;
    QString m_usualText;
    ImportanceProfile m_profile;
    bool m_measuring = false;
};

} // namespace steploom
