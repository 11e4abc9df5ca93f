// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compute_dialog.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/compute_card.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <vector>

namespace steploom {
namespace {

constexpr QSize kDialogSize(1240, 840);
constexpr QSize kFrame(24, 56); ///< that is left of a small screen
constexpr double kBillion = 1e9;
constexpr int kMostBillions = 1'000'000;

int presetNamed(const QString& name) {
    const auto& presets = computePresets();
    return static_cast<int>(std::ranges::find(presets, name, &ComputePreset::name) - presets.begin());
}

QPushButton* button(const char* name, const QString& text, const QString& tip) {
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(tip);
    made->setAutoDefault(false); // Return belongs to the number fields
    return made;
}

} // namespace

ComputeDialog::ComputeDialog(QWidget* parent)
    : QDialog(parent), m_tokens(fields::number("computeTokens", 1, kMostBillions,
                                               static_cast<int>(kPublishedTrainingTokens / kBillion))),
      m_verdict(makeLabel({})), m_notice(makeLabel({}, "dim")) {
    setObjectName("computeDialog");
    setWindowTitle(tr("Compute calculator"));
    resize(kDialogSize.boundedTo(screen()->availableSize() - kFrame));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(10);

    auto* head = new QHBoxLayout;
    head->setSpacing(Theme::kGrid);
    QLabel* about = makeLabel(
        tr("Parameters and FLOPs of a model's shape, term by term: a product of [a, b] and [b] is 2ab, a "
           "backward pass two forward passes. As the CALM paper counts (arXiv 2510.27688, table 1)."),
        "dim");
    about->setWordWrap(true);
    head->addWidget(about, 1);
    head->addSpacing(2 * Theme::kGrid);
    m_tokens->setSuffix(tr(" B"));
    m_tokens->setFixedWidth(112);
    m_tokens->setToolTip(tr("Billions of tokens that a training is counted over; the paper's saw 500"));
    QLabel* tokens = makeLabel(tr("training tokens"), "dim");
    tokens->setBuddy(m_tokens);
    m_tokens->setAccessibleName(tokens->text());
    head->addWidget(tokens);
    head->addWidget(m_tokens);
    column->addLayout(head);

    auto* row = new QHBoxLayout;
    row->setSpacing(10);
    static constexpr const char* kFirst[kShapes] = {"Transformer-S", "CALM-M", "MDLM"};
    for (int i = 0; i < kShapes; ++i) {
        auto* card = new ComputeCard(QChar('A' + i), presetNamed(QLatin1String(kFirst[i])));
        m_cards[static_cast<std::size_t>(i)] = card;
        connect(card, &ComputeCard::changed, this, &ComputeDialog::showAll);
        row->addWidget(card, 1);
    }
    column->addLayout(row, 1);

    auto* foot = new QHBoxLayout;
    foot->setSpacing(Theme::kGrid);
    m_verdict->setObjectName("computeVerdict");
    m_verdict->setWordWrap(true);
    m_notice->setObjectName("computeNotice");
    QPushButton* copyCsv =
        button("computeCopy", tr("Copy as CSV"), tr("Every term and figure of all three shapes"));
    QPushButton* close = button("computeClose", tr("Close"), {});
    foot->addWidget(m_verdict, 1);
    foot->addWidget(m_notice);
    foot->addWidget(copyCsv);
    foot->addWidget(close);
    column->addLayout(foot);

    connect(m_tokens, &QSpinBox::valueChanged, this, &ComputeDialog::showAll);
    connect(copyCsv, &QPushButton::clicked, this, &ComputeDialog::copy);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    showAll();
}

double ComputeDialog::trainingTokens() const { return m_tokens->value() * kBillion; }

void ComputeDialog::showAll() {
    const ComputeChoice& baseline = m_cards.front()->choice();
    QStringList verdicts;
    for (ComputeCard* card : m_cards) {
        const bool isBaseline = card == m_cards.front();
        card->compare(isBaseline ? nullptr : &baseline, trainingTokens());
        if (!isBaseline)
            verdicts << computeVerdict(card->choice(), baseline);
    }
    m_verdict->setText(verdicts.join(u'\n'));
    m_notice->clear();
}

void ComputeDialog::copy() {
    std::vector<ComputeChoice> shapes;
    for (const ComputeCard* card : m_cards)
        shapes.push_back(card->choice());
    QApplication::clipboard()->setText(QString::fromUtf8(computeCsv(shapes, trainingTokens())));
    m_notice->setText(tr("Copied as CSV"));
}

} // namespace steploom
