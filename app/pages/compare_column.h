// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/compared_runs.h"
#include "app/widgets/controls.h"
#include "app/widgets/step_words.h"
#include "app/widgets/token_canvas.h"

class QLabel;
class QPlainTextEdit;
class QStackedWidget;

namespace steploom {

class ScheduleThumbnail;

/// One of the runs that are compared: what it is called, its schedule, its measures, and the text of the
/// sample that all columns show. It borrows the run, which the page keeps while the column shows it.
class CompareColumn : public Card {
    Q_OBJECT
public:
    explicit CompareColumn(int place, QWidget* parent = nullptr);

    void setRun(const Run& run);
    /// It lends its place to no run.
    void clear();
    /// Where it stands, which decides what the menu offers.
    void setPlace(bool baseline, bool first, bool last);
    /// Is marked as having the best perplexity.
    void setBest(bool best);
    /// Nobody can open it any more; what was read of it stays.
    void setGone(bool gone);
    /// Without one the plain text is shown, and `why` (which is empty while it is being read).
    void setTokenizer(std::shared_ptr<const Tokenizer> tokenizer, const QString& why);
    void showSample(int index);
    void setDifference(const ColumnDifference& difference);
    /// 0…T of the run's own steps.
    void setStep(int step);
    StepWords words() const;
    int steps() const { return m_run ? m_run->summary.request.schedule.steps() : 0; }
    TokenCanvas* canvas() const noexcept { return m_canvas; }

signals:
    void baselineRequested();
    /// −1: to the left
    void moveRequested(int direction);
    void openRequested();
    void removeRequested();

private:
    void makeHeading(int place);
    void refreshMeasures();
    void refreshNote();

    const Run* m_run = nullptr;
    ColumnDifference m_difference;
    int m_sample = -1;
    bool m_baseline = false, m_best = false, m_gone = false;
    QString m_why; ///< not null: no tokens are shown

    QLabel* m_name;
    QLabel* m_origin;
    QLabel* m_saved;
    ScheduleThumbnail* m_schedule;
    QLabel* m_measures;
    QLabel* m_tag;
    QLabel* m_notice;
    QStackedWidget* m_stack;
    TokenCanvas* m_canvas;
    QPlainTextEdit* m_plain;
    QLabel* m_absent;
    QLabel* m_note;
    QAction *m_useAsBaseline, *m_left, *m_right, *m_open;
};

} // namespace steploom
