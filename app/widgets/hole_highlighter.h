// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSyntaxHighlighter>

namespace steploom {

/// Shows the holes of a template, [mask] and [mask:12], apart from its fixed text; one that is not written as
/// it must be in the colour of errors.
class HoleHighlighter : public QSyntaxHighlighter {
    Q_OBJECT
public:
    explicit HoleHighlighter(QTextDocument* document);
    /// A prompt has no holes: there they are text.
    void setEnabled(bool enabled);

protected:
    void highlightBlock(const QString& text) override;

private:
    bool m_enabled = false;
};

} // namespace steploom
