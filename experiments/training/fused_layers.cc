// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/fused_layers.h"

#include "experiments/training/training_kernels.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <cmath>

namespace steploom {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

Dropout::Dropout(double share, std::uint64_t seed, torch::Device device) : m_share(share), m_seed(seed) {
    if (share > 0)
        m_generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    if (share > 0 && !device.is_cpu()) {
        m_generator = at::globalContext().defaultGenerator(device).clone();
        m_generator->set_current_seed(seed);
    }
}

Tensor Dropout::operator()(const Tensor& x) const {
    if (!m_generator)
        return x;
    return x * torch::empty_like(x).bernoulli_(1 - m_share, *m_generator).div_(1 - m_share);
}

std::uint32_t Dropout::nextSeed() const {
    // One step of splitmix64: neighbouring seeds and calls give unrelated numbers.
    std::uint64_t z = m_seed + ++m_calls * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return static_cast<std::uint32_t>(z >> 32);
}

namespace plain {

namespace {

/// [n, d] as what multiplies x [B, L, d] or [B, d]: one row for each window, or for all.
Tensor forRowsOf(const Tensor& x, const Tensor& condition) {
    return condition.dim() == 2 && x.dim() == 3 ? condition.unsqueeze(1) : condition;
}

/// Half-split form: (x₁, x₂) → (x₁cos − x₂sin, x₂cos + x₁sin); x [B, heads, L, D].
Tensor rotated(const Tensor& x, const Tensor& cosine, const Tensor& sine) {
    const std::int64_t half = x.size(-1) / 2;
    const Tensor first = x.narrow(-1, 0, half), second = x.narrow(-1, half, half);
    return torch::cat({first * cosine - second * sine, second * cosine + first * sine}, -1);
}

} // namespace

Tensor add(const Tensor& x, const Branch& branch, const Dropout& dropout) {
    if (!branch.values.defined())
        return x;
    Tensor added = branch.values.to(torch::kFloat32);
    if (branch.bias.defined())
        added = added + branch.bias;
    added = dropout(added);
    return x + (branch.gate.defined() ? added * forRowsOf(x, branch.gate) : added);
}

std::pair<Tensor, Tensor> addAndNorm(const Tensor& x, const Branch& branch, const NormWeights& norm,
                                     const Dropout& dropout, torch::ScalarType precision) {
    const Tensor sum = plain::add(x, branch, dropout);
    const Tensor even = norm.centred ? torch::layer_norm(sum, {sum.size(-1)}, {}, {}, norm.epsilon)
                                     : sum * torch::rsqrt(sum.square().mean(-1, true) + norm.epsilon);
    Tensor normed = even * forRowsOf(x, norm.weight);
    if (norm.shift.defined())
        normed = normed + forRowsOf(x, norm.shift);
    return {sum, normed.to(precision)};
}

Tensor biasedGelu(const Tensor& x, const Tensor& bias) {
    return torch::gelu(x + bias.to(x.scalar_type()), "tanh");
}

Tensor biasedSilu(const Tensor& x, const Tensor& bias) {
    const Tensor added = bias.to(x.scalar_type());
    return bias.dim() == 1
               ? torch::silu(x + added)
               : torch::silu(x.view({bias.size(0), -1, x.size(-1)}) + added.unsqueeze(1)).view(x.sizes());
}

Tensor gatedSilu(const Tensor& x) {
    const std::vector<Tensor> halves = x.chunk(2, -1);
    return torch::silu(halves[0]) * halves[1];
}

Tensor attend(const Tensor& projected, const AttentionHeads& heads) {
    const std::int64_t batch = projected.size(0), length = projected.size(1), all = heads.heads,
                       shared = heads.keyValueHeads;
    const Tensor apart = projected.view({batch, length, all + 2 * shared, -1}).transpose(1, 2);
    const Tensor cosine = heads.cosine.to(projected.scalar_type()),
                 sine = heads.sine.to(projected.scalar_type());
    const Tensor query = rotated(apart.narrow(1, 0, all), cosine, sine);
    Tensor key = rotated(apart.narrow(1, all, shared), cosine, sine),
           value = apart.narrow(1, all + shared, shared);
    if (shared != all) { // query head j uses key head ⌊j·K/H⌋
        key = key.repeat_interleave(all / shared, 1);
        value = value.repeat_interleave(all / shared, 1);
    }
    Tensor scores =
        torch::matmul(query, key.transpose(-2, -1)) / std::sqrt(static_cast<double>(query.size(-1)));
    if (heads.causal) {
        const Tensor later = torch::ones({length, length}, query.options().dtype(torch::kBool)).triu(1);
        scores = scores.masked_fill(later, -INFINITY);
    }
    const Tensor weights = torch::softmax(scores, -1, torch::kFloat32).to(value.scalar_type());
    return torch::matmul(weights, value).transpose(1, 2).reshape({batch, length, -1});
}

Tensor tokenLosses(const Tensor& logits, const Tensor& targets, std::int64_t classes) {
    const Tensor said = torch::log_softmax(logits.narrow(-1, 0, classes), -1, torch::kFloat32);
    return -said.gather(-1, targets.unsqueeze(-1)).squeeze(-1);
}

} // namespace plain

namespace {

bool fuses(const Tensor& x) { return x.device().is_cpu() && x.scalar_type() == torch::kBFloat16; }

/// Autograd functions take no undefined tensors: an empty one stands for what is not there.
Tensor orEmpty(const Tensor& x) { return x.defined() ? x.contiguous() : torch::empty({0}); }
bool isThere(const Tensor& x) { return x.defined() && x.numel() > 0; }

const bf16_t* bits(const Tensor& x) {
    return isThere(x) ? reinterpret_cast<const bf16_t*>(x.data_ptr<at::BFloat16>()) : nullptr;
}
bf16_t* bitsOf(Tensor& x) {
    return isThere(x) ? reinterpret_cast<bf16_t*>(x.data_ptr<at::BFloat16>()) : nullptr;
}
const float* numbers(const Tensor& x) { return isThere(x) ? x.data_ptr<float>() : nullptr; }
float* numbersOf(Tensor& x) { return isThere(x) ? x.data_ptr<float>() : nullptr; }
Tensor zerosLike(const Tensor& x) { return isThere(x) ? torch::zeros_like(x) : Tensor(); }

/// The sizes of a pass and where its numbers are; `saved` x or sum, branch, branchBias, gate, weight, shift.
ResidualNorm residualNormOf(const Tensor& x, const Tensor& branch, const Tensor& branchBias,
                            const Tensor& gate, const Tensor& weight, const Tensor& shift) {
    ResidualNorm pass;
    pass.width = static_cast<int>(x.size(-1));
    pass.rows = x.numel() / pass.width;
    pass.rowsPerCondition = pass.rows / (weight.numel() / pass.width);
    pass.x = numbers(x);
    pass.branch = bits(branch);
    pass.branchBias = numbers(branchBias);
    pass.gate = numbers(gate);
    pass.weight = numbers(weight);
    pass.shift = numbers(shift);
    return pass;
}

struct AddAndNormFunction : Function<AddAndNormFunction> {
    static variable_list forward(AutogradContext* context, const Tensor& x, const Tensor& branch,
                                 const Tensor& branchBias, const Tensor& gate, const Tensor& weight,
                                 const Tensor& shift, double epsilon, bool centred, double share,
                                 std::int64_t seed) {
        ResidualNorm pass = residualNormOf(x, branch, branchBias, gate, weight, shift);
        pass.epsilon = static_cast<float>(epsilon);
        pass.centred = centred;
        pass.dropout = {share, static_cast<std::uint32_t>(seed)};
        Tensor sum = torch::empty_like(x), normed = torch::empty_like(x, torch::kBFloat16),
               mean = torch::empty({pass.rows}), scale = torch::empty({pass.rows});
        pass.sum = numbersOf(sum);
        pass.normed = bitsOf(normed);
        pass.mean = numbersOf(mean);
        pass.scale = numbersOf(scale);
        residualNorm(pass);
        context->set_materialize_grads(false);
        context->save_for_backward({sum, branch, branchBias, gate, weight, shift, mean, scale});
        context->saved_data["epsilon"] = epsilon;
        context->saved_data["centred"] = centred;
        context->saved_data["share"] = share;
        context->saved_data["seed"] = seed;
        return {sum, normed};
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &sum = saved[0], &branch = saved[1], &branchBias = saved[2], &gate = saved[3],
                     &weight = saved[4], &shift = saved[5];
        ResidualNorm pass = residualNormOf(sum, branch, branchBias, gate, weight, shift);
        pass.centred = context->saved_data["centred"].toBool();
        pass.dropout = {context->saved_data["share"].toDouble(),
                        static_cast<std::uint32_t>(context->saved_data["seed"].toInt())};
        Tensor mean = saved[6], scale = saved[7], kept = sum;
        pass.sum = numbersOf(kept);
        pass.mean = numbersOf(mean);
        pass.scale = numbersOf(scale);
        const Tensor later = orEmpty(gradients[0]);
        const Tensor normed =
            gradients[1].defined() ? gradients[1].contiguous() : torch::zeros_like(sum, torch::kBFloat16);
        Tensor dX = torch::empty_like(sum), dBranch = isThere(branch) ? torch::empty_like(branch) : Tensor(),
               dBias = zerosLike(branchBias), dGate = zerosLike(gate), dWeight = zerosLike(weight),
               dShift = zerosLike(shift);
        residualNormBackward(pass,
                             {numbers(later), bits(normed), numbersOf(dX), bitsOf(dBranch), numbersOf(dBias),
                              numbersOf(dGate), numbersOf(dWeight), numbersOf(dShift)});
        return {dX, dBranch, dBias, dGate, dWeight, dShift, {}, {}, {}, {}};
    }
};

struct BiasedGeluFunction : Function<BiasedGeluFunction> {
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& bias) {
        Tensor out = torch::empty_like(x);
        const std::int64_t width = x.size(-1);
        biasedGelu(bits(x), numbers(bias), x.numel() / width, static_cast<int>(width), bitsOf(out));
        context->save_for_backward({x, bias});
        return out;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &bias = saved[1], gradient = gradients[0].contiguous();
        Tensor dX = torch::empty_like(x), dBias = torch::zeros_like(bias);
        const std::int64_t width = x.size(-1);
        biasedGeluBackward(bits(x), numbers(bias), bits(gradient), x.numel() / width, static_cast<int>(width),
                           bitsOf(dX), numbersOf(dBias));
        return {dX, dBias};
    }
};

struct BiasedSiluFunction : Function<BiasedSiluFunction> {
    static std::int64_t rowsPerBias(const Tensor& x, const Tensor& bias) { return x.numel() / bias.numel(); }
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& bias) {
        Tensor out = torch::empty_like(x);
        const std::int64_t width = x.size(-1);
        biasedSilu(bits(x), numbers(bias), x.numel() / width, rowsPerBias(x, bias), static_cast<int>(width),
                   bitsOf(out));
        context->save_for_backward({x, bias});
        return out;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &bias = saved[1], gradient = gradients[0].contiguous();
        Tensor dX = torch::empty_like(x), dBias = torch::zeros_like(bias);
        const std::int64_t width = x.size(-1);
        biasedSiluBackward(bits(x), numbers(bias), bits(gradient), x.numel() / width, rowsPerBias(x, bias),
                           static_cast<int>(width), bitsOf(dX), numbersOf(dBias));
        return {dX, dBias};
    }
};

