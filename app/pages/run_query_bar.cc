// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_query_bar.h"

#include "app/pages/run_query_completer.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "engine/runs/run_query.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kChipHeight = 26, kChipInset = 10, kCross = 12, kLongestChip = 260; // px

/// The terms of a query as they are written; none where it is not understood.
QStringList termsOf(const QString& text) {
    const QByteArray bytes = text.toUtf8();
    QStringList terms;
    try {
        for (const RunTerm& term : parseRunQuery(bytes.toStdString()))
            terms << QString::fromUtf8(
                bytes.mid(static_cast<qsizetype>(term.begin), static_cast<qsizetype>(term.end - term.begin)));
    } catch (const Error&) {
        return {};
    }
    return terms;
}

} // namespace

TermChip::TermChip(const QString& text, QWidget* parent) : QAbstractButton(parent) {
    setText(text);
    setObjectName(QStringLiteral("runChip"));
    setAccessibleName(tr("Take away %1").arg(text));
    setToolTip(accessibleName());
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize TermChip::sizeHint() const {
    const int span = QFontMetrics(Theme::instance().font()).horizontalAdvance(text());
    return {std::min(span, kLongestChip) + 2 * kChipInset + kCross + 6, kChipHeight};
}

void TermChip::paintEvent(QPaintEvent*) {
    const Theme& theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF shape = QRectF(rect()).adjusted(0.75, 0.75, -0.75, -0.75);
    painter.setPen(hasFocus() ? QPen(theme.colors().heavy, 1.5) : QPen(Qt::NoPen));
    painter.setBrush(theme.tint(theme.colors().heavy));
    painter.drawRoundedRect(shape, kChipHeight / 2.0, kChipHeight / 2.0);
    const QRect words(kChipInset, 0, width() - 2 * kChipInset - kCross - 6, height());
    painter.setFont(theme.font());
    painter.setPen(theme.colors().ink);
    painter.drawText(words, Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text(), Qt::ElideRight, words.width() + 1));
    drawGlyph(painter, Glyph::Close,
              QRectF(width() - kChipInset - kCross + 2, (height() - kCross) / 2.0, kCross, kCross),
              underMouse() ? theme.colors().ink : theme.colors().dim);
}

void TermChip::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace ||
        event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

RunQueryBar::RunQueryBar(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    m_row = new QHBoxLayout;
    m_row->setSpacing(Theme::kGrid);
    m_line = new QLineEdit;
    m_line->setObjectName(QStringLiteral("runFilter"));
    m_line->setAccessibleName(tr("Search the runs"));
    m_line->setPlaceholderText(
        tr("Search: words of the texts, \"a phrase\", light<0.3 ppl<40 tag:owt since:7d …"));
    m_line->setToolTip(tr("Words are looked for in texts, notes and prompts. Figures are compared: "
                          "light<30% ppl<40 steps:256 seed:1..8. A minus takes away: -tag:bad. (Ctrl+F)"));
    m_line->addAction(glyphIcon(Glyph::Search, GlyphInk::Dim), QLineEdit::LeadingPosition);
    m_line->setClearButtonEnabled(true);
    m_line->setFixedHeight(32);
    m_completer = new RunQueryCompleter(m_line);
    m_row->addWidget(m_line, 1);
    column->addLayout(m_row);
    m_error = makeLabel({}, "error");
    m_error->setObjectName(QStringLiteral("runQueryError"));
    m_error->setWordWrap(true);
    m_error->setContentsMargins(4, 0, 4, 0);
    m_error->hide();
    column->addWidget(m_error);
    buildQuickChips();
    column->addLayout(m_quickRow);

    m_pause.setSingleShot(true);
    m_pause.setInterval(kPause);
    connect(&m_pause, &QTimer::timeout, this, &RunQueryBar::apply);
    connect(m_line, &QLineEdit::textChanged, &m_pause, qOverload<>(&QTimer::start));
    connect(m_line, &QLineEdit::returnPressed, this, &RunQueryBar::apply);
}

PillButton* RunQueryBar::addQuick(const char* name, const QString& text, const QString& tip) {
    auto* button = new PillButton(text);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(tip);
    button->setCheckable(true);
    m_quickRow->addWidget(button);
    return button;
}

