// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <functional>

class QLabel;
class QListWidget;
class QPushButton;

namespace steploom {

/// Checkpoint folders, added by a button or dropped, each once and each with what is wrong with it.
class CheckpointList : public QWidget {
    Q_OBJECT
public:
    /// Why a folder cannot serve, as a sentence; empty when it can.
    using Problem = std::function<QString(const QString& folder)>;

    /// `name`: its parts are called "nameFolders", "nameAdd", "nameRemove", "nameFoldersLine".
    CheckpointList(const QString& name, const QString& addTip, Problem problem, QWidget* parent = nullptr);

    /// A checkpoint, or a trainer's output with all that it kept on the way; each once.
    void addFolders(const QStringList& folders);
    /// These and nothing else, as folders() gave them.
    void setFolders(const QStringList& folders);
    QStringList folders() const;
    /// Of the first that cannot serve; empty when all can.
    QString unfit() const;
    /// What is said beneath the list when all folders can serve.
    void setRemark(const QString& remark);

signals:
    void changed();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void add(const QString& folder);
    void chooseFolder();
    void removeSelected();
    void review();

    Problem m_problem;
    QListWidget* m_list;
    QPushButton* m_remove;
    QLabel* m_line;
    QString m_remark;
};

} // namespace steploom
