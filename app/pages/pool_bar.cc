// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/pool_bar.h"

#include "app/pages/checkpoint_folders.h"
#include "app/pages/refused_member.h"
#include "app/pages/value_pill.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "engine/models/precision_text.h"

#include <QActionGroup>
#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QSettings>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace steploom {
namespace {

QString precisionText(Precision precision) {
    const std::string_view name = precisionName(precision);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

/// "f32", or "bf16 as f32" where the processor lacks what was asked for.
QString precisionText(const ModelFacts& facts) {
    if (facts.effective == facts.requested)
        return precisionText(facts.effective);
    return PoolBar::tr("%1 as %2").arg(precisionText(facts.requested), precisionText(facts.effective));
}

QString chipFacts(const ModelFacts& facts) {
    const QString size = PoolBar::tr("%1 blocks · %2")
                             .arg(facts.blocks)
                             .arg(formatCount(static_cast<double>(facts.parameters)));
    return size +
           (facts.kind == GenerationKind::Calm ? PoolBar::tr(" · K = %1").arg(facts.chunk) : QString()) +
           QStringLiteral(" · ") + precisionText(facts);
}

/// Names on a tool tip: the quieter of its two inks, as dim is on a card.
QColor quietOnTip() {
    const ThemeColors& colors = Theme::instance().colors();
    const auto mix = [](int ground, int ink) { return (35 * ground + 65 * ink) / 100; };
    return QColor(mix(colors.ink.red(), colors.card.red()), mix(colors.ink.green(), colors.card.green()),
                  mix(colors.ink.blue(), colors.card.blue()));
}

QString factsTable(const PoolMemberSpec& spec, const ModelFacts& facts, const QColor& names) {
    const std::vector<std::pair<QString, QString>> rows = {
        {PoolBar::tr("architecture"), QString::fromStdString(facts.architecture)},
        {PoolBar::tr("writes"),
         facts.kind == GenerationKind::Calm ? PoolBar::tr("vectors of K = %1 tokens (CALM)").arg(facts.chunk)
         : facts.kind == GenerationKind::Autoregressive ? PoolBar::tr("token by token")
                                                        : PoolBar::tr("masked positions")},
        {PoolBar::tr("parameters"), formatCount(static_cast<double>(facts.parameters))},
        {PoolBar::tr("blocks"), QString::number(facts.blocks)},
        {PoolBar::tr("width"), QString::number(facts.width)},
        {PoolBar::tr("heads"), QString::number(facts.heads)},
        {PoolBar::tr("vocabulary"), QString::number(facts.vocabulary)},
        {PoolBar::tr("made for"), PoolBar::tr("%1 tokens").arg(facts.length)},
        {PoolBar::tr("stored as"), QString::fromStdString(storedPrecision(facts))},
        {PoolBar::tr("asked for"), precisionText(facts.requested)},
        {PoolBar::tr("computes in"), QString::fromStdString(computedPrecision(facts))},
        {PoolBar::tr("SHA-256"), QString::fromStdString(spec.sha256.substr(0, 16)) + u'…'},
        {PoolBar::tr("folder"), QString::fromStdString(spec.path)},
    };
    QString html = "<table cellspacing='0' cellpadding='2'>";
    for (const auto& [name, value] : rows)
        html += QStringLiteral("<tr><td style='padding-right:14px; color:%1'>%2</td><td>%3</td></tr>")
                    .arg(names.name(), name, value.toHtmlEscaped());
    return html + "</table>";
}

/// What computing in a precision means.
QString precisionTip(Precision precision) {
    switch (precision) {
    case Precision::F32:
        return PoolBar::tr("Weights and products in 32 bits: the reference, the same bytes for any batch and "
                           "number of threads");
    case Precision::BF16:
        return PoolBar::tr(
            "Weights and inputs of products in 16 bits, sums, norms and softmax in 32: half the "
            "memory; faster where the processor has products in bf16, else f32 is used");
    case Precision::Int8:
        break;
    }
    return PoolBar::tr("Weights in 8 bits with a scale for each output, inputs quantised row by row, exact "
                       "sums; what lies between in bf16: a quarter of the memory, and the fastest. Without "
                       "VNNI bf16 is used");
}

/// H, L, then what remains of the alphabet.
char freeLetter(const std::vector<PoolMemberSpec>& members) {
    for (const char letter : std::string_view("HLMSABCDEFGIJKNOPQRTUVWXYZ"))
        if (std::ranges::find(members, letter, &PoolMemberSpec::letter) == members.end())
            return letter;
    return 0;
}

QString nameOfFolder(const QString& folder) {
    const QString name = QFileInfo(folder).fileName();
    return name.isEmpty() ? folder : name;
}

} // namespace

PoolBar::PoolBar(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    auto* row = new QHBoxLayout;
    row->setSpacing(Theme::kGrid);
    column->addLayout(row);
    m_chips = new QHBoxLayout;
    m_chips->setSpacing(Theme::kGrid);
    row->addLayout(m_chips);

    m_add = new FlatButton(Glyph::Plus, tr("Add a model, or start another pool"));
    m_add->setObjectName("addMember");
    setLook(m_add, "pill");
    m_add->setFixedSize(34, 34);
    row->addWidget(m_add);
    connect(m_add, &QToolButton::clicked, this, &PoolBar::openAddMenu);
    m_refused = new RefusedMember;
    m_refused->hide();
    connect(m_refused, &RefusedMember::dismissed, m_refused, &QWidget::hide);
    connect(m_refused, &RefusedMember::newPoolRequested, this, [this] { startPool(m_refusedFolder); });
    row->addWidget(m_refused, 1000); // as much of the row as is left
    row->addStretch(1);

    m_evaluator = new ValuePill(tr("evaluator"));
    m_evaluator->setObjectName("evaluatorPill");
    m_evaluator->setOpensMenu(true);
    m_evaluator->setToolTip(tr("The causal model that judges generated text (generative perplexity)"));
    row->addWidget(m_evaluator);
    connect(m_evaluator, &QAbstractButton::clicked, this, &PoolBar::openEvaluatorMenu);
    m_queue = new ValuePill(tr("queue"));
    m_queue->setObjectName("queuePill");
    m_queue->setToolTip(tr("Requests that wait for the running one"));
    m_queue->setFocusPolicy(Qt::NoFocus);
    m_queue->hide();
    row->addWidget(m_queue);

    m_message = new InlineMessage;
    m_message->setObjectName("poolMessage");
    column->addWidget(m_message);

    connect(&m_session, &Session::poolChanged, this, &PoolBar::showPool);
    connect(&Theme::instance(), &Theme::changed, this, &PoolBar::showFacts); // they name its colours
    connect(&m_session, &Session::evaluatorChanged, this, &PoolBar::showEvaluator);
    showPool();
    showEvaluator();
}

std::vector<PoolMemberSpec> PoolBar::specs() const {
    std::vector<PoolMemberSpec> specs;
    for (const PoolFacts::Member& member : m_session.pool().members) {
        specs.push_back(member.spec);
        specs.back().sha256.clear(); // what lies in the folder now is what is asked for
    }
    return specs;
}

void PoolBar::showPool() {
    const auto& members = m_session.pool().members;
    while (m_members.size() > members.size()) {
        m_members.back()->deleteLater();
        m_members.back()->hide();
        m_members.pop_back();
    }
    while (m_members.size() < members.size()) {
        const int index = static_cast<int>(m_members.size());
        auto* chip = new MemberChip;
        chip->setObjectName(QStringLiteral("member%1").arg(index));
        chip->setOpensMenu(true);
        chip->installEventFilter(this);
        connect(chip, &QAbstractButton::clicked, this, [this, index] { openMemberMenu(index); });
        m_chips->addWidget(chip);
        m_members.push_back(chip);
    }
    applyColors();
    for (std::size_t i = 0; i < members.size(); ++i) {
        m_members[i]->setMember(members[i].spec.letter, static_cast<int>(i),
                                QString::fromStdString(members[i].spec.name), chipFacts(members[i].facts));
    }
    showFacts();
    m_asked.clear();
    m_refused->hide();
    m_message->dismiss();
}

/// What `inspect` says of each member, on hover.
void PoolBar::showFacts() {
    const auto& members = m_session.pool().members;
    for (std::size_t i = 0; i < std::min(members.size(), m_members.size()); ++i)
        m_members[i]->setToolTip(
            QStringLiteral("<b>%1</b><br/>%2%3")
                .arg(QString::fromStdString(members[i].spec.name).toHtmlEscaped(),
                     QString::fromStdString(precisionSummary(members[i].facts)).toHtmlEscaped(),
                     factsTable(members[i].spec, members[i].facts, quietOnTip())));
}

void PoolBar::ask(const std::vector<PoolMemberSpec>& members) {
    m_asked = members;
    m_refused->hide();
    emit poolRequested(members);
}

void PoolBar::showRefusal(const Error::Parts& error) {
    const std::vector<PoolMemberSpec> asked = std::exchange(m_asked, {});
    const auto& members = m_session.pool().members;
    const auto suspect = std::ranges::find_if(asked, [&](const PoolMemberSpec& wanted) {
        return std::ranges::none_of(members, [&](const PoolFacts::Member& member) {
            return member.spec.path == wanted.path && member.spec.precision == wanted.precision &&
                   member.spec.letter == wanted.letter;
        });
    });
    if (suspect == asked.end()) {
        m_message->showError(error);
        return;
    }
    m_refused->setRefusal(suspect->letter, QString::fromStdString(suspect->name), error);
    m_refusedFolder = QString::fromStdString(suspect->path);
    m_refused->offerNewPool(generatorFacts(m_refusedFolder).has_value()); // it is one, and fits no other here
    m_refused->show();
}

void PoolBar::moveMember(int from, int to) {
    std::vector<PoolMemberSpec> members = specs();
    const int last = static_cast<int>(members.size()) - 1;
    to = std::clamp(to, 0, last);
    if (from < 0 || from > last || from == to)
        return;
    const PoolMemberSpec moved = members[static_cast<std::size_t>(from)];
    members.erase(members.begin() + from);
    members.insert(members.begin() + to, moved);
    ask(members);
}

/// The member whose chip is nearest to a point of the bar.
int PoolBar::memberAt(QPoint inBar) const {
    int nearest = -1, distance = 0;
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        const int away = std::abs(m_members[i]->geometry().center().x() - inBar.x());
        if (nearest < 0 || away < distance) {
            nearest = static_cast<int>(i);
            distance = away;
        }
    }
    return nearest;
}

