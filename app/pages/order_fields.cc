// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/order_fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSpinBox>
#include <QVBoxLayout>

#include <array>

namespace steploom {
namespace {

constexpr int kRowGap = 7;
constexpr int kLongestBlock = 65'536;

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// What the sampler does and where it is from.
QString tipOf(Sampler sampler) {
    switch (sampler) {
    case Sampler::Ancestral:
        return OrderFields::tr("A position's step is uniform over the T steps (arXiv 2406.07524)");
    case Sampler::FirstHitting:
        return OrderFields::tr("T → ∞: uniformly random order, one position a call (arXiv 2409.02908)");
    case Sampler::Confidence:
        return OrderFields::tr(
            "k a step, where the drawn token is likeliest (MaskGIT, arXiv 2202.04200; LLaDA, "
            "arXiv 2502.09992). One by one it makes MDLM repeat itself");
    case Sampler::Margin:
        return OrderFields::tr(
            "k a step, where the likeliest token leads the second by most (arXiv 2502.06768)");
    case Sampler::Entropy:
        return OrderFields::tr(
            "k a step, where the prediction has the least entropy (Dream, arXiv 2508.15487)");
    case Sampler::Threshold:
        return OrderFields::tr("All positions whose drawn token reaches a probability, at least one a call "
                               "(Fast-dLLM, arXiv 2505.22618)");
    }
    return {};
}

QString tipOf(Remask remask) {
    switch (remask) {
    case Remask::None:
        return OrderFields::tr("A revealed token stays");
    case Remask::Cap:
        return OrderFields::tr("ReMDM-cap (arXiv 2503.00307): σ = min(η, σ max)");
    case Remask::Rescale:
        return OrderFields::tr("ReMDM-rescale (arXiv 2503.00307): σ = η · σ max");
    case Remask::Confidence:
        return OrderFields::tr(
            "ReMDM-conf (arXiv 2503.00307): η · σ max, shared out to the least sure tokens");
    case Remask::Loop:
        return OrderFields::tr(
            "ReMDM-loop (arXiv 2503.00307): remasks at a constant share revealed, from t on to "
            "t off");
    }
    return {};
}

QDoubleSpinBox* share(double low, double high, double step, int decimals, const char* name) {
    auto* box = new QDoubleSpinBox;
    box->setDecimals(decimals);
    box->setRange(low, high);
    box->setSingleStep(step);
    box->setObjectName(name);
    box->setCorrectionMode(QAbstractSpinBox::CorrectToNearestValue);
    return box;
}

/// The row of a field is shown and hidden with it.
void showRow(QWidget* field, bool shown) { field->parentWidget()->setVisible(shown); }

} // namespace

OrderFields::OrderFields(int fieldWidth, QWidget* parent) : QWidget(parent) {
    const GenerationRequest usual;
    m_sampler = new QComboBox;
    m_sampler->setObjectName("samplerField");
    for (const Sampler each : allSamplers()) {
        m_sampler->addItem(textOf(samplerName(each)), static_cast<int>(each));
        m_sampler->setItemData(m_sampler->count() - 1, tipOf(each), Qt::ToolTipRole);
    }
    m_remask = new QComboBox;
    m_remask->setObjectName("remaskField");
    for (const Remask each : allRemasks()) {
        m_remask->addItem(textOf(remaskName(each)), static_cast<int>(each));
        m_remask->setItemData(m_remask->count() - 1, tipOf(each), Qt::ToolTipRole);
    }
    m_threshold = share(0, 1, 0.05, 3, "thresholdField");
    m_eta = share(0.001, 1, 0.005, 3, "etaField");
    m_loopOn = share(0.01, 0.99, 0.05, 2, "loopOnField");
    m_loopOff = share(0.01, 0.98, 0.05, 2, "loopOffField");
    m_alphaOn = share(0.01, 0.99, 0.05, 2, "alphaOnField");
    m_blockLength = new QSpinBox;
    m_blockLength->setRange(0, kLongestBlock);
    m_blockLength->setSpecialValueText(tr("none"));
    m_blockLength->setObjectName("blockLengthField");
    m_blockLength->setAccelerated(true);
    m_float32Gumbel = new QCheckBox(tr("float32 Gumbel (to compare)"));
    m_float32Gumbel->setObjectName("float32GumbelField");
    m_float32Gumbel->setToolTip(
        tr("Draws as much published code does. It cuts the tail of the distribution off and "
           "makes perplexity look better than it is (arXiv 2409.02908)"));

    m_advanced = new QWidget;
    m_advanced->setObjectName("advancedOrderFields");
    auto* main = new QVBoxLayout(this);
    auto* advanced = new QVBoxLayout(m_advanced);
    for (QVBoxLayout* column : {main, advanced}) {
        column->setContentsMargins({});
        column->setSpacing(kRowGap);
    }
    const auto add = [fieldWidth](QVBoxLayout* column, const QString& label, QWidget* field,
                                  const QString& tip) {
        auto* row = new LabeledRow(label, field, fieldWidth);
        row->setToolTip(tip);
        column->addWidget(row);
    };
    add(main, tr("sampler"), m_sampler, {});
    add(main, tr("threshold"), m_threshold,
        tr("Probability that a drawn token must reach, under the model's own distribution; 0 to 1"));
    add(advanced, tr("block length"), m_blockLength,
        tr("Writes from left to right in blocks of this many positions (LLaDA, arXiv 2502.09992); the steps "
           "are "
           "shared among them. Not with first-hitting, not with remasking"));
    add(advanced, tr("remasking"), m_remask, {});
    add(advanced, tr("η"), m_eta, tr("Strength of the remasking; 0.001 to 1"));
    add(advanced, tr("t on"), m_loopOn, tr("Time at which the loop begins; more than t off"));
    add(advanced, tr("t off"), m_loopOff, tr("Time at which the loop ends; less than t on"));
    add(advanced, tr("α on"), m_alphaOn, tr("Share of positions revealed in the loop"));
    advanced->addWidget(m_float32Gumbel);

    connect(m_sampler, &QComboBox::currentIndexChanged, this, &OrderFields::edited);
    connect(m_remask, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_quiet)
            m_eta->setValue(publishedEta(remask()));
        edited();
    });
    for (QDoubleSpinBox* box : {m_threshold, m_eta, m_loopOn, m_loopOff, m_alphaOn})
        connect(box, &QDoubleSpinBox::valueChanged, this, &OrderFields::edited);
    connect(m_blockLength, &QSpinBox::valueChanged, this, &OrderFields::edited);
    connect(m_float32Gumbel, &QCheckBox::toggled, this, &OrderFields::edited);
    show(usual);
}

