// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/compute_calculator.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace steploom {

/// A shape of any of the kinds that the calculator knows.
using ComputeShape = std::variant<AutoregressiveShape, CalmShape, MaskedDiffusionShape>;
inline constexpr int kShapeKinds = std::variant_size_v<ComputeShape>;

ComputeEstimate computeOf(const ComputeShape& shape);
QString shapeKindName(int kind); ///< of ComputeShape::index(): "autoregressive", …

/// A shape that there is to begin with.
struct ComputePreset {
    QString name; ///< "CALM-M"
    ComputeShape shape;
    std::optional<PublishedCompute> published; ///< what the paper says of it, where it does
};
/// The paper's six rows and MDLM.
const std::vector<ComputePreset>& computePresets();

/// A number of a shape that can be edited.
struct ShapeField {
    const char* name; ///< of the object: "latent"
    QString label, tip;
    std::function<int&(ComputeShape&)> of;
};
/// Of the shapes of a kind, the most telling first. `tied` of the autoregressive ones is none of them.
const std::vector<ShapeField>& shapeFields(int kind);

/// A shape as it stands in the dialog.
struct ComputeChoice {
    int preset = 0;     ///< that it began with
    ComputeShape shape; ///< which may have been changed since

    bool isChanged() const;
    QString name() const; ///< "CALM-M", "CALM-M, changed"
    /// Only while it is what was published.
    std::optional<PublishedCompute> published() const;
};
ComputeChoice presetChoice(int preset);

/// What a shape needs as a share of what another does, in words: "−34.1%", "+20%", "× 2,130"; "–" when there
/// is nothing to compare with.
QString againstText(double value, double baseline);
/// "CALM-M against Transformer-S: 34.1% less inference, 43.9% less training compute."
QString computeVerdict(const ComputeChoice& shape, const ComputeChoice& baseline);
/// One line a term and one "all" for each shape, FLOPs a token; published figures where there are any.
/// `trainingTokens` is what the training of all of it is counted over.
QByteArray computeCsv(std::span<const ComputeChoice> shapes, double trainingTokens);

} // namespace steploom
