// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/order_fields.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSpinBox>
#include <QVBoxLayout>

#include <array>

namespace steploom {
namespace {

constexpr int kRowGap = 5;
constexpr int kLongestBlock = 65'536;

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// What the sampler does, as a formula, and where it is from.
QString tipOf(Sampler sampler) {
    switch (sampler) {
    case Sampler::Ancestral:
        return OrderFields::tr("Ancestral sampling: a masked position is revealed with probability (t − s)/t "
                               "(arXiv 2406.07524)");
    case Sampler::FirstHitting:
        return OrderFields::tr(
            "First-hitting, T → ∞: one position a call in random order, t ← t·u^(1/m) with "
            "m masked (arXiv 2409.02908)");
    case Sampler::Confidence:
        return OrderFields::tr(
            "Confidence: the k positions with the largest p(x̂), x̂ drawn (MaskGIT, arXiv "
            "2202.04200; LLaDA, arXiv 2502.09992). One by one it makes MDLM repeat itself");
    case Sampler::Margin:
        return OrderFields::tr("Top probability margin: the k positions with the largest p₁ − p₂ "
                               "(arXiv 2502.06768)");
    case Sampler::Entropy:
        return OrderFields::tr(
            "Entropy: the k positions with the least −Σ p log p (Dream, arXiv 2508.15487)");
    case Sampler::Threshold:
        return OrderFields::tr(
            "Threshold: all positions with p(x̂) ≥ τ, at least one a call (Fast-dLLM, arXiv "
            "2505.22618)");
    }
    return {};
}

QString tipOf(Remask remask) {
    switch (remask) {
    case Remask::None:
        return OrderFields::tr("Remasking σ_t = 0: a revealed token stays");
    case Remask::Cap:
        return OrderFields::tr("ReMDM-cap: σ_t = min(η, σ_t max), σ_t max = min(1, (1 − α_s)/α_t) "
                               "(arXiv 2503.00307)");
    case Remask::Rescale:
        return OrderFields::tr("ReMDM-rescale: σ_t = η · σ_t max, σ_t max = min(1, (1 − α_s)/α_t) "
                               "(arXiv 2503.00307)");
    case Remask::Confidence:
        return OrderFields::tr("ReMDM-conf: η · σ_t max shared out among the revealed tokens, the least sure "
                               "the most (arXiv 2503.00307)");
    case Remask::Loop:
        return OrderFields::tr("ReMDM-loop: σ_t = min(η, σ_t max) while t off < t ≤ t on, α standing still "
                               "(arXiv 2503.00307)");
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
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(kRowGap);
    const auto add = [&](const QString& label, QWidget* field, const QString& tip) {
        auto* row = new LabeledRow(label, field, fieldWidth);
        row->setToolTip(tip);
        column->addWidget(row);
    };
    add(tr("sampler"), m_sampler, {});
    add(tr("threshold"), m_threshold,
        tr("Threshold τ: a position is revealed when its drawn token has p(x̂) ≥ τ; 0 to 1"));
    add(tr("block length"), m_blockLength,
        tr("Semi-autoregressive blocks of B positions from left to right, ⌈M/B⌉ of them, T shared out in "
           "proportion (LLaDA, arXiv 2502.09992); not with first-hitting or remasking"));
    add(tr("remasking"), m_remask, {});
    add(tr("η"), m_eta, tr("Remasking strength η in σ_t; 0.001 to 1"));
    add(tr("t on"), m_loopOn, tr("Loop begins when t falls to t on; t off < t on < 1"));
    add(tr("t off"), m_loopOff, tr("Loop ends when t falls to t off; 0 < t off < t on"));
    add(tr("α on"), m_alphaOn, tr("Share revealed in the loop: α_t = α on; 0 to 1"));

    connect(m_sampler, &QComboBox::currentIndexChanged, this, &OrderFields::edited);
    connect(m_remask, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_quiet)
            m_eta->setValue(publishedEta(remask()));
        edited();
    });
    for (QDoubleSpinBox* box : {m_threshold, m_eta, m_loopOn, m_loopOff, m_alphaOn})
        connect(box, &QDoubleSpinBox::valueChanged, this, &OrderFields::edited);
    connect(m_blockLength, &QSpinBox::valueChanged, this, &OrderFields::edited);
    show(usual);
}

void OrderFields::copy(const GenerationRequest& from, GenerationRequest& to) {
    to.sampler = from.sampler;
    to.threshold = from.threshold;
    to.blockLength = from.blockLength;
    to.remasking = from.remasking;
}

QString OrderFields::summary(const GenerationRequest& request) {
    QString text = textOf(samplerName(request.sampler));
    if (request.sampler == Sampler::Threshold)
        text += tr(" τ %1").arg(request.threshold);
    if (request.blockLength > 0)
        text += tr(", blocks of %1").arg(request.blockLength);
    if (request.remasking.kind != Remask::None)
        text += tr(", remasking: %1").arg(textOf(remaskName(request.remasking.kind)));
    return text;
}

Sampler OrderFields::sampler() const { return static_cast<Sampler>(m_sampler->currentData().toInt()); }
Remask OrderFields::remask() const { return static_cast<Remask>(m_remask->currentData().toInt()); }

void OrderFields::writeTo(GenerationRequest& request) const {
    request.sampler = sampler();
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
