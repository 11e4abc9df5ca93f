// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compute_card.h"

#include "app/pages/compute_terms_model.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QSpinBox>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr int kMost = 1 << 24; ///< of any number of a shape
constexpr int kFieldWidth = 84, kNumberWidth = 62, kRowHeight = 33, kHeaderHeight = 28, kHeaderPadding = 8;
constexpr int kLeastRows = 4; ///< of the terms, on a small screen

/// What the objects of a kind's fields are called by.
constexpr std::array<const char*, kShapeKinds> kKindNames{"ar", "calm", "mdlm"};

/// The name of a term over its formula.
class TermDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const QString formula = index.data(ComputeTermsModel::FormulaRole).toString();
        const QRect inside = option.rect.adjusted(kHeaderPadding, 1, -2, -1);
        const QRect upper(inside.topLeft(),
                          QSize(inside.width(), formula.isEmpty() ? inside.height() : inside.height() / 2));
        const QRect lower(inside.left(), upper.bottom() + 1, inside.width(), inside.height() / 2);
        const Theme& theme = Theme::instance();
        const auto write = [&](const QRect& rect, const QFont& font, const QColor& color,
                               const QString& text) {
            painter->setFont(font);
            painter->setPen(color);
            painter->drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                              QFontMetrics(font).elidedText(text, Qt::ElideRight, rect.width()));
        };
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme.tint(theme.colors().heavy));
        write(upper, theme.font(0, formula.isEmpty()), theme.colors().ink, index.data().toString());
        if (!formula.isEmpty())
            write(lower, theme.font(-1), theme.colors().dim, formula);
        painter->restore();
    }
};

QString distanceText(double found, double published) {
    const double distance = found / published - 1;
    return (distance > 0 ? QStringLiteral("+") : QString()) + formatShare(distance);
}

QLabel* figureLabel(const QString& text, const char* look) {
    QLabel* label = makeLabel(text, look);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return label;
}

} // namespace

ComputeCard::ComputeCard(QChar letter, int preset, QWidget* parent)
    : Card(parent), m_choice(presetChoice(preset)), m_name(QStringLiteral("compute") + letter),
      m_presets(new QComboBox), m_kind(makeLabel({}, "dim")), m_terms(new ComputeTermsModel(this)) {
    setObjectName(m_name);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // all as wide as each other
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(Theme::kGrid);

    auto* head = new QHBoxLayout;
    head->setSpacing(Theme::kGrid);
    m_presets->setObjectName(m_name + QStringLiteral("Preset"));
    m_presets->setAccessibleName(tr("Shape %1").arg(letter));
    m_presets->setToolTip(tr("Shape to begin with; every number of it can be changed"));
    for (const ComputePreset& each : computePresets())
        m_presets->addItem(each.name);
    for (int i = m_presets->count() - 1; i > 0; --i)
        if (computePresets()[static_cast<std::size_t>(i)].shape.index() !=
            computePresets()[static_cast<std::size_t>(i - 1)].shape.index())
            m_presets->insertSeparator(i);
    // Separators are items too: what a row stands for is kept with it.
    for (int row = 0, each = 0; row < m_presets->count(); ++row)
        if (!m_presets->itemText(row).isEmpty())
            m_presets->setItemData(row, each++);
    head->addWidget(makeLabel(QString(letter), "title"));
    head->addWidget(m_presets, 1);
    m_kind->setObjectName(m_name + QStringLiteral("Kind"));
    head->addWidget(m_kind);
    column->addLayout(head);

    for (int kind = 0; kind < kShapeKinds; ++kind) {
        m_fields[static_cast<std::size_t>(kind)] = makeFields(kind);
        column->addWidget(m_fields[static_cast<std::size_t>(kind)]);
    }
    column->addWidget(makeTerms(), 1);
    column->addWidget(makeFigures());

    connect(m_presets, &QComboBox::activated, this, [this] {
        m_choice = presetChoice(m_presets->currentData().toInt());
        showShape();
        emit changed();
    });
    showShape();
}

