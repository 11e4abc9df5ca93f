// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/schedule_editor.h"

#include "app/widgets/number_format.h"
#include "app/widgets/preset_menu.h"
#include "app/widgets/schedule_library.h"
#include "app/widgets/segment_table.h"
#include "app/widgets/shortcut_tip.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>

#include <algorithm>
#include <cmath>
#include <optional>

namespace steploom {

namespace {

/// Notation with more segments than this is not rewritten at every move of a drag (10,000 alternating steps
/// print to 30,000 characters).
constexpr std::size_t kMostLiveSegments = 300;

constexpr int kOneRowWidth = 1160; ///< px of the card from which all controls fit in one row
constexpr int kLeastWidth = 720;

struct Tool {
    const char* objectName;
    Glyph glyph;
    const char* text;
    const char* hint;
};
/// In the order of TimelineTool.
constexpr Tool kTools[] = {
    {"toolSelect", Glyph::Select, QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Select and move"),
     QT_TRANSLATE_NOOP(
         "steploom::ScheduleEditor",
         "Click a block to select it, drag it to move it; drag beside the blocks to select a range")},
    {"toolPaint", Glyph::Paint, QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Paint"),
     QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Drag over a lane to give its model those steps")},
    {"toolFill", Glyph::Fill, QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Fill a range"),
     QT_TRANSLATE_NOOP(
         "steploom::ScheduleEditor",
         "Drag a range; on release it goes to the marked model. Click a lane's name to mark it")},
    {"toolEdge", Glyph::Edge, QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Drag an edge"),
     QT_TRANSLATE_NOOP("steploom::ScheduleEditor",
                       "Drag to move the nearest edge; it snaps to the ruler, Alt places it freely")},
    {"toolSplit", Glyph::Split, QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Split"),
     QT_TRANSLATE_NOOP(
         "steploom::ScheduleEditor",
         "Click in a block: its part from there on goes to the marked model; Shift: its part up to "
         "there")},
    {"toolErase", Glyph::Erase, QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Erase"),
     QT_TRANSLATE_NOOP("steploom::ScheduleEditor",
                       "Drag a range; it goes back to the first model of the pool")},
};

constexpr const char* kLockTip = QT_TRANSLATE_NOOP(
    "steploom::ScheduleEditor",
    "Lock the budget: every model keeps its number of steps. When an edge is dragged, the nearest "
    "opposite edge gives way; what is painted is given back at the nearest block");

QString shareText(double share) {
    return formatShare(share, std::abs(share * 100 - std::round(share * 100)) < 1e-9 ? 0 : 1);
}

} // namespace

ScheduleEditor::ScheduleEditor(QWidget* parent) : Card(parent), m_timeline(new TimelineWidget(this)) {
    setObjectName(QStringLiteral("scheduleEditor"));
    setAccessibleName(tr("Schedule"));
    makeActions();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 10, 14, 8);
    column->setSpacing(2);
    m_views = new QStackedWidget(this);
    m_table = new SegmentTable(m_views);
    m_views->addWidget(m_timeline);
    m_views->addWidget(m_table);
    column->addWidget(m_views, 1);
    m_library = new ScheduleLibraryPanel(this);
    column->addWidget(makeControls());
    column->addSpacing(4);
    m_statusRow = new QHBoxLayout;
    m_statusRow->setSpacing(Theme::kGrid);
    column->addLayout(m_statusRow);
    m_status = makeLabel({}, "hint", this);
    m_status->setObjectName(QStringLiteral("scheduleStatus"));
    m_status->setAccessibleName(tr("Remark on the schedule"));
    m_status->setMinimumHeight(20);
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // long reasons never widen the window
    m_statusRow->addWidget(m_status, 1);
    setMinimumWidth(kLeastWidth);
    setAcceptDrops(true);

