// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/compute_calculator.h"

#include <QTest>

#include <cmath>

using namespace steploom;

namespace {

double distance(double found, double published) { return std::abs(found / published - 1); }

const PublishedCompute& row(const char* name) {
    for (const PublishedCompute& each : publishedCompute())
        if (each.name == name)
            return each;
    throw std::runtime_error(name);
}

} // namespace

class ComputeCalculatorTest : public QObject {
    Q_OBJECT

private slots:
    void reproducesThePapersTable_data() {
        QTest::addColumn<QString>("name");
        for (const PublishedCompute& each : publishedCompute())
            QTest::newRow(each.name.c_str()) << QString::fromStdString(each.name);
        QCOMPARE(publishedCompute().size(), std::size_t{6});
    }
    void reproducesThePapersTable() {
        QFETCH(QString, name);
        const PublishedCompute& published = row(name.toUtf8().constData());
        const ComputeEstimate found = computeOf(published);
        const double parameters = distance(found.parameters(), published.parameters),
                     inference = distance(found.inferenceFlops(), published.inferenceFlops),
                     training =
                         distance(found.trainingFlops() * kPublishedTrainingTokens, published.trainingFlops);
        QVERIFY2(parameters < 0.01, qPrintable(QString::number(parameters)));
        QVERIFY2(inference < 0.04, qPrintable(QString::number(inference)));
        QVERIFY2(training < 0.11, qPrintable(QString::number(training)));
    }

    void calmMSavesAThirdOfInferenceAgainstTransformerS() {
        const ComputeEstimate calm = computeOf(row("CALM-M")), transformer = computeOf(row("Transformer-S"));
        QCOMPARE(std::round(100 * (calm.inferenceFlops() / transformer.inferenceFlops() - 1)), -34.0);
        const double training = 100 * (calm.trainingFlops() / transformer.trainingFlops() - 1);
        QVERIFY2(training > -44.5 && training < -42.5, qPrintable(QString::number(training)));
    }

    void aTiedOutputLayerHoldsNoWeightsButCostsTheSame() {
        AutoregressiveShape shape;
        const ComputeEstimate untied = computeOf(shape);
        shape.tied = true;
        const ComputeEstimate tied = computeOf(shape);
        QCOMPARE(untied.parameters() - tied.parameters(), static_cast<double>(shape.vocabulary) * shape.width);
        QCOMPARE(untied.inferenceFlops(), tied.inferenceFlops());
    }

    void aMaskedDiffusionTokenCostsEveryStep() {
        MaskedDiffusionShape shape;
        const double thousand = computeOf(shape).inferenceFlops();
        shape.steps = 250;
        QCOMPARE(computeOf(shape).inferenceFlops() * 4, thousand);
        // 24nd² + 4Ldn + 2Vd, the nominal cost of a row.
        const double d = shape.width, n = shape.blocks;
        QCOMPARE(thousand / 1000, 24 * n * d * d + 4.0 * shape.length * d * n + 2.0 * shape.vocabulary * d);
    }
};

QTEST_GUILESS_MAIN(ComputeCalculatorTest)
#include "compute_calculator_test.moc"
