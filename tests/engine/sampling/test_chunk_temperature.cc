// SPDX-License-Identifier: GPL-3.0-or-later
#include "chi_square.h"
#include "engine/core/random.h"
#include "engine/sampling/chunk_temperature.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>
#include <numeric>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Draws from a table, as a model would from what only it knows.
class TableSource {
public:
    TableSource(std::vector<double> probabilities, std::uint64_t seed)
        : m_probabilities(std::move(probabilities)), m_random(seed) {}

    ChunkSource source() {
        return {[this](std::span<TokenChunk> out) {
                    for (TokenChunk& chunk : out) {
                        double left = next();
                        std::int32_t outcome = 0;
                        while (outcome + 1 < static_cast<std::int32_t>(m_probabilities.size()) &&
                               (left -= m_probabilities[static_cast<std::size_t>(outcome)]) >= 0)
                            ++outcome;
                        chunk = {outcome, 7};
                    }
                },
                [this] { return next(); }};
    }

private:
    double next() {
        ++m_count;
        return m_random.uniform(Purpose::Bootstrap, m_count >> 20, m_count & 0xFFFFF, 0);
    }
    std::vector<double> m_probabilities;
    CounterRandom m_random;
    std::uint32_t m_count = 0;
};

/// P^{1/T} / Z
std::vector<double> tempered(const std::vector<double>& probabilities, double temperature) {
    std::vector<double> result;
    for (const double p : probabilities)
        result.push_back(std::pow(p, 1 / temperature));
    const double total = std::accumulate(result.begin(), result.end(), 0.0);
    for (double& p : result)
        p /= total;
    return result;
}

const std::vector<double> kTable{0.4, 0.25, 0.2, 0.1, 0.05};

/// Σ |found − expected| / 2 of the shares of outcomes.
double totalVariation(const std::vector<double>& counts, const std::vector<double>& expected) {
    const double n = std::accumulate(counts.begin(), counts.end(), 0.0);
    double distance = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
        distance += std::abs(counts[i] / n - expected[i]) / 2;
    return distance;
}

} // namespace

class TestChunkTemperature : public QObject {
    Q_OBJECT

private slots:
    void exactDrawsFollowTheTemperedDistribution_data() {
        QTest::addColumn<double>("temperature");
        for (const double temperature : {1.0, 0.8, 0.5, 0.4, 1.0 / 3, 0.3})
            QTest::addRow("T = %.3g", temperature) << temperature;
    }
    void exactDrawsFollowTheTemperedDistribution() {
        QFETCH(double, temperature);
        TableSource table(kTable, 11);
        const ChunkSource source = table.source();
        const InverseTemperature inverse = inverseTemperature(temperature);
        QVERIFY(std::abs(inverse.whole + inverse.share - 1 / temperature) < 1e-9);
        constexpr int kDraws = 20'000;
        const std::vector<double> expected = tempered(kTable, temperature);
        std::vector<double> counts(kTable.size());
        for (int i = 0; i < kDraws; ++i) {
            const TemperedChunk chunk = drawAtTemperature(inverse, 1 << 20, source);
            QVERIFY(chunk.drawn);
            QVERIFY(chunk.draws >= chunk.attempts);
            counts[static_cast<std::size_t>(chunk.chunk[0])] += 1;
        }
        double statistic = 0;
        for (std::size_t i = 0; i < counts.size(); ++i)
            statistic += std::pow(counts[i] - kDraws * expected[i], 2) / (kDraws * expected[i]);
        const double p = chiSquareTail(statistic, static_cast<int>(counts.size()) - 1);
        QVERIFY2(p > 1e-3, qPrintable(QString::number(p)));
    }

    void theLimitOfDrawsEndsWhatWouldNotEnd() {
        // A thousand equally likely outcomes: that eight draws agree is not to be waited for.
        TableSource table(std::vector<double>(1000, 1e-3), 5);
        const TemperedChunk chunk = drawAtTemperature({8, 0}, 500, table.source());
        QVERIFY(!chunk.drawn);
        QVERIFY(chunk.chunk.empty());
        QCOMPARE(chunk.draws, std::int64_t{500});
    }

    void theApproximationComesNearerWithMoreDraws() {
        const std::vector<double> expected = tempered(kTable, 0.5);
        std::vector<double> distances;
        for (const int draws : {2, 8, 200}) {
            TableSource table(kTable, 3);
            const ChunkSource source = table.source();
            std::vector<double> counts(kTable.size());
            for (int i = 0; i < 20'000; ++i)
                counts[static_cast<std::size_t>(drawFromCounts(2, draws, source).chunk[0])] += 1;
            distances.push_back(totalVariation(counts, expected));
        }
        QVERIFY2(distances[0] > distances[1] && distances[1] > distances[2],
                 qPrintable(QString("%1 %2 %3").arg(distances[0]).arg(distances[1]).arg(distances[2])));
        QVERIFY2(distances[2] < 0.01, qPrintable(QString::number(distances[2])));
    }

    void fewerAgreeWhereNothingRepeats() {
        TableSource table(std::vector<double>(100'000, 1e-5), 5);
        const TemperedChunk chunk = drawFromCounts(3, 4, table.source());
        QVERIFY(chunk.drawn);
        QCOMPARE(chunk.agreed, 1);
    }

    void aTemperatureThatCannotBeHadIsRefused() {
        expectError([] { inverseTemperature(1.5); }, ErrorKind::Request, {"temperature 1.5", "flatten"});
        expectError([] { inverseTemperature(0); }, ErrorKind::Request, {"temperature 0"});
        expectError([] { inverseTemperature(std::nan("")); }, ErrorKind::Request, {"temperature"});
    }

    void theNearestTemperatureOfTheApproximationIsOffered() {
        QCOMPARE(nearestWhole(0.5), 2);
        QCOMPARE(nearestWhole(0.3), 3);
        QCOMPARE(nearestWhole(0.9), 1);
        QCOMPARE(nearestWhole(0.7), 2); // 1/2 is 0.2 away, 1 is 0.3
        QCOMPARE(nearestWhole(1.0 / 3), 3);
        QCOMPARE(nearestWhole(1.0), 1);
    }
};

QTEST_APPLESS_MAIN(TestChunkTemperature)
#include "test_chunk_temperature.moc"
