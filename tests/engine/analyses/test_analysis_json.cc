// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_order.h"
#include "engine/analyses/correlation_study.h"
#include "engine/analyses/frontier.h"
#include "engine/analyses/perplexity_anchors.h"
#include "engine/analyses/prediction_study.h"
#include "engine/core/error.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

SearchResult makeSearch() {
    const auto entry = [](const char* schedule, std::int64_t run, double nats, bool dropped) {
        return SearchEntry{.schedule = parseSchedule(schedule),
                           .run = run,
                           .natsPerToken = {nats, nats - 0.1, nats + 0.1, 12},
                           .perplexityRatio = {std::exp(nats), 0.9, 1.3, 12},
                           .entropy = {-0.01, -0.02, 0, 12},
                           .saved = 0.17,
                           .adjustedP = 0.25,
                           .dropped = dropped};
    };
    return {.baseline = 3,
            .entries = {entry("(L4,H12)", 4, 0.02, false), entry("(H4,L4,H8)", 5, 0.05, false),
                        entry("(H8,L4,H4)", 6, 0.04, false), entry("(H12,L4)", 7, 0.9, true)}};
}

template <class Value>
Value throughText(const Value& value) {
    return nlohmann::json::parse(nlohmann::json(value).dump()).get<Value>();
}

} // namespace

class TestAnalysisJson : public QObject {
    Q_OBJECT

private slots:
    void everyResultComesBackFromItsJson() {
        QVERIFY(throughText(makeSearch()) == makeSearch());

        const Frontier frontier{.points = {{.schedule = StepSchedule::all('H', 16),
                                            .temperature = 0.7,
                                            .run = 9,
                                            .perplexity = {30, 28, 32, 8},
                                            .entropy = {4.1, 4, 4.2, 8},
                                            .saved = 0}},
                                .stopped = true};
        QVERIFY(throughText(frontier) == frontier);

        CorrelationStudy study{
            .points = {{.name = "00000100",
                        .sha256 = "abc",
                        .crossEntropy = {5, 4.9, 5.1, 64},
                        .brierLm = Estimate{2.5, 2, 3, 64}},
                       {.name = "00000000", .sha256 = "def", .crossEntropy = {8, 7, 9, 64}}},
            .pearson = {-0.9, -1, 1, 2},
            .spearman = {-1, -1, 1, 2}};
        QVERIFY(throughText(study) == study);

        const PerplexityAnchors anchors{.evaluator = "reader",
                                        .text = "tale.txt",
                                        .length = 128,
                                        .real = {{40, 38, 42, 90}, {4.3, 4.2, 4.4, 90}},
                                        .shuffled = {{900, 800, 1000, 90}, {4.5, 4.4, 4.6, 90}}};
        QVERIFY(throughText(anchors) == anchors);
    }

    void ordersComeBackFromTheirJson_data() {
        QTest::addColumn<QString>("kind");
        for (const char* kind :
             {"step importance", "segment search", "temperature frontier", "correlation study"})
            QTest::newRow(kind) << kind;
    }
    void ordersComeBackFromTheirJson() {
        const AnalysisOrder orders[] = {
            ImportanceOrder{"tale.txt", {.times = 5, .windows = 16, .length = 64, .seed = 3}},
            SearchOrder{.segments = 8, .light = 3, .most = 20, .stopEarly = false},
            FrontierOrder{{StepSchedule::all('H', 8), parseSchedule("(L2,H6)")}, {0.7, 1}},
            CorrelationOrder{{"steps/1", "steps/2"}, "tale.txt", 64, 32, 2, 9}};
        QFETCH(QString, kind);
        const auto order = std::ranges::find(orders, kind.toStdString(),
                                             [](const AnalysisOrder& each) { return kindOf(each); });
        QVERIFY(order != std::end(orders));
        const nlohmann::json json = nlohmann::json::parse(orderJson(*order).dump());
        QCOMPARE(QString::fromStdString(json.at("kind").get<std::string>()), kind);
        QVERIFY(orderOf(json) == *order);
        nlohmann::json other = json;
        other["kind"] = "horoscope";
        expectError([&] { orderOf(other); }, ErrorKind::Request, {"horoscope"});
    }

    void whatIsNoNumberStaysSo() {
        SearchResult search = makeSearch();
        search.entries[0].adjustedP = std::numeric_limits<double>::quiet_NaN();
        search.entries[0].natsPerToken = {0.1, -kInfinity, kInfinity,
                                          1}; // one pair says nothing of the spread
        const SearchResult back = throughText(search);
        QVERIFY(std::isnan(back.entries[0].adjustedP));
        QVERIFY(back.entries[0].natsPerToken == search.entries[0].natsPerToken);
    }

    void whatIsMissingOrNoScheduleIsRefused() {
        nlohmann::json json = makeSearch();
        json["entries"][1].erase("saved");
        QVERIFY_THROWS_EXCEPTION(nlohmann::json::exception, json.get<SearchResult>());
        json = makeSearch();
        json["entries"][1]["schedule"] = "(H4,L";
        expectError([&] { json.get<SearchResult>(); }, ErrorKind::Schedule, {});
        QVERIFY_THROWS_EXCEPTION(nlohmann::json::exception, nlohmann::json::object().get<Frontier>());
    }

    void aSearchIsHeldAgainstTheImportanceOfItsSteps() {
        // Four parts of the run; L diverges by 0.1, 0.4, 0.2, 0.8 nats in them.
        ImportanceProfile importance;
        importance.times = {0.875, 0.625, 0.375, 0.125};
        importance.windows = 8;
        const std::vector<Estimate> nothing(4, Estimate{0, 0, 0, 8});
        std::vector<Estimate> divergence;
        for (const double nats : {0.1, 0.4, 0.2, 0.8})
            divergence.push_back({nats, nats, nats, 8});
        importance.members = {{'H', nothing, nothing}, {'L', nothing, divergence}};

        const PredictionStudy study = comparePrediction(makeSearch(), importance);
        QCOMPARE(study.points.size(), std::size_t{3}); // the dropped one has fewer samples
        const double expected[] = {0.1 / 4, 0.4 / 4, 0.2 / 4};
        for (std::size_t i = 0; i < 3; ++i) {
            QVERIFY(std::abs(study.points[i].predicted - expected[i]) < 1e-4); // ε of the noise
            QCOMPARE(study.points[i].run, makeSearch().entries[i].run);
        }
        QCOMPARE(study.spearman.value, 1.0); // 0.02, 0.05, 0.04 are in the predicted order
        QVERIFY(study.pearson.value > 0.8 && study.pearson.value < 1);

        importance.members.pop_back();
        expectError([&] { comparePrediction(makeSearch(), importance); }, ErrorKind::Schedule, {"L"});
    }
};

QTEST_GUILESS_MAIN(TestAnalysisJson)
#include "test_analysis_json.moc"
