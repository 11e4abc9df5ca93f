// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/widgets/controls.h"
#include "app/widgets/schedule_history.h"
#include "app/widgets/timeline_widget.h"
#include "engine/schedule/presets.h"

#include <functional>

class QAction;
class QHBoxLayout;
class QLineEdit;
class QStackedWidget;

namespace steploom {

class PresetMenu;
class RunLibrary;
class ScheduleLibraryPanel;
class SegmentTable;

/// The card in which a schedule is designed: timeline and its table twin, notation in both directions,
/// presets, library, tools, undo.
class ScheduleEditor : public Card {
    Q_OBJECT
public:
    explicit ScheduleEditor(QWidget* parent = nullptr);

    /// Lanes and letters. A member that only got another letter keeps its steps; steps of members that are no
    /// longer in the pool go to its first member. Both end the history: there is no way back to a letter that
    /// is gone.
    void setPool(const PoolFacts& pool);
    const StepSchedule& schedule() const noexcept { return m_history.schedule(); }
    /// Starts over from this schedule, with nothing to undo. Letters must be the pool's.
    void setSchedule(const StepSchedule& schedule);
    /// Makes it the schedule as one undo step called `text`; nothing happens when it already is.
    void applySchedule(const StepSchedule& schedule, const QString& text);
    /// What the notation field makes of this text; step counts may also come to another number of steps than
    /// the present. Throws Error(Schedule).
    StepSchedule scheduleFrom(const QString& text) const;
    /// Throws Error(Schedule) where the pool lacks one of its letters.
    void requireUsable(const StepSchedule& schedule) const;
    /// At the present budget and number of steps, as one undo step.
    void applyPreset(Preset preset);
    /// Rescales to this many steps (1…10,000), segments keeping their shares, as one undo step; the remark
    /// says what became of it.
    void setSteps(int steps);
    /// How much each step matters; with it the optimum for the present budget can be had. Empty values: not
    /// known.
    void setImportance(const StepImportance& importance);
    /// Where named schedules are kept; must outlive the editor.
    void setLibrary(RunLibrary* library);
    /// What ruler and notation count in.
    void setUnit(StepUnit unit);
    /// What its steps are called; what they have no share of masked positions in is offered no such unit.
    void setWords(const StepWords& words);
    /// Height at which that many lanes look best.
    static int heightFor(int lanes);
    /// Reads a schedule from a file (see schedule_text.h) as one undo step; refusals are remarked.
    void openFile(const QString& path);
    /// Reads a schedule from text that came from `source` ("the clipboard") as one undo step; refusals are
    /// remarked.
    void take(const QString& text, const QString& source);
    /// Writes the present schedule to a file; refusals are remarked.
    void saveFile(const QString& path);

    /// Shared with the page: playhead, picked steps.
    TimelineWidget* timeline() const noexcept { return m_timeline; }
    QAction* undoAction() const noexcept { return m_undo; }
    QAction* redoAction() const noexcept { return m_redo; }
    /// All that a command palette should offer.
    QList<QAction*> commands() const { return m_commands; }
    /// Share of blocks-only FLOPs saved (0…1) shown at the pointer while dragging; by default computed from
    /// the pool at the models' own length.
    void setSavingFigure(std::function<double(const StepSchedule&)> saving) { m_saving = std::move(saving); }

signals:
    void scheduleChanged(const StepSchedule& schedule);
    /// During drags, and scheduleChanged's value again when a drag is cancelled: what cost strips follow.
    void schedulePreviewed(const StepSchedule& schedule);
    void unitChosen(steploom::StepUnit unit);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeControls();
    void makeTools(QHBoxLayout& row);
    void makeActions();
    QAction* addCommand(const char* name, const QString& text, std::function<void()> does);
    void showTable(bool table);
    void openLibrary();
    void copySchedule(const StepSchedule& schedule, const QString& name);
    void paste();
    void chooseFile(bool open);
    PresetOptions presetOptions() const;
    void refuse(const Error::Parts& parts);
    void showSchedule(const StepSchedule& schedule);
    void showNotation(const StepSchedule& schedule);
    /// A text as a schedule of the present number of steps; throws Error(Schedule).
    StepSchedule typedSchedule(const QString& text) const;
    void checkTyped();
    void commitTyped();
    void preparePresets();
    void showStatus(const QString& text, const char* look);
    void fitStatus();
    QString toolHint(std::size_t tool) const;
    void showHint();
    std::string letters() const;
    double lightShare() const;
    QString dragFigures(const StepSchedule& schedule) const;

    ScheduleHistory m_history;
    std::vector<CallCost> m_costs; ///< blocks only, at the models' own length
    int m_length = 0;
    std::function<double(const StepSchedule&)> m_saving;

    TimelineWidget* m_timeline;
    SegmentTable* m_table = nullptr;
    QStackedWidget* m_views = nullptr;
    ScheduleLibraryPanel* m_library = nullptr;
    PillButton* m_libraryButton = nullptr;
    PillButton* m_tableButton = nullptr;
    std::vector<PillButton*> m_tools; ///< in the order of TimelineTool
    SegmentedSwitch* m_unit = nullptr;
    QAction* m_unitMasked = nullptr; ///< one of the commands
    QList<QAction*> m_commands;
    std::vector<std::string> m_paths; ///< of the members, in pool order
    QLineEdit* m_notation = nullptr;
    QLabel* m_status = nullptr;
    QString m_statusText; ///< whole; the label shows what fits
    QHBoxLayout* m_controlsRow = nullptr;
    QHBoxLayout* m_statusRow = nullptr;
    QWidget* m_ruler = nullptr; ///< unit switch with its label; in the row that has room for it
    PillButton* m_lock = nullptr;
    PresetMenu* m_presets = nullptr;
    QAction* m_undo = nullptr;
    QAction* m_redo = nullptr;
    QAction* m_openLibrary = nullptr;
    QAction* m_switchTable = nullptr;
};

} // namespace steploom