QWidget* ComputeCard::makeFields(int kind) {
    auto* fields = new QWidget;
    auto* grid = new QGridLayout(fields);
    grid->setContentsMargins({});
    grid->setHorizontalSpacing(Theme::kGrid);
    grid->setVerticalSpacing(4);
    grid->setColumnMinimumWidth(2, 6);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(3, 1);
    int place = 0;
    const auto add = [&](QLabel* label, QWidget* field, const QString& tip) {
        label->setBuddy(field);
        for (QWidget* each : std::initializer_list<QWidget*>{label, field})
            each->setToolTip(tip);
        const int column = place % 2 * 3;
        grid->addWidget(label, place / 2, column);
        grid->addWidget(field, place / 2, column + 1, Qt::AlignRight);
        ++place;
    };
    for (const ShapeField& each : shapeFields(kind)) {
        auto* box = new QSpinBox;
        box->setObjectName(m_name + u':' + QLatin1String(kKindNames[static_cast<std::size_t>(kind)]) + u'.' +
                           QLatin1String(each.name));
        box->setRange(1, kMost);
        box->setAccelerated(true);
        box->setGroupSeparatorShown(true);
        box->setFixedWidth(kFieldWidth);
        box->setAccessibleName(each.label);
        box->setAccessibleDescription(each.tip);
        add(makeLabel(each.label, "dim"), box, each.tip);
        m_boxes[static_cast<std::size_t>(kind)].push_back(box);
        connect(box, &QSpinBox::valueChanged, this, [this, of = each.of](int value) {
            of(m_choice.shape) = value;
            showShape();
            emit changed();
        });
    }
    if (kind == static_cast<int>(ComputeShape(AutoregressiveShape()).index())) {
        m_tied = new QCheckBox;
        m_tied->setObjectName(m_name + QStringLiteral(":tied"));
        m_tied->setAccessibleName(tr("tied"));
        add(makeLabel(tr("tied"), "dim"), m_tied, tr("Output layer and embeddings share their weights"));
        connect(m_tied, &QCheckBox::toggled, this, [this](bool tied) {
            std::get<AutoregressiveShape>(m_choice.shape).tied = tied;
            showShape();
            emit changed();
        });
    }
    return fields;
}

QTableView* ComputeCard::makeTerms() {
    auto* table = new QTableView;
    table->setObjectName(m_name + QStringLiteral("Terms"));
    table->setAccessibleName(tr("Terms of the compute"));
    setLook(table, "plain");
    table->setModel(m_terms);
    table->setItemDelegateForColumn(ComputeTermsModel::Term, new TermDelegate(table));
    table->setShowGrid(false);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setTabKeyNavigation(false);
    table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    QHeaderView* header = table->horizontalHeader();
    header->setSectionsClickable(false);
    header->setHighlightSections(false);
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setDefaultSectionSize(kNumberWidth);
    header->setSectionResizeMode(ComputeTermsModel::Term, QHeaderView::Stretch);
    header->setFixedHeight(kHeaderHeight);
    table->setMinimumHeight(kHeaderHeight + kLeastRows * kRowHeight);
    connect(&Theme::instance(), &Theme::changed, table->viewport(), qOverload<>(&QWidget::update));
    return table;
}

