// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/run_library.h"

#include <QAbstractListModel>
#include <QFrame>

#include <optional>
#include <string>
#include <vector>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QToolButton;

namespace steploom {

class InlineMessage;
class SegmentedSwitch;

/// Schedules with names, to choose from: the library's, or those of stored runs.
class ScheduleListModel : public QAbstractListModel {
    Q_OBJECT
public:
    explicit ScheduleListModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}

    /// `editable`: names can be changed (EditRole); renamed() says so, the list is given anew by the owner.
    void setSchedules(std::vector<NamedSchedule> schedules, bool editable);
    /// Null when the row is none.
    const NamedSchedule* at(const QModelIndex& index) const;
    QModelIndex indexOf(qint64 id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

signals:
    void renamed(qint64 id, const QString& name);

private:
    std::vector<NamedSchedule> m_schedules;
    bool m_editable = false;
};

/// The library as a popup: save the present schedule under a name; load, rename, duplicate, delete (with
/// undo) those that are kept; load those of stored runs; copy, paste, open and save as files.
class ScheduleLibraryPanel : public QFrame {
    Q_OBJECT
public:
    explicit ScheduleLibraryPanel(QWidget* parent = nullptr);

    /// Must outlive the panel.
    void setLibrary(RunLibrary* library);
    /// What Save keeps, and the pool's letters, for the colours.
    void setPresent(const StepSchedule& schedule, const std::string& letters);
    /// Opens under `anchor`.
    void popUp(const QWidget& anchor);

signals:
    /// Somebody wants this schedule in the editor; `name`: as the undo step calls it.
    void chosen(const StepSchedule& schedule, const QString& name);
    void copyRequested(const StepSchedule& schedule, const QString& name);
    void pasteRequested();
    void openRequested();
    void saveFileRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void layOut();
    void refill();
    void review();
    const NamedSchedule* current() const;
    /// Shows what went wrong, if anything; true when all went well.
    bool done(const std::optional<Error::Parts>& error);
    void save();
    void duplicate();
    void remove();
    void undoRemove();
    void load();
    QString freeName(const QString& wanted) const;

    RunLibrary* m_library = nullptr;
    StepSchedule m_present;
    std::string m_letters;
    std::optional<NamedSchedule> m_removed;

    ScheduleListModel* m_model;
    SegmentedSwitch* m_source = nullptr;
    QListView* m_list = nullptr;
    QLabel* m_empty = nullptr;
    QLineEdit* m_name = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_load = nullptr;
    QToolButton *m_rename = nullptr, *m_duplicate = nullptr, *m_delete = nullptr, *m_copy = nullptr;
    QWidget* m_undoBar = nullptr;
    QLabel* m_undoText = nullptr;
    InlineMessage* m_message = nullptr;
};

} // namespace steploom
