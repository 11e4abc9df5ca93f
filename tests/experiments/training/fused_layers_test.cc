// SPDX-License-Identifier: GPL-3.0-or-later
// LibTorch comes first: it has members that are called as Qt's keywords.
#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include "experiments/training/fused_layers.h"

#include <QtTest>

#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

using namespace steploom;
using torch::Tensor;

namespace {

constexpr std::int64_t kWindows = 3, kLength = 10, kWidth = 24;

Tensor normal(std::vector<std::int64_t> sizes, std::uint64_t seed) {
    auto generator = at::detail::createCPUGenerator(seed);
    return torch::empty(sizes).normal_(0, 1, generator);
}

/// Numbers that both precisions have, so that only the loops differ.
Tensor halfNormal(std::vector<std::int64_t> sizes, std::uint64_t seed) {
    return normal(std::move(sizes), seed).to(torch::kBFloat16).to(torch::kFloat32);
}

using Layer = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

struct Passed {
    std::vector<Tensor> results, gradients;
};

/// Results of `layer`, and the inputs' gradients when a fixed random gradient comes back to each result.
Passed passed(const Layer& layer, const std::vector<Tensor>& inputs) {
    std::vector<Tensor> leaves;
    for (const Tensor& input : inputs)
        leaves.push_back(input.detach().clone().set_requires_grad(input.is_floating_point()));
    Passed passed{layer(leaves), {}};
    Tensor sum = torch::zeros({});
    for (std::size_t i = 0; i < passed.results.size(); ++i)
        sum = sum +
              (passed.results[i].to(torch::kFloat32) * halfNormal(passed.results[i].sizes().vec(), 100 + i))
                  .sum();
    sum.backward();
    for (const Tensor& leaf : leaves)
        passed.gradients.push_back(leaf.requires_grad() ? leaf.grad() : Tensor());
    return passed;
}

double difference(const Tensor& a, const Tensor& b) {
    const Tensor x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
    return ((x - y).norm() / y.norm().clamp_min(1e-3)).item<double>();
}

/// The largest relative difference of results and gradients; `fused` takes what its twin takes, but for the
/// inputs `inHalf`, which it takes in bf16.
double difference(const Layer& fused, const Layer& plain, std::vector<Tensor> inputs,
                  const std::vector<std::size_t>& inHalf) {
    const Passed right = passed(plain, inputs);
    for (const std::size_t index : inHalf)
        inputs[index] = inputs[index].to(torch::kBFloat16);
    const Passed tried = passed(fused, inputs);
    double largest = 0;
    for (std::size_t i = 0; i < right.results.size(); ++i)
        largest = std::max(largest, difference(tried.results[i], right.results[i]));
    for (std::size_t i = 0; i < right.gradients.size(); ++i)
        if (right.gradients[i].defined())
            largest = std::max(largest, tried.gradients[i].defined()
                                            ? difference(tried.gradients[i], right.gradients[i])
                                            : 1.0);
    return largest;
}

// bf16 keeps 8 bits: a rounding is 0.2 to 0.4 percent, and few follow each other here.
constexpr double kRoundings = 0.01;

AttentionHeads headsOf(std::int64_t heads, std::int64_t keyValueHeads, bool causal, std::int64_t size) {
    const Tensor angle = normal({kLength, size / 2}, 9);
    return {heads, keyValueHeads, causal, angle.cos(), angle.sin()};
}

} // namespace

class FusedLayersTest : public QObject {
    Q_OBJECT
private slots:
    void residualAndNormAreAsPlain_data() {
        QTest::addColumn<bool>("branch");
        QTest::addColumn<bool>("gate");
        QTest::addColumn<bool>("centred");
        QTest::addColumn<bool>("perWindow");
        QTest::newRow("no branch") << false << false << true << false;
        QTest::newRow("MDLM") << true << true << true << false;
        QTest::newRow("MDLM with time") << true << true << true << true;
        QTest::newRow("Llama") << true << false << false << false;
    }
    void residualAndNormAreAsPlain() {
        QFETCH(bool, branch);
        QFETCH(bool, gate);
        QFETCH(bool, centred);
        QFETCH(bool, perWindow);
        const std::int64_t conditions = perWindow ? kWindows : 1;
        const auto layer = [&](bool fused) {
            return [=](const std::vector<Tensor>& in) {
                const Branch added{branch ? in[1] : Tensor(), branch && gate ? in[2] : Tensor(),
                                   gate ? in[3] : Tensor()};
                const NormWeights norm{in[4], centred ? in[5] : Tensor(), 1e-5, centred};
                const auto both = fused ? addAndNorm(in[0], added, norm, Dropout(), torch::kBFloat16)
                                        : plain::addAndNorm(in[0], added, norm, Dropout(), torch::kFloat32);
                return std::vector<Tensor>{both.first, both.second};
            };
        };
        const std::vector<Tensor> inputs{normal({kWindows, kLength, kWidth}, 1),
                                         halfNormal({kWindows, kLength, kWidth}, 2),
                                         normal({kWidth}, 3),
                                         normal({conditions, kWidth}, 4),
                                         normal({conditions, kWidth}, 5),
                                         normal({conditions, kWidth}, 6)};
        QVERIFY(difference(layer(true), layer(false), inputs, {1}) < kRoundings);
    }

