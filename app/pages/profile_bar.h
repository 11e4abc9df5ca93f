// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/profiles.h"

#include <QWidget>

#include <optional>

class QAction;
class QCheckBox;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;

namespace steploom {

class InlineMessage;
class PillButton;

/// Title of the settings with the profile they are from; "Quick look •" once they have been changed. Its menu
/// chooses, saves, renames and deletes; names are typed in a row beneath, deletions undone there.
class ProfileBar : public QWidget {
    Q_OBJECT
public:
    /// `profiles` must outlive the bar.
    explicit ProfileBar(Profiles& profiles, QWidget* parent = nullptr);

    /// The settings as they are now: what Save keeps and the modified mark depends on.
    void setPresent(int steps, const GenerationRequest& request);
    /// Name of the profile the settings are from; empty: none.
    const QString& current() const noexcept { return m_current; }
    /// Says where the settings are from, without applying it.
    void setCurrent(const QString& name);
    /// Applies it and says so.
    void choose(const QString& name);
    bool isModified() const;
    /// Save, save as, rename, delete: for the palette.
    QList<QAction*> commands() const;

signals:
    /// Somebody wants these settings.
    void chosen(const steploom::Profile& profile);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class Naming { None, New, Rename };
    void fillMenu();
    void beginNaming(Naming naming);
    void finishNaming();
    void saveChanges();
    void remove();
    void undoRemove();
    void remember(const QString& name);
    void refresh();
    bool done(const std::optional<Error::Parts>& error);
    const Profile* ownCurrent() const;

    Profiles& m_profiles;
    QString m_current;
    int m_steps = 1;
    GenerationRequest m_request;
    Naming m_naming = Naming::None;
    std::optional<Profile> m_removed;

    PillButton* m_button;
    QMenu* m_menu;
    QAction *m_save, *m_saveAs, *m_rename, *m_delete;
    QWidget* m_nameRow;
    QLineEdit* m_name;
    QCheckBox* m_withText;
    QPushButton* m_accept;
    QWidget* m_undoRow;
    QLabel* m_undoText;
    InlineMessage* m_message;
};

} // namespace steploom