/// A chip that is dragged takes its member to another place; a press without a move opens its menu.
bool PoolBar::eventFilter(QObject* watched, QEvent* event) {
    const auto chip = std::ranges::find(m_members, watched);
    if (chip == m_members.end())
        return QWidget::eventFilter(watched, event);
    const int index = static_cast<int>(chip - m_members.begin());
    const auto inBar = [&] {
        return (*chip)->mapTo(this, static_cast<QMouseEvent*>(event)->position().toPoint());
    };
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        m_dragged = index;
        m_dragging = false;
        m_pressed = inBar();
        break;
    case QEvent::MouseMove:
        if (m_dragged == index && !m_dragging &&
            (inBar() - m_pressed).manhattanLength() >= QApplication::startDragDistance()) {
            m_dragging = true;
            (*chip)->setCursor(Qt::ClosedHandCursor);
        }
        break;
    case QEvent::MouseButtonRelease: {
        const bool dragged = std::exchange(m_dragging, false) && m_dragged == index;
        m_dragged = -1;
        (*chip)->unsetCursor();
        if (dragged) {
            (*chip)->setDown(false);
            moveMember(index, memberAt(inBar()));
            return true;
        }
        break;
    }
    case QEvent::KeyPress: {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::AltModifier &&
            (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right)) {
            moveMember(index, index + (key->key() == Qt::Key_Left ? -1 : 1));
            return true;
        }
        break;
    }
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

