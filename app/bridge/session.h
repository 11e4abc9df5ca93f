// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"
#include "engine/sampling/model_pool.h"

#include <QObject>
#include <QString>
#include <QVector>

#include <memory>

namespace steploom {

/// The pool as the window knows it: facts, no weights (those stay in the engine thread).
struct PoolFacts {
    struct Member {
        PoolMemberSpec spec;
        ModelFacts facts;
    };
    std::vector<Member> members;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::string tokenizerPath; ///< as asked for; empty: the members' own
    std::int32_t maskToken = 0;

    /// Of all members; masked diffusion while there is none.
    GenerationKind kind() const noexcept;
    /// K: tokens that a step writes, 1 but for CALM.
    int chunk() const noexcept;
    std::string letters() const;
    int indexOf(char letter) const noexcept; ///< −1 when there is none
    /// Whether a request for these members can run on this pool: letters, folders, precisions, and hashes
    /// where known.
    bool serves(const std::vector<PoolMemberSpec>& wanted) const;
    std::vector<PoolMemberSpec> specs() const;
    /// FLOPs per call at a length; seconds 0 unless they are given, in pool order.
    std::vector<CallCost> callCosts(int length, const std::vector<CallSeconds>& seconds = {}) const;
};

struct EvaluatorFacts {
    QString name;
    QString path;
    ModelFacts facts;
    std::string tokenizer; ///< its fingerprint; empty: not known
};

/// What the pages share: pool, evaluator, selected run and step. No page talks to another page.
class Session : public QObject {
    Q_OBJECT
public:
    explicit Session(QObject* parent = nullptr) : QObject(parent) {}

    const PoolFacts& pool() const noexcept { return m_pool; }
    void setPool(const PoolFacts& pool);
    const EvaluatorFacts& evaluator() const noexcept { return m_evaluator; }
    void setEvaluator(const EvaluatorFacts& evaluator);
    /// Run shown on the Design page's canvas and marked in table and chart; 0: none.
    qint64 selectedRun() const noexcept { return m_selectedRun; }
    void selectRun(qint64 run);
    int selectedStep() const noexcept { return m_selectedStep; }
    void selectStep(int step);

signals:
    void poolChanged();
    void evaluatorChanged();
    void selectedRunChanged(qint64 run);
    void selectedStepChanged(int step);
    /// Somebody wants this run on the Design page (double click in table or chart).
    void openRunRequested(qint64 run);
    /// Somebody wants these runs side by side on the Compare page, in this order.
    void compareRunsRequested(const std::vector<qint64>& runs);
    /// Somebody wants a report of these runs, in this order.
    void reportRunsRequested(const std::vector<qint64>& runs);

private:
    PoolFacts m_pool;
    EvaluatorFacts m_evaluator;
    qint64 m_selectedRun = 0;
    int m_selectedStep = -1;
};

} // namespace steploom