struct GatedSiluFunction : Function<GatedSiluFunction> {
    static Tensor forward(AutogradContext* context, const Tensor& x) {
        std::vector<std::int64_t> sizes = x.sizes().vec();
        const std::int64_t rows = x.numel() / sizes.back();
        sizes.back() /= 2;
        Tensor out = torch::empty(sizes, x.options());
        gatedSilu(bits(x), rows, static_cast<int>(sizes.back()), bitsOf(out));
        context->save_for_backward({x});
        return out;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const Tensor x = context->get_saved_variables()[0], gradient = gradients[0].contiguous();
        Tensor dX = torch::empty_like(x);
        const std::int64_t hidden = gradient.size(-1);
        gatedSiluBackward(bits(x), bits(gradient), gradient.numel() / hidden, static_cast<int>(hidden),
                          bitsOf(dX));
        return {dX};
    }
};

struct AttendFunction : Function<AttendFunction> {
    static HeadShape shapeOf(const Tensor& projected, std::int64_t heads, std::int64_t keyValueHeads) {
        return {static_cast<int>(projected.size(0)), static_cast<int>(projected.size(1)),
                static_cast<int>(heads), static_cast<int>(keyValueHeads),
                static_cast<int>(projected.size(2) / (heads + 2 * keyValueHeads))};
    }
    static Tensor emptyHeads(const HeadShape& shape, const torch::TensorOptions& options) {
        return torch::empty({std::int64_t{shape.windows} * shape.heads, shape.length, shape.headSize},
                            options);
    }
    static float scaleOf(const HeadShape& shape) {
        return 1.0f / std::sqrt(static_cast<float>(shape.headSize));
    }

