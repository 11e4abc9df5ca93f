// SPDX-License-Identifier: GPL-3.0-or-later
#include "compared_runs.h"
#include "engine/comparisons/configuration_difference.h"

#include <QtTest>

#include <algorithm>

using namespace steploom;
using namespace steploom::testing;

namespace {

using Values = std::vector<std::string>;

/// Values of a setting; empty where it is not among them.
Values valuesOf(const std::vector<ConfigurationSetting>& settings, const std::string& name) {
    const auto found = std::ranges::find(settings, name, &ConfigurationSetting::name);
    return found == settings.end() ? Values() : found->values;
}

} // namespace

class TestConfigurationDifference : public QObject {
    Q_OBJECT

private slots:
    void runsOfOneRequestDifferInNothing() {
        const std::vector<Run> runs{comparedRun(1, 3), comparedRun(2, 3)};
        const ConfigurationDifference difference = configurationDifference(runs);
        QVERIFY(difference.different.empty());
        QCOMPARE(valuesOf(difference.same, "schedule"), (Values(2, "sandwich (L4,H8,L4)")));
        QCOMPARE(valuesOf(difference.same, "evaluator"), (Values(2, "reader (cc33)")));
        QVERIFY(valuesOf(difference.same, "prompt").empty()); // that none has is not said
    }

    void whatDiffersIsSaidInWords() {
        std::vector<Run> runs{comparedRun(1, 3), comparedRun(2, 3), comparedRun(3, 3)};
        GenerationRequest& request = runs[1].summary.request;
        request.schedule = parseSchedule("(H16)");
        request.pool[1].sha256 = "0123456789abcdef";
        request.pool[0].precision = Precision::BF16;
        request.sampler = Sampler::Threshold;
        request.threshold = 0.8;
        request.blockLength = 8;
        request.temperature = 0.7;
        request.prompt = "Once";
        runs[2].provenance.threads = 4;
        runs[2].summary.request.remasking = {.kind = Remask::Loop};
        const auto different = configurationDifference(runs).different;
        QCOMPARE(valuesOf(different, "schedule").at(1), std::string("all heavy (H16)"));
        QCOMPARE(valuesOf(different, "model L"),
                 (Values{"light (bb22)", "light (01234567)", "light (bb22)"}));
        QCOMPARE(valuesOf(different, "precision of H").at(1), std::string("bf16 asked for, f32 used"));
        QCOMPARE(valuesOf(different, "sampler"),
                 (Values{"ancestral", "threshold 0.8, blocks of 8",
                         "ancestral, ReMDM loop (η 0.02, t 0.55 to 0.05, α 0.9)"}));
        QCOMPARE(valuesOf(different, "temperature"), (Values{"1", "0.7", "1"}));
        QCOMPARE(valuesOf(different, "prompt"), (Values{"–", "Once", "–"}));
        QCOMPARE(valuesOf(different, "threads"), (Values{"2", "2", "4"}));
        QCOMPARE(different.size(), std::size_t{7});
    }

    void aPoolWithOneModelMoreHasNoneInTheOthers() {
        std::vector<Run> runs{comparedRun(1, 3), comparedRun(2, 3)};
        runs[1].summary.request.pool.push_back({'M', "middle", "checkpoints/middle", Precision::F32, "ee"});
        const auto different = configurationDifference(runs).different;
        QCOMPARE(valuesOf(different, "model M"), (Values{"–", "middle (ee)"}));
        QCOMPARE(valuesOf(different, "folder of M"), (Values{"–", "checkpoints/middle"}));
    }

    void everySettingIsEitherTheSameOrNot() {
        std::vector<Run> runs{comparedRun(1, 3), comparedRun(2, 3)};
        runs[1].summary.request = makeFullRequest();
        const ConfigurationDifference difference = configurationDifference(runs);
        QCOMPARE(difference.different.size() + difference.same.size(), configurationOf(runs).size());
        for (const ConfigurationSetting& setting : difference.same)
            QCOMPARE(setting.values.at(0), setting.values.at(1));
        for (const ConfigurationSetting& setting : difference.different)
            QVERIFY(setting.values.at(0) != setting.values.at(1));
    }
};

QTEST_APPLESS_MAIN(TestConfigurationDifference)
#include "test_configuration_difference.moc"
