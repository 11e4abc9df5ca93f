// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_thread.h"
#include "app/widgets/controls.h"
#include "app/widgets/token_canvas.h"

#include <functional>
#include <map>
#include <optional>

class QComboBox;
class QMenu;
class QStackedWidget;

namespace steploom {

class BranchBar;
class CanvasLegend;
class CanvasTransport;
class SampleGrid;

/// What the canvas must know of a run beside its samples.
struct CanvasRun {
    std::vector<CanvasMember> members; ///< in pool order
    std::shared_ptr<const Tokenizer> tokenizer;
    std::int32_t maskToken = 0;
    StepWords words;
    StepSchedule schedule;
    std::uint64_t seed = 1;
    int samples = 0;           ///< asked for
    qint64 id = 0;             ///< 0: not known
    GenerationRequest request; ///< what a branch takes over

    /// Of a request that runs (or ran) on this pool.
    static CanvasRun of(const GenerationRequest& request, const PoolFacts& pool, qint64 id = 0);
};

/// The card of the text: which sample, what the colours mean, the text, and the transport that scrubs and
/// plays its steps; all samples side by side; the canvas that a branch begins with; export. Shows a stored
/// run, or a running one: what has formed of a sample can be scrubbed already.
class CanvasPanel : public Card {
    Q_OBJECT
public:
    explicit CanvasPanel(QWidget* parent = nullptr);

    /// A stored run, at its end. Samples by index, gaps allowed (a run that was cut off).
    void setSamples(const std::vector<RunSample>& samples, const CanvasRun& run);
    /// A run that has begun; setLive and addSample follow until endLive.
    void beginLive(const CanvasRun& run);
    void setLive(const LiveState& state);
    void addSample(const RunSample& sample);
    /// Of the finished samples, by index.
    void setScores(const std::vector<TextScore>& scores);
    void endLive();
    void clear();

    bool isLive() const noexcept { return m_live; }
    int sample() const noexcept { return m_sample; } ///< index shown, −1: none
    int step() const noexcept { return m_step; }     ///< shown; −1 before the first
    /// Scrubs, 0…T (T: the closing call), in a sample that still forms up to where it is; there it goes on
    /// forming. Stops playing.
    void setStep(int step);
    void setColoring(TokenColoring coloring);
    TokenColoring coloring() const { return m_canvas->coloring(); }
    void play();
    void pause();
    bool isPlaying() const;
    TokenCanvas* canvas() const noexcept { return m_canvas; }
    SampleGrid* grid() const noexcept { return m_grid; }
    void showAllSamples(bool all);

    /// What to do where there is no text yet; empty: the usual.
    void setInvitation(const QString& text);
    /// A finished sample is shown: one to branch from.
    bool isFinished() const { return m_samples.contains(m_sample); }

    /// The shown sample's canvas after the shown step becomes one to change and to go on from.
    void beginBranch();
    void endBranch();
    bool isBranching() const noexcept { return !m_drafts.empty(); }
    /// `request`'s settings and schedule, going on from the canvas as it is now; under another number of
    /// steps than the parent's at the same place in time. Only while branching.
    GenerationRequest branched(GenerationRequest request) const;
    /// Where a branch leaves its parent, as the scrubber counts steps: "after step 140" is the last that is
    /// kept.
    QString branchPlace(int step) const;

    /// Asks for a file to save to; empty: none. Replaced by tests.
    using FileChooser = std::function<QString(const QString& suggested, const QString& filter)>;
    void setFileChooser(FileChooser chooser) { m_chooseFile = std::move(chooser); }

public slots:
    void showSample(int index);

signals:
    /// The text of this step is shown: where the timeline's playhead belongs.
    void stepShown(int step);
    /// The tokens of this step are outlined; −1: none.
    void stepMarked(int step);
    /// Somebody chose another sample; while live it is the one to watch.
    void sampleChosen(int index);
    /// The tokens' colours were chosen anew.
    void coloringChosen(steploom::TokenColoring coloring);
    /// A branch was begun, changed or left.
    void branchChanged();
    void branchRequested();
    void failed(const steploom::Error::Parts& error);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void makeHeader();
    void makeExportMenu();
    bool scrubbable() const { return !isBranching() && (isFinished() || m_forming); }
    int lastStep() const;
    void chooseNeighbour(int direction);
    void choose(int index);
    void showTrace(const SampleTrace& trace);
    void showStep(int step);
    void showWords();
    void refreshHeader();
    void refreshStepText();
    void refreshLegend();

    const BranchPoint& draft() const { return m_drafts.back(); }
    void showDraft();
    void changeDraft(const std::function<void(BranchPoint&)>& change);
    void refreshBranch();
    void tellText(const QString& text);
    std::vector<std::int32_t> tokensOf(const QString& text) const;
    void writeText(const QString& text);

    void copyText() const;
    void saveText();
    void savePicture();
    void savePlayer();
    void save(const QString& ending, const QString& filter, const std::function<void(const QString&)>& write);
    QString seenText() const;

    CanvasRun m_run;
    std::map<int, RunSample> m_samples; ///< finished ones, by index
    LiveState m_state;
    bool m_live = false;
    bool m_chosen = false;   ///< by hand: live states of other samples are ignored
    bool m_forming = false;  ///< the shown sample is one that still forms
    bool m_following = true; ///< … and shown as far as it is
    int m_sample = -1;
    int m_step = -1;
    std::vector<BranchPoint> m_drafts; ///< the newest last, the others to undo to; empty: not branching
    FileChooser m_chooseFile;

    QLabel* m_title = nullptr;
    QLabel* m_seed = nullptr;
    FlatButton* m_previous = nullptr;
    FlatButton* m_next = nullptr;
    FlatButton* m_all = nullptr;
    PillButton* m_branch = nullptr;
    QLabel* m_invitation = nullptr;
    FlatButton* m_export = nullptr;
    QMenu* m_exportMenu = nullptr;
    CanvasLegend* m_legend = nullptr;
    QComboBox* m_coloring = nullptr;
    QComboBox* m_order = nullptr;
    BranchBar* m_bar = nullptr;
    QStackedWidget* m_stack = nullptr;
    TokenCanvas* m_canvas = nullptr;
    SampleGrid* m_grid = nullptr;
    CanvasTransport* m_transport = nullptr;
};

} // namespace steploom
