// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: K tokens a chunk, l latent size, d width, V vocabulary.
#include "engine/models/calm_autoencoder.h"

#include "engine/core/error.h"
#include "engine/layers/tiles.h"
#include "engine/models/fixed_settings.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {
namespace {

/// The output layer's weights are the encoder's embeddings; some files hold them twice.
bool isNoPart(const std::string& name) { return name.ends_with("decoder.lm_head_weight"); }

int layersNamed(const Checkpoint& checkpoint, const std::string& name) {
    int count = 0;
    while (count < Checkpoint::kMostBlocks &&
           checkpoint.has(fmt::format("{}.{}.layernorm.weight", name, count)))
        ++count;
    return count;
}

/// What the shapes of carried tensors tell; the energy transformer's config states the rest.
AutoencoderFacts describeCarried(const Checkpoint& checkpoint, const std::string& scope) {
    const auto size = [&](const std::string& name, std::size_t dimension) {
        const std::string full = scope + name;
        const auto& shape = checkpoint.tensor(full).shape;
        if (shape.size() <= dimension || shape[dimension] < 1 ||
            shape[dimension] > Checkpoint::kMostOfAnySize)
            throw Error(ErrorKind::Tensors, {"cannot read the autoencoder's shape",
                                             checkpoint.path().string(), full + " has not the form of one",
                                             "Check that config.json and the weights belong together"});
        return static_cast<int>(shape[dimension]);
    };
    AutoencoderFacts facts;
    facts.chunk = checkpoint.size("patch_size");
    facts.latent = checkpoint.size("latent_size");
    facts.vocabulary = size("encoder.embed_tokens.weight", 0);
    facts.width = size("encoder.embed_tokens.weight", 1);
    facts.encoderLayers = layersNamed(checkpoint, scope + "encoder.encoder_layers");
    facts.decoderLayers = layersNamed(checkpoint, scope + "decoder.decoder_layers");
    facts.hidden = facts.encoderLayers > 0 ? size("encoder.encoder_layers.0.mlp.gate_proj.weight", 0) : 1;
    for (const auto& [name, tensor] : checkpoint.tensors())
        if (name.starts_with(scope) && !isNoPart(name))
            facts.parameters += static_cast<std::int64_t>(tensor.elements());
    return facts;
}

AutoencoderFacts describeOwn(const Checkpoint& checkpoint) {
    requireSettings(checkpoint, {{"hidden_act", "silu"}, {"mlp_bias", false}, {"tie_word_embeddings", true}});
    AutoencoderFacts facts;
    facts.parameters = checkpoint.parameters();
    facts.chunk = checkpoint.size("patch_size");
    facts.latent = checkpoint.size("latent_size");
    facts.vocabulary = checkpoint.size("vocab_size");
    facts.width = checkpoint.size("hidden_size");
    facts.hidden = checkpoint.size("intermediate_size");
    facts.encoderLayers = checkpoint.size("num_encoder_layers", 0, Checkpoint::kMostBlocks);
    facts.decoderLayers = checkpoint.size("num_decoder_layers", 0, Checkpoint::kMostBlocks);
    return facts;
}

} // namespace

std::vector<ExpectedTensor> autoencoderTensors(const AutoencoderFacts& facts, const std::string& scope) {
    const std::int64_t d = facts.width, hidden = facts.hidden, k = facts.chunk, l = facts.latent;
    std::vector<ExpectedTensor> tensors;
    const auto linear = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs) {
        tensors.push_back({scope + name + ".weight", {outputs, inputs}});
        tensors.push_back({scope + name + ".bias", {outputs}});
    };
    const auto layers = [&](const std::string& name, int count) {
        for (int i = 0; i < count; ++i) {
            const std::string layer = fmt::format("{}{}.{}.", scope, name, i);
            tensors.push_back({layer + "layernorm.weight", {d}});
            tensors.push_back({layer + "mlp.gate_proj.weight", {hidden, d}});
            tensors.push_back({layer + "mlp.up_proj.weight", {hidden, d}});
            tensors.push_back({layer + "mlp.down_proj.weight", {d, hidden}});
        }
    };
    tensors.push_back({scope + "encoder.embed_tokens.weight", {facts.vocabulary, d}});
    layers("encoder.encoder_layers", facts.encoderLayers);
    linear("encoder.squeeze_layer", d, k * d);
    tensors.push_back({scope + "encoder.norm.weight", {d}});
    linear("encoder.hidden_to_latent", 2 * l, d);
    linear("decoder.latent_to_hidden", d, l);
    layers("decoder.decoder_layers", facts.decoderLayers);
    linear("decoder.expand_layer", k * d, d);
    tensors.push_back({scope + "decoder.norm.weight", {d}});
    return tensors;
}

double AutoencoderFacts::encodeFlops() const noexcept {
    const double d = width, k = chunk, layer = 6.0 * d * hidden;
    const int perToken = encoderLayers / 2;
    return layer * (k * perToken + (encoderLayers - perToken)) + 2 * k * d * d + 4 * d * latent;
}