    m_timeline->setDragFigures([this](const StepSchedule& schedule) { return dragFigures(schedule); });
    connect(m_timeline, &TimelineWidget::edited, this, &ScheduleEditor::applySchedule);
    connect(m_table->segments(), &SegmentTableModel::edited, this, &ScheduleEditor::applySchedule);
    const auto remark = [this](const QString& text) { showStatus(text, "hint"); };
    connect(m_timeline, &TimelineWidget::remarked, this, remark);
    connect(m_table->segments(), &SegmentTableModel::remarked, this, remark);
    connect(m_timeline, &TimelineWidget::toolChosen, this,
            [this](TimelineTool tool) { m_tools[static_cast<std::size_t>(tool)]->setChecked(true); });
    connect(m_library, &ScheduleLibraryPanel::chosen, this,
            [this](const StepSchedule& schedule, const QString& name) {
                try {
                    applySchedule(schedule, tr("Load %1").arg(name));
                } catch (const Error& error) {
                    refuse(error.parts());
                }
            });
    connect(m_library, &ScheduleLibraryPanel::copyRequested, this, &ScheduleEditor::copySchedule);
    connect(m_library, &ScheduleLibraryPanel::pasteRequested, this, &ScheduleEditor::paste);
    connect(m_library, &ScheduleLibraryPanel::openRequested, this, [this] { chooseFile(true); });
    connect(m_library, &ScheduleLibraryPanel::saveFileRequested, this, [this] { chooseFile(false); });
    connect(m_timeline, &TimelineWidget::previewed, this, [this](const StepSchedule& schedule) {
        if (schedule.segments().size() <= kMostLiveSegments) {
            showNotation(schedule);
        }
        emit schedulePreviewed(schedule);
    });
    connect(m_timeline, &TimelineWidget::previewEnded, this, [this] {
        showNotation(schedule());
        emit schedulePreviewed(schedule());
    });
    connect(&m_history, &ScheduleHistory::changed, this, [this](const StepSchedule& schedule) {
        showSchedule(schedule);
        emit scheduleChanged(schedule);
    });
    const auto restyle = [this] { m_notation->setFont(Theme::instance().monospaceFont()); };
    connect(&Theme::instance(), &Theme::changed, this, restyle);
    restyle();
    m_history.reset(StepSchedule::all('H', 256));
    showHint();
}

void ScheduleEditor::makeActions() {
    m_undo = m_history.stack()->createUndoAction(this, tr("Undo"));
    m_undo->setObjectName(QStringLiteral("undoAction"));
    m_undo->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z));
    m_undo->setIcon(glyphIcon(Glyph::Undo));
    m_redo = m_history.stack()->createRedoAction(this, tr("Redo"));
    m_redo->setObjectName(QStringLiteral("redoAction"));
    m_redo->setShortcuts(
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    m_redo->setIcon(glyphIcon(Glyph::Redo));
    m_undo->setProperty("whyNot", tr("nothing to undo"));
    m_redo->setProperty("whyNot", tr("nothing to redo"));
    addActions({m_undo, m_redo});
    m_commands = {m_undo, m_redo};

    QAction* copy =
        addCommand("copySchedule", tr("Copy the schedule as text"), [this] { copySchedule(schedule(), {}); });
    QAction* paste = addCommand("pasteSchedule", tr("Paste a schedule"), [this] { this->paste(); });
    // Not the actions' own shortcuts: those would take the keys from every other text and table of the
    // window. Within the notation's field they are the text's.
    for (const auto& [keys, action] : {std::pair{QKeySequence::Copy, copy}, {QKeySequence::Paste, paste}}) {
        connect(new QShortcut(keys, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
                &QShortcut::activated, action, &QAction::trigger);
    }
    addCommand("mirrorSchedule", tr("Mirror the schedule"), [this] { m_timeline->mirror(); });
    m_openLibrary = addCommand("libraryAction", tr("Library of schedules"), [this] { openLibrary(); });
    m_openLibrary->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_L));
    addCommand("openSchedule", tr("Open a schedule file…"), [this] { chooseFile(true); });
    addCommand("saveSchedule", tr("Save the schedule as a file…"), [this] { chooseFile(false); });
    m_switchTable = addCommand("tableAction", tr("Schedule as a table or a timeline"),
                               [this] { m_tableButton->toggle(); });
    m_switchTable->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
    for (const StepUnit unit : {StepUnit::Step, StepUnit::Fraction, StepUnit::Masked}) {
        const QString name = unit == StepUnit::Step       ? tr("steps")
                             : unit == StepUnit::Fraction ? tr("fractions of the run")
                                                          : tr("the share still masked");
        const char* id = unit == StepUnit::Step       ? "unitStep"
                         : unit == StepUnit::Fraction ? "unitFraction"
                                                      : "unitMasked";
        QAction* command =
            addCommand(id, tr("Ruler and notation in %1").arg(name), [this, unit] { setUnit(unit); });
        if (unit == StepUnit::Masked) {
            m_unitMasked = command;
        }
    }
}

