// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/linear.h"

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/layers/tiles.h"
#include "engine/tensor/compute_context.h"
#include "engine/tensor/kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace steploom {
namespace {

constexpr int kTile = MatMul::kLargestTile;
/// What need not be cut: putting the pieces together would cost more than it saves.
constexpr std::size_t kWholeBytes = 1280 << 10;
/// In f32 the products themselves take so long that the weights' way does not matter: cut only what would not
/// leave the result of a tile in the cache.
constexpr int kWidestFloat = 4096;
/// Outputs of a panel at most. A vocabulary of 50,258 makes 50 of them or more: enough for the threads to
/// share even one row.
constexpr int kWidestPanel = 1024;

/// Outputs of each panel but the last: even shares in whole vectors, rather than full panels and a rest.
int panelWidth(int inputs, int outputs, Precision precision) {
    constexpr int kVector = 16;
    const std::size_t rowBytes = static_cast<std::size_t>(inputs) * elementSize(precision);
    if (precision == Precision::F32 ? outputs <= kWidestFloat
                                    : static_cast<std::size_t>(outputs) * rowBytes <= kWholeBytes &&
                                          (precision == Precision::BF16 || outputs <= kWidestPanel))
        return outputs;
    const int fitting = precision == Precision::F32
                            ? kWidestPanel
                            : std::clamp(static_cast<int>(kPanelBytes / rowBytes), 64, kWidestPanel);
    const int panels = (outputs + fitting - 1) / fitting;
    const int share = (outputs + panels - 1) / panels;
    return (share + kVector - 1) / kVector * kVector;
}

/// Rows of the stacked weights, or a stretch of each, as f32, some rows at a time: a whole vocabulary's would
/// cost more memory than the packed weights themselves.
class StackedWeights {
public:
    StackedWeights(const Checkpoint& checkpoint, const LinearSpec& spec) : m_firstInput(spec.firstInput) {
        for (const std::string& name : spec.weights) {
            const TensorView& tensor = checkpoint.tensor(name);
            const auto first = static_cast<int>(tensor.shape[0]), second = static_cast<int>(tensor.shape[1]);
            m_rowLength = spec.storedTransposed ? first : second;
            m_inputs = spec.inputs > 0 ? spec.inputs : m_rowLength - m_firstInput;
            m_parts.push_back({&tensor, m_outputs, spec.storedTransposed ? second : first, {}});
            if (spec.storedTransposed)
                m_parts.back().transposed = turned(tensor);
            m_outputs += m_parts.back().outputs;
        }
    }
    int inputs() const noexcept { return m_inputs; }
    int outputs() const noexcept { return m_outputs; }

    /// weights [outputs, inputs] = rows [firstOutput, firstOutput + outputs) of the stack.
    void read(int firstOutput, int outputs, std::span<float> weights) const {
        const auto inputs = static_cast<std::size_t>(m_inputs),
                   length = static_cast<std::size_t>(m_rowLength);
        for (const Part& part : m_parts) {
            const int begin = std::max(firstOutput, part.firstOutput),
                      end = std::min(firstOutput + outputs, part.firstOutput + part.outputs);
            // Whole rows lie next to each other and are read at once.
            const int stretch = inputs == length ? end - begin : 1;
            for (int row = begin; row < end; row += stretch) {
                const std::size_t from = static_cast<std::size_t>(row - part.firstOutput) * length +
                                         static_cast<std::size_t>(m_firstInput),
                                  count = static_cast<std::size_t>(stretch) * inputs;
                const auto to = weights.subspan(static_cast<std::size_t>(row - firstOutput) * inputs, count);
                if (part.transposed.empty())
                    part.tensor->copyFloats(from, to);
                else
                    std::copy_n(part.transposed.begin() + static_cast<std::ptrdiff_t>(from), count,
                                to.begin());
            }
        }
    }

private:
    struct Part {
        const TensorView* tensor;
        int firstOutput;
        int outputs;
        std::vector<float> transposed; ///< [out, in], of a tensor stored [in, out]
    };
    static std::vector<float> turned(const TensorView& tensor) {
        const auto rows = static_cast<std::size_t>(tensor.shape[0]),
                   columns = static_cast<std::size_t>(tensor.shape[1]);
        const std::vector<float> values = tensor.toFloats();
        std::vector<float> result(values.size());
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t column = 0; column < columns; ++column)
                result[column * rows + row] = values[row * columns + column];
        return result;
    }
    int m_firstInput = 0;
    int m_inputs = 0;
    int m_rowLength = 0; ///< inputs in the file
    int m_outputs = 0;
    std::vector<Part> m_parts;
};

} // namespace