QWidget* ComputeCard::makeFigures() {
    auto* figures = new QWidget;
    auto* column = new QVBoxLayout(figures);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(makeHairline());
    auto* grid = new QGridLayout;
    grid->setContentsMargins({});
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(0, 1);
    const QString heads[kCells] = {tr("ours"), tr("paper"), tr("apart"), {}};
    const QString tips[kCells] = {tr("What the terms above come to"),
                                  tr("As published: CALM, arXiv 2510.27688, table 1"),
                                  tr("How far ours is from the published figure"),
                                  {}};
    for (int cell = 0; cell < kCells; ++cell) {
        QLabel* head = figureLabel(heads[cell], "dim");
        head->setToolTip(tips[cell]);
        grid->addWidget(head, 0, cell + 1);
        if (cell == Against)
            m_againstName = head;
    }
    const struct {
        const char* name;
        QString label, tip;
    } rows[kFigures] = {{"Parameters", tr("parameters"), tr("The frozen autoencoder is not among them")},
                        {"Inference", tr("inference"), tr("FLOPs for one generated token")},
                        {"Training", tr("training"), {}}};
    for (int row = 0; row < kFigures; ++row) {
        QLabel* name = makeLabel(rows[row].label, "dim");
        name->setToolTip(rows[row].tip);
        grid->addWidget(name, row + 1, 0);
        if (row == Training)
            m_trainingName = name;
        for (int cell = 0; cell < kCells; ++cell) {
            static constexpr const char* kCellNames[kCells] = {"", "Paper", "Apart", "Against"};
            QLabel* value = figureLabel({}, cell == Ours || cell == Against ? "" : "dim");
            value->setObjectName(m_name + QLatin1String(rows[row].name) + QLatin1String(kCellNames[cell]));
            grid->addWidget(value, row + 1, cell + 1);
            m_figures[static_cast<std::size_t>(row)][static_cast<std::size_t>(cell)] = value;
        }
    }
    column->addLayout(grid);
    return figures;
}

void ComputeCard::choosePreset(int preset) {
    m_choice = presetChoice(preset);
    showShape();
    emit changed();
}

void ComputeCard::showShape() {
    const std::size_t kind = m_choice.shape.index();
    m_presets->setCurrentIndex(m_presets->findData(m_choice.preset));
    const QString kindName = shapeKindName(static_cast<int>(kind));
    m_kind->setText(m_choice.isChanged() ? tr("%1 · changed").arg(kindName) : kindName);
    for (std::size_t i = 0; i < m_fields.size(); ++i)
        m_fields[i]->setVisible(i == kind);
    for (std::size_t i = 0; i < m_boxes[kind].size(); ++i) {
        const QSignalBlocker blocker(m_boxes[kind][i]);
        m_boxes[kind][i]->setValue(shapeFields(static_cast<int>(kind))[i].of(m_choice.shape));
    }
    if (const auto* shape = std::get_if<AutoregressiveShape>(&m_choice.shape)) {
        const QSignalBlocker blocker(m_tied);
        m_tied->setChecked(shape->tied);
    }
    m_terms->setEstimate(computeOf(m_choice.shape));
}

void ComputeCard::compare(const ComputeChoice* baseline, double trainingTokens) {
    const auto figuresOf = [&](const ComputeChoice& choice) {
        const ComputeEstimate estimate = computeOf(choice.shape);
        return std::array<double, kFigures>{estimate.parameters(), estimate.inferenceFlops(),
                                            estimate.trainingFlops() * trainingTokens};
    };
    const std::array<double, kFigures> ours = figuresOf(m_choice);
    std::optional<PublishedCompute> published = m_choice.published();
    std::array<double, kFigures> paper{}, theirs{};
    if (published) // its training is over so many tokens
        paper = {published->parameters, published->inferenceFlops,
                 published->trainingFlops / kPublishedTrainingTokens * trainingTokens};
    if (baseline)
        theirs = figuresOf(*baseline);
    m_againstName->setText(baseline ? tr("against A") : QString());
    m_againstName->setToolTip(baseline ? tr("Against %1").arg(baseline->name()) : QString());
    m_trainingName->setToolTip(
        tr("FLOPs of a training on %1 tokens, backward passes included").arg(formatCount(trainingTokens)));
    for (std::size_t i = 0; i < kFigures; ++i) {
        const auto& cells = m_figures[i];
        const auto text = [&](double value) {
            return i == Parameters ? formatCount(value) : formatFlops(value);
        };
        cells[Ours]->setText(text(ours[i]));
        cells[Paper]->setText(published ? text(paper[i]) : QStringLiteral("–"));
        cells[Distance]->setText(published ? distanceText(ours[i], paper[i]) : QStringLiteral("–"));
        cells[Against]->setText(baseline ? againstText(ours[i], theirs[i]) : QString());
    }
}

} // namespace steploom