QAction* ScheduleEditor::addCommand(const char* name, const QString& text, std::function<void()> does) {
    auto* action = new QAction(text, this);
    action->setObjectName(QLatin1String(name));
    connect(action, &QAction::triggered, this, std::move(does));
    addAction(action);
    m_commands += action;
    return action;
}

QWidget* ScheduleEditor::makeControls() {
    auto* holder = new QWidget(this);
    auto* row = m_controlsRow = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);

    m_notation = new QLineEdit(holder);
    m_notation->setObjectName(QStringLiteral("scheduleNotation"));
    m_notation->setAccessibleName(tr("Schedule in notation"));
    m_notation->setToolTip(
        tr("<p style='white-space:pre'>Enter applies it. In steps: <b>(L32,H192,L32)</b><br/>In shares of "
           "the run: "
           "<b>(L12.5%,H75%,L12.5%)</b> or <b>(L0.125,H0.75,L0.125)</b><br/>By the share still masked: "
           "<b>(L&gt;87.5%,H&gt;12.5%,L&gt;0%)</b>,<br/>   L while more than 87.5% are expected to be "
           "masked, H while "
           "more than 12.5% are, L to the end<br/>A preset: <b>sandwich</b>, <b>tail:25%</b></p>"));
    m_notation->setMaxLength(200'000);
    m_notation->setMinimumWidth(140);
    m_notation->setMaximumWidth(320);
    m_notation->setFixedHeight(30);
    m_notation->installEventFilter(this);
    connect(m_notation, &QLineEdit::textEdited, this, &ScheduleEditor::checkTyped);
    connect(m_notation, &QLineEdit::returnPressed, this, &ScheduleEditor::commitTyped);
    row->addWidget(m_notation, 10);

    auto* presets = new PillButton(tr("Presets"), holder);
    presets->setObjectName(QStringLiteral("presetsButton"));
    m_presets = new PresetMenu(presets);
    presets->setMenu(m_presets);
    connect(m_presets, &QMenu::aboutToShow, this, &ScheduleEditor::preparePresets);
    connect(m_presets, &PresetMenu::chosen, this, [this](const StepSchedule& schedule, const QString& name) {
        applySchedule(schedule, tr("Preset %1").arg(name));
    });
    row->addWidget(presets);

    m_libraryButton = new PillButton(tr("Library"), holder);
    m_libraryButton->setObjectName(QStringLiteral("libraryButton"));
    m_libraryButton->setIcon(glyphIcon(Glyph::Library, GlyphInk::Dim));
    setTipWithShortcut(m_libraryButton, m_openLibrary, tr("Named schedules, those of stored runs, files"));
    m_libraryButton->setEnabled(false);
    connect(m_libraryButton, &QToolButton::clicked, this, &ScheduleEditor::openLibrary);
    row->addWidget(m_libraryButton);
    makeTools(*row);

    m_lock = new PillButton({}, holder);
    m_lock->setObjectName(QStringLiteral("lockBudget"));
    m_lock->setCheckable(true);
    m_lock->setToolTip(tr(kLockTip));
    m_lock->setIcon(glyphIcon(Glyph::Unlock, GlyphInk::Dim));
    connect(m_lock, &QToolButton::toggled, this, [this](bool locked) {
        m_lock->setIcon(glyphIcon(locked ? Glyph::Lock : Glyph::Unlock, GlyphInk::Dim));
        m_timeline->setSharesLocked(locked);
        m_table->segments()->setSharesLocked(locked);
    });
    row->addWidget(m_lock);
    for (QAction* action : {m_undo, m_redo}) {
        auto* button = new FlatButton(action == m_undo ? Glyph::Undo : Glyph::Redo, action->text(), holder);
        button->setDefaultAction(action);
        setTipWithShortcut(button, action, {});
        button->setObjectName(action == m_undo ? QStringLiteral("undoButton") : QStringLiteral("redoButton"));
        row->addWidget(button);
    }
    row->addStretch(1);
    m_tableButton = new PillButton(tr("Table"), holder);
    m_tableButton->setObjectName(QStringLiteral("tableSwitch"));
    m_tableButton->setIcon(glyphIcon(Glyph::Table, GlyphInk::Dim));
    m_tableButton->setCheckable(true);
    setTipWithShortcut(m_tableButton, m_switchTable,
                       tr("The same schedule as a table of its segments, to read and to edit"));
    connect(m_tableButton, &QToolButton::toggled, this, &ScheduleEditor::showTable);
    row->addWidget(m_tableButton);

    m_ruler = new QWidget(holder);
    auto* rulerRow = new QHBoxLayout(m_ruler);
    rulerRow->setContentsMargins(0, 0, 0, 0);
    rulerRow->addWidget(makeLabel(tr("ruler"), "dim", m_ruler));
    m_unit = new SegmentedSwitch({tr("step"), tr("fraction"), tr("masked")}, m_ruler);
    m_unit->setObjectName(QStringLiteral("rulerUnit"));
    m_unit->setAccessibleName(tr("Unit of ruler and notation"));
    m_unit->setToolTip(
        tr("Unit of ruler and notation: steps, shares of the run, or the share of positions that is "
           "expected to be masked still"));
    connect(m_unit, &SegmentedSwitch::currentChanged, this, [this](int index) {
        m_timeline->setRulerUnit(static_cast<StepUnit>(index));
        showNotation(schedule());
        emit unitChosen(static_cast<StepUnit>(index));
    });
    rulerRow->addWidget(m_unit);
    row->addWidget(m_ruler);
    return holder;
}