double AutoencoderFacts::decodeFlops() const noexcept {
    const double d = width, k = chunk, layer = 6.0 * d * hidden;
    const int perChunk = decoderLayers / 2;
    return 2 * d * latent + layer * (perChunk + k * (decoderLayers - perChunk)) + 2 * k * d * d +
           2 * k * d * vocabulary;
}

AutoencoderFacts CalmAutoencoder::describe(const Checkpoint& checkpoint, const std::string& scope) {
    AutoencoderFacts facts = scope.empty() ? describeOwn(checkpoint) : describeCarried(checkpoint, scope);
    facts.epsilon = checkpoint.positiveOr("rms_norm_eps", 1e-6);
    facts.stored = checkpoint.storedType();
    return facts;
}

CalmAutoencoder::CalmAutoencoder(const Checkpoint& checkpoint, Precision precision, ComputeContext& context,
                                 const std::string& scope)
    : m_facts(describe(checkpoint, scope)), m_context(context),
      m_scratch(static_cast<std::size_t>(context.threads().workers())) {
    m_facts.requested = precision;
    m_facts.effective = effectivePrecision(precision);
    m_activations = activationPrecision(m_facts.effective);
    if (scope.empty())
        requireTensors(checkpoint, autoencoderTensors(m_facts, scope), isNoPart);
    // Those carried along were held against the energy transformer's expectations together with its own.

    const auto linear = [&](const std::string& name, LinearSpec spec = {}) {
        spec.weights = {scope + name + ".weight"};
        spec.biases = {scope + name + ".bias"};
        spec.precision = m_facts.effective;
        return Linear(checkpoint, spec, context);
    };
    const auto norm = [&](const std::string& name) {
        return Norm(checkpoint, Norm::Kind::Rms, static_cast<float>(m_facts.epsilon),
                    scope + name + ".weight");
    };
    const auto layers = [&](const std::string& name, int count) {
        std::vector<ResidualLayer> made;
        for (int i = 0; i < count; ++i) {
            const std::string layer = fmt::format("{}.{}.", name, i);
            const LinearSpec up{
                .weights = {scope + layer + "mlp.gate_proj.weight", scope + layer + "mlp.up_proj.weight"},
                .precision = m_facts.effective};
            const LinearSpec down{.weights = {scope + layer + "mlp.down_proj.weight"},
                                  .precision = m_facts.effective,
                                  .accumulate = true};
            made.push_back({norm(layer + "layernorm"),
                            FeedForward(FeedForward::Kind::SwiGlu, Linear(checkpoint, up, context),
                                        Linear(checkpoint, down, context), m_activations)});
        }
        return made;
    };
    m_tokens = Embedding(checkpoint, scope + "encoder.embed_tokens.weight", m_facts.effective);
    m_encoderLayers = layers("encoder.encoder_layers", m_facts.encoderLayers);
    m_squeeze = linear("encoder.squeeze_layer");
    m_encoderNorm = norm("encoder.norm");
    m_hiddenToLatent = linear("encoder.hidden_to_latent");
    m_latentToHidden = linear("decoder.latent_to_hidden");
    m_decoderLayers = layers("decoder.decoder_layers", m_facts.decoderLayers);
    m_expand = linear("decoder.expand_layer");
    m_decoderNorm = norm("decoder.norm");
    m_head =
        Linear(checkpoint,
               {.weights = {scope + "encoder.embed_tokens.weight"}, .precision = m_facts.effective}, context);

    m_tile = std::max(1, kMostTileRows / m_facts.chunk);
    std::size_t perRow = 1;
    for (const auto* each : {&m_encoderLayers, &m_decoderLayers})
        for (const ResidualLayer& layer : *each)
            perRow = std::max(perRow, static_cast<std::size_t>(layer.network.scratchPerRow()));
    const auto chunks = static_cast<std::size_t>(m_tile), width = static_cast<std::size_t>(m_facts.width),
               rows = chunks * static_cast<std::size_t>(m_facts.chunk);
    for (Scratch& scratch : m_scratch) {
        scratch.tokenRows.reserve(rows * width * sizeof(float));
        scratch.chunkRows.reserve(chunks * std::max(width, 2 * static_cast<std::size_t>(m_facts.latent)) *
                                  sizeof(float));
        scratch.normed.reserve(rows * std::max(width, static_cast<std::size_t>(m_facts.latent)) *
                               sizeof(float));
        scratch.hidden.reserve(rows * perRow * sizeof(float));
    }
}

const void* CalmAutoencoder::asInput(const float* x, int rows, int width, Scratch& scratch) const {
    if (m_activations == Precision::F32)
        return x;
    kernels().activate(x, rows, width, Activation::None, scratch.normed.data(), width, m_activations);
    return scratch.normed.data();
}

/// body(first chunk, chunks, worker), each tile on one worker.
template <typename Body>
void CalmAutoencoder::forEachChunkTile(int chunks, const Body& body) {
    // Even shares where there is less than a tile for each.
    const int workers = m_context.threads().workers();
    const int tile = std::clamp((chunks + workers - 1) / workers, 1, m_tile);
    m_context.threads().forEach((chunks + tile - 1) / tile, [&](int index, int worker) {
        const int first = index * tile;
        body(first, std::min(tile, chunks - first), worker);
    });
}