/// A letter keeps the colour that was chosen for it; who has none gets the first that is free from its place
/// on.
void PoolBar::applyColors() {
    const QVariantMap chosen = QSettings().value(settings::kMemberColors).toMap();
    const auto& members = m_session.pool().members;
    m_colors.assign(members.size(), -1);
    const auto taken = [&](int color) { return std::ranges::find(m_colors, color) != m_colors.end(); };
    for (std::size_t i = 0; i < members.size(); ++i) {
        bool known = false;
        const int color = chosen.value(QString(QLatin1Char(members[i].spec.letter))).toInt(&known);
        if (known && color >= 0 && color < Theme::kMemberColors && !taken(color))
            m_colors[i] = color;
    }
    for (std::size_t i = 0; i < members.size(); ++i)
        for (int tried = 0; m_colors[i] < 0 && tried <= Theme::kMemberColors; ++tried)
            if (const int color = (static_cast<int>(i) + tried) % Theme::kMemberColors;
                !taken(color) || tried == Theme::kMemberColors)
                m_colors[i] = color;
    Theme::instance().setMemberColors(m_colors);
}

/// Whoever had the colour gets this member's: no two look alike.
void PoolBar::chooseColor(int member, int color) {
    const auto& members = m_session.pool().members;
    const int before = m_colors.at(static_cast<std::size_t>(member));
    QVariantMap chosen = QSettings().value(settings::kMemberColors).toMap();
    for (std::size_t i = 0; i < members.size(); ++i)
        if (m_colors[i] == color)
            chosen[QString(QLatin1Char(members[i].spec.letter))] = before;
    chosen[QString(QLatin1Char(members[static_cast<std::size_t>(member)].spec.letter))] = color;
    QSettings().setValue(settings::kMemberColors, chosen);
    applyColors();
}

