// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_actions.h"

#include "app/widgets/controls.h"

#include <QMenu>

namespace steploom {
namespace {

void allow(QAction* action, bool allowed, const QString& whyNot) {
    action->setEnabled(allowed);
    action->setProperty("whyNot", allowed ? QString() : whyNot);
}

} // namespace

RunActions::RunActions(QObject* parent) : QObject(parent) {
    open = make("openRunAction", tr("Open in Design"), tr("Show the run's text on the Design page"),
                Qt::Key_Return);
    compare = make("compareRunsAction", tr("Compare side by side"),
                   tr("Two to four runs side by side on the Compare page"), Qt::Key_C);
    report = make("reportRunsAction", tr("Report…"), tr("A report of the selected runs"), Qt::Key_R);
    rerun = make("rerunRunAction", tr("Rerun"), tr("Make the samples once more and compare them bit by bit"));
    judge = make("judgeRunsAction", tr("Re-evaluate"),
                 tr("Judge the selected runs with the evaluator of the Design page: perplexity, entropy, "
                    "diversity"));
    star =
        make("starRunsAction", tr("Star"), tr("Give the selected runs a star, or take it away"), Qt::Key_S);
    tags = make("tagRunsAction", tr("Tags…"), tr("Tag the selected runs"), Qt::Key_T);
    copy = make("copyRunsAction", tr("Copy as text"), tr("Copy the selected rows as tab-separated text"),
                QKeySequence::Copy);
    exportRuns = make("exportRunsAction", tr("Export the selected runs…"),
                      tr("One .steploom file with everything of these runs, to be imported elsewhere"));
    importRuns = make(
        "importRunsAction", tr("Import runs…"),
        tr("Add the runs of a bundle (.steploom) or of a report (HTML, JSON); what is here already stays "
           "as it is"));
    remove =
        make("deleteRunsAction", tr("Delete"), tr("Move the selected runs to the bin"), QKeySequence::Delete);
    restore = make("restoreRunsAction", tr("Restore"), tr("Take the selected runs out of the bin"));
    emptyBin = make("emptyBinAction", tr("Empty the bin…"),
                    tr("Remove the runs in the bin for good, with their samples"));
}

QAction* RunActions::make(const char* name, const QString& text, const QString& tip,
                          const QKeySequence& keys) {
    auto* action = new QAction(text, this);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WidgetShortcut); // of the table: not while a note is being edited
    action->setToolTip(
        keys.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, keys.toString(QKeySequence::NativeText)));
    return action;
}

void RunActions::review(const State& state) {
    const QString none = tr("select runs in the table first");
    const bool any = state.selected > 0;
    allow(open, state.selected == 1 && !state.grouped, tr("select one run in the table first"));
    allow(compare, state.selected >= 2 && state.selected <= 4, tr("select two to four runs in the table"));
    allow(report, any, none);
    allow(rerun, any && !state.grouped, none);
    allow(judge, any && state.evaluator, any ? tr("choose an evaluator on the Design page first") : none);
    allow(star, any, none);
    allow(tags, any, none);
    allow(copy, any && !state.grouped, none);
    allow(exportRuns, any && !state.busy, any ? tr("a bundle is on its way") : none);
    allow(importRuns, true, {});
    allow(remove, any, none);
    allow(restore, any, none);
    allow(emptyBin, state.binned > 0, tr("the bin is empty"));
    remove->setVisible(!state.bin);
    restore->setVisible(state.bin);
    emptyBin->setVisible(state.bin);
}

void RunActions::fillMenu(QMenu& menu) const {
    const QList<QList<QAction*>> groups{{open, compare, report},
                                        {star, tags},
                                        {rerun, judge},
                                        {copy, exportRuns},
                                        {remove, restore, emptyBin}};
    for (const QList<QAction*>& group : groups) {
        menu.addActions(group);
        menu.addSeparator();
    }
}

void RunActions::fillMore(QMenu& menu) const {
    menu.addActions({star, judge, copy});
    menu.addSeparator();
    menu.addActions({exportRuns, importRuns});
}

PillButton* RunActions::button(QAction* action, const QString& name, const QString& text) {
    auto* made = new PillButton(text);
    made->setObjectName(name);
    const auto follow = [made, action] {
        const QString whyNot = action->property("whyNot").toString();
        made->setToolTip(whyNot.isEmpty() ? action->toolTip()
                                          : QStringLiteral("%1: %2").arg(action->toolTip(), whyNot));
        made->setEnabled(action->isEnabled());
        made->setVisible(action->isVisible());
    };
    follow();
    connect(action, &QAction::changed, made, follow);
    connect(made, &QToolButton::clicked, action, &QAction::trigger);
    return made;
}

} // namespace steploom
