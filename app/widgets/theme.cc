// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/theme.h"

#include "app/widgets/theme_style.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QPalette>
#include <QStyleHints>

#include <algorithm>
#include <array>

namespace steploom {

namespace {

ThemeColors lightColors() {
    ThemeColors c;
    c.background = QColor(0xF4F6F8);
    c.card = QColor(0xFFFFFF);
    c.line = QColor(0xE2E6EC);
    c.ink = QColor(0x1B2430);
    c.dim = QColor(0x667085);
    c.heavy = QColor(0x2B5FB3);
    c.light = QColor(0xE69F00);
    c.third = QColor(0x009E73);
    c.fourth = QColor(0xCC79A7);
    c.masked = QColor(0xD5DAE1);
    c.heat = QColor(0xB33A3A);
    c.good = QColor(0x2E7D5B);
    c.onHeavy = QColor(0xFFFFFF);
    c.onLight = QColor(0x1B2430);
    return c;
}

ThemeColors darkColors() {
    ThemeColors c;
    c.background = QColor(0x13161B);
    c.card = QColor(0x1B1F26);
    c.line = QColor(0x2B313B);
    c.ink = QColor(0xE6EAF0);
    c.dim = QColor(0x98A2B3);
    c.heavy = QColor(0x6C9BEB);
    c.light = QColor(0xF0B429);
    c.third = QColor(0x009E73);
    c.fourth = QColor(0xCC79A7);
    c.masked = QColor(0x343B47);
    c.heat = QColor(0xE07070);
    c.good = QColor(0x58B88C);
    c.onHeavy = QColor(0x13161B);
    c.onLight = QColor(0x13161B);
    return c;
}

/// Okabe–Ito beyond the four named tokens: sky blue, vermillion, yellow, grey-blue.
constexpr std::array<QRgb, 4> kFurtherMembers{0x56B4E9, 0xD55E00, 0xF0E442, 0x8A94A6};

bool systemIsDark() {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    return QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark;
#else
    // Read once, before apply() sets a palette of our own.
    static const bool dark = QApplication::palette().color(QPalette::Window).lightness() < 128;
    return dark;
#endif
}

QPalette paletteOf(const ThemeColors& c, bool dark) {
    QPalette p;
    p.setColor(QPalette::Window, c.background);
    p.setColor(QPalette::WindowText, c.ink);
    p.setColor(QPalette::Base, c.card);
    p.setColor(QPalette::AlternateBase, c.background);
    p.setColor(QPalette::Text, c.ink);
    p.setColor(QPalette::PlaceholderText, c.dim);
    p.setColor(QPalette::Button, c.card);
    p.setColor(QPalette::ButtonText, c.ink);
    p.setColor(QPalette::BrightText, c.heat);
    p.setColor(QPalette::ToolTipBase, c.ink);
    p.setColor(QPalette::ToolTipText, c.card);
    p.setColor(QPalette::Highlight, c.heavy);
    p.setColor(QPalette::HighlightedText, c.onHeavy);
    p.setColor(QPalette::Link, c.heavy);
    p.setColor(QPalette::LinkVisited, c.heavy);
    p.setColor(QPalette::Light, dark ? c.line : c.card);
    p.setColor(QPalette::Midlight, c.line);
    p.setColor(QPalette::Mid, c.line);
    p.setColor(QPalette::Dark, c.masked);
    p.setColor(QPalette::Shadow, dark ? QColor(0, 0, 0) : c.masked);
    const QColor faded((c.dim.red() + c.card.red()) / 2, (c.dim.green() + c.card.green()) / 2,
                       (c.dim.blue() + c.card.blue()) / 2);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        p.setColor(QPalette::Disabled, role, faded);
    }
    return p;
}

/// Colours over a card as opaque hex, because style sheets blend rgba() with whatever is beneath.
QString over(const QColor& color, const QColor& ground, double alpha) {
    const auto mix = [&](int a, int b) { return static_cast<int>(a * alpha + b * (1 - alpha) + 0.5); };
    return QColor(mix(color.red(), ground.red()), mix(color.green(), ground.green()),
                  mix(color.blue(), ground.blue()))
        .name();
}

/// The one style sheet. Widgets choose a look by the dynamic property `look` (see controls.h).
constexpr const char* kStyleSheet = R"(
QMainWindow, QDialog { background: @background; }
QFrame[look="card"] { background: @card; border: 1px solid @line; border-radius: 10px; }
QFrame[look="rail"] { background: @card; border: none; border-right: 1px solid @line; }
QFrame[look="hairline"] { background: @line; border: none; max-height: 1px; min-height: 1px; }
QFrame[look="message"] { background: @heatTint; border: 1px solid @heatLine; border-radius: 8px; }
QFrame[look="notice"] { background: @accentTint; border: 1px solid @accentLine; border-radius: 8px; }
QLabel { background: transparent; }
QLabel[look="dim"] { color: @dim; }
QLabel[look="error"] { color: @heat; }
QLabel[look="good"] { color: @good; }
QLabel[look="hint"] { color: @dim; font-size: 11px; }
QLabel[look="hintError"] { color: @heat; font-size: 11px; }
QLabel[look="hintGood"] { color: @good; font-size: 11px; }
QLabel[look="title"] { font-weight: 600; }

QPushButton, QToolButton[look="pill"] {
    background: @card; color: @ink; border: 1px solid @line; border-radius: 7px; padding: 5px 10px; min-height: 16px; }
QPushButton:hover, QToolButton[look="pill"]:hover { background: @hover; border-color: @masked; }
QPushButton:pressed, QToolButton[look="pill"]:pressed { background: @pressed; }
QPushButton:checked, QToolButton[look="pill"]:checked {
    background: @accentTint; border-color: @accentTint; color: @heavy; font-weight: 600; }
QPushButton { outline: none; }
QPushButton:focus, QToolButton[look="pill"]:focus { border: 2px solid @heavy; padding: 4px 9px; }
QPushButton:disabled, QToolButton[look="pill"]:disabled { color: @faded; background: @card; }
QToolButton[look="pill"]::menu-indicator { image: none; width: 0px; }
QPushButton::menu-indicator { image: none; width: 0px; }

QPushButton[look="primary"] { background: @heavy; color: @onHeavy; border: none; border-radius: 8px;
    padding: 8px 16px; min-height: 20px; font-weight: 600; }
QPushButton[look="primary"]:hover { background: @heavyHover; }
QPushButton[look="primary"]:pressed { background: @heavyPressed; }
QPushButton[look="primary"]:disabled { background: @masked; color: @dim; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 7px; padding: 4px; color: @ink; }
QToolButton:hover { background: @hover; }
QToolButton:pressed { background: @pressed; }
QToolButton:checked { background: @accentTint; color: @heavy; }
QToolButton:focus { border: 1px solid @heavy; }
QToolButton:disabled { color: @faded; }
QToolButton[look="rail"] { color: @dim; border-radius: 8px; padding: 8px 2px; font-size: 11px; border: 2px solid transparent; }
QToolButton[look="rail"]:checked { background: @accentTint; color: @heavy; font-weight: 600; }
QToolButton[look="rail"]:focus { border: 2px solid @heavy; }
QToolButton[look="link"] { color: @heavy; padding: 2px 0; }
QToolButton[look="link"]:disabled { color: @dim; }
QToolButton[look="small"] { padding: 0; border-radius: 5px; }
QToolButton[look="small"]::menu-indicator { image: none; width: 0px; }

QPlainTextEdit, QTextEdit { background: @background; border: 1px solid @line; border-radius: 6px; padding: 4px;
    color: @ink; selection-background-color: @heavy; selection-color: @onHeavy; }
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid @heavy; padding: 3px; }

