// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compute_shape.h"

#include "app/widgets/number_format.h"

#include <QCoreApplication>

#include <array>
#include <cmath>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ComputeShape", text); }

/// A field of shapes of one type.
template <class Shape>
ShapeField field(const char* name, const char* label, const char* tip, int Shape::*member) {
    return {name, tr(label), tr(tip),
            [member](ComputeShape& shape) -> int& { return std::get<Shape>(shape).*member; }};
}

ShapeField autoencoderField(const char* name, const char* label, const char* tip,
                            int CalmShape::Autoencoder::*member) {
    return {name, tr(label), tr(tip),
            [member](ComputeShape& shape) -> int& { return std::get<CalmShape>(shape).autoencoder.*member; }};
}

std::vector<ShapeField> autoregressiveFields() {
    using S = AutoregressiveShape;
    return {field("blocks", "blocks n", "Transformer blocks", &S::blocks),
            field("context", "context", "Tokens that a new one attends to", &S::context),
            field("width", "width d", "Of the residual stream", &S::width),
            field("vocabulary", "vocabulary V", "Tokens that the tokenizer knows", &S::vocabulary),
            field("hidden", "hidden f", "Width of the feed-forward network (SwiGLU)", &S::hidden)};
}

std::vector<ShapeField> calmFields() {
    using S = CalmShape;
    using A = CalmShape::Autoencoder;
    return {
        field("blocks", "blocks n", "Transformer blocks", &S::blocks),
        field("context", "context", "Patches that a new one attends to", &S::context),
        field("width", "width d", "Of the residual stream", &S::width),
        field("vocabulary", "vocabulary V", "Tokens that the tokenizer knows", &S::vocabulary),
        field("hidden", "hidden f", "Width of the feed-forward network (SwiGLU)", &S::hidden),
        field("chunk", "chunk K", "Tokens that one vector stands for", &S::chunk),
        field("headBlocks", "head blocks", "Of the generative head; the paper's have n / 4", &S::headBlocks),
        field("latent", "latent l", "Numbers of a vector", &S::latent),
        field("headDraws", "draws N", "Vectors drawn from each state for the energy loss", &S::headDraws),
        field("noise", "noise", "Random numbers that the head takes in", &S::noise),
        autoencoderField("autoencoderWidth", "decoder w", "Width of the autoencoder", &A::width),
        autoencoderField("autoencoderHidden", "decoder h", "Width of its feed-forward networks", &A::hidden),
        autoencoderField("decoderLayers", "decoder n",
                         "Layers of the decoder: the first half on the chunk, the second on its tokens",
                         &A::decoderLayers)};
}

std::vector<ShapeField> maskedDiffusionFields() {
    using S = MaskedDiffusionShape;
    return {
        field("blocks", "blocks n", "Transformer blocks", &S::blocks),
        field("length", "length L", "Positions, all of which attend to all", &S::length),
        field("width", "width d", "Of the residual stream", &S::width),
        field("vocabulary", "vocabulary V", "Tokens that the tokenizer knows, and the mask", &S::vocabulary),
        field("condition", "condition c", "Width of the embedding of the noise level", &S::condition),
        field("steps", "steps T", "Denoising steps: each runs all positions", &S::steps)};
}

/// What two shapes are equal by: all that is counted of them.
bool sameShape(const ComputeShape& a, const ComputeShape& b) {
    if (a.index() != b.index())
        return false;
    ComputeShape left = a, right = b;
    for (const ShapeField& each : shapeFields(static_cast<int>(a.index())))
        if (each.of(left) != each.of(right))
            return false;
    const auto* first = std::get_if<AutoregressiveShape>(&a);
    return !first || first->tied == std::get<AutoregressiveShape>(b).tied;
}

QByteArray quoted(const QString& text) {
    QString inside = text;
    return u'"' + inside.replace(u'"', QStringLiteral("\"\"")).toUtf8() + '"';
}

QByteArray numberOf(double value) { return QByteArray::number(value, 'g', 12); }

/// "34.1% less inference": the saved share, or what is spent beyond the baseline.
QString savedText(double value, double baseline, const QString& what) {
    const double ratio = value / baseline;
    if (ratio > 2)
        return tr("%1 times as much %2").arg(formatNumber(ratio, 3), what);
    return (ratio > 1 ? tr("%1 more %2") : tr("%1 less %2")).arg(formatShare(std::abs(1 - ratio)), what);
}

} // namespace

