// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that includes dnnl.hpp; what differs between oneDNN 2.x and 3.x is here too.
#include "engine/tensor/matmul.h"

#include "engine/core/error.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/compute_context.h"

#include <dnnl.hpp>
#include <fmt/format.h>
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
#include <omp.h>
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace steploom {
namespace {

using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

/// Threads are ours (rows are shared among them), so oneDNN must neither start a team nor plan for one: a
/// primitive planned for several threads may split the sums over K between them, and then results depend on
/// their number.
void keepOneDnnSingleThreaded() {
#if DNNL_CPU_THREADING_RUNTIME == DNNL_RUNTIME_OMP
    thread_local const bool once = (omp_set_num_threads(1), true);
    static_cast<void>(once);
#endif
}

dnnl::engine& cpu() {
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

Type sourceType(Precision precision) {
    return precision == Precision::F32 ? Type::f32 : precision == Precision::BF16 ? Type::bf16 : Type::u8;
}
Type weightsType(Precision precision) {
    return precision == Precision::Int8 ? Type::s8 : sourceType(precision);
}
Type resultType(const MatMulSpec& spec) {
    return spec.precision == Precision::Int8 ? Type::s32 : sourceType(spec.result);
}
std::size_t resultSize(const MatMulSpec& spec) {
    return spec.precision == Precision::Int8 ? sizeof(std::int32_t) : elementSize(spec.result);
}

dnnl::algorithm eltwiseOf(Activation activation) {
    switch (activation) {
    case Activation::GeluTanh:
        return dnnl::algorithm::eltwise_gelu_tanh;
    case Activation::GeluErf:
        return dnnl::algorithm::eltwise_gelu_erf;
    case Activation::Silu:
        return dnnl::algorithm::eltwise_swish;
    case Activation::None:
        break;
    }
    return dnnl::algorithm::undef;
}

dnnl::matmul::primitive_desc describeMatMul(const MatMulSpec& spec, int rows,
                                            const dnnl::memory::desc& weights) {
    const dnnl::memory::desc src({rows, spec.inputs}, sourceType(spec.precision), Tag::ab);
    const dnnl::memory::desc dst({rows, spec.outputs}, resultType(spec), Tag::ab);
    const dnnl::memory::desc bias({1, spec.outputs}, Type::f32, Tag::ab);

    dnnl::post_ops after;
    if (spec.accumulate)
        after.append_sum(1.0f);
    if (spec.activation != Activation::None) {
        const dnnl::algorithm algorithm = eltwiseOf(spec.activation);
        const float slope = 1.0f; // of swish: x · sigmoid(slope · x); the others have none
#if DNNL_VERSION_MAJOR >= 3
        after.append_eltwise(algorithm, slope, 0.0f);
#else
        after.append_eltwise(1.0f, algorithm, slope, 0.0f);
#endif
    }
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
    return spec.bias ? dnnl::matmul::primitive_desc(cpu(), src, weights, bias, dst, attributes)
                     : dnnl::matmul::primitive_desc(cpu(), src, weights, dst, attributes);
#else
    const auto operation =
        spec.bias ? dnnl::matmul::desc(src, weights, bias, dst) : dnnl::matmul::desc(src, weights, dst);
    return dnnl::matmul::primitive_desc(operation, attributes, cpu());
#endif
}

bool isReference(const dnnl::matmul::primitive_desc& description) {
    return std::string_view(description.impl_info_str()).starts_with("ref");
}

} // namespace

struct PackedWeights::Content {
    Buffer storage;
    dnnl::memory memory; ///< its handle never changes: workers share it
};

namespace {

/// One oneDNN primitive for a fixed number of rows, with each worker's own memory objects, so that a run only
/// sets handles.
class Tile {
public:
    Tile(const dnnl::matmul::primitive_desc& description, const MatMulSpec& spec, int rows, int workers)
        : m_rows(rows), m_bias(spec.bias), m_primitive(description),
          m_scratchBytes(description.scratchpad_desc().get_size()) {
        for (int worker = 0; worker < workers; ++worker) {
            Slot slot{dnnl::stream(cpu()),
                      view(description.src_desc()),
                      view(description.weights_desc()),
                      spec.bias ? view({{1, spec.outputs}, Type::f32, Tag::ab}) : dnnl::memory(),
                      view(description.dst_desc()),
                      view(description.scratchpad_desc())};
            m_slots.push_back(std::move(slot));
        }
    }

    int rows() const noexcept { return m_rows; }
    std::size_t scratchBytes() const noexcept { return m_scratchBytes; }

    /// `packed` null: plain weights at `weights`.
    void run(int worker, const void* src, const PackedWeights::Content* packed, const void* weights,
             const float* bias, void* dst, void* scratch) const {
        const Slot& slot = m_slots[static_cast<std::size_t>(worker)];
        point(slot.src, src);
        point(slot.dst, dst);
        point(slot.scratch, scratch);
        if (!packed)
            point(slot.weights, weights);
        const dnnl_memory_t used = packed ? packed->memory.get() : slot.weights.get();
        std::array<dnnl_exec_arg_t, 5> arguments{{{DNNL_ARG_SRC, slot.src.get()},
                                                  {DNNL_ARG_WEIGHTS, used},
                                                  {DNNL_ARG_DST, slot.dst.get()},
                                                  {DNNL_ARG_SCRATCHPAD, slot.scratch.get()}}};
        int count = 4;
        if (m_bias) {
            point(slot.bias, bias);
            arguments[static_cast<std::size_t>(count++)] = {DNNL_ARG_BIAS, slot.bias.get()};
        }
        // The C call takes its arguments from the stack; the C++ one would allocate a map for each product.
        dnnl_primitive_execute(m_primitive.get(), slot.stream.get(), count, arguments.data());
    }

private:
    struct Slot {
        dnnl::stream stream;
        dnnl::memory src, weights, bias, dst, scratch;
    };
    static dnnl::memory view(const dnnl::memory::desc& description) {
        return dnnl::memory(description, cpu(), DNNL_MEMORY_NONE);
    }
    static void point(const dnnl::memory& memory, const void* data) {
        dnnl_memory_set_data_handle(memory.get(), const_cast<void*>(data));
    }

    int m_rows;
    bool m_bias;
    dnnl::matmul m_primitive;
    std::size_t m_scratchBytes;
    std::vector<Slot> m_slots;
};

/// Scratch of each worker, shared by all products: only one runs on a worker at a time.
struct Scratch {
    std::vector<Buffer> oneDnn;
    std::vector<Buffer> rows; ///< rows copied to fill up a tile
};

class OneDnnMatMul final : public MatMul {
public:
    OneDnnMatMul(const MatMulSpec& spec, int workers, Scratch& scratch) : m_spec(spec), m_scratch(scratch) {
        const dnnl::memory::dims shape{spec.inputs, spec.outputs};
        const Type type = weightsType(spec.precision);
        const dnnl::memory::desc wanted =
            spec.weights == MatMulSpec::Weights::Packed  ? dnnl::memory::desc(shape, type, Tag::any)
            : spec.weights == MatMulSpec::Weights::Plain ? dnnl::memory::desc(shape, type, Tag::ab)
                                                         : dnnl::memory::desc(shape, type, Tag::ba);
        const auto largest = describeMatMul(spec, kLargestTile, wanted);
        m_weights = largest.weights_desc();
        m_implementation = largest.impl_info_str();
        m_tiles.emplace_back(largest, spec, kLargestTile, workers);
        for (int rows = kLargestTile / 2; rows >= 1; rows /= 2) {
            try {
                const auto description = describeMatMul(spec, rows, m_weights);
                if (isReference(description) == isReference(largest))
                    m_tiles.emplace_back(description, spec, rows, workers);
            } catch (const dnnl::error&) {
                // No implementation for this few rows in this layout: larger tiles are filled up instead.
            }
        }
        reserveScratch();
        if (spec.precision != Precision::Int8) // whole numbers add up the same in every order
            dropTilesThatDiffer();
    }

    const MatMulSpec& spec() const noexcept override { return m_spec; }
    std::string implementation() const override { return m_implementation; }

    PackedWeights pack(std::span<const float> weights) const override {
        return reorder(weights.data(), Type::f32);
    }
    PackedWeights pack(std::span<const std::int8_t> weights) const override {
        return reorder(weights.data(), Type::s8);
    }
    PackedWeights reorder(const void* weights, Type type) const {
        auto content = std::make_shared<PackedWeights::Content>();
        content->storage.reserve(m_weights.get_size());
        content->memory = dnnl::memory(m_weights, cpu(), content->storage.data());
        const dnnl::memory::desc plain({m_spec.inputs, m_spec.outputs}, type, Tag::ba);
        dnnl::memory source(plain, cpu(), const_cast<void*>(weights));
        dnnl::stream stream(cpu());
        dnnl::reorder(source, content->memory).execute(stream, source, content->memory);
        stream.wait();
        return PackedWeights(std::move(content));
    }

    void run(int worker, const void* src, const PackedWeights& weights, const float* bias, void* dst,
             int rows) const override {
        runTiles(worker, src, weights.content(), nullptr, bias, dst, rows);
    }

    void runPlain(int worker, const void* src, const void* weights, void* dst, int rows) const override {
        runTiles(worker, src, nullptr, weights, nullptr, dst, rows);
    }

private:
    std::size_t sourceRowBytes() const {
        return static_cast<std::size_t>(m_spec.inputs) * elementSize(m_spec.precision);
    }
    std::size_t resultRowBytes() const {
        return static_cast<std::size_t>(m_spec.outputs) * resultSize(m_spec);
    }

    void reserveScratch() {
        std::size_t oneDnn = 64;
        for (const Tile& tile : m_tiles)
            oneDnn = std::max(oneDnn, tile.scratchBytes());
        for (Buffer& buffer : m_scratch.oneDnn)
            buffer.reserve(oneDnn);
    }

    /// Keeps the tiles whose rows equal the largest tile's bit for bit, on made-up data.
    void dropTilesThatDiffer() {
        const auto inputs = static_cast<std::size_t>(m_spec.inputs),
                   outputs = static_cast<std::size_t>(m_spec.outputs);
        std::uint32_t state = 1;
        const auto fill = [&state](std::span<float> values) {
            for (float& value : values) {
                state = state * 1664525u + 1013904223u;
                value = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f; // in [−1, 1)
            }
        };
        const auto filled = [&](std::size_t count) {
            std::vector<float> values(count);
            fill(values);
            return values;
        };
        const auto converted = [this](const std::vector<float>& values) {
            Buffer buffer(values.size() * sizeof(float));
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (m_spec.precision == Precision::F32)
                    buffer.floats()[i] = values[i];
                else
                    reinterpret_cast<bf16_t*>(buffer.data())[i] = toBf16(values[i]);
            }
            return buffer;
        };
        const Buffer src = converted(filled(kLargestTile * inputs));
        const std::vector<float> bias = filled(outputs), weights = filled(outputs * inputs);
        PackedWeights packed;
        Buffer plain;
        if (m_spec.weights == MatMulSpec::Weights::Packed)
            packed = pack(weights);
        else
            plain = converted(weights);
        Buffer expected(kLargestTile * resultRowBytes()), found(kLargestTile * resultRowBytes());
        // Adding to something other than zero shows where an implementation begins its sums with dst and
        // where it ends with it. (A result in bf16 never accumulates.)
        std::vector<float> initial(m_spec.accumulate ? kLargestTile * outputs : 0);
        fill(initial);
        // Small tiles are slow; sixteen rows of all outputs show a different order of sums as well as all do.
        static constexpr int kFewestRows = 16;
        const auto rowsTried = [](const Tile& tile) { return std::max(tile.rows(), kFewestRows); };
        const auto compute = [&](const Tile& tile, Buffer& dst) {
            std::memset(dst.data(), 0, dst.bytes());
            std::copy(initial.begin(), initial.end(), dst.floats());
            for (int row = 0; row < rowsTried(tile); row += tile.rows())
                tile.run(0, src.data() + static_cast<std::size_t>(row) * sourceRowBytes(), packed.content(),
                         plain.data(), bias.data(),
                         dst.data() + static_cast<std::size_t>(row) * resultRowBytes(),
                         m_scratch.oneDnn[0].data());
        };
        compute(m_tiles.front(), expected);
        const auto differs = [&](const Tile& tile) {
            compute(tile, found);
            return std::memcmp(expected.data(), found.data(),
                               static_cast<std::size_t>(rowsTried(tile)) * resultRowBytes()) != 0;
        };
        m_tiles.erase(std::remove_if(m_tiles.begin() + 1, m_tiles.end(), differs), m_tiles.end());
        if (m_tiles.back().rows() > 1)
            for (Buffer& buffer : m_scratch.rows)
                buffer.reserve(static_cast<std::size_t>(m_tiles.back().rows()) *
                               (sourceRowBytes() + resultRowBytes()));
    }

    void runTiles(int worker, const void* src, const PackedWeights::Content* packed, const void* weights,
                  const float* bias, void* dst, int rows) const {
        keepOneDnnSingleThreaded();
        void* scratch = m_scratch.oneDnn[static_cast<std::size_t>(worker)].data();
        auto* from = static_cast<const std::byte*>(src);
        auto* to = static_cast<std::byte*>(dst);
        for (const Tile& tile : m_tiles) {
            for (; rows >= tile.rows(); rows -= tile.rows()) {
                tile.run(worker, from, packed, weights, bias, to, scratch);
                from += static_cast<std::size_t>(tile.rows()) * sourceRowBytes();
                to += static_cast<std::size_t>(tile.rows()) * resultRowBytes();
            }
        }
        if (rows > 0)
            runFilledUp(worker, from, packed, weights, bias, to, rows);
    }

    /// Fewer rows than the smallest tile: computes a whole tile on copies and takes the rows that count.
    void runFilledUp(int worker, const std::byte* src, const PackedWeights::Content* packed,
                     const void* weights, const float* bias, std::byte* dst, int rows) const {
        const Tile& tile = m_tiles.back();
        std::byte* const from = m_scratch.rows[static_cast<std::size_t>(worker)].data();
        std::byte* const to = from + static_cast<std::size_t>(tile.rows()) * sourceRowBytes();
        const std::size_t used = static_cast<std::size_t>(rows) * resultRowBytes();
        std::memcpy(from, src, static_cast<std::size_t>(rows) * sourceRowBytes());
        if (m_spec.accumulate)
            std::memcpy(to, dst, used);
        tile.run(worker, from, packed, weights, bias, to,
                 m_scratch.oneDnn[static_cast<std::size_t>(worker)].data());
        std::memcpy(dst, to, used);
    }

    MatMulSpec m_spec;
    Scratch& m_scratch;
    dnnl::memory::desc m_weights;
    std::string m_implementation;
    std::vector<Tile> m_tiles; ///< largest first
};

} // namespace

struct MatMulCache::Content {
    explicit Content(int count) : workers(count) {
        scratch.oneDnn.resize(static_cast<std::size_t>(count));
        scratch.rows.resize(static_cast<std::size_t>(count));
    }
    int workers;
    Scratch scratch;
    std::map<MatMulSpec, std::shared_ptr<const MatMul>> built;
};

MatMulCache::MatMulCache(int workers) : m_content(std::make_unique<Content>(workers)) {}
MatMulCache::~MatMulCache() = default;

std::shared_ptr<const MatMul> MatMulCache::get(const MatMulSpec& spec) {
    keepOneDnnSingleThreaded();
    std::shared_ptr<const MatMul>& entry = m_content->built[spec];
    if (!entry) {
        try {
            entry = std::make_shared<OneDnnMatMul>(spec, m_content->workers, m_content->scratch);
        } catch (const dnnl::error& error) {
            m_content->built.erase(spec);
            throw Error(ErrorKind::Device, {"oneDNN cannot build a matrix product",
                                            fmt::format("{} × {} in {}", spec.inputs, spec.outputs,
                                                        precisionName(spec.precision)),
                                            error.what(), "Try precision f32, or update oneDNN"});
        }
    }
    return entry;
}

bool supportsBf16() {
    keepOneDnnSingleThreaded();
    // Asked of oneDNN itself: where it has only a reference implementation, bf16 is hundreds of times slower
    // than f32.
    static const bool supported = [] {
        try {
            const dnnl::memory::desc weights({64, 64}, Type::bf16, Tag::any);
            return !isReference(
                describeMatMul({.inputs = 64, .outputs = 64, .precision = Precision::BF16}, 64, weights));
        } catch (const dnnl::error&) {
            return false;
        }
    }();
    return supported;
}

namespace {

/// Whether oneDNN may use all instructions of `wanted`; its values are sets of bits.
bool effectiveIsaHas(dnnl::cpu_isa wanted) {
    const auto effective = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    return (effective & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
}

} // namespace

bool supportsInt8() {
    keepOneDnnSingleThreaded();
    // Without VNNI pairs of products are added in 16 bits, which saturates: sums would not be exact.
    static const bool supported = [] {
        if (!effectiveIsaHas(dnnl::cpu_isa::avx512_core_vnni) && !effectiveIsaHas(dnnl::cpu_isa::avx2_vnni))
            return false;
        try {
            const dnnl::memory::desc weights({64, 64}, Type::s8, Tag::any);
            return !isReference(
                describeMatMul({.inputs = 64, .outputs = 64, .precision = Precision::Int8}, 64, weights));
        } catch (const dnnl::error&) {
            return false;
        }
    }();
    return supported;
}

std::string instructionSet() {
    using Isa = dnnl::cpu_isa;
    constexpr std::pair<Isa, const char*> kNames[] = {{Isa::avx512_core_amx, "AVX-512 with AMX"},
                                                      {Isa::avx512_core_bf16, "AVX-512 with BF16"},
                                                      {Isa::avx512_core_vnni, "AVX-512 with VNNI"},
                                                      {Isa::avx512_core, "AVX-512"},
                                                      {Isa::avx2_vnni, "AVX2 with VNNI"},
                                                      {Isa::avx2, "AVX2"},
                                                      {Isa::avx, "AVX"},
                                                      {Isa::sse41, "SSE4.1"}};
    for (const auto& [isa, name] : kNames)
        if (effectiveIsaHas(isa))
            return name;
    return "another instruction set";
}

int vectorBits() {
    return effectiveIsaHas(dnnl::cpu_isa::avx512_core) ? 512
           : effectiveIsaHas(dnnl::cpu_isa::avx2)      ? 256
                                                       : 128;
}

std::string oneDnnVersion() {
    const dnnl_version_t* version = dnnl::version();
    return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

} // namespace steploom