QMenu { background: @card; border: 1px solid @line; border-radius: 8px; padding: 5px; color: @ink; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 5px; background: transparent; }
QMenu::item:selected { background: @accentTint; color: @ink; }
QMenu::item:disabled { color: @faded; }
QMenu#presetsMenu::item { padding-right: 96px; }
QMenu::separator { height: 1px; background: @line; margin: 5px 6px; }
QMenuBar { background: @card; color: @ink; border-bottom: 1px solid @line; }
QMenuBar::item { padding: 5px 10px; background: transparent; border-radius: 5px; }
QMenuBar::item:selected { background: @accentTint; }
QComboBox QAbstractItemView { background: @card; border: 1px solid @line; border-radius: 8px; padding: 4px;
    outline: none; selection-background-color: @accentTint; selection-color: @ink; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 8px; border-radius: 5px; }
QToolTip { background: @ink; color: @card; border: none; padding: 6px 8px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @masked; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QTableView, QTreeView, QListView { background: @card; alternate-background-color: @hover; color: @ink;
    border: 1px solid @line; border-radius: 10px; gridline-color: @line; outline: none;
    selection-background-color: @accentTint; selection-color: @ink; }
QTableView::item { padding: 4px 5px; border: none; }
QTableView#segmentTable { border: none; border-bottom: 1px solid @line; border-radius: 0; margin-bottom: 6px; }
QTableView[look="plain"] { border: none; border-radius: 0; background: transparent; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: @accentTint; color: @ink; }
QTableView::item:focus { border: 1px solid @heavy; }
QTableView:focus, QTreeView:focus, QListView:focus { border-color: @accentLine; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: @card; color: @dim; border: none; border-bottom: 1px solid @line; padding: 7px 8px; }
QHeaderView::section:checked { font-weight: 400; color: @ink; }
QHeaderView::section:hover { color: @ink; }
QTableCornerButton::section { background: @card; border: none; border-bottom: 1px solid @line; }

QStatusBar { background: @card; color: @dim; border-top: 1px solid @line; }
QStatusBar::item { border: none; }
QDockWidget { color: @ink; }
QSplitter::handle { background: transparent; }
QGroupBox { border: 1px solid @line; border-radius: 8px; margin-top: 10px; padding-top: 8px; }
QTabBar::tab { background: transparent; color: @dim; padding: 7px 12px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @heavy; border-bottom-color: @heavy; }
QTabWidget::pane { border: none; }
)";