void RunQueryBar::buildQuickChips() {
    m_quickRow = new QHBoxLayout;
    m_quickRow->setSpacing(Theme::kGrid);
    const auto add = [this](const char* name, const QString& text, const QString& term) {
        PillButton* button = addQuick(name, text, tr("Only these: %1").arg(term));
        m_quick.push_back({button, term});
        connect(button, &QToolButton::clicked, this, [this, term](bool on) { toggleTerm(term, on); });
        return button;
    };
    add("quickStarred", tr("Starred"), QStringLiteral("starred"))->setIcon(glyphIcon(Glyph::Star));
    add("quickWeek", tr("This week"), QStringLiteral("since:7d"));
    add("quickFinished", tr("Finished"), QStringLiteral("state:finished"));
    m_bin = addQuick("quickBin", tr("Bin"), tr("What was deleted, until the bin is emptied"));
    m_bin->setIcon(glyphIcon(Glyph::Trash));
    connect(m_bin, &QToolButton::clicked, this, &RunQueryBar::apply);
    m_chipRow = new QHBoxLayout;
    m_chipRow->setSpacing(6);
    m_quickRow->addLayout(m_chipRow);
    m_quickRow->addStretch(1);
}

QString RunQueryBar::text() const { return m_line->text(); }
void RunQueryBar::setText(const QString& text) { m_line->setText(text); }
bool RunQueryBar::bin() const { return m_bin->isChecked(); }

void RunQueryBar::setBin(bool bin) {
    m_bin->setChecked(bin);
    apply();
}

void RunQueryBar::setTags(const QStringList& tags) { m_completer->setTags(tags); }

void RunQueryBar::setBinCount(int runs) {
    m_bin->setText(runs == 0 ? tr("Bin") : tr("Bin · %1").arg(runs));
    m_bin->setAccessibleName(m_bin->text());
    m_bin->updateGeometry();
    m_bin->update();
}

void RunQueryBar::showError(const std::optional<Error::Parts>& error) {
    if (error) {
        const auto text = [](const std::string& part) { return QString::fromStdString(part); };
        QString sentence = text(error->why);
        if (!sentence.isEmpty())
            sentence[0] = sentence[0].toUpper();
        m_error->setText(tr("%1 (%2). %3.").arg(sentence, text(error->where), text(error->remedy)));
    }
    m_error->setVisible(error.has_value());
}

void RunQueryBar::setGroup(const QString& label) {
    m_group = label;
    makeChips();
}

void RunQueryBar::apply() {
    m_pause.stop();
    emit changed();
    makeChips();
}

void RunQueryBar::toggleTerm(const QString& term, bool on) {
    QStringList terms = termsOf(text());
    if (terms.isEmpty() && !text().trimmed().isEmpty())
        terms = {text().trimmed()}; // not understood: it stays as it is
    terms.removeAll(term);
    if (on)
        terms << term;
    m_line->setText(terms.join(u' '));
    apply();
}

void RunQueryBar::makeChips() {
    const QStringList terms = termsOf(text());
    for (const Quick& quick : m_quick) {
        quick.button->setChecked(terms.contains(quick.term));
        quick.button->update();
    }
    for (QWidget* chip : m_chips) {
        m_chipRow->removeWidget(chip);
        chip->hide();
        chip->deleteLater(); // it may be the one that was clicked
    }
    m_chips.clear();
    const auto add = [this](const QString& label, auto removed) {
        auto* chip = new TermChip(label);
        connect(chip, &TermChip::clicked, this, removed);
        m_chipRow->addWidget(chip);
        chip->show(); // at once: the layout would do it later
        m_chips.push_back(chip);
        return chip;
    };
    if (!m_group.isEmpty())
        add(tr("group: %1").arg(m_group), [this] {
            emit groupClosed();
        })->setObjectName(QStringLiteral("runGroupChip"));
    for (const QString& term : terms)
        if (std::ranges::none_of(m_quick, [&](const Quick& quick) { return quick.term == term; }))
            add(term, [this, term] {
                toggleTerm(term, false);
                m_line->setFocus(); // the chip is gone
            });
}

} // namespace steploom