bool OrderFields::usesAdvanced(const GenerationRequest& request) {
    return request.blockLength > 0 || request.remasking.kind != Remask::None || request.float32Gumbel;
}

Sampler OrderFields::sampler() const { return static_cast<Sampler>(m_sampler->currentData().toInt()); }
Remask OrderFields::remask() const { return static_cast<Remask>(m_remask->currentData().toInt()); }

void OrderFields::writeTo(GenerationRequest& request) const {
    request.sampler = sampler();
    request.float32Gumbel = m_float32Gumbel->isChecked();
    if (request.sampler == Sampler::Threshold)
        request.threshold = m_threshold->value();
    if (request.sampler == Sampler::Ancestral && remask() != Remask::None) {
        request.remasking.kind = remask();
        request.remasking.eta = m_eta->value();
        if (remask() == Remask::Loop) {
            request.remasking.loopOn = m_loopOn->value();
            request.remasking.loopOff = m_loopOff->value();
            request.remasking.alphaOn = m_alphaOn->value();
        }
    } else if (request.sampler != Sampler::FirstHitting) {
        request.blockLength = m_blockLength->value();
    }
}

void OrderFields::show(const GenerationRequest& request) {
    m_quiet = true;
    m_sampler->setCurrentIndex(m_sampler->findData(static_cast<int>(request.sampler)));
    m_threshold->setValue(request.threshold);
    m_blockLength->setValue(request.blockLength);
    m_remask->setCurrentIndex(m_remask->findData(static_cast<int>(request.remasking.kind)));
    m_eta->setValue(request.remasking.eta);
    m_loopOn->setValue(request.remasking.loopOn);
    m_loopOff->setValue(request.remasking.loopOff);
    m_alphaOn->setValue(request.remasking.alphaOn);
    m_float32Gumbel->setChecked(request.float32Gumbel);
    m_quiet = false;
    showWhatApplies();
}

void OrderFields::showWhatApplies() {
    const bool remasks = sampler() == Sampler::Ancestral && remask() != Remask::None;
    const bool inBlocks = m_blockLength->value() > 0;
    const bool loops = remasks && remask() == Remask::Loop;
    showRow(m_threshold, sampler() == Sampler::Threshold);
    showRow(m_blockLength, sampler() != Sampler::FirstHitting && !remasks);
    showRow(m_remask, sampler() == Sampler::Ancestral && !inBlocks);
    showRow(m_eta, remasks);
    for (QWidget* field : {m_loopOn, m_loopOff, m_alphaOn})
        showRow(field, loops);
    m_sampler->parentWidget()->setToolTip(tipOf(sampler()));
    m_remask->parentWidget()->setToolTip(tipOf(remask()));
}

void OrderFields::edited() {
    if (m_quiet)
        return;
    showWhatApplies();
    emit changed();
}

} // namespace steploom