QString styleSheetOf(const ThemeColors& c, bool dark) {
    QString sheet = QString::fromLatin1(kStyleSheet);
    // Longer names first: @heavyHover before @heavy.
    const std::array<std::pair<const char*, QString>, 20> tokens{{
        {"@heavyPressed", c.heavy.darker(118).name()},
        {"@heavyHover", dark ? c.heavy.lighter(108).name() : c.heavy.darker(108).name()},
        {"@heatTint", over(c.heat, c.card, 0.10)},
        {"@heatLine", over(c.heat, c.card, 0.35)},
        {"@accentTint", over(c.heavy, c.card, dark ? 0.22 : 0.16)},
        {"@accentLine", over(c.heavy, c.card, 0.40)},
        {"@background", c.background.name()},
        {"@pressed", over(c.ink, c.card, 0.10)},
        {"@onHeavy", c.onHeavy.name()},
        {"@masked", c.masked.name()},
        {"@faded", over(c.dim, c.card, 0.5)},
        {"@hover", over(c.ink, c.card, 0.045)},
        {"@heavy", c.heavy.name()},
        {"@card", c.card.name()},
        {"@line", c.line.name()},
        {"@heat", c.heat.name()},
        {"@good", c.good.name()},
        {"@ink", c.ink.name()},
        {"@dim", c.dim.name()},
        {"@light", c.light.name()},
    }};
    for (const auto& [name, value] : tokens) {
        sheet.replace(QLatin1String(name), value);
    }
    return sheet;
}

