// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/pool_bar.h"

#include "app/pages/value_pill.h"
#include "app/widgets/controls.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "engine/models/precision_text.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>
#include <string_view>

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
    return PoolBar::tr("%1 blocks · %2 · %3")
        .arg(facts.blocks)
        .arg(formatCount(static_cast<double>(facts.parameters)), precisionText(facts));
}

QString factsTable(const PoolMemberSpec& spec, const ModelFacts& facts) {
    const std::vector<std::pair<QString, QString>> rows = {
        {PoolBar::tr("architecture"), QString::fromStdString(facts.architecture)},
        {PoolBar::tr("parameters"), formatCount(static_cast<double>(facts.parameters))},
        {PoolBar::tr("blocks"), QString::number(facts.blocks)},
        {PoolBar::tr("width"), QString::number(facts.width)},
        {PoolBar::tr("heads"), QString::number(facts.heads)},
        {PoolBar::tr("vocabulary"), QString::number(facts.vocabulary)},
        {PoolBar::tr("made for"), PoolBar::tr("%1 positions").arg(facts.length)},
        {PoolBar::tr("stored as"), QString::fromStdString(storedPrecision(facts))},
        {PoolBar::tr("asked for"), precisionText(facts.requested)},
        {PoolBar::tr("computes in"), QString::fromStdString(computedPrecision(facts))},
        {PoolBar::tr("SHA-256"), QString::fromStdString(spec.sha256.substr(0, 16)) + u'…'},
        {PoolBar::tr("folder"), QString::fromStdString(spec.path)},
    };
    QString html = "<table cellspacing='0' cellpadding='2'>";
    for (const auto& [name, value] : rows)
        html += QStringLiteral("<tr><td style='padding-right:14px; color:%1'>%2</td><td>%3</td></tr>")
                    .arg(Theme::instance().colors().dim.name(), name, value.toHtmlEscaped());
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

    m_add = new FlatButton(Glyph::Plus, tr("Add a checkpoint folder to the pool"));
    m_add->setObjectName("addMember");
    setLook(m_add, "pill");
    m_add->setFixedSize(34, 34);
    row->addWidget(m_add);
    connect(m_add, &QToolButton::clicked, this, [this] {
        chooseFolder(tr("Add a checkpoint folder to the pool"),
                     [this](const QString& folder) { addFolder(folder); });
    });
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
        connect(chip, &QAbstractButton::clicked, this, [this, index] { openMemberMenu(index); });
        m_chips->addWidget(chip);
        m_members.push_back(chip);
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        m_members[i]->setMember(members[i].spec.letter, static_cast<int>(i),
                                QString::fromStdString(members[i].spec.name), chipFacts(members[i].facts));
        m_members[i]->setToolTip(QString::fromStdString(precisionSummary(members[i].facts)));
    }
    m_message->dismiss();
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
    emit poolRequested(members);
}

void PoolBar::replaceMember(int member, PoolMemberSpec spec) {
    std::vector<PoolMemberSpec> members = specs();
    members.at(static_cast<std::size_t>(member)) = std::move(spec);
    emit poolRequested(members);
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
    QMenu* facts = menu.addMenu(tr("Facts"));
    auto* table = new QLabel(factsTable(shown.spec, shown.facts));
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
            emit poolRequested(members);
        });
    remove->setEnabled(m_session.pool().members.size() > 1);
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
