// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/measures/row_divergence.h"

#include <QtTest>

#include <cmath>
#include <vector>

using namespace steploom;

namespace {

std::vector<float> row(std::size_t size, std::uint32_t which, double spread, double shift = 0) {
    const CounterRandom random(5);
    std::vector<float> logits;
    for (std::size_t i = 0; i < size; ++i)
        logits.push_back(static_cast<float>(
            shift + spread * random.uniform(Purpose::Bootstrap, which, static_cast<std::uint32_t>(i), 0)));
    return logits;
}

double plainLogSum(const std::vector<float>& logits) {
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit));
    return std::log(sum);
}

double plainDivergence(const std::vector<float>& p, const std::vector<float>& q) {
    const double pLog = plainLogSum(p), qLog = plainLogSum(q);
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        sum += std::exp(p[i] - pLog) * ((p[i] - pLog) - (q[i] - qLog));
    return sum;
}

} // namespace

class TestRowDivergence : public QObject {
    Q_OBJECT
private slots:
    void figuresAreThoseOfTheDefinition_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<double>("spread");
        for (const int size : {1, 2, 17, 511, 512, 513, 4096, 50257})
            for (const double spread : {0.1, 5.0, 40.0})
                QTest::addRow("%d tokens over %g nats", size, spread) << size << spread;
    }
    void figuresAreThoseOfTheDefinition() {
        QFETCH(int, size);
        QFETCH(double, spread);
        const std::vector<float> p = row(static_cast<std::size_t>(size), 0, spread),
                                 q = row(static_cast<std::size_t>(size), 1, spread, 11);
        const RowWeights pWeights = weightsOf(p), qWeights = weightsOf(q);
        QVERIFY(std::abs(pWeights.logSum() - plainLogSum(p)) < 1e-5);
        const double expected = plainDivergence(p, q);
        QVERIFY2(std::abs(divergence(p, pWeights, q, qWeights) - expected) < 1e-5 * (1 + expected),
                 qPrintable(QString::number(divergence(p, pWeights, q, qWeights) - expected)));
    }

    void aDistributionDoesNotDivergeFromItself() {
        const std::vector<float> p = row(4096, 0, 20);
        std::vector<float> shifted = p; // logits are known up to a constant
        for (float& logit : shifted)
            logit += 64;
        QVERIFY(std::abs(divergence(p, weightsOf(p), shifted, weightsOf(shifted))) < 1e-5);
    }

    void whatHasNoChanceChangesNothing() {
        std::vector<float> p = row(300, 0, 8), q = row(300, 1, 8);
        const double without = divergence(p, weightsOf(p), q, weightsOf(q));
        p.push_back(-1e9f);
        q.push_back(-1e9f);
        QVERIFY(std::abs(divergence(p, weightsOf(p), q, weightsOf(q)) - without) < 1e-6);
    }
};

QTEST_APPLESS_MAIN(TestRowDivergence)
#include "test_row_divergence.moc"