/// Inter when it is installed, otherwise what the system reads its own menus in.
QString sansFamily() {
    static const QString family = QFontDatabase::hasFamily(QStringLiteral("Inter"))
                                      ? QStringLiteral("Inter")
                                      : QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
    return family;
}

QFont withTabularFigures(QFont font) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    font.setFeature(QFont::Tag("tnum"), 1);
#endif
    return font;
}

int pixelSize(int step) {
    switch (std::clamp(step, -1, 2)) {
    case -1:
        return 11;
    case 1:
        return 15;
    case 2:
        return 24;
    default:
        return 13;
    }
}

} // namespace

Theme& Theme::instance() {
    static Theme theme;
    if (!theme.m_colors.card.isValid()) {
        theme.m_colors = lightColors(); // widgets made before apply() (tests) still paint
    }
    return theme;
}

void Theme::apply(QApplication& application, Mode mode) {
    const bool systemDark = systemIsDark();
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    if (!m_listening) {
        m_listening = true;
        connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, [this, &application] {
            if (m_mode == Mode::FollowSystem) {
                apply(application, m_mode);
            }
        });
    }
#endif
    m_mode = mode;
    m_dark = mode == Mode::Dark || (mode == Mode::FollowSystem && systemDark);
    m_colors = m_dark ? darkColors() : lightColors();
    if (!m_styled) {
        m_styled = true;
        application.setStyle(new ThemeStyle); // owned by the application
    }
    application.setFont(font());
    application.setPalette(paletteOf(m_colors, m_dark));
    application.setStyleSheet(styleSheetOf(m_colors, m_dark));
    emit changed();
}

QColor Theme::memberColor(int index) const { return paletteColor(choiceOf(index)); }

int Theme::choiceOf(int index) const {
    const auto place = static_cast<std::size_t>(std::max(0, index));
    return place < m_choices.size() ? m_choices[place] : index;
}

void Theme::setMemberColors(const std::vector<int>& choices) {
    if (choices != m_choices) {
        m_choices = choices;
        emit changed();
    }
}

QColor Theme::paletteColor(int choice) const {
    switch (choice) {
    case 0:
        return m_colors.heavy;
    case 1:
        return m_colors.light;
    case 2:
        return m_colors.third;
    case 3:
        return m_colors.fourth;
    default:
        return QColor::fromRgb(
            kFurtherMembers[static_cast<std::size_t>(std::max(choice, 4) - 4) % kFurtherMembers.size()]);
    }
}

QColor Theme::onMemberColor(int index) const {
    const int choice = choiceOf(index);
    if (choice == 0) {
        return m_colors.onHeavy;
    }
    if (choice == 1) {
        return m_colors.onLight;
    }
    // Dark ink unless the colour itself is dark (relative luminance, ITU-R BT.709).
    const QColor c = paletteColor(choice);
    const double luminance = 0.2126 * c.redF() + 0.7152 * c.greenF() + 0.0722 * c.blueF();
    return luminance > 0.42 ? QColor(0x13161B) : QColor(0xFFFFFF);
}

QColor Theme::tint(const QColor& color) const {
    QColor result = color;
    result.setAlphaF(m_dark ? 0.22f : 0.16f);
    return result;
}

QFont Theme::font(int step, bool bold) const {
    QFont font(sansFamily());
    font.setPixelSize(pixelSize(step));
    font.setWeight(!bold ? QFont::Normal : step >= 2 ? QFont::Bold : QFont::DemiBold);
    font.setStyleStrategy(QFont::PreferAntialias);
    return withTabularFigures(font);
}

QFont Theme::monospaceFont(int step) const {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPixelSize(pixelSize(step) - (step <= 0 ? 1 : 0));
    font.setStyleHint(QFont::Monospace);
    return font;
}

} // namespace steploom