void PoolBar::showEvaluator() {
    const EvaluatorFacts& evaluator = m_session.evaluator();
    m_evaluator->setValue(evaluator.name.isEmpty() ? tr("none") : evaluator.name);
}

void PoolBar::setWaiting(int requests) {
    m_queue->setValue(QString::number(requests));
    m_queue->setVisible(requests > 0);
}

void PoolBar::addFolder(const QString& folder) {
    std::vector<PoolMemberSpec> members = specs();
    const char letter = freeLetter(members);
    if (letter == 0) {
        m_message->showError({tr("cannot add to the pool").toStdString(), folder.toStdString(),
                              tr("all 26 letters are taken").toStdString(),
                              tr("remove a member first").toStdString()});
        return;
    }
    members.push_back(
        {.letter = letter, .name = nameOfFolder(folder).toStdString(), .path = folder.toStdString()});
    ask(members);
}

/// A pool of this one model.
void PoolBar::startPool(const QString& folder) {
    m_asked = {
        {.letter = freeLetter({}), .name = nameOfFolder(folder).toStdString(), .path = folder.toStdString()}};
    m_refused->hide();
    emit newPoolRequested(m_asked);
}

void PoolBar::setDemoPools(const std::vector<DemoPool>& pools) {
    qDeleteAll(std::exchange(m_demoPools, {}));
    for (const DemoPool& demo : pools) {
        auto* action = new QAction(tr("Demo pool: %1").arg(demo.name), this);
        action->setObjectName(QStringLiteral("demoPool:") + demo.key);
        action->setToolTip(demo.remark);
        connect(action, &QAction::triggered, this, [this, members = demo.members] {
            m_asked = members;
            m_refused->hide();
            emit newPoolRequested(members);
        });
        m_demoPools << action;
    }
}

void PoolBar::openAddMenu() {
    auto* menu = new QMenu(this);
    menu->setObjectName("addMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    const auto add = [&](const char* name, const QString& text, const QString& title, auto chosen) {
        QAction* action = menu->addAction(glyphIcon(Glyph::Folder, GlyphInk::Dim), text, this,
                                          [this, title, chosen] { chooseFolder(title, chosen); });
        action->setObjectName(QLatin1String(name));
    };
    if (!m_session.pool().members.empty())
        add("addFolder", tr("Add a checkpoint folder to the pool…"),
            tr("Add a checkpoint folder to the pool"), [this](const QString& folder) { addFolder(folder); });
    add("newPool", tr("Start a new pool with a folder…"), tr("Start a new pool with a checkpoint folder"),
        [this](const QString& folder) { startPool(folder); });
    menu->addSeparator();
    menu->addActions(m_demoPools);
    menu->popup(m_add->mapToGlobal(QPoint(0, m_add->height() + 4)));
}