void CalmAutoencoder::encode(std::span<const std::int32_t> tokens, std::span<float> mean,
                             std::span<float> logSigma) {
    const int k = m_facts.chunk, l = m_facts.latent, d = m_facts.width;
    const std::size_t perToken = m_encoderLayers.size() / 2;
    forEachChunkTile(static_cast<int>(tokens.size()) / k, [&](int first, int chunks, int worker) {
        Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        float* x = scratch.tokenRows.floats();
        for (int row = 0; row < chunks * k; ++row)
            m_tokens.copy(tokens[static_cast<std::size_t>(first * k + row)],
                          x + static_cast<std::ptrdiff_t>(row) * d);
        for (std::size_t i = 0; i < perToken; ++i)
            m_encoderLayers[i].forward(worker, x, chunks * k, m_activations, scratch.normed.data(),
                                       scratch.hidden.floats());
        // The states of a chunk's tokens lie next to each other: [chunks · K, d] is [chunks, K · d].
        float* y = scratch.chunkRows.floats();
        m_squeeze.forward(worker, asInput(x, chunks, k * d, scratch), y, chunks);
        for (std::size_t i = perToken; i < m_encoderLayers.size(); ++i)
            m_encoderLayers[i].forward(worker, y, chunks, m_activations, scratch.normed.data(),
                                       scratch.hidden.floats());
        m_encoderNorm.forward(y, chunks, scratch.normed.data(), m_activations);
        m_hiddenToLatent.forward(worker, scratch.normed.data(), y, chunks);
        for (int chunk = 0; chunk < chunks; ++chunk) {
            const float* from = y + static_cast<std::ptrdiff_t>(chunk) * 2 * l;
            const auto to = static_cast<std::ptrdiff_t>(first + chunk) * l;
            std::copy_n(from, l, mean.begin() + to);
            std::copy_n(from + l, l, logSigma.begin() + to);
        }
    });
}

void CalmAutoencoder::decodeRows(int worker, bool shared, const float* latents, int chunks, Scratch& scratch,
                                 void* out) {
    const int k = m_facts.chunk;
    const std::size_t perChunk = m_decoderLayers.size() / 2;
    const auto multiply = [&](const Linear& layer, const void* src, void* dst) {
        if (shared)
            layer.forwardShared(src, dst, chunks);
        else
            layer.forward(worker, src, dst, chunks);
    };
    const auto pass = [&](const ResidualLayer& layer, float* x, int rows) {
        if (shared)
            layer.forwardShared(x, rows, m_activations, scratch.normed.data(), scratch.hidden.floats());
        else
            layer.forward(worker, x, rows, m_activations, scratch.normed.data(), scratch.hidden.floats());
    };
    float* y = scratch.chunkRows.floats();
    multiply(m_latentToHidden, asInput(latents, chunks, m_facts.latent, scratch), y);
    for (std::size_t i = 0; i < perChunk; ++i)
        pass(m_decoderLayers[i], y, chunks);
    float* x = scratch.tokenRows.floats();
    multiply(m_expand, asInput(y, chunks, m_facts.width, scratch), x);
    for (std::size_t i = perChunk; i < m_decoderLayers.size(); ++i)
        pass(m_decoderLayers[i], x, chunks * k);
    m_decoderNorm.forward(x, chunks * k, out, m_activations);
}

void CalmAutoencoder::decode(std::span<const float> latents, std::span<float> logits) {
    const int l = m_facts.latent, chunks = static_cast<int>(latents.size()) / l;
    forEachChunkTile(chunks, [&](int first, int count, int worker) {
        Scratch& scratch = m_scratch[static_cast<std::size_t>(worker)];
        decodeRows(worker, false, latents.data() + static_cast<std::ptrdiff_t>(first) * l, count, scratch,
                   scratch.normed.data());
        m_head.forward(worker, scratch.normed.data(),
                       logits.data() +
                           static_cast<std::ptrdiff_t>(first) * m_facts.chunk * m_facts.vocabulary,
                       count * m_facts.chunk);
    });
}

void CalmAutoencoder::decodeTokens(std::span<const float> latents, std::span<std::int32_t> tokens) {
    const int l = m_facts.latent, chunks = static_cast<int>(latents.size()) / l;
    const std::size_t rowBytes = static_cast<std::size_t>(m_facts.chunk) *
                                 static_cast<std::size_t>(m_facts.width) * elementSize(m_activations);
    m_decoded.reserve(static_cast<std::size_t>(chunks) * rowBytes);
    if (chunks * m_facts.chunk <= kFewRows)
        decodeRows(0, true, latents.data(), chunks, m_scratch.front(), m_decoded.data());
    else
        forEachChunkTile(chunks, [&](int first, int count, int worker) {
            decodeRows(worker, false, latents.data() + static_cast<std::ptrdiff_t>(first) * l, count,
                       m_scratch[static_cast<std::size_t>(worker)],
                       m_decoded.data() + static_cast<std::size_t>(first) * rowBytes);
        });
    m_head.argmaxShared(m_decoded.data(), chunks * m_facts.chunk, tokens);
}

} // namespace steploom
