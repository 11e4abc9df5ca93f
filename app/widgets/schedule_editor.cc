// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/schedule_editor.h"

#include "app/widgets/number_format.h"
#include "app/widgets/preset_menu.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

/// Notation with more segments than this is not rewritten at every move of a drag (10,000 alternating steps
/// print to 30,000 characters).
constexpr std::size_t kMostLiveSegments = 300;

constexpr int kOneRowWidth = 960; ///< px of the card from which all controls fit in one row
constexpr int kLeastWidth = 720;

struct Tool {
    TimelineTool tool;
    const char* objectName;
    const char* text;
    const char* hint;
};
constexpr Tool kTools[] = {
    {TimelineTool::Paint, "toolPaint", QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Paint"),
     QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Drag over a lane to give its model those steps")},
    {TimelineTool::Fill, "toolFill", QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Fill"),
     QT_TRANSLATE_NOOP(
         "steploom::ScheduleEditor",
         "Drag a range; on release it goes to the marked model. Click a lane's name to mark it")},
    {TimelineTool::Edge, "toolEdge", QT_TRANSLATE_NOOP("steploom::ScheduleEditor", "Edge"),
     QT_TRANSLATE_NOOP("steploom::ScheduleEditor",
                       "Drag to move the nearest edge; it snaps to the ruler, Alt places it freely")},
};

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
    column->addWidget(m_timeline, 1);
    column->addWidget(makeControls());
    m_statusRow = new QHBoxLayout;
    m_statusRow->setSpacing(Theme::kGrid);
    column->addLayout(m_statusRow);
    m_status = makeLabel({}, "hint", this);
    m_status->setObjectName(QStringLiteral("scheduleStatus"));
    m_status->setAccessibleName(tr("Remark on the schedule"));
    m_status->setFixedHeight(20);
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // long reasons never widen the window
    m_statusRow->addWidget(m_status, 1);
    setMinimumWidth(kLeastWidth);

    m_timeline->setDragFigures([this](const StepSchedule& schedule) { return dragFigures(schedule); });
    connect(m_timeline, &TimelineWidget::edited, this, &ScheduleEditor::applySchedule);
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
    addActions({m_undo, m_redo});
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
        tr("Letters and steps, as (L32,H192,L32); fractions, as (L0.125,H0.75,L0.125); or a preset, as "
           "sandwich:0.25. Enter applies it."));
    m_notation->setMaxLength(200'000);
    m_notation->setMinimumWidth(140);
    m_notation->setMaximumWidth(300);
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

    auto* tools = new QButtonGroup(this);
    for (const Tool& tool : kTools) {
        auto* button = new PillButton(tr(tool.text), holder);
        button->setObjectName(QLatin1String(tool.objectName));
        button->setCheckable(true);
        button->setToolTip(tr(tool.hint));
        button->setChecked(tool.tool == TimelineTool::Paint);
        tools->addButton(button);
        connect(button, &QToolButton::toggled, this, [this, tool](bool on) {
            if (on) {
                m_timeline->setTool(tool.tool);
                showHint();
            }
        });
        row->addWidget(button);
    }
    auto* mirror = new PillButton(tr("Mirror"), holder);
    mirror->setObjectName(QStringLiteral("toolMirror"));
    mirror->setToolTip(tr("Read the schedule from its last step to its first"));
    connect(mirror, &QToolButton::clicked, this,
            [this] { applySchedule(schedule().mirrored(), tr("Mirror")); });
    row->addWidget(mirror);

    m_lock = new PillButton({}, holder);
    m_lock->setObjectName(QStringLiteral("lockBudget"));
    m_lock->setCheckable(true);
    m_lock->setToolTip(
        tr("Lock the budget: when an edge is dragged, the nearest opposite edge moves along, so that every "
           "model keeps its number of steps"));
    m_lock->setIcon(glyphIcon(Glyph::Unlock, GlyphInk::Dim));
    connect(m_lock, &QToolButton::toggled, this, [this](bool locked) {
        m_lock->setIcon(glyphIcon(locked ? Glyph::Lock : Glyph::Unlock, GlyphInk::Dim));
        m_timeline->setSharesLocked(locked);
    });
    row->addWidget(m_lock);
    for (QAction* action : {m_undo, m_redo}) {
        auto* button = new FlatButton(action == m_undo ? Glyph::Undo : Glyph::Redo, action->text(), holder);
        button->setDefaultAction(action);
        button->setObjectName(action == m_undo ? QStringLiteral("undoButton") : QStringLiteral("redoButton"));
        row->addWidget(button);
    }
    row->addStretch(1);

    m_ruler = new QWidget(holder);
    auto* rulerRow = new QHBoxLayout(m_ruler);
    rulerRow->setContentsMargins(0, 0, 0, 0);
    rulerRow->addWidget(makeLabel(tr("ruler"), "dim", m_ruler));
    auto* unit = new SegmentedSwitch({tr("step"), tr("fraction"), tr("masked")}, m_ruler);
    unit->setObjectName(QStringLiteral("rulerUnit"));
    unit->setAccessibleName(tr("Ruler unit"));
    connect(unit, &SegmentedSwitch::currentChanged, this,
            [this](int index) { m_timeline->setRulerUnit(static_cast<RulerUnit>(index)); });
    rulerRow->addWidget(unit);
    row->addWidget(m_ruler);
    return holder;
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
    m_timeline->setMembers(members);

    const std::string known = letters();
    std::string now = schedule().letters();
    std::replace_if(
        now.begin(), now.end(), [&](char letter) { return known.find(letter) == std::string::npos; },
        known.front());
    if (now != schedule().letters()) {
        m_history.reset(StepSchedule(now));
    } else {
        // Older steps of the history may name members that are gone.
        m_history.stack()->clear();
        showSchedule(schedule());
    }
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
    if (wanted != schedule().steps()) {
        applySchedule(schedule().rescaled(wanted), tr("Rescale to T = %1").arg(wanted));
    }
}

