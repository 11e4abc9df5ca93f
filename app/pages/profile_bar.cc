// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/profile_bar.h"

#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QVBoxLayout>

#include <utility>

namespace steploom {
namespace {

constexpr int kLongestShown = 22; ///< characters of a name on the button

QAction* command(QObject* owner, const char* name, const QString& text, const QString& whyNot) {
    auto* action = new QAction(text, owner);
    action->setObjectName(QLatin1String(name));
    action->setProperty("whyNot", whyNot);
    return action;
}

QPushButton* button(const char* name, const QString& text) {
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    return made;
}

} // namespace

ProfileBar::ProfileBar(Profiles& profiles, QWidget* parent)
    : QWidget(parent), m_profiles(profiles), m_button(new PillButton({})), m_menu(new QMenu(this)) {
    setObjectName("profileBar");
    m_save = command(this, "profileSave", tr("Profile: save the changes"),
                     tr("no profile of your own is changed"));
    m_saveAs = command(this, "profileSaveAs", tr("Profile: save the settings as…"), {});
    m_rename = command(this, "profileRename", tr("Profile: rename…"), tr("no profile of your own is chosen"));
    m_delete = command(this, "profileDelete", tr("Profile: delete"), tr("no profile of your own is chosen"));
    connect(m_save, &QAction::triggered, this, &ProfileBar::saveChanges);
    connect(m_saveAs, &QAction::triggered, this, [this] { beginNaming(Naming::New); });
    connect(m_rename, &QAction::triggered, this, [this] { beginNaming(Naming::Rename); });
    connect(m_delete, &QAction::triggered, this, &ProfileBar::remove);

    m_button->setObjectName("profileButton");
    m_button->setMenu(m_menu);
    m_menu->setObjectName("profileMenu");
    m_menu->setToolTipsVisible(true);
    connect(m_menu, &QMenu::aboutToShow, this, &ProfileBar::fillMenu);
    fillMenu(); // a menu without entries would not open

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(5);
    auto* row = new QHBoxLayout;
    row->addWidget(makeLabel(tr("Generation"), "title"));
    row->addStretch(1);
    row->addWidget(m_button);
    column->addLayout(row);

    m_nameRow = new QWidget;
    auto* naming = new QVBoxLayout(m_nameRow);
    naming->setContentsMargins({});
    naming->setSpacing(4);
    m_name = new QLineEdit;
    m_name->setObjectName("profileName");
    m_name->setAccessibleName(tr("Name of the profile"));
    m_name->setPlaceholderText(tr("Name of the profile"));
    m_name->setMaxLength(Profiles::kLongestName);
    m_withText = new QCheckBox(tr("with the prompt"));
    m_withText->setObjectName("profileWithText");
    m_withText->setToolTip(
        tr("Also keep prompt or template; models and schedule are never part of a profile"));
    m_accept = button("profileAccept", tr("Save"));
    QPushButton* cancel = button("profileCancel", tr("Cancel"));
    naming->addWidget(m_name);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_withText);
    buttons->addStretch(1);
    buttons->addWidget(m_accept);
    buttons->addWidget(cancel);
    naming->addLayout(buttons);
    column->addWidget(m_nameRow);
    connect(m_name, &QLineEdit::returnPressed, this, &ProfileBar::finishNaming);
    connect(m_accept, &QPushButton::clicked, this, &ProfileBar::finishNaming);
    connect(cancel, &QPushButton::clicked, this, [this] { beginNaming(Naming::None); });
    m_name->installEventFilter(this);

    auto* undoRow = new QFrame;
    setLook(undoRow, "notice");
    undoRow->setObjectName("profileUndoBar");
    auto* undo = new QHBoxLayout(undoRow);
    undo->setContentsMargins(8, 2, 2, 2);
    m_undoText = makeLabel({});
    m_undoText->setWordWrap(true);
    undo->addWidget(m_undoText, 1);
    QPushButton* undoButton = button("profileUndo", tr("Undo"));
    undo->addWidget(undoButton);
    connect(undoButton, &QPushButton::clicked, this, &ProfileBar::undoRemove);
    auto* forget = new FlatButton(Glyph::Close, tr("Dismiss"));
    forget->setIconSize(QSize(14, 14));
    undo->addWidget(forget);
    m_undoRow = undoRow;
    connect(forget, &QToolButton::clicked, m_undoRow, &QWidget::hide);
    column->addWidget(m_undoRow);
    m_undoRow->hide();
    m_message = new InlineMessage;
    m_message->setObjectName("profileMessage");
    column->addWidget(m_message);
    beginNaming(Naming::None);

    connect(&m_profiles, &Profiles::changed, this, &ProfileBar::refresh);
    if (!m_profiles.problems().empty()) {
        Error::Parts told = m_profiles.problems().front();
        if (const std::size_t more = m_profiles.problems().size() - 1; more > 0)
            told.what += tr(", nor can %n more", nullptr, static_cast<int>(more)).toStdString();
        m_message->showError(told);
    }
}

QList<QAction*> ProfileBar::commands() const { return {m_save, m_saveAs, m_rename, m_delete}; }

void ProfileBar::setPresent(int steps, const GenerationRequest& request) {
    m_steps = steps;
    m_request = request;
    refresh();
}

void ProfileBar::setCurrent(const QString& name) {
    const Profile* profile = m_profiles.find(name);
    remember(profile ? profile->name : QString());
}