void PoolBar::replaceMember(int member, PoolMemberSpec spec) {
    std::vector<PoolMemberSpec> members = specs();
    members.at(static_cast<std::size_t>(member)) = std::move(spec);
    ask(members);
}

template <class Chosen>
void PoolBar::chooseFolder(const QString& title, Chosen chosen) {
    auto* dialog = new QFileDialog(this, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, chosen);
    dialog->open();
}

void PoolBar::openMemberMenu(int member) {
    auto* menu = new QMenu(this);
    menu->setObjectName("memberMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMemberMenu(*menu, member);
    const MemberChip& chip = *m_members[static_cast<std::size_t>(member)];
    menu->popup(chip.mapToGlobal(QPoint(0, chip.height() + 4)));
}

void PoolBar::fillMemberMenu(QMenu& menu, int member) {
    const PoolFacts::Member shown = m_session.pool().members.at(static_cast<std::size_t>(member));
    menu.setToolTipsVisible(true);
    auto* precisions = new QActionGroup(&menu);
    for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8}) {
        QAction* action = menu.addAction(tr("Compute in %1").arg(precisionText(precision)));
        action->setToolTip(precisionTip(precision));
        action->setCheckable(true);
        action->setChecked(shown.spec.precision == precision);
        precisions->addAction(action);
        connect(action, &QAction::triggered, this, [this, member, shown, precision] {
            if (precision == shown.spec.precision)
                return;
            PoolMemberSpec spec = shown.spec;
            spec.precision = precision;
            replaceMember(member, spec);
        });
    }
    menu.addSeparator();
    addRename(menu, member);
    addLetters(menu, member);
    addColors(menu, member);
    const int last = static_cast<int>(m_session.pool().members.size()) - 1;
    QAction* left =
        menu.addAction(tr("Move to the left"), this, [this, member] { moveMember(member, member - 1); });
    left->setObjectName("memberLeft");
    left->setEnabled(member > 0);
    left->setToolTip(
        tr("The first member is the one that savings refer to (Alt+Left on the chip, or drag it)"));
    QAction* right =
        menu.addAction(tr("Move to the right"), this, [this, member] { moveMember(member, member + 1); });
    right->setObjectName("memberRight");
    right->setEnabled(member < last);
    menu.addSeparator();
    QMenu* facts = menu.addMenu(tr("Facts"));
    auto* table = new QLabel(factsTable(shown.spec, shown.facts, Theme::instance().colors().dim));
    table->setObjectName("memberFacts");
    table->setTextInteractionFlags(Qt::TextSelectableByMouse);
    table->setContentsMargins(10, 6, 10, 6);
    auto* tableAction = new QWidgetAction(facts);
    tableAction->setDefaultWidget(table);
    facts->addAction(tableAction);
    menu.addAction(tr("Replace checkpoint folder…"), this, [this, member, shown] {
        chooseFolder(tr("Checkpoint folder of %1").arg(QLatin1Char(shown.spec.letter)),
                     [this, member, shown](const QString& folder) {
                         PoolMemberSpec spec = shown.spec;
                         spec.path = folder.toStdString();
                         spec.name = nameOfFolder(folder).toStdString();
                         spec.sha256.clear();
                         replaceMember(member, spec);
                     });
    });
    menu.addSeparator();
    QAction* remove =
        menu.addAction(glyphIcon(Glyph::Trash), tr("Remove from the pool"), this, [this, member] {
            std::vector<PoolMemberSpec> members = specs();
            members.erase(members.begin() + member);
            ask(members);
        });
    remove->setEnabled(m_session.pool().members.size() > 1);
}

