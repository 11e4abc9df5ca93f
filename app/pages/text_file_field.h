// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/tokenizer.h"

#include <QWidget>

#include <memory>

class QLabel;
class QLineEdit;

namespace steploom {

/// A text file by its path: typed, chosen or dropped; and, beneath it, what it comes to or why it cannot
/// serve.
class TextFileField : public QWidget {
    Q_OBJECT
public:
    /// `name`: object name of the line; the others are derived from it.
    explicit TextFileField(const QString& name, const QString& label, QWidget* parent = nullptr);

    /// Empty without quotes and blanks around.
    QString path() const;
    void setPath(const QString& path);
    /// What counts the tokens; null: nobody does. `window`: tokens that the text must have at least, and is
    /// cut into; 0: any number.
    void setMeasure(std::shared_ptr<const Tokenizer> tokenizer, int window);
    /// Whole windows that the text holds; −1 when nobody counted them.
    int windows() const noexcept { return m_windows; }
    /// Why it cannot serve, without a full stop; empty when it can.
    const QString& problem() const noexcept { return m_problem; }

signals:
    void changed();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void choose();
    void judge();

    QLineEdit* m_path;
    QLabel* m_line;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    int m_window = 0;
    int m_windows = -1;
    QString m_problem;
};

} // namespace steploom