void ProfileBar::choose(const QString& name) {
    const Profile* found = m_profiles.find(name);
    if (!found)
        return;
    const Profile profile = *found; // the list may change meanwhile
    remember(profile.name);
    emit chosen(profile);
}

bool ProfileBar::isModified() const {
    const Profile* profile = m_profiles.find(m_current);
    return profile && !profile->agreesWith(m_steps, m_request);
}

const Profile* ProfileBar::ownCurrent() const {
    const Profile* profile = m_profiles.find(m_current);
    return profile && !profile->builtIn ? profile : nullptr;
}

void ProfileBar::remember(const QString& name) {
    m_current = name;
    QSettings().setValue(settings::kProfile, name);
    refresh();
}

void ProfileBar::refresh() {
    if (!m_current.isEmpty() && !m_profiles.find(m_current))
        m_current.clear();
    QString shown = m_current.isEmpty() ? tr("Profile") : m_current;
    if (shown.size() > kLongestShown)
        shown = shown.left(kLongestShown - 1) + u'…';
    const bool modified = isModified();
    m_button->setText(modified ? shown + QStringLiteral(" •") : shown);
    m_button->setAccessibleName(m_current.isEmpty() ? tr("Profile: none")
                                : modified          ? tr("Profile %1, changed").arg(m_current)
                                                    : tr("Profile %1").arg(m_current));
    const Profile* profile = m_profiles.find(m_current);
    m_button->setToolTip(!profile
                             ? tr("Named sets of these settings; models and schedule are not part of them")
                         : modified                  ? tr("%1, with changes since").arg(m_current)
                         : profile->remark.isEmpty() ? m_current
                                                     : profile->remark);
    m_button->updateGeometry();
    m_save->setEnabled(modified && ownCurrent());
    m_rename->setEnabled(ownCurrent());
    m_delete->setEnabled(ownCurrent());
}

void ProfileBar::fillMenu() {
    m_menu->clear();
    bool hadBuiltIn = false;
    for (const Profile& profile : m_profiles.all()) {
        if (hadBuiltIn && !profile.builtIn)
            m_menu->addSeparator();
        hadBuiltIn = profile.builtIn;
        QAction* action = m_menu->addAction(profile.name);
        action->setObjectName("profile:" + profile.name);
        action->setCheckable(true);
        action->setChecked(profile.name == m_current);
        action->setToolTip(profile.remark.isEmpty() ? profile.name : profile.remark);
        connect(action, &QAction::triggered, this, [this, name = profile.name] { choose(name); });
    }
    m_menu->addSeparator();
    m_menu->addActions(commands());
}

void ProfileBar::beginNaming(Naming naming) {
    m_naming = naming;
    m_nameRow->setVisible(naming != Naming::None);
    if (naming == Naming::None)
        return;
    m_message->dismiss();
    m_undoRow->hide();
    const Profile* profile = ownCurrent();
    m_withText->setVisible(naming == Naming::New);
    m_withText->setChecked(profile && profile->withText);
    m_accept->setText(naming == Naming::New ? tr("Save") : tr("Rename"));
    m_name->setText(profile ? profile->name : QString());
    m_name->selectAll();
    m_name->setFocus(Qt::OtherFocusReason);
}

void ProfileBar::finishNaming() {
    const QString name = m_name->text().simplified();
    if (m_naming == Naming::New) {
        if (done(m_profiles.save(
                {.name = name, .steps = m_steps, .request = m_request, .withText = m_withText->isChecked()})))
            remember(name);
    } else if (m_naming == Naming::Rename) {
        const QString before = std::exchange(m_current, name); // changed() looks for the new one
        if (!done(m_profiles.rename(before, name)))
            m_current = before;
        remember(m_current);
    }
}

void ProfileBar::saveChanges() {
    if (const Profile* profile = ownCurrent())
        done(m_profiles.save(
            {.name = profile->name, .steps = m_steps, .request = m_request, .withText = profile->withText}));
}

void ProfileBar::remove() {
    const Profile* profile = ownCurrent();
    if (!profile)
        return;
    const Profile removed = *profile;
    if (!done(m_profiles.remove(removed.name)))
        return;
    m_removed = removed;
    remember({});
    m_undoText->setText(tr("Profile %1 deleted").arg(removed.name));
    m_undoRow->show();
}

void ProfileBar::undoRemove() {
    m_undoRow->hide();
    if (!m_removed)
        return;
    const Profile profile = *std::exchange(m_removed, std::nullopt);
    if (done(m_profiles.save(profile)))
        remember(profile.name);
}

/// Escape leaves the name; it is not the window's Stop meanwhile.
bool ProfileBar::eventFilter(QObject* watched, QEvent* event) {
    const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    if (!isKey || static_cast<QKeyEvent*>(event)->key() != Qt::Key_Escape)
        return QWidget::eventFilter(watched, event);
    event->accept();
    if (event->type() == QEvent::KeyPress) {
        beginNaming(Naming::None);
        m_button->setFocus(Qt::OtherFocusReason);
    }
    return true;
}

/// Shows what went wrong, if anything.
bool ProfileBar::done(const std::optional<Error::Parts>& error) {
    if (error) {
        m_message->showError(*error);
        return false;
    }
    m_message->dismiss();
    if (m_nameRow->isVisible())
        m_button->setFocus(Qt::OtherFocusReason);
    beginNaming(Naming::None);
    return true;
}

} // namespace steploom
