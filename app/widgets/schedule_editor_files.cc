// SPDX-License-Identifier: GPL-3.0-or-later
// Schedules in and out of ScheduleEditor as text: clipboard, files, drops.
#include "app/widgets/schedule_editor.h"
#include "engine/schedule/schedule_text.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QSaveFile>

namespace steploom {

namespace {

/// The file of a drag, when it is one file that may hold a schedule; folders are the pool's.
QString scheduleFileOf(const QMimeData& data) {
    const QList<QUrl> urls = data.urls();
    if (urls.size() != 1 || !urls.front().isLocalFile()) {
        return {};
    }
    const QFileInfo file(urls.front().toLocalFile());
    return file.isFile() && file.size() <= static_cast<qint64>(kMostScheduleText) ? file.filePath()
                                                                                  : QString();
}

} // namespace

void ScheduleEditor::copySchedule(const StepSchedule& schedule, const QString& name) {
    QString text = QString::fromStdString(printSchedule(schedule, m_timeline->rulerUnit()));
    QApplication::clipboard()->setText(text);
    if (text.size() > 60) {
        text = text.left(59) + u'…';
    }
    showStatus(name.isEmpty() ? tr("Copied %1").arg(text) : tr("Copied %1: %2").arg(name, text), "hintGood");
}

void ScheduleEditor::paste() { take(QApplication::clipboard()->text(), tr("the clipboard")); }

/// A schedule from elsewhere has the number of steps it says; shares are taken over the present one.
void ScheduleEditor::take(const QString& text, const QString& source) {
    try {
        const ScheduleText read = parseScheduleText(text.toStdString(), presetOptions());
        const QString name = QString::fromStdString(read.name);
        applySchedule(read.schedule, tr("Take %1").arg(name.isEmpty() ? source : name));
        showStatus(tr("From %1: %2 steps").arg(name.isEmpty() ? source : name).arg(read.schedule.steps()),
                   "hintGood");
    } catch (const Error& error) {
        refuse(error.parts());
    }
}

void ScheduleEditor::openFile(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        refuse({"cannot read the schedule", path.toStdString(), file.errorString().toStdString(),
                "choose a file that can be read"});
        return;
    }
    take(QString::fromUtf8(file.read(static_cast<qint64>(kMostScheduleText) + 1)),
         QFileInfo(path).fileName());
}

void ScheduleEditor::saveFile(const QString& path) {
    QSaveFile file(path);
    const QByteArray text = QByteArray::fromStdString(
        printScheduleText({QFileInfo(path).completeBaseName().toStdString(), schedule()}));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit()) {
        refuse({"cannot write the schedule", path.toStdString(), file.errorString().toStdString(),
                "choose another folder"});
        return;
    }
    showStatus(tr("Saved as %1").arg(path), "hintGood");
}

/// Does not hold up the window.
void ScheduleEditor::chooseFile(bool open) {
    auto* dialog = new QFileDialog(this, open ? tr("Open a schedule") : tr("Save the schedule"));
    dialog->setObjectName(QStringLiteral("scheduleFileDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setNameFilters({tr("Schedules (*.schedule *.txt)"), tr("All files (*)")});
    dialog->setFileMode(open ? QFileDialog::ExistingFile : QFileDialog::AnyFile);
    dialog->setAcceptMode(open ? QFileDialog::AcceptOpen : QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("schedule"));
    connect(dialog, &QFileDialog::fileSelected, this,
            open ? &ScheduleEditor::openFile : &ScheduleEditor::saveFile);
    dialog->open();
}

void ScheduleEditor::dragEnterEvent(QDragEnterEvent* event) {
    const QMimeData& dragged = *event->mimeData();
    if (!scheduleFileOf(dragged).isEmpty() || (dragged.hasText() && !dragged.hasUrls())) {
        event->acceptProposedAction();
    } else {
        event->ignore(); // a checkpoint folder: the window takes it
    }
}

void ScheduleEditor::dropEvent(QDropEvent* event) {
    const QString path = scheduleFileOf(*event->mimeData());
    if (path.isEmpty()) {
        take(event->mimeData()->text(), tr("a drop"));
    } else {
        openFile(path);
    }
    event->acceptProposedAction();
}

} // namespace steploom
