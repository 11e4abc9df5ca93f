// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/hole_highlighter.h"

#include "app/widgets/theme.h"

#include <QRegularExpression>

namespace steploom {

HoleHighlighter::HoleHighlighter(QTextDocument* document) : QSyntaxHighlighter(document) {
    connect(&Theme::instance(), &Theme::changed, this, &QSyntaxHighlighter::rehighlight);
}

void HoleHighlighter::setEnabled(bool enabled) {
    if (enabled == m_enabled)
        return;
    m_enabled = enabled;
    rehighlight();
}

void HoleHighlighter::highlightBlock(const QString& text) {
    if (!m_enabled)
        return;
    static const QRegularExpression hole(QStringLiteral(R"(\[mask(?![a-z])(:\d*)?(\])?)"),
                                         QRegularExpression::CaseInsensitiveOption);
    const ThemeColors& colors = Theme::instance().colors();
    for (auto matches = hole.globalMatch(text); matches.hasNext();) {
        const QRegularExpressionMatch match = matches.next();
        const bool whole = match.hasCaptured(2) && !match.captured(2).isEmpty() &&
                           (match.captured(1).isEmpty() || match.captured(1).mid(1).toInt() > 0);
        QTextCharFormat format;
        format.setForeground(whole ? colors.heavy : colors.heat);
        format.setBackground(Theme::instance().tint(whole ? colors.heavy : colors.heat));
        setFormat(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedLength()), format);
    }
}

} // namespace steploom