Linear::Linear(const Checkpoint& checkpoint, const LinearSpec& spec, ComputeContext& context)
    : m_context(&context), m_int8(spec.precision == Precision::Int8),
      m_source(activationPrecision(spec.precision)), m_result(spec.result), m_activation(spec.activation),
      m_accumulate(spec.accumulate) {
    const StackedWeights stack(checkpoint, spec);
    m_inputs = stack.inputs();
    m_outputs = spec.outputs > 0 ? spec.outputs : stack.outputs() - spec.firstOutput;
    for (const std::string& name : spec.biases) {
        const std::vector<float> values = checkpoint.tensor(name).toFloats();
        m_bias.insert(m_bias.end(), values.begin(), values.end());
    }
    if (!m_bias.empty()) {
        m_bias.erase(m_bias.begin(), m_bias.begin() + spec.firstOutput);
        m_bias.resize(static_cast<std::size_t>(m_outputs));
        for (std::size_t output = 0; output < spec.outputGain.size(); ++output)
            m_bias[output] *= spec.outputGain[output];
    }
    if (m_int8)
        m_bias.resize(static_cast<std::size_t>(m_outputs)); // what turns sums into numbers always adds one
    // Sums of K products of 255 · 127 at most must stay below 2³¹.
    constexpr int kMostInt8Inputs = 65'536;
    if (m_int8 && m_inputs > kMostInt8Inputs)
        throw Error(ErrorKind::Config, {"cannot compute this layer in int8", spec.weights.front(),
                                        fmt::format("its {} inputs are more than the {} whose products are "
                                                    "sure to add up in 32 bits",
                                                    m_inputs, kMostInt8Inputs),
                                        "Use precision bf16"});
    const auto inputs = static_cast<std::size_t>(m_inputs);
    const int width = panelWidth(m_inputs, m_outputs, spec.precision);
    // A bf16 result of an activation is coarse enough for our own one, which takes half of oneDNN's time.
    m_direct = !m_int8 && width >= m_outputs &&
               (spec.activation == Activation::None || spec.result == Precision::F32);
    std::vector<float> weights;
    for (int first = 0; first < m_outputs; first += width) {
        const int outputs = std::min(width, m_outputs - first);
        weights.resize(static_cast<std::size_t>(outputs) * inputs);
        stack.read(spec.firstOutput + first, outputs, weights);
        addPanel(weights, first, outputs, spec);
    }
    for (int worker = 0; worker < context.threads().workers(); ++worker) {
        LayerScratch& scratch = context.scratch(worker);
        if (m_int8) {
            scratch.quantized.reserve(kMostTileRows * inputs);
            scratch.rowFactors.reserve(2 * kMostTileRows * sizeof(float));
        }
        if (!m_direct)
            scratch.panel.reserve(static_cast<std::size_t>(kTile * width) * sizeof(float));
    }
}

/// Packs rows [firstOutput, firstOutput + outputs), which are the caller's to overwrite.
void Linear::addPanel(std::vector<float>& weights, int firstOutput, int outputs, const LinearSpec& spec) {
    const auto inputs = static_cast<std::size_t>(m_inputs), count = static_cast<std::size_t>(outputs);
    if (!spec.outputGain.empty())
        for (std::size_t output = 0; output < count; ++output)
            for (std::size_t i = 0; i < inputs; ++i)
                weights[output * inputs + i] *=
                    spec.outputGain[static_cast<std::size_t>(firstOutput) + output];
    MatMulSpec product{.inputs = m_inputs,
                       .outputs = outputs,
                       .precision = spec.precision,
                       .result = m_direct ? spec.result : Precision::F32,
                       .bias = !m_bias.empty() && !m_int8,
                       .accumulate = spec.accumulate && m_direct,
                       .activation =
                           spec.result == Precision::F32 && !m_int8 ? spec.activation : Activation::None};
    Panel panel{m_context->matMuls().get(product), {}, firstOutput, outputs};
    if (m_int8) {
        std::vector<std::int8_t> quantized(weights.size());
        for (std::size_t output = 0; output < count; ++output) {
            const auto row = std::span(weights).subspan(output * inputs, inputs);
            float largest = 0;
            for (const float weight : row)
                largest = std::max(largest, std::abs(weight));
            const float scale = largest > 0 ? largest / 127.0f : 1.0f;
            std::int32_t sum = 0;
            for (std::size_t i = 0; i < inputs; ++i) {
                const float exact = row[i] / scale;
                const auto step = static_cast<std::int8_t>(exact + (exact < 0 ? -0.5f : 0.5f));
                quantized[output * inputs + i] = step;
                sum += step;
            }
            m_columnScale.push_back(scale);
            m_columnOffset.push_back(scale * static_cast<float>(sum));
        }
        panel.weights = panel.product->pack(std::span<const std::int8_t>(quantized));
    } else {
        panel.weights = panel.product->pack(std::span<const float>(weights));
    }
    m_panels.push_back(std::move(panel));
}

