// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace steploom {

class FlatButton;

/// A part of the settings under a small heading. It folds to one line that says what is in it, and has one
/// button that brings its defaults back, there only while something differs from them.
class SettingsGroup : public QWidget {
    Q_OBJECT
public:
    /// `key` is the object name ("orderGroup"); the heading's is "orderGroupHeading", Reset's
    /// "orderGroupReset".
    SettingsGroup(const QString& key, const QString& title, QWidget* parent = nullptr);

    /// Where the fields go.
    QVBoxLayout* fields() const noexcept { return m_fields; }
    /// Stands at the right of the heading while the group is open.
    void addToHeading(QWidget* widget);

    bool isOpen() const;
    /// Tells nobody.
    void setOpen(bool open);
    /// The values in a few words, beside the title while the group is folded.
    void setSummary(const QString& summary);
    /// `usual`: what Reset would bring back, for its tool tip.
    void setDiffers(bool differs, const QString& usual);

signals:
    /// Somebody folded or opened it.
    void toggled(bool open);
    void resetRequested();

private:
    void showState();

    QString m_title;
    QToolButton* m_heading;
    QLabel* m_summary;
    FlatButton* m_reset;
    QWidget* m_body;
    QVBoxLayout* m_fields;
    QHBoxLayout* m_row = nullptr;
    QWidget* m_aside = nullptr;
};

} // namespace steploom