void ScheduleEditor::showSchedule(const StepSchedule& schedule) {
    m_timeline->setSchedule(schedule);
    showNotation(schedule);
    m_lock->setText(tr("%1 light").arg(shareText(lightShare())));
    m_lock->setAccessibleName(tr("Lock the budget at %1").arg(m_lock->text()));
    m_lock->updateGeometry();
    showHint();
}

void ScheduleEditor::showNotation(const StepSchedule& schedule) {
    const QString text = QString::fromStdString(printSchedule(schedule));
    if (text != m_notation->text()) {
        m_notation->setText(text);
        m_notation->setCursorPosition(0);
    }
}

StepSchedule ScheduleEditor::typedSchedule() const {
    PresetOptions options;
    options.steps = schedule().steps();
    options.heavy = letters().front();
    options.light = letters().size() > 1 ? letters()[1] : options.heavy;
    const double share = lightShare();
    options.lightShare = share > 0 && share < 1 ? share : options.lightShare;
    StepSchedule typed =
        parseScheduleOrPreset(m_notation->text().trimmed().toStdString(), options, options.steps);
    requireLetters(typed, letters());
    return typed;
}

void ScheduleEditor::checkTyped() {
    try {
        const StepSchedule typed = typedSchedule();
        const QString figures =
            m_costs.empty() && !m_saving ? QString() : QStringLiteral(" · ") + dragFigures(typed);
        showStatus(typed == schedule() ? tr("This is the schedule shown") : tr("Enter applies it") + figures,
                   "hintGood");
    } catch (const Error& error) {
        const Error::Parts& parts = error.parts();
        QString text =
            QString::fromStdString(parts.where.empty() ? parts.why : parts.where + ": " + parts.why);
        if (!parts.remedy.empty()) {
            QString remedy = QString::fromStdString(parts.remedy);
            remedy[0] = remedy[0].toUpper();
            text += QStringLiteral(". ") + remedy;
        }
        showStatus(text, "hintError");
    }
}

void ScheduleEditor::commitTyped() {
    try {
        applySchedule(typedSchedule(), tr("Typed notation"));
    } catch (const Error&) {
        checkTyped(); // the reason stays in view, the schedule as it was
    }
}

void ScheduleEditor::preparePresets() {
    PresetOptions options = m_presets->options();
    options.steps = schedule().steps();
    options.heavy = letters().front();
    options.light = letters().size() > 1 ? letters()[1] : options.heavy;
    const double share = lightShare();
    if (share > 0 && share < 1) {
        options.lightShare = share; // all heavy and all light say nothing about the budget: keep the last one
    }
    m_presets->setOptions(options, schedule());
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
    const auto* tool = std::find_if(std::begin(kTools), std::end(kTools),
                                    [this](const Tool& t) { return t.tool == m_timeline->tool(); });
    showStatus(tr(tool->hint), "hint");
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