const float* Linear::biasOf(const Panel& panel) const noexcept {
    return m_bias.empty() ? nullptr : m_bias.data() + panel.firstOutput;
}

void* Linear::columnsOf(const Panel& panel, void* dst) const noexcept {
    return static_cast<std::byte*>(dst) + static_cast<std::size_t>(panel.firstOutput) * elementSize(m_result);
}

Linear::Quantized Linear::quantize(int worker, const void* src, int rows) const {
    LayerScratch& scratch = m_context->scratch(worker);
    auto* const values = reinterpret_cast<std::uint8_t*>(scratch.quantized.data());
    float* const scale = scratch.rowFactors.floats();
    kernels().quantizeRows(src, rows, m_inputs, m_source, values, scale, scale + kMostTileRows);
    return {values, scale, scale + kMostTileRows};
}

/// Into `columns`, the first of the panel's in a result of `stride` columns. `rows` at most kMostTileRows.
void Linear::int8Panel(int worker, const Panel& panel, const Quantized& src, void* columns, int stride,
                       int rows) const {
    std::byte* const sums = m_context->scratch(worker).panel.data();
    for (int first = 0; first < rows; first += kTile) {
        const int tile = std::min(kTile, rows - first);
        panel.product->run(worker, src.values + static_cast<std::ptrdiff_t>(first) * m_inputs, panel.weights,
                           nullptr, sums, tile);
        kernels().dequantize({.sums = reinterpret_cast<const std::int32_t*>(sums),
                              .rows = tile,
                              .columns = panel.outputs,
                              .rowScale = src.scale + first,
                              .rowOffset = src.offset + first,
                              .columnScale = m_columnScale.data() + panel.firstOutput,
                              .columnOffset = m_columnOffset.data() + panel.firstOutput,
                              .bias = biasOf(panel),
                              .activation = m_activation,
                              .accumulate = m_accumulate,
                              .dst = static_cast<std::byte*>(columns) + static_cast<std::size_t>(first) *
                                                                            static_cast<std::size_t>(stride) *
                                                                            elementSize(m_result),
                              .dstStride = stride,
                              .result = m_result});
    }
}

void Linear::panelTile(int worker, const Panel& panel, const void* src, void* dst, int rows) const {
    // oneDNN's fast bf16 products want their result's rows next to each other; copying costs a few percent,
    // the other ones more than half of the speed.
    float* const result = m_context->scratch(worker).panel.floats();
    panel.product->run(worker, src, panel.weights, biasOf(panel), result, rows);
    if (m_result == Precision::F32)
        kernels().placeRows(result, rows, panel.outputs, static_cast<float*>(columnsOf(panel, dst)),
                            m_outputs, m_accumulate);
    else
        kernels().activate(result, rows, panel.outputs, m_activation, columnsOf(panel, dst), m_outputs,
                           m_result);
}

/// Calls body(src, dst, rows) for `rows` rows, `most` of them at a time.
template <typename Body>
void Linear::forEachStretch(const void* src, void* dst, int rows, int most, const Body& body) const {
    auto* from = static_cast<const std::byte*>(src);
    auto* to = static_cast<std::byte*>(dst);
    const std::size_t sourceBytes = static_cast<std::size_t>(m_inputs) * elementSize(m_source),
                      resultBytes = static_cast<std::size_t>(m_outputs) * elementSize(m_result);
    for (; rows > 0; rows -= most) {
        const int stretch = std::min(rows, most);
        body(from, to, stretch);
        from += static_cast<std::size_t>(stretch) * sourceBytes;
        to += static_cast<std::size_t>(stretch) * resultBytes;
    }
}

void Linear::forwardPanel(int worker, int panel, const void* src, void* dst, int rows) const {
    const Panel& part = m_panels[static_cast<std::size_t>(panel)];
    if (m_direct) {
        part.product->run(worker, src, part.weights, biasOf(part), dst, rows);
        return;
    }
    forEachStretch(src, dst, rows, m_int8 ? kMostTileRows : kTile,
                   [&](const std::byte* from, std::byte* to, int stretch) {
                       if (m_int8)
                           int8Panel(worker, part, quantize(worker, from, stretch), columnsOf(part, to),
                                     m_outputs, stretch);
                       else
                           panelTile(worker, part, from, to, stretch);
                   });
}