    static Tensor forward(AutogradContext* context, const Tensor& projected, const Tensor& cosine,
                          const Tensor& sine, std::int64_t heads, std::int64_t keyValueHeads, bool causal) {
        const HeadShape shape = shapeOf(projected, heads, keyValueHeads);
        const auto options = projected.options().requires_grad(false);
        Tensor query = emptyHeads(shape, options), key = emptyHeads(shape, options),
               value = emptyHeads(shape, options);
        splitHeads(shape, bits(projected), numbers(cosine), numbers(sine), bitsOf(query), bitsOf(key),
                   bitsOf(value));
        Tensor weights = torch::bmm(query, key.transpose(1, 2));
        attentionWeights(bitsOf(weights), weights.size(0), shape.length, scaleOf(shape), causal);
        const Tensor mixed = torch::bmm(weights, value);
        Tensor merged = torch::empty(
            {projected.size(0), projected.size(1), heads * std::int64_t{shape.headSize}}, options);
        mergeHeads(shape, bits(mixed), bitsOf(merged));
        context->save_for_backward({query, key, value, weights, cosine, sine});
        context->saved_data["windows"] = projected.size(0);
        context->saved_data["heads"] = heads;
        context->saved_data["keyValueHeads"] = keyValueHeads;
        return merged;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &query = saved[0], &key = saved[1], &value = saved[2], &weights = saved[3],
                     &cosine = saved[4], &sine = saved[5], gradient = gradients[0].contiguous();
        const HeadShape shape{
            static_cast<int>(context->saved_data["windows"].toInt()), static_cast<int>(query.size(1)),
            static_cast<int>(context->saved_data["heads"].toInt()),
            static_cast<int>(context->saved_data["keyValueHeads"].toInt()), static_cast<int>(query.size(2))};
        Tensor mixed = emptyHeads(shape, query.options());
        mergeHeadsBackward(shape, bits(gradient), bitsOf(mixed));
        const Tensor dValue = torch::bmm(weights.transpose(1, 2), mixed);
        Tensor scores = torch::bmm(mixed, value.transpose(1, 2));
        attentionWeightsBackward(bits(weights), bitsOf(scores), weights.size(0), shape.length,
                                 scaleOf(shape));
        const Tensor dQuery = torch::bmm(scores, key), dKey = torch::bmm(scores.transpose(1, 2), query);
        Tensor dProjected =
            torch::empty({shape.windows, shape.length, shape.projectedWidth()}, query.options());
        splitHeadsBackward(shape, bits(dQuery), bits(dKey), bits(dValue), numbers(cosine), numbers(sine),
                           bitsOf(dProjected));
        return {dProjected, {}, {}, {}, {}, {}};
    }
};

