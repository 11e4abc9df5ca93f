// SPDX-License-Identifier: GPL-3.0-or-later
// LibTorch comes first: it has members that are called as Qt's keywords.
#include <torch/types.h>
#include <torch/utils.h>

#include "experiments/training/energy_loss.h"
#include "experiments/training/random_tensors.h"

#include <QtTest>

#include <cmath>
#include <numbers>

using namespace steploom;
using torch::Tensor;

namespace {

constexpr std::int64_t kRows = 3, kDraws = 5, kSamples = 7, kLatent = 10;

Tensor normal(at::IntArrayRef sizes, std::uint64_t seed) {
    return normalNumbers(sizes, seed, Draw::PosteriorSamples, torch::kCPU);
}

PosteriorSamples samples() {
    return {normal({kRows, kLatent}, 1), normal({kRows, kLatent}, 2).abs(),
            normal({kRows, kSamples, kLatent}, 3)};
}

/// As the paper writes it.
Tensor asWritten(const Tensor& draws, const PosteriorSamples& target, double exponent) {
    const Tensor z =
        (target.mean.unsqueeze(1) + target.sigma.unsqueeze(1) * target.noise).to(torch::kFloat64);
    Tensor losses = torch::zeros({draws.size(0)}, torch::kFloat64);
    const auto distance = [&](const Tensor& a, const Tensor& b) { return (a - b).norm(2, -1).pow(exponent); };
    const std::int64_t n = draws.size(1), m = z.size(1);
    for (std::int64_t i = 0; i < n; ++i) {
        const Tensor drawn = draws.select(1, i).to(torch::kFloat64);
        for (std::int64_t j = 0; j < m; ++j)
            losses += 2.0 / static_cast<double>(n * m) * distance(z.select(1, j), drawn);
        for (std::int64_t k = 0; k < n; ++k)
            if (k != i)
                losses -= 1.0 / static_cast<double>(n * (n - 1)) *
                          distance(drawn, draws.select(1, k).to(torch::kFloat64));
    }
    return losses;
}

double largest(const Tensor& x) { return x.abs().max().item<double>(); }

} // namespace

class EnergyLossTest : public QObject {
    Q_OBJECT
private slots:
    void lossAndGradientAreThoseOfTheFormula_data() {
        QTest::addColumn<double>("exponent");
        for (const double exponent : {0.5, 1.0, 1.5})
            QTest::addRow("%g", exponent) << exponent;
    }
    void lossAndGradientAreThoseOfTheFormula() {
        QFETCH(double, exponent);
        const Tensor draws = normal({kRows, kDraws, kLatent}, 4);
        Tensor right = draws.clone().set_requires_grad(true);
        const Tensor expected = asWritten(right, samples(), exponent);
        const Tensor weights = torch::tensor({1.0, -2.0, 0.5});
        (expected * weights).sum().backward();
        for (const auto compute : {&energyLoss, &plain::energyLoss}) {
            Tensor tried = draws.clone().set_requires_grad(true);
            const Tensor found = compute(tried, samples(), exponent);
            (found * weights).sum().backward();
            QVERIFY(largest(found - expected) < 1e-5 * largest(expected));
            QVERIFY(largest(tried.grad() - right.grad()) < 1e-4 * largest(right.grad()));
        }
    }

    void whereVectorsMeetTheGradientIsFinite() {
        PosteriorSamples target = samples();
        target.sigma = torch::zeros_like(target.sigma);
        for (const auto compute : {&energyLoss, &plain::energyLoss}) {
            Tensor draws = target.mean.unsqueeze(1).repeat({1, kDraws, 1}).clone().set_requires_grad(true);
            const Tensor loss = compute(draws, target, 1.0);
            loss.sum().backward();
            QVERIFY(largest(loss) < 1e-4);
            QVERIFY(draws.grad().isfinite().all().item<bool>());
        }
    }

    void itIsLeastForDrawsOfTheRightDistribution() {
        const Tensor mean = torch::zeros({200, 4}), sigma = torch::ones({200, 4});
        const PosteriorSamples target{mean, sigma, normal({200, 40, 4}, 5)};
        const auto lossOf = [&](double shift, double spread) {
            return energyLoss(normal({200, 20, 4}, 6) * spread + shift, target, 1.0).mean().item<double>();
        };
        const double right = lossOf(0, 1);
        QVERIFY(lossOf(0.5, 1) > right + 0.02);
        QVERIFY(lossOf(0, 0.3) > right + 0.02); // draws that are too alike
        QVERIFY(lossOf(0, 2) > right + 0.02);
    }

    void normalNumbersAreBoxAndMullersOfTheUniformOnes() {
        constexpr std::int64_t kHalf = 5000;
        const Tensor uniform =
                         uniformNumbers({2 * kHalf}, 8, Draw::LatentNoise, torch::kCPU).to(torch::kFloat64),
                     found = normalNumbers({2 * kHalf}, 8, Draw::LatentNoise, torch::kCPU);
        const Tensor radius = (-2 * uniform.narrow(0, 0, kHalf).log()).sqrt(),
                     angle = uniform.narrow(0, kHalf, kHalf) * (2 * std::numbers::pi);
        QVERIFY(largest(found - torch::cat({radius * angle.cos(), radius * angle.sin()})) < 1e-4);
        QCOMPARE(normalNumbers({7}, 8, Draw::LatentNoise, torch::kCPU).isfinite().sum().item<int>(), 7);
    }

    void randomNumbersAreAFunctionOfSeedAndPurpose() {
        const auto numbers = [](std::uint64_t seed, Draw purpose) {
            return uniformNumbers({40'000}, seed, purpose, torch::kCPU);
        };
        const Tensor first = numbers(1, Draw::HeadNoise);
        QVERIFY(torch::equal(first, numbers(1, Draw::HeadNoise)));
        QVERIFY(first.min().item<double>() > 0 && first.max().item<double>() < 1);
        QVERIFY(std::abs(first.mean().item<double>() - 0.5) < 0.008); // five deviations
        for (const Tensor& other : {numbers(2, Draw::HeadNoise), numbers(1, Draw::LatentNoise)}) {
            const double product = ((first - 0.5) * (other - 0.5)).mean().item<double>() * 12;
            QVERIFY2(std::abs(product) < 0.025, qPrintable(QString::number(product)));
        }
    }
};

QTEST_APPLESS_MAIN(EnergyLossTest)
#include "energy_loss_test.moc"