    void aNormWhoseSumNobodyUsesHasItsGradients() {
        const auto layer = [](bool fused) {
            return [fused](const std::vector<Tensor>& in) {
                const NormWeights norm{in[1], in[2], 1e-5, true};
                return std::vector<Tensor>{
                    (fused ? addAndNorm(in[0], {}, norm, Dropout(), torch::kBFloat16)
                           : plain::addAndNorm(in[0], {}, norm, Dropout(), torch::kFloat32))
                        .second};
            };
        };
        QVERIFY(difference(layer(true), layer(false),
                           {normal({30, kWidth}, 1), normal({1, kWidth}, 2), normal({1, kWidth}, 3)},
                           {}) < kRoundings);
    }

    void dropoutDropsItsShareAndTheBackwardPassTheSame() {
        const Tensor x = torch::zeros({1, 400, 64});
        Tensor branch = torch::ones({1, 400, 64}, torch::kBFloat16);
        branch.set_requires_grad(true);
        const NormWeights norm{torch::ones({64}), {}, 1e-5, false};
        const auto sumWith = [&](std::uint64_t seed) {
            return addAndNorm(x, {branch, {}, {}}, norm, Dropout(0.25, seed, torch::kCPU), torch::kBFloat16)
                .first;
        };
        const Tensor sum = sumWith(7);
        const double kept = sum.gt(0).to(torch::kFloat64).mean().item<double>();
        QVERIFY(std::abs(kept - 0.75) < 0.015); // 25,600 draws: five deviations
        QVERIFY(torch::allclose(sum.masked_select(sum.gt(0)), torch::full({}, 4.0 / 3.0)));
        sum.sum().backward();
        QVERIFY(torch::equal(branch.grad().gt(0), sum.gt(0)));
        QVERIFY(torch::equal(sumWith(7), sum));
        QVERIFY(!torch::equal(sumWith(8), sum));
    }

    void activationsAreAsPlain() {
        const Tensor x = 3 * halfNormal({kWindows, kLength, kWidth}, 1);
        const Layer gelu = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{biasedGelu(in[0], in[1])};
        };
        const Layer plainGelu = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{plain::biasedGelu(in[0], in[1])};
        };
        QVERIFY(difference(gelu, plainGelu, {x, normal({kWidth}, 2)}, {0}) < kRoundings);
        const Layer biased = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{biasedSilu(in[0], in[1])};
        };
        const Layer plainBiased = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{plain::biasedSilu(in[0], in[1])};
        };
        const Tensor rows = x.view({-1, kWidth});
        QVERIFY(difference(biased, plainBiased, {rows, normal({kWidth}, 2)}, {0}) < kRoundings);
        // One for each of three groups of rows.
        QVERIFY(difference(biased, plainBiased, {rows, normal({3, kWidth}, 2)}, {0}) < kRoundings);
        const Layer silu = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{gatedSilu(in[0])};
        };
        const Layer plainSilu = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{plain::gatedSilu(in[0])};
        };
        QVERIFY(difference(silu, plainSilu, {x}, {0}) < kRoundings);
    }

    void attentionIsAsPlain_data() {
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("keyValueHeads");
        QTest::addColumn<bool>("causal");
        QTest::newRow("bidirectional") << 3 << 3 << false;
        QTest::newRow("causal") << 3 << 3 << true;
        QTest::newRow("shared keys") << 4 << 2 << true;
        QTest::newRow("one key head") << 4 << 1 << false;
    }
    void attentionIsAsPlain() {
        QFETCH(int, heads);
        QFETCH(int, keyValueHeads);
        QFETCH(bool, causal);
        constexpr std::int64_t kSize = 8;
        const AttentionHeads shape = headsOf(heads, keyValueHeads, causal, kSize);
        const Layer fused = [&](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{attend(in[0], shape)};
        };
        const Layer twin = [&](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{plain::attend(in[0], shape)};
        };
        const Tensor projected = halfNormal({kWindows, kLength, (heads + 2 * keyValueHeads) * kSize}, 1);
        QVERIFY(difference(fused, twin, {projected}, {0}) < 2 * kRoundings); // scores and weights round too
    }

    void lossesAreAsPlainAndTheMaskTokenHasNoGradient() {
        const Tensor logits = 4 * halfNormal({20, 33}, 1);
        const Tensor targets = torch::arange(20);
        const Layer fused = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{tokenLosses(in[0], in[1], 32)};
        };
        const Layer twin = [](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{plain::tokenLosses(in[0], in[1], 32)};
        };
        QVERIFY(difference(fused, twin, {logits, targets}, {0}) < kRoundings);
        const Passed tried = passed(fused, {logits.to(torch::kBFloat16), targets});
        QVERIFY(tried.gradients[0].select(1, 32).eq(0).all().item<bool>());
        QVERIFY(difference(tried.results[0], passed(twin, {logits, targets}).results[0]) < 1e-6);
    }

    void whatIsNoNumberStaysSo() {
        const Tensor logits = torch::full({1, 8}, NAN, torch::kBFloat16);
        QVERIFY(std::isnan(tokenLosses(logits, torch::zeros({1}, torch::kInt64), 8).item<double>()));
    }
};

QTEST_APPLESS_MAIN(FusedLayersTest)
#include "fused_layers_test.moc"