struct TokenLossesFunction : Function<TokenLossesFunction> {
    static Tensor forward(AutogradContext* context, const Tensor& logits, const Tensor& targets,
                          std::int64_t classes) {
        const std::int64_t rows = logits.size(0);
        Tensor losses = torch::empty({rows}), logSums = torch::empty({rows});
        tokenLosses(bits(logits), targets.data_ptr<std::int64_t>(), rows, static_cast<int>(logits.size(1)),
                    static_cast<int>(classes), numbersOf(losses), numbersOf(logSums));
        context->save_for_backward({logits, targets, logSums});
        context->saved_data["classes"] = classes;
        return losses;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &logits = saved[0], &targets = saved[1], gradient = gradients[0].contiguous();
        Tensor dLogits = torch::empty_like(logits);
        tokenLossesBackward(bits(logits), targets.data_ptr<std::int64_t>(), numbers(saved[2]),
                            numbers(gradient), logits.size(0), static_cast<int>(logits.size(1)),
                            static_cast<int>(context->saved_data["classes"].toInt()), bitsOf(dLogits));
        return {dLogits, {}, {}};
    }
};

} // namespace

std::pair<Tensor, Tensor> addAndNorm(const Tensor& x, const Branch& branch, const NormWeights& norm,
                                     const Dropout& dropout, torch::ScalarType precision) {
    if (!x.device().is_cpu() || precision != torch::kBFloat16)
        return plain::addAndNorm(x, branch, norm, dropout, precision);
    const bool drops = branch.values.defined() && dropout.share() > 0;
    const variable_list both = AddAndNormFunction::apply(
        x.contiguous(), orEmpty(branch.values), orEmpty(branch.bias), orEmpty(branch.gate),
        norm.weight.contiguous(), orEmpty(norm.shift), norm.epsilon, norm.centred,
        drops ? dropout.share() : 0.0, drops ? std::int64_t{dropout.nextSeed()} : 0);
    return {both[0], both[1]};
}

Tensor biasedGelu(const Tensor& x, const Tensor& bias) {
    return fuses(x) ? BiasedGeluFunction::apply(x.contiguous(), bias) : plain::biasedGelu(x, bias);
}

Tensor biasedSilu(const Tensor& x, const Tensor& bias) {
    return fuses(x) ? BiasedSiluFunction::apply(x.contiguous(), bias.contiguous())
                    : plain::biasedSilu(x, bias);
}

Tensor gatedSilu(const Tensor& x) {
    return fuses(x) ? GatedSiluFunction::apply(x.contiguous()) : plain::gatedSilu(x);
}

Tensor attend(const Tensor& projected, const AttentionHeads& heads) {
    if (!fuses(projected))
        return plain::attend(projected, heads);
    return AttendFunction::apply(projected.contiguous(), heads.cosine, heads.sine, heads.heads,
                                 heads.keyValueHeads, heads.causal);
}

Tensor tokenLosses(const Tensor& logits, const Tensor& targets, std::int64_t classes) {
    return fuses(logits) ? TokenLossesFunction::apply(logits.contiguous(), targets, classes)
                         : plain::tokenLosses(logits, targets, classes);
}

} // namespace steploom