void ScheduleEditor::makeTools(QHBoxLayout& row) {
    auto* group = new QButtonGroup(this);
    auto* holder = new QWidget(this);
    auto* tools = new QHBoxLayout(holder);
    tools->setContentsMargins(0, 0, 0, 0);
    tools->setSpacing(2);
    const auto add = [&](const char* name, Glyph glyph, const QString& text) {
        auto* button = new PillButton({}, holder);
        button->setObjectName(QLatin1String(name));
        button->setIcon(glyphIcon(glyph, GlyphInk::Ink));
        button->setIconSize(QSize(16, 16));
        button->setFixedSize(32, 30);
        button->setAccessibleName(text);
        tools->addWidget(button);
        return button;
    };
    for (std::size_t i = 0; i < std::size(kTools); ++i) {
        const Tool& tool = kTools[i];
        PillButton* button = add(tool.objectName, tool.glyph, tr(tool.text));
        button->setCheckable(true);
        button->setToolTip(
            tr("<b>%1</b> (%2 in the timeline)<br/>%3").arg(tr(tool.text)).arg(i + 1).arg(tr(tool.hint)));
        button->setChecked(static_cast<TimelineTool>(i) == m_timeline->tool());
        group->addButton(button);
        connect(button, &QToolButton::toggled, this, [this, i](bool on) {
            if (on) {
                m_timeline->setTool(static_cast<TimelineTool>(i));
                showHint();
            }
        });
        m_tools.push_back(button);
    }
    PillButton* mirror = add("toolMirror", Glyph::Mirror, tr("Mirror"));
    mirror->setToolTip(
        tr("<b>Mirror</b> (Ctrl+M in the timeline)<br/>Read the selected range, or the whole schedule, "
           "from its last step to its first"));
    connect(mirror, &QToolButton::clicked, m_timeline, &TimelineWidget::mirror);
    row.addWidget(holder);
}

