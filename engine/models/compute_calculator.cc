// SPDX-License-Identifier: GPL-3.0-or-later
// Letters as in the paper: n blocks, d width, f hidden, V vocabulary, K tokens a patch, l latent size.
#include "engine/models/compute_calculator.h"

#include <numeric>

namespace steploom {
namespace {

constexpr double kBackward = 2; ///< forward passes that a backward pass costs

/// Parts that multiply a row with each of their weights once: 2 FLOPs a parameter.
ComputeTerm product(std::string name, std::string formula, double parameters, double rowsPerToken,
                    double trainingRowsPerToken) {
    return {std::move(name), std::move(formula), parameters, 2 * parameters * rowsPerToken,
            (1 + kBackward) * 2 * parameters * trainingRowsPerToken};
}

ComputeTerm lookedUp(double vocabulary, double width) {
    return {"embedding", "a row is looked up", vocabulary * width, 0, 0};
}

ComputeTerm attended(std::string formula, double flops) {
    return {"attention to the context", std::move(formula), 0, flops, (1 + kBackward) * flops};
}

template <double ComputeTerm::*member>
double sum(const std::vector<ComputeTerm>& terms) {
    return std::accumulate(terms.begin(), terms.end(), 0.0,
                           [](double all, const ComputeTerm& term) { return all + term.*member; });
}

PublishedCompute transformer(const char* name, int blocks, int width, int hidden, double parameters,
                             double training, double inference, double brierLm) {
    return {.name = name,
            .autoregressive = {.blocks = blocks, .width = width, .hidden = hidden},
            .parameters = parameters,
            .trainingFlops = training,
            .inferenceFlops = inference,
            .brierLm = brierLm};
}

PublishedCompute calm(const char* name, int width, int hidden, double parameters, double training,
                      double inference, double brierLm) {
    return {.name = name,
            .calm = true,
            .calmShape = {.width = width, .hidden = hidden},
            .parameters = parameters,
            .trainingFlops = training,
            .inferenceFlops = inference,
            .brierLm = brierLm};
}

} // namespace

double ComputeEstimate::parameters() const noexcept { return sum<&ComputeTerm::parameters>(terms); }
double ComputeEstimate::inferenceFlops() const noexcept { return sum<&ComputeTerm::inferenceFlops>(terms); }
double ComputeEstimate::trainingFlops() const noexcept { return sum<&ComputeTerm::trainingFlops>(terms); }

ComputeEstimate computeOf(const AutoregressiveShape& shape) {
    const double n = shape.blocks, d = shape.width, f = shape.hidden, v = shape.vocabulary;
    ComputeTerm output = product("output layer", "2 · Vd", v * d, 1, 1);
    if (shape.tied)
        output.parameters = 0; // counted with the embedding
    return {{lookedUp(v, d), product("attention's products", "2 · n · 4d²", n * 4 * d * d, 1, 1),
             product("feed-forward", "2 · n · 3df", n * 3 * d * f, 1, 1), std::move(output),
             attended("4 · ctx · d · n", 4.0 * shape.context * d * n)}};
}

ComputeEstimate computeOf(const CalmShape& shape) {
    const double n = shape.blocks, d = shape.width, f = shape.hidden, v = shape.vocabulary, k = shape.chunk;
    const double perToken = 1 / k;
    const double head = shape.headBlocks * 6 * d * d + shape.noise * d + 2 * d * d + d * shape.latent;
    ComputeEstimate estimate{
        {lookedUp(v, d),
         product("patch embedding", "2 · (2Kd² + 2d²) / K", 2 * k * d * d + 2 * d * d, perToken, perToken),
         product("attention's products", "2 · n · 4d² / K", n * 4 * d * d, perToken, perToken),
         product("feed-forward", "2 · n · 3df / K", n * 3 * d * f, perToken, perToken),
         // Training draws N vectors from every state.
         product("generative head", "2 · (blocks · 6d² + noise · d + 2d² + dl) / K; training N times", head,
                 perToken, perToken * shape.headDraws),
         attended("4 · ctx · d · n / K", 4.0 * shape.context * d * n * perToken)}};

    // The decoder's weights are the autoencoder's, which is trained before and frozen: they count among
    // neither the parameters nor the training of the table.
    const CalmShape::Autoencoder& ae = shape.autoencoder;
    const double w = ae.width, layer = 3 * w * ae.hidden;
    const int onChunk = ae.decoderLayers / 2, onTokens = ae.decoderLayers - onChunk;
    estimate.terms.push_back(
        {"autoencoder's decoder", "2 · (lw + layers · 3wh + Kw² + K · layers · 3wh) / K", 0,
         2 * (shape.latent * w + onChunk * layer + k * w * w + k * onTokens * layer) / k, 0});
    estimate.terms.push_back({"decoder's output layer", "2 · Vw", 0, 2 * v * w, 0});
    return estimate;
}

ComputeEstimate computeOf(const MaskedDiffusionShape& shape) {
    const double n = shape.blocks, d = shape.width, c = shape.condition, v = shape.vocabulary;
    // Every step runs all positions, so a generated token costs as many rows as there are steps.
    const double calls = shape.steps;
    ComputeTerm attention = attended("steps · 4 · L · d · n", 4.0 * shape.length * d * n);
    attention.inferenceFlops *= calls;
    // The condition is the same for all positions of a sequence: its products are not counted.
    return {{lookedUp(v, d),
             product("attention's products", "steps · 2 · n · 4d²", n * 4 * d * d, calls, 1),
             product("feed-forward", "steps · 2 · n · 8d²", n * 8 * d * d, calls, 1),
             {"modulation", "once a sequence", n * 6 * d * c + 2 * d * c, 0, 0},
             product("output layer", "steps · 2 · Vd", v * d, calls, 1),
             std::move(attention)}};
}

std::span<const PublishedCompute> publishedCompute() {
    static const std::vector<PublishedCompute> rows{
        transformer("Transformer-S", 12, 768, 2048, 281e6, 6.6e20, 4.4e8, 6.05),
        transformer("Transformer-M", 16, 1024, 2752, 465e6, 11.9e20, 7.9e8, 7.07),
        transformer("Transformer-L", 16, 1536, 4096, 849e6, 22.5e20, 15.0e8, 8.98),
        calm("CALM-M", 1024, 2752, 371e6, 3.7e20, 2.9e8, 5.72),
        calm("CALM-L", 1536, 4096, 735e6, 7.7e20, 4.6e8, 6.58),
        calm("CALM-XL", 2560, 6880, 1.82e9, 19.5e20, 9.4e8, 8.53)};
    return rows;
}

ComputeEstimate computeOf(const PublishedCompute& row) {
    return row.calm ? computeOf(row.calmShape) : computeOf(row.autoregressive);
}

} // namespace steploom