void Linear::forward(int worker, const void* src, void* dst, int rows) const {
    if (!m_int8) {
        for (int panel = 0; panel < panels(); ++panel)
            forwardPanel(worker, panel, src, dst, rows);
        return;
    }
    forEachStretch(src, dst, rows, kMostTileRows, [&](const std::byte* from, std::byte* to, int stretch) {
        const Quantized quantized = quantize(worker, from, stretch); // once for all panels
        for (const Panel& panel : m_panels)
            int8Panel(worker, panel, quantized, columnsOf(panel, to), m_outputs, stretch);
    });
}

void Linear::forwardShared(const void* src, void* dst, int rows) const {
    const int tiles = (rows + kTile - 1) / kTile;
    const std::size_t sourceBytes = static_cast<std::size_t>(m_inputs) * elementSize(m_source),
                      resultBytes = static_cast<std::size_t>(m_outputs) * elementSize(m_result);
    // Panel by panel, so that the tiles of rows find its weights in the cache.
    m_context->threads().forEach(tiles * panels(), [&](int index, int worker) {
        const int first = index % tiles * kTile;
        forwardPanel(worker, index / tiles,
                     static_cast<const std::byte*>(src) + static_cast<std::size_t>(first) * sourceBytes,
                     static_cast<std::byte*>(dst) + static_cast<std::size_t>(first) * resultBytes,
                     std::min(kTile, rows - first));
    });
}

void Linear::argmaxShared(const void* src, int rows, std::span<std::int32_t> out) const {
    struct Best {
        float value;
        std::int32_t output;
        bool beats(const Best& other) const {
            return value > other.value || (value == other.value && output < other.output);
        }
    };
    const auto workers = static_cast<std::size_t>(m_context->threads().workers());
    const auto all = static_cast<std::size_t>(rows);
    int widest = 0;
    for (const Panel& panel : m_panels)
        widest = std::max(widest, panel.outputs);
    const auto bestOf = [&](std::size_t worker) {
        return reinterpret_cast<Best*>(m_context->scratch(static_cast<int>(worker)).best.data());
    };
    for (std::size_t worker = 0; worker < workers; ++worker) {
        LayerScratch& scratch = m_context->scratch(static_cast<int>(worker));
        scratch.values.reserve(static_cast<std::size_t>(kTile * widest) * sizeof(float));
        scratch.best.reserve(all * sizeof(Best));
        std::fill_n(bestOf(worker), all, Best{-std::numeric_limits<float>::infinity(), m_outputs});
    }
    const int tiles = (rows + kTile - 1) / kTile;
    const std::size_t sourceBytes = static_cast<std::size_t>(m_inputs) * elementSize(m_source);
    // Panel by panel, as in forwardShared.
    m_context->threads().forEach(tiles * panels(), [&](int index, int worker) {
        const Panel& panel = m_panels[static_cast<std::size_t>(index / tiles)];
        const int first = index % tiles * kTile, count = std::min(kTile, rows - first);
        const auto* from = static_cast<const std::byte*>(src) + static_cast<std::size_t>(first) * sourceBytes;
        float* const to = m_context->scratch(worker).values.floats();
        if (m_int8)
            int8Panel(worker, panel, quantize(worker, from, count), to, panel.outputs, count);
        else
            panel.product->run(worker, from, panel.weights, biasOf(panel), to, count);
        Best* const found = bestOf(static_cast<std::size_t>(worker));
        for (int row = first; row < first + count; ++row) {
            const float* const value = to + static_cast<std::ptrdiff_t>(row - first) * panel.outputs;
            // Most panels do not hold the greatest value: where it is, is only looked for where it is.
            const float largest = kernels().largest(value, panel.outputs);
            if (Best& known = found[row]; largest >= known.value) {
                const auto at = std::find(value, value + panel.outputs, largest) - value;
                const Best here{largest, panel.firstOutput + static_cast<std::int32_t>(at)};
                if (here.beats(known))
                    known = here;
            }
        }
    });
    for (std::size_t row = 0; row < all; ++row) {
        Best winner = bestOf(0)[row];
        for (std::size_t worker = 1; worker < workers; ++worker)
            if (bestOf(worker)[row].beats(winner))
                winner = bestOf(worker)[row];
        out[row] = std::min(winner.output, m_outputs - 1);
    }
}

} // namespace steploom