std::string ScheduleEditor::letters() const {
    std::string result;
    for (const TimelineMember& member : m_timeline->members()) {
        result += member.letter;
    }
    return result;
}

double ScheduleEditor::lightShare() const { return 1 - schedule().share(letters().front()); }

void ScheduleEditor::setPool(const PoolFacts& pool) {
    if (pool.members.empty()) {
        return;
    }
    std::vector<TimelineMember> members;
    m_costs.clear();
    m_length = pool.members.front().facts.length;
    for (const PoolFacts::Member& member : pool.members) {
        members.push_back({member.spec.letter, QString::fromStdString(member.spec.name)});
        m_costs.push_back(
            {member.spec.letter, member.facts.blockFlops(m_length), member.facts.headFlopsPerRow, 0});
    }
    setWords({pool.kind(), pool.chunk()});
    const std::string before = letters();
    m_timeline->setMembers(members);
    m_table->segments()->setMembers(members);
    const std::string known = letters();
    const auto isKnown = [&](char letter) { return known.find(letter) != std::string::npos; };

    // Who only got another letter: same place, same folder, and the old letter is gone.
    std::string now = schedule().letters();
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < pool.members.size(); ++i) {
        paths.push_back(pool.members[i].spec.path);
        if (i < m_paths.size() && i < before.size() && paths[i] == m_paths[i] && !isKnown(before[i]) &&
            before.find(known[i]) == std::string::npos) {
            std::ranges::replace(now, before[i], known[i]);
        }
    }
    m_paths = std::move(paths);
    std::ranges::replace_if(
        now, [&](char letter) { return !isKnown(letter); }, known.front());
    if (now != schedule().letters()) {
        m_history.reset(StepSchedule(now));
        return;
    }
    if (!std::ranges::all_of(before, isKnown)) {
        m_history.stack()->clear(); // older steps may name members that are gone
    }
    showSchedule(schedule());
}

void ScheduleEditor::setSchedule(const StepSchedule& schedule) {
    requireLetters(schedule, letters());
    m_history.reset(schedule);
}

void ScheduleEditor::applySchedule(const StepSchedule& schedule, const QString& text) {
    requireLetters(schedule, letters());
    if (!m_history.edit(schedule, text)) {
        showSchedule(schedule); // the field may hold another spelling of it
    }
}

void ScheduleEditor::setSteps(int steps) {
    const int wanted = std::clamp(steps, 1, StepSchedule::kMaximumSteps);
    const int before = schedule().steps();
    if (wanted == before) {
        return;
    }
    const std::size_t segments = schedule().segments().size();
    applySchedule(schedule().rescaled(wanted), tr("Rescale to T = %1").arg(wanted));
    QString text = tr("Rescaled from %1 to %2: segments keep their shares, rounded by largest remainder")
                       .arg(before)
                       .arg(m_timeline->words().counted(wanted));
    if (const std::size_t lost = segments - schedule().segments().size(); lost > 0) {
        text += tr("; %n segment(s) of less than a %1 are gone", nullptr, static_cast<int>(lost))
                    .arg(m_timeline->words().one());
    }
    showStatus(text, "hintGood");
}

void ScheduleEditor::setImportance(const StepImportance& importance) {
    m_timeline->setImportance(importance);
}

void ScheduleEditor::setLibrary(RunLibrary* library) {
    m_library->setLibrary(library);
    m_libraryButton->setEnabled(library != nullptr);
}

