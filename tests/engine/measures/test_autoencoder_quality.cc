// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/autoencoder_quality.h"
#include "engine/models/calm_autoencoder.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/errors.h"
#include "tests/testing/golden.h"
#include "tests/testing/paths.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

bool near(double found, double expected) { return std::abs(found - expected) < 1e-5; }

} // namespace

/// On the golden autoencoder, whose posterior and logits the reference implementation states.
class TestAutoencoderQuality : public QObject {
    Q_OBJECT

private slots:
    void theFiguresAreThoseOfAPlainComputation_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("K = 4") << "calm_k4";
        QTest::newRow("K = 2") << "calm_k2";
    }
    void theFiguresAreThoseOfAPlainComputation() {
        QFETCH(QString, name);
        const GoldenFile golden(name.toStdString() + "/golden.safetensors");
        ComputeContext context(2);
        CalmAutoencoder autoencoder(Checkpoint::open(goldenPath(name.toStdString()) / "autoencoder"),
                                    Precision::F32, context);
        const auto tokens = golden.integers("input_ids");
        const auto mean = golden.floats("ae_mean"), logSigma = golden.floats("ae_log_std"),
                   logits = golden.floats("ae_decoder_logits_from_mean");
        const auto k = static_cast<std::size_t>(autoencoder.facts().chunk),
                   l = static_cast<std::size_t>(autoencoder.facts().latent),
                   v = static_cast<std::size_t>(autoencoder.facts().vocabulary), chunks = tokens.size() / k;
        double rightTokens = 0, rightChunks = 0;
        std::vector<double> divergence(l);
        for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            std::size_t right = 0;
            for (std::size_t i = chunk * k; i < (chunk + 1) * k; ++i) {
                const auto row = logits.begin() + static_cast<std::ptrdiff_t>(i * v);
                right += std::max_element(row, row + static_cast<std::ptrdiff_t>(v)) - row == tokens[i];
            }
            rightTokens += static_cast<double>(right) / static_cast<double>(tokens.size());
            rightChunks += static_cast<double>(right == k) / static_cast<double>(chunks);
            for (std::size_t i = 0; i < l; ++i) {
                const double m = mean[chunk * l + i], s = logSigma[chunk * l + i];
                divergence[i] += (m * m + std::exp(2 * s) - 1 - 2 * s) / 2 / static_cast<double>(chunks);
            }
        }
        const AutoencoderQuality quality = measureAutoencoder(autoencoder, tokens, {});
        QVERIFY(!quality.stopped);
        QCOMPARE(quality.chunks, static_cast<std::int64_t>(chunks));
        QVERIFY(near(quality.token.value, rightTokens));
        QVERIFY(near(quality.chunk.value, rightChunks));
        QCOMPARE(quality.token.n, static_cast<int>(chunks));
        QCOMPARE(quality.divergence.size(), l);
        double sum = 0;
        for (std::size_t i = 0; i < l; ++i) {
            QVERIFY(near(quality.divergence[i], divergence[i]));
            sum += divergence[i];
        }
        QVERIFY(std::abs(quality.latentDivergence.value - sum) < 1e-4);
        QCOMPARE(quality.collapsed, static_cast<int>(std::ranges::count_if(
                                        divergence, [](double nats) { return nats < 0.01; })));
    }

    void noiseIsTheSeedsAndOfThePosteriorsWidth() {
        const GoldenFile golden("calm_k4/golden.safetensors");
        ComputeContext context(2);
        CalmAutoencoder autoencoder(Checkpoint::open(goldenPath("calm_k4/autoencoder")), Precision::F32,
                                    context);
        std::vector<std::int32_t> text;
        while (text.size() < 4000)
            for (const std::int32_t token : golden.integers("input_ids"))
                text.push_back((token + static_cast<std::int32_t>(text.size())) %
                               autoencoder.facts().vocabulary);
        const AutoencoderQuality first = measureAutoencoder(autoencoder, text, {.chunks = 900, .seed = 1}),
                                 again = measureAutoencoder(autoencoder, text, {.chunks = 900, .seed = 1}),
                                 other = measureAutoencoder(autoencoder, text, {.chunks = 900, .seed = 2});
        QCOMPARE(first.chunks, std::int64_t{900});
        QVERIFY(first == again);
        QVERIFY(first.token == other.token); // the mean knows no seed
        QVERIFY(first.noisyToken.value != other.noisyToken.value);
        QVERIFY(std::abs(first.noisyToken.value - other.noisyToken.value) <
                2 * (first.noisyToken.margin() + other.noisyToken.margin()));
    }

    void aStopLeavesWhatIsMeasured() {
        ComputeContext context(1);
        CalmAutoencoder autoencoder(Checkpoint::open(goldenPath("calm_k4/autoencoder")), Precision::F32,
                                    context);
        const std::vector<std::int32_t> text(4 * 1000, 7);
        std::stop_source stop;
        const AutoencoderQuality quality = measureAutoencoder(
            autoencoder, text, {.chunks = 1000}, [&](double) { stop.request_stop(); }, stop.get_token());
        QVERIFY(quality.stopped);
        QVERIFY(quality.chunks > 0 && quality.chunks < 1000);
        QCOMPARE(static_cast<std::int64_t>(quality.token.n), quality.chunks);
    }

    void whatCannotBeMeasuredIsRefused() {
        ComputeContext context(1);
        CalmAutoencoder autoencoder(Checkpoint::open(goldenPath("calm_k4/autoencoder")), Precision::F32,
                                    context);
        expectError(
            [&] {
                measureAutoencoder(autoencoder, std::vector<std::int32_t>{1, 2, 3}, {});
            },
            ErrorKind::Text, {"4", "3 tokens"});
        expectError(
            [&] {
                measureAutoencoder(autoencoder, std::vector<std::int32_t>{1, 2, 3, 96}, {});
            },
            ErrorKind::Text, {"token 96", "96 tokens"});
    }
};

QTEST_GUILESS_MAIN(TestAutoencoderQuality)
#include "test_autoencoder_quality.moc"