/// The letters that nobody has.
void PoolBar::addLetters(QMenu& menu, int member) {
    QMenu* letters = menu.addMenu(tr("Letter"));
    letters->setObjectName("memberLetters");
    const std::vector<PoolMemberSpec> members = specs();
    for (char letter = 'A'; letter <= 'Z'; ++letter) {
        const bool own = members.at(static_cast<std::size_t>(member)).letter == letter;
        if (!own && std::ranges::find(members, letter, &PoolMemberSpec::letter) != members.end())
            continue;
        QAction* action = letters->addAction(QString(QLatin1Char(letter)), this, [this, member, letter] {
            PoolMemberSpec spec = specs().at(static_cast<std::size_t>(member));
            if (spec.letter == letter)
                return;
            spec.letter = letter;
            replaceMember(member, spec);
        });
        action->setCheckable(true);
        action->setChecked(own);
    }
}

void PoolBar::addColors(QMenu& menu, int member) {
    QMenu* colors = menu.addMenu(tr("Colour"));
    colors->setObjectName("memberColors");
    const QString names[Theme::kMemberColors] = {tr("Blue"),     tr("Amber"),     tr("Green"),  tr("Pink"),
                                                 tr("Sky blue"), tr("Vermilion"), tr("Yellow"), tr("Grey")};
    for (int color = 0; color < Theme::kMemberColors; ++color) {
        QPixmap swatch(32, 32);
        swatch.fill(Qt::transparent);
        QPainter painter(&swatch);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(Theme::instance().paletteColor(color));
        painter.drawRoundedRect(QRectF(2, 2, 28, 28), 8, 8);
        painter.end();
        QAction* action = colors->addAction(QIcon(swatch), names[color], this,
                                            [this, member, color] { chooseColor(member, color); });
        QFont font = Theme::instance().font(0, m_colors.at(static_cast<std::size_t>(member)) == color);
        action->setFont(font); // a tick would take the swatch's place
    }
}

void PoolBar::addRename(QMenu& menu, int member) {
    QMenu* rename = menu.addMenu(tr("Rename"));
    auto* field = new QLineEdit(QString::fromStdString(specs().at(static_cast<std::size_t>(member)).name));
    field->setObjectName("memberName");
    field->setMinimumWidth(180);
    auto* action = new QWidgetAction(rename);
    action->setDefaultWidget(field);
    rename->addAction(action);
    connect(rename, &QMenu::aboutToShow, field, [field] {
        field->setFocus();
        field->selectAll();
    });
    connect(field, &QLineEdit::returnPressed, this, [this, member, field, &menu] {
        PoolMemberSpec spec = specs().at(static_cast<std::size_t>(member));
        const std::string name = field->text().trimmed().toStdString();
        menu.close();
        if (name.empty() || name == spec.name)
            return;
        spec.name = name;
        replaceMember(member, spec);
    });
}

void PoolBar::openEvaluatorMenu() {
    auto* menu = new QMenu(this);
    menu->setObjectName("evaluatorMenu");
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const EvaluatorFacts& evaluator = m_session.evaluator();
    if (!evaluator.name.isEmpty()) {
        QAction* facts =
            menu->addAction(tr("%1 · %2 · %3 positions")
                                .arg(QString::fromStdString(evaluator.facts.architecture),
                                     formatCount(static_cast<double>(evaluator.facts.parameters)))
                                .arg(evaluator.facts.length));
        facts->setEnabled(false);
        menu->addSeparator();
    }
    menu->addAction(glyphIcon(Glyph::Folder), tr("Choose a folder…"), this, [this] {
        chooseFolder(tr("Checkpoint folder of the evaluator"),
                     [this](const QString& folder) { emit evaluatorRequested(folder); });
    });
    QAction* none = menu->addAction(tr("None"), this, [this] { emit evaluatorRequested({}); });
    none->setEnabled(!evaluator.name.isEmpty());
    menu->popup(m_evaluator->mapToGlobal(QPoint(0, m_evaluator->height() + 4)));
}

} // namespace steploom