void ScheduleEditor::setWords(const StepWords& words) {
    if (words == m_timeline->words()) {
        return;
    }
    m_timeline->setWords(words);
    m_table->segments()->setWords(words);
    m_unit->button(static_cast<int>(StepUnit::Step))->setText(words.one());
    QToolButton* masked = m_unit->button(static_cast<int>(StepUnit::Masked));
    masked->setVisible(!words.inOrder());
    m_unitMasked->setEnabled(!words.inOrder());
    m_unitMasked->setProperty("whyNot",
                              tr("nothing is masked: %1 are written one after another").arg(words.many()));
    if (words.inOrder() && m_timeline->rulerUnit() == StepUnit::Masked) {
        setUnit(StepUnit::Step);
    }
    m_lock->setToolTip(words.inOrder()
                           ? tr("Lock the budget: every model keeps its number of %1").arg(words.many())
                           : tr(kLockTip));
    showHint();
}

void ScheduleEditor::setUnit(StepUnit unit) { m_unit->setCurrentIndex(static_cast<int>(unit)); }

int ScheduleEditor::heightFor(int lanes) {
    constexpr int kControls = 30, kStatus = 33, kMargins = 10 + 8 + 4 + 6;
    return TimelineLayout::comfortableHeight(lanes) + kControls + kStatus + kMargins;
}

void ScheduleEditor::showTable(bool table) {
    m_views->setCurrentIndex(table ? 1 : 0);
    for (PillButton* tool : m_tools) {
        tool->setEnabled(!table);
    }
    if (table && !m_table->currentIndex().isValid()) {
        m_table->setCurrentIndex(m_table->segments()->index(0, SegmentTableModel::Model));
    }
    m_views->currentWidget()->setFocus();
    showHint();
}

void ScheduleEditor::openLibrary() {
    if (m_libraryButton->isEnabled() && isVisible()) {
        m_library->setPresent(schedule(), letters());
        m_library->popUp(*m_libraryButton);
    }
}

void ScheduleEditor::showSchedule(const StepSchedule& schedule) {
    m_timeline->setSchedule(schedule);
    m_table->segments()->setSchedule(schedule);
    showNotation(schedule);
    m_lock->setText(tr("%1 light").arg(shareText(lightShare())));
    m_lock->setAccessibleName(tr("Lock the budget at %1").arg(m_lock->text()));
    m_lock->updateGeometry();
    showHint();
}

void ScheduleEditor::showNotation(const StepSchedule& schedule) {
    const QString text = QString::fromStdString(printSchedule(schedule, m_timeline->rulerUnit()));
    if (text != m_notation->text()) {
        m_notation->setText(text);
        m_notation->setCursorPosition(0);
    }
}

PresetOptions ScheduleEditor::presetOptions() const {
    PresetOptions options = m_presets->options();
    options.steps = schedule().steps();
    options.heavy = letters().front();
    options.light = letters().size() > 1 ? letters()[1] : options.heavy;
    const double share = lightShare();
    if (share > 0 && share < 1) {
        options.lightShare = share; // all heavy and all light say nothing about the budget: keep the last one
    }
    return options;
}

StepSchedule ScheduleEditor::typedSchedule(const QString& text) const {
    const PresetOptions options = presetOptions();
    StepSchedule typed = parseScheduleOrPreset(text.trimmed().toStdString(), options, options.steps);
    requireLetters(typed, letters());
    return typed;
}

StepSchedule ScheduleEditor::scheduleFrom(const QString& text) const {
    std::optional<StepSchedule> counted;
    try {
        counted = parseSchedule(text.trimmed().toStdString());
    } catch (const Error&) {
        // Shares, a preset, or nothing at all: over the present steps it shows.
    }
    if (!counted)
        return typedSchedule(text);
    requireLetters(*counted, letters());
    return *counted;
}

void ScheduleEditor::requireUsable(const StepSchedule& schedule) const {
    requireLetters(schedule, letters());
}

void ScheduleEditor::applyPreset(Preset preset) {
    const std::string_view name = presetName(preset);
    applySchedule(makePreset(preset, presetOptions()),
                  tr("Preset %1").arg(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()))));
}

