// SPDX-License-Identifier: GPL-3.0-or-later
// The panel's canvas to go on from, and what is taken out of the panel: text, picture, player.
#include "app/widgets/branch_bar.h"
#include "app/widgets/canvas_export.h"
#include "app/widgets/canvas_legend.h"
#include "app/widgets/canvas_panel.h"
#include "app/widgets/canvas_transport.h"
#include "app/widgets/sample_grid.h"
#include "engine/runs/player_page.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QLineEdit>
#include <QMenu>
#include <QStandardPaths>

#include <algorithm>

namespace steploom {

void CanvasPanel::beginBranch() {
    if (!isFinished() || isBranching())
        return;
    pause();
    const int step = std::clamp(m_step + 1, 0, m_run.schedule.steps());
    m_drafts = {branchFrom(m_run.request, m_run.id, m_samples.at(m_sample).trace, m_run.maskToken, step)};
    m_canvas->setPicking(true);
    const QString place = branchPlace(step);
    m_bar->setTitle(m_run.id > 0 ? tr("Branch of run %1 %2").arg(m_run.id).arg(place)
                                 : tr("Branch %1").arg(place));
    m_bar->show();
    showDraft();
    m_canvas->setFocus();
}

void CanvasPanel::endBranch() {
    if (!isBranching())
        return;
    m_drafts.clear();
    m_bar->hide();
    m_canvas->setPicking(false);
    m_canvas->clearSelection();
    if (isFinished()) {
        const int step = m_step;
        showTrace(m_samples.at(m_sample).trace);
        m_canvas->setStep(step);
    }
    refreshHeader();
    emit branchChanged();
}

QString CanvasPanel::branchPlace(int step) const {
    return step > 0 ? tr("after %1 %2").arg(m_run.words.one()).arg(step - 1) : tr("from the start");
}

GenerationRequest CanvasPanel::branched(GenerationRequest request) const {
    const int steps = m_run.schedule.steps(), newSteps = request.schedule.steps();
    BranchPoint branch = draft();
    // By time, to the nearest step.
    const auto step =
        static_cast<int>((2 * std::int64_t{branch.step} * newSteps + steps) / (2 * std::max(1, steps)));
    branch = movedTo(std::move(branch), steps, step, newSteps);
    request.branch = std::move(branch);
    request.prompt.clear();
    request.templateText.clear();
    request.length = m_run.request.length;
    return request;
}

void CanvasPanel::showDraft() {
    SampleTrace trace = traceOf(draft(), m_run.request.length, m_run.maskToken);
    trace.index = m_sample;
    m_canvas->setStep(TokenCanvas::kLastStep);
    m_canvas->setSample(trace, m_run.maskToken, m_run.schedule.steps());
    refreshHeader();
    refreshBranch();
    emit branchChanged();
}

void CanvasPanel::changeDraft(const std::function<void(BranchPoint&)>& change) {
    if (!isBranching() || m_canvas->selection().count() == 0)
        return;
    BranchPoint changed = draft();
    change(changed);
    if (!(changed == draft()))
        m_drafts.push_back(std::move(changed));
    showDraft();
}

void CanvasPanel::refreshBranch() {
    const int selected = m_canvas->selection().count();
    m_bar->setSelected(selected);
    m_bar->setUndoable(m_drafts.size() > 1);
    const int standing = static_cast<int>(draft().tokens.size());
    QString status = tr("%1 stand, %2 to write").arg(standing).arg(m_run.request.length - standing);
    if (selected > 0)
        status += tr(" · %1 selected").arg(selected);
    m_bar->setStatus(status);
}

/// A word in the middle of a text begins with a space in these vocabularies: where the token that is written
/// over has one, the text is given it too.
std::vector<std::int32_t> CanvasPanel::tokensOf(const QString& text) const {
    std::string bytes = text.toStdString();
    const StandingToken* first = standingAt(draft(), m_canvas->selection().first);
    if (first && !bytes.starts_with(' ') && m_run.tokenizer->bytesOf(first->token).starts_with(' '))
        bytes.insert(bytes.begin(), ' ');
    return m_run.tokenizer->encode(bytes);
}

void CanvasPanel::tellText(const QString& text) {
    if (!isBranching() || text.isEmpty() || !m_run.tokenizer)
        return refreshBranch();
    const int tokens = static_cast<int>(tokensOf(text).size()), selected = m_canvas->selection().count();
    const bool fits = tokens <= selected;
    const QString count = tokens == 1 ? tr("1 token") : tr("%1 tokens").arg(tokens);
    m_bar->setStatus(fits ? tr("%1 for %2 selected").arg(count).arg(selected)
                          : tr("%1 for %2 selected: select more, or shorten it").arg(count).arg(selected),
                     !fits);
}

void CanvasPanel::writeText(const QString& text) {
    if (!isBranching() || text.isEmpty() || !m_run.tokenizer)
        return;
    const std::vector<std::int32_t> tokens = tokensOf(text);
    const TokenCanvas::Selection selection = m_canvas->selection();
    if (tokens.empty() || static_cast<int>(tokens.size()) > selection.count())
        return tellText(text);
    changeDraft([&](BranchPoint& branch) {
        for (int i = 0; i < selection.count(); ++i) {
            if (i < static_cast<int>(tokens.size()))
                writeToken(branch, selection.first + i, tokens[static_cast<std::size_t>(i)]);
            else
                maskToken(branch, selection.first + i); // what the text does not reach is written anew
        }
    });
    m_bar->textField()->clear();
    m_canvas->setFocus();
}

void CanvasPanel::makeExportMenu() {
    m_exportMenu = new QMenu(this);
    m_exportMenu->setObjectName(QStringLiteral("exportMenu"));
    const auto add = [this](const QString& text, const char* name, void (CanvasPanel::*perform)()) {
        QAction* action = m_exportMenu->addAction(text, this, perform);
        action->setObjectName(QLatin1String(name));
        return action;
    };
    QAction* copy = m_exportMenu->addAction(tr("Copy text"), this, &CanvasPanel::copyText);
    copy->setObjectName(QStringLiteral("copyText"));
    m_exportMenu->addSeparator();
    add(tr("Save text…"), "saveText", &CanvasPanel::saveText);
    add(tr("Save picture (PNG)…"), "savePicture", &CanvasPanel::savePicture);
    QAction* player = add(tr("Save player (HTML)…"), "savePlayer", &CanvasPanel::savePlayer);
    connect(m_exportMenu, &QMenu::aboutToShow, player, [this, player] { player->setEnabled(isFinished()); });
    // Popped up by hand: a button with a menu would draw an arrow over its glyph.
    connect(m_export, &QToolButton::clicked, this, [this] {
        const QPoint corner(m_export->width() - m_exportMenu->sizeHint().width(), m_export->height());
        m_exportMenu->popup(m_export->mapToGlobal(corner));
    });
}

QString CanvasPanel::seenText() const {
    if (!m_all->isChecked())
        return m_canvas->copiedText();
    QString text;
    for (int row = 0; row < m_grid->model()->rowCount(); ++row) {
        const QModelIndex sample = m_grid->model()->index(row, 0);
        text += tr("── sample %1 ──").arg(sample.data(SampleListModel::IndexRole).toInt() + 1) + u'\n' +
                sample.data(SampleListModel::TextRole).toString() + QStringLiteral("\n\n");
    }
    return text;
}

void CanvasPanel::copyText() const { QApplication::clipboard()->setText(seenText()); }

void CanvasPanel::saveText() {
    save(QStringLiteral(".txt"), tr("Text (*.txt)"),
         [this](const QString& file) { writeFile(file, seenText().toUtf8()); });
}

void CanvasPanel::savePicture() {
    save(QStringLiteral(".png"), tr("PNG picture (*.png)"), [this](const QString& file) {
        writePicture(file, m_all->isChecked() ? m_grid->grab().toImage() : pictureOf(*m_canvas, *m_legend));
    });
}

void CanvasPanel::savePlayer() {
    const auto found = m_samples.find(m_sample);
    if (found == m_samples.end() || !m_run.tokenizer)
        return;
    save(QStringLiteral(".html"), tr("Web page (*.html)"), [&](const QString& file) {
        RunSummary summary;
        summary.id = m_run.id;
        summary.kind = m_run.words.kind;
        summary.request = m_run.request;
        writeFile(file, QByteArray::fromStdString(playerPage(summary, found->second, *m_run.tokenizer)));
    });
}

void CanvasPanel::save(const QString& ending, const QString& filter,
                       const std::function<void(const QString&)>& write) {
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    QString name = m_run.id > 0 ? QStringLiteral("run-%1").arg(m_run.id) : QStringLiteral("steploom");
    if (!m_all->isChecked())
        name += QStringLiteral("-sample-%1").arg(m_sample + 1);
    QString file = m_chooseFile(QDir(folder).filePath(name + ending), filter);
    if (file.isEmpty())
        return;
    if (!file.endsWith(ending, Qt::CaseInsensitive))
        file += ending;
    try {
        write(file);
    } catch (const Error& error) {
        emit failed(error.parts());
    }
}

} // namespace steploom