ComputeEstimate computeOf(const ComputeShape& shape) {
    return std::visit([](const auto& each) { return computeOf(each); }, shape);
}

QString shapeKindName(int kind) {
    static const std::array<QString, kShapeKinds> names{tr("autoregressive"), tr("CALM"),
                                                        tr("masked diffusion")};
    return names.at(static_cast<std::size_t>(kind));
}

const std::vector<ComputePreset>& computePresets() {
    static const std::vector<ComputePreset> presets = [] {
        std::vector<ComputePreset> all;
        for (const PublishedCompute& row : publishedCompute())
            all.push_back({QString::fromStdString(row.name),
                           row.calm ? ComputeShape(row.calmShape) : ComputeShape(row.autoregressive), row});
        all.push_back({QStringLiteral("MDLM"), MaskedDiffusionShape(), std::nullopt});
        return all;
    }();
    return presets;
}

const std::vector<ShapeField>& shapeFields(int kind) {
    static const std::array<std::vector<ShapeField>, kShapeKinds> fields{autoregressiveFields(), calmFields(),
                                                                         maskedDiffusionFields()};
    return fields.at(static_cast<std::size_t>(kind));
}

ComputeChoice presetChoice(int preset) {
    return {preset, computePresets().at(static_cast<std::size_t>(preset)).shape};
}

bool ComputeChoice::isChanged() const {
    return !sameShape(shape, computePresets().at(static_cast<std::size_t>(preset)).shape);
}

QString ComputeChoice::name() const {
    const QString& began = computePresets().at(static_cast<std::size_t>(preset)).name;
    return isChanged() ? tr("%1, changed").arg(began) : began;
}

std::optional<PublishedCompute> ComputeChoice::published() const {
    return isChanged() ? std::nullopt : computePresets().at(static_cast<std::size_t>(preset)).published;
}

QString againstText(double value, double baseline) {
    if (!(baseline > 0) || !std::isfinite(value))
        return QStringLiteral("–");
    const double ratio = value / baseline;
    if (ratio > 2)
        return QStringLiteral("× %1").arg(formatNumber(ratio, 3));
    return (ratio > 1 ? QStringLiteral("+") : QString()) + formatShare(ratio - 1);
}

QString computeVerdict(const ComputeChoice& shape, const ComputeChoice& baseline) {
    const ComputeEstimate mine = computeOf(shape.shape), theirs = computeOf(baseline.shape);
    return tr("%1 against %2: %3, %4.")
        .arg(shape.name(), baseline.name(),
             savedText(mine.inferenceFlops(), theirs.inferenceFlops(), tr("inference")),
             savedText(mine.trainingFlops(), theirs.trainingFlops(), tr("training compute")));
}

QByteArray computeCsv(std::span<const ComputeChoice> shapes, double trainingTokens) {
    QByteArray csv =
        "shape,kind,term,formula,parameters,inference FLOPs a token,training FLOPs a token,training "
        "FLOPs,published parameters,published inference FLOPs a token,published training FLOPs\n";
    for (const ComputeChoice& choice : shapes) {
        const ComputeEstimate estimate = computeOf(choice.shape);
        const QByteArray head =
            quoted(choice.name()) + ',' + quoted(shapeKindName(static_cast<int>(choice.shape.index()))) + ',';
        for (const ComputeTerm& term : estimate.terms)
            csv += head + quoted(QString::fromStdString(term.name)) + ',' +
                   quoted(QString::fromStdString(term.formula)) + ',' + numberOf(term.parameters) + ',' +
                   numberOf(term.inferenceFlops) + ',' + numberOf(term.trainingFlops) + ',' +
                   numberOf(term.trainingFlops * trainingTokens) + ",,,\n";
        csv += head + "\"all\",," + numberOf(estimate.parameters()) + ',' +
               numberOf(estimate.inferenceFlops()) + ',' + numberOf(estimate.trainingFlops()) + ',' +
               numberOf(estimate.trainingFlops() * trainingTokens);
        if (const auto published = choice.published())
            csv += ',' + numberOf(published->parameters) + ',' + numberOf(published->inferenceFlops) + ',' +
                   numberOf(published->trainingFlops) + '\n';
        else
            csv += ",,,\n";
    }
    return csv;
}

} // namespace steploom