void ScheduleEditor::checkTyped() {
    try {
        const StepSchedule typed = typedSchedule(m_notation->text());
        const QString figures =
            m_costs.empty() && !m_saving ? QString() : QStringLiteral(" · ") + dragFigures(typed);
        showStatus(typed == schedule() ? tr("This is the schedule shown") : tr("Enter applies it") + figures,
                   "hintGood");
    } catch (const Error& error) {
        refuse(error.parts());
    }
}

void ScheduleEditor::refuse(const Error::Parts& parts) {
    QString text = QString::fromStdString(parts.where.empty() ? parts.why : parts.where + ": " + parts.why);
    if (!parts.remedy.empty()) {
        QString remedy = QString::fromStdString(parts.remedy);
        remedy[0] = remedy[0].toUpper();
        text += QStringLiteral(". ") + remedy;
    }
    showStatus(text, "hintError");
}

void ScheduleEditor::commitTyped() {
    try {
        applySchedule(typedSchedule(m_notation->text()), tr("Typed notation"));
    } catch (const Error&) {
        checkTyped(); // the reason stays in view, the schedule as it was
    }
}

void ScheduleEditor::preparePresets() {
    m_presets->setOptions(presetOptions(), schedule());
    m_presets->setImportance(m_timeline->importance().values, letters().size());
}

void ScheduleEditor::showStatus(const QString& text, const char* look) {
    m_statusText = text;
    m_status->setToolTip(text);
    m_status->setAccessibleDescription(text);
    if (m_status->property("look").toString() != QLatin1String(look)) {
        setLook(m_status, look);
    }
    fitStatus();
}

void ScheduleEditor::fitStatus() {
    m_status->setText(m_status->fontMetrics().elidedText(m_statusText, Qt::ElideRight, m_status->width()));
}

void ScheduleEditor::showHint() {
    showStatus(m_views->currentIndex() == 1 ? m_table->toolTip()
                                            : toolHint(static_cast<std::size_t>(m_timeline->tool())),
               "hint");
}

QString ScheduleEditor::toolHint(std::size_t tool) const {
    QString hint = tr(kTools[tool].hint);
    if (m_timeline->words().inOrder()) {
        hint.replace(QStringLiteral("steps"), m_timeline->words().many());
    }
    return hint;
}

QString ScheduleEditor::dragFigures(const StepSchedule& schedule) const {
    double saving = 0;
    if (m_saving) {
        saving = m_saving(schedule);
    } else if (!m_costs.empty()) {
        saving = costOf(schedule, {m_costs, m_length, m_length}).blocksOnlySaving;
    } else {
        return tr("%1 light").arg(shareText(1 - schedule.share(letters().front())));
    }
    return tr("%1 FLOPs saved").arg(formatShare(saving));
}

void ScheduleEditor::resizeEvent(QResizeEvent* event) {
    Card::resizeEvent(event);
    // In a narrow window the ruler's unit moves down beside the remark.
    QHBoxLayout* roomy = width() >= kOneRowWidth ? m_controlsRow : m_statusRow;
    if (roomy->indexOf(m_ruler) < 0) {
        roomy->addWidget(m_ruler);
        layout()->activate();
    }
    fitStatus();
}

bool ScheduleEditor::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_notation) {
        return Card::eventFilter(watched, event);
    }
    if (event->type() == QEvent::ShortcutOverride) {
        // The field takes Ctrl+Z for its own typing; once that is used up the schedule's undo has it.
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool undo = key->matches(QKeySequence::Undo) && !m_notation->isUndoAvailable();
        const bool redo = key->matches(QKeySequence::Redo) && !m_notation->isRedoAvailable();
        if (undo || redo) {
            event->ignore();
            return true;
        }
    }
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        showNotation(schedule());
        showHint();
        return true;
    }
    return Card::eventFilter(watched, event);
}

} // namespace steploom
