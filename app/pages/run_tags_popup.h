// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QStringList>

#include <map>
#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QScrollArea;
class QVBoxLayout;

namespace steploom {

/// Tags of several runs at once: a line for a new one, and all there are, each checked, unchecked, or partly
/// checked where only some of the runs have it. Changes are told at once.
class RunTagsPopup : public QFrame {
    Q_OBJECT
public:
    explicit RunTagsPopup(QWidget* parent = nullptr);

    /// `known`: every tag there is. `had`: how many of the runs have a tag.
    void setTags(const QStringList& known, const std::map<QString, int>& had, int runs);
    void openBelow(const QWidget& anchor);

signals:
    void added(const QString& tag);
    void removed(const QString& tag);

private:
    void add();

    QLabel* m_title;
    QLineEdit* m_line;
    QScrollArea* m_area;
    QVBoxLayout* m_list;
    std::vector<QWidget*> m_boxes;
};

} // namespace steploom
