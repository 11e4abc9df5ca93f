// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_found_text.h"

#include "engine/core/error.h"
#include "engine/runs/run_query.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <utility>
#include <vector>

namespace steploom {
namespace {

constexpr qsizetype kBefore = 48, kAfter = 110; ///< characters around the first word

/// Terms that look for words: what they look for, and where ("": everywhere).
std::vector<std::pair<QString, std::string>> wordsOf(const QString& query) {
    std::vector<std::pair<QString, std::string>> words;
    try {
        for (const RunTerm& term : parseRunQuery(query.toStdString()))
            if (term.kind == RunTerm::Kind::Text && !term.negated)
                words.emplace_back(QString::fromStdString(term.text), term.name);
    } catch (const Error&) {
        words.clear();
    }
    return words;
}

/// "two  words" matches over any blanks and marks between, as the index does.
QRegularExpression patternOf(const QString& phrase) {
    static const QRegularExpression between(QStringLiteral("[^\\p{L}\\p{N}]+"),
                                            QRegularExpression::UseUnicodePropertiesOption);
    QStringList parts;
    for (const QString& word : phrase.split(between, Qt::SkipEmptyParts))
        parts << QRegularExpression::escape(word);
    return QRegularExpression(
        QStringLiteral("(?<![\\p{L}\\p{N}])") + parts.join(QStringLiteral("[^\\p{L}\\p{N}]+")),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption);
}

/// Empty when it is not there.
QString stretchOf(const QString& text, const QRegularExpression& pattern) {
    const QRegularExpressionMatch match = pattern.match(text);
    if (!match.hasMatch() || match.capturedLength() == 0)
        return {};
    const qsizetype begin = std::max<qsizetype>(0, match.capturedStart() - kBefore);
    const qsizetype end = std::min(text.size(), match.capturedEnd() + kAfter);
    const auto part = [&](qsizetype from, qsizetype to) {
        return text.mid(from, to - from).simplified().toHtmlEscaped();
    };
    return QStringLiteral("%1%2 <b>%3</b> %4%5")
        .arg(begin > 0 ? QStringLiteral("… ") : QString(), part(begin, match.capturedStart()),
             part(match.capturedStart(), match.capturedEnd()), part(match.capturedEnd(), end),
             end < text.size() ? QStringLiteral(" …") : QString());
}

QString translated(const char* text) { return QCoreApplication::translate("steploom::RunFoundText", text); }

} // namespace

bool hasWords(const QString& query) { return !wordsOf(query).empty(); }

QString foundText(const Run& run, const QString& query) {
    const auto told = [](const QString& where, const QString& stretch) {
        return QStringLiteral("%1: %2").arg(where, stretch);
    };
    for (const auto& [phrase, where] : wordsOf(query)) {
        const QRegularExpression pattern = patternOf(phrase);
        if (where.empty() || where == "note")
            if (const QString found = stretchOf(QString::fromStdString(run.summary.note), pattern);
                !found.isEmpty())
                return told(translated("Note"), found);
        if (where.empty() || where == "prompt")
            for (const std::string* text : {&run.summary.request.prompt, &run.summary.request.templateText})
                if (const QString found = stretchOf(QString::fromStdString(*text), pattern); !found.isEmpty())
                    return told(translated("Prompt"), found);
        if (where.empty() || where == "output")
            for (const RunSample& sample : run.samples)
                if (const QString found = stretchOf(QString::fromStdString(sample.text), pattern);
                    !found.isEmpty())
                    return told(translated("Sample %1").arg(sample.trace.index + 1), found);
    }
    return {};
}

} // namespace steploom
