// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_facts.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <set>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// A finished run as a bundle would bring it.
Run makeRun(std::uint64_t seed, const std::string& notation, double perplexity,
            std::vector<std::string> texts = {}) {
    Run run;
    run.summary.state = RunState::Finished;
    run.summary.started = "2026-11-01T10:00:0" + std::to_string(seed % 10) + "Z";
    run.summary.request = makeRequest();
    run.summary.request.seed = seed;
    run.summary.request.schedule = parseSchedule(notation);
    run.summary.request.pool = {{'H', "heavy", "checkpoints/heavy", Precision::F32, "aa"},
                                {'L', "light", "checkpoints/light", Precision::F32, "bb"}};
    run.summary.cost = makeCost();
    run.summary.cost.steps = run.summary.request.schedule.steps();
    run.summary.cost.lightShare = 1 - run.summary.request.schedule.share('H');
    run.summary.seconds = 2.0 * static_cast<double>(seed);
    run.summary.executedFlops = 1e12 * static_cast<double>(seed);
    run.provenance = makeProvenance();
    if (perplexity > 0)
        run.summary.measures.push_back(
            {.name = "generative_perplexity", .estimate = {perplexity, perplexity - 1, perplexity + 1, 4}});
    for (std::string& text : texts) {
        RunSample& sample = run.samples.emplace_back(makeSample(static_cast<int>(run.samples.size())));
        sample.text = std::move(text);
    }
    return run;
}

class Filled {
public:
    Filled() : store(folder / "runs.sqlite") {
        std::vector<Run> runs;
        runs.push_back(makeRun(1, "(H16)", 30, {"The quick brown fox", "and a lazy dog"}));
        runs.push_back(makeRun(2, "(L4,H8,L4)", 35, {"A quick naïve thing"}));
        runs.push_back(makeRun(3, "(L4,H8,L4)", 37, {"brown quick foxes", "SELECT * FROM runs; -- \"'"}));
        runs.push_back(makeRun(4, "(L32,H192,L32)", 0, {"nothing to see"}));
        runs[3].summary.note = "a quick note";
        runs[3].summary.state = RunState::Stopped;
        runs[3].summary.request.prompt = "Es war einmal";
        runs[2].summary.started = "2026-10-30T23:59:59Z";
        store.addRuns(runs);
    }
    std::vector<std::int64_t> find(const std::string& text) const {
        return store.findRuns({.text = text, .sort = "id", .descending = false});
    }

    const TemporaryFolder folder;
    RunStore store;
};

using Ids = std::vector<std::int64_t>;

} // namespace

class TestFindRuns : public QObject {
    Q_OBJECT

private slots:
    void termsFindTheirRuns_data() {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QList<int>>("runs");
        const auto row = [](const char* query, QList<int> runs) { QTest::newRow(query) << query << runs; };
        row("", {1, 2, 3, 4});
        row("  ", {1, 2, 3, 4});
        row("quick", {1, 2, 3, 4});
        row("QUICK brown", {1, 3});
        row("\"quick brown\"", {1});
        row("fox", {1});
        row("fox*", {1, 3});
        row("naive", {2});
        row("quick -brown", {2, 4});
        row("-quick", {});
        row("note:quick", {4});
        row("output:quick", {1, 2, 3});
        row("prompt:einmal", {4});
        row("prompt:\"war einmal\"", {4});
        row("\"SELECT * FROM\"", {3});
        row("light<0.3", {1, 4});
        row("light < 30%", {1, 4});
        row("light=25%", {4});
        row("light>=50%", {2, 3});
        row("ppl<36", {1, 2});
        row("generative_perplexity>30", {2, 3});
        row("generative-perplexity>=30", {1, 2, 3});
        row("-ppl<36", {3, 4});
        row("entropy<9", {});
        row("steps:256", {4});
        row("seed:2..3", {2, 3});
        row("seed:3..", {3, 4});
        row("seed:..2", {1, 2});
        row("flops<2T", {1});
        row("flops<=2T", {1, 2});
        row("seconds>6s", {4});
        row("flops<2000G", {1});
        row("state:finished", {1, 2, 3});
        row("-state:finished", {4});
        row("state:stop", {4});
        row("sampler:ddpm", {1, 2, 3, 4});
        row("sampler:confidence", {});
        row("pool:HEAVY", {1, 2, 3, 4});
        row("pool:%", {});
        row("schedule:\"(L32,H192,L32)\"", {4});
        row("schedule:(l4,h8,l4)", {2, 3});
        row("schedule:sandwich", {2, 3, 4});
        row("schedule:\"sandwich 25%\"", {4});
        row("since:2026-11-01", {1, 2, 4});
        row("before:2026-11", {3});
        row("started:2026-10-30", {3});
        row("started:2026-10-30..2026-10-31", {3});
        row("started>2026-10-30", {1, 2, 4});
        row("since:2026-11-01T10:00:02", {2, 4});
        row("is:branch", {});
        row("is:prompted", {4});
        row("is:noted", {4});
        row("is:measured", {1, 2, 3});
        row("starred", {});
        row("tag:owt", {});
        row("id:2", {2});
        row("temperature:1 top_p=1", {1, 2, 3, 4});
    }
    void termsFindTheirRuns() {
        QFETCH(QString, query);
        QFETCH(QList<int>, runs);
        static const Filled filled;
        QCOMPARE(filled.find(query.toStdString()), Ids(runs.begin(), runs.end()));
    }

    void mistakesAreToldWithPlaceReasonAndNearestName() {
        const Filled filled;
        const auto refused = [&](const char* query, std::initializer_list<const char*> parts) {
            expectError([&] { filled.find(query); }, ErrorKind::Request, parts);
        };
        refused("steps:256 pl<40", {"character 11", "no \"pl\"", "\"ppl\""});
        refused("ligth<0.3", {"character 1 ", "\"light\""});
        refused("light<many", {"character 7", "\"many\" is no number"});
        refused("light<", {"character 1 ", "nothing follows"});
        refused("state:gone", {"character 7", "\"gone\""});
        refused("sampler:confidance", {"\"confidence\""});
        refused("sampler<3", {"is text"});
        refused("seed:8..1", {"ends before it begins"});
        refused("since:yesterday", {"is no time", "2026-11-01"});
        refused("\"open", {"character 1 ", "not closed"});
        refused("...", {"neither a letter nor a digit"});
        refused("is:red", {"no \"red\""});
        refused("schedule:(H2,X", {"character 10"});
        refused("http://example.org", {"no \"http\"", "quotes"});
        expectError([&] { filled.store.findRuns({.sort = "perplxity"}); }, ErrorKind::Request,
                    {"sort by", "no \"perplxity\""});
    }

    void runsAreSortedAndThoseWithoutTheFigureComeLast() {
        const Filled filled;
        const auto sorted = [&](const char* column, bool descending) {
            return filled.store.findRuns({.sort = column, .descending = descending});
        };
        QCOMPARE(sorted("started", true), (Ids{4, 2, 1, 3}));
        QCOMPARE(sorted("started", false), (Ids{3, 1, 2, 4}));
        QCOMPARE(sorted("ppl", false), (Ids{1, 2, 3, 4}));
        QCOMPARE(sorted("generative_perplexity", true), (Ids{3, 2, 1, 4}));
        QCOMPARE(sorted("light", true), (Ids{3, 2, 4, 1}));
        QCOMPARE(sorted("schedule", false), (Ids{1, 4, 2, 3}));
        QCOMPARE(sorted("threshold", true), (Ids{4, 3, 2, 1}));
        QCOMPARE(filled.store.findRuns({.text = "-fox", .sort = "ppl", .descending = true}), (Ids{3, 2, 4}));
    }

    void theIndexFollowsEveryChange() {
        Filled filled;
        RunStore& store = filled.store;
        store.setNote(1, "remarkable");
        QCOMPARE(filled.find("remarkable"), Ids{1});
        store.setNote(1, "dull");
        QCOMPARE(filled.find("remarkable"), Ids{});
        QCOMPARE(filled.find("dull is:noted"), Ids{1});
        store.setNote(1, "");
        QCOMPARE(filled.find("dull"), Ids{});
        QCOMPARE(filled.find("is:noted"), Ids{4});
        store.remove(3);
        QCOMPARE(filled.find("foxes"), Ids{});
        QCOMPARE(filled.find("brown"), Ids{1});
        store.remove(4);
        QCOMPARE(filled.find("einmal"), Ids{});
        const std::int64_t id = store.begin(makeFullRequest(), makeProvenance(), makeCost());
        QCOMPARE(filled.find("war state:running"), Ids{id});
        RunSample sample = makeSample(1);
        sample.text = "unheard of";
        store.addSample(id, sample);
        QCOMPARE(filled.find("unheard samples:1"), Ids{id});
        store.finish(id, RunState::Finished, 3);
        QCOMPARE(filled.find("unheard state:finished seconds:3"), Ids{id});
        QCOMPARE(store.checkIntegrity(), std::vector<std::string>());
    }

    void starsAndTagsAreKeptAndFound() {
        Filled filled;
        RunStore& store = filled.store;
        store.setStarred(Ids{1, 3}, true);
        store.addTag(Ids{1, 2}, " OWT ");
        store.addTag(Ids{2}, "owt");
        store.addTag(Ids{2}, "a new idea");
        QCOMPARE(filled.find("starred"), (Ids{1, 3}));
        QCOMPARE(filled.find("-starred"), (Ids{2, 4}));
        QCOMPARE(filled.find("tag:owt"), (Ids{1, 2}));
        QCOMPARE(filled.find("tag:\"A new idea\""), Ids{2});
        QCOMPARE(filled.find("-is:tagged"), (Ids{3, 4}));
        QCOMPARE(store.summary(2).tags, (std::vector<std::string>{"a new idea", "OWT"}));
        QVERIFY(store.summary(3).starred);
        QCOMPARE(store.listTags(), (std::vector<std::pair<std::string, int>>{{"a new idea", 1}, {"OWT", 2}}));
        store.removeTag(Ids{1, 2, 3}, "Owt");
        store.setStarred(Ids{1}, false);
        QCOMPARE(filled.find("tag:owt"), Ids{});
        QCOMPARE(filled.find("starred"), Ids{3});
        expectError([&] { store.addTag(Ids{1}, "  "); }, ErrorKind::Store, {"empty"});
        expectError([&] { store.addTag(Ids{1}, "a\tb"); }, ErrorKind::Store, {"control"});
        expectError([&] { store.addTag(Ids{1}, std::string(61, 'a')); }, ErrorKind::Store, {"61 bytes"});
        expectError([&] { store.addTag(Ids{1, 99}, "all or none"); }, ErrorKind::Store, {"run 99"});
        QVERIFY(store.summary(1).tags.empty());
    }

    void theBinIsLeftOutUntilItIsEmptied() {
        Filled filled;
        RunStore& store = filled.store;
        store.addTag(Ids{2}, "bad");
        store.moveToBin(Ids{2, 4});
        QCOMPARE(filled.find(""), (Ids{1, 3}));
        QCOMPARE(filled.find("quick"), (Ids{1, 3}));
        QCOMPARE(store.findRuns({.bin = true}), (Ids{4, 2}));
        QCOMPARE(store.count(), 2);
        QCOMPARE(store.binCount(), 2);
        QCOMPARE(store.list().size(), std::size_t{2});
        QVERIFY(store.listTags().empty());
        QVERIFY(!store.summary(2).binned.empty());
        store.restoreFromBin(Ids{4});
        QCOMPARE(filled.find(""), (Ids{1, 3, 4}));
        QCOMPARE(store.emptyBin(), 1);
        QCOMPARE(store.binCount(), 0);
        expectError([&] { store.load(2); }, ErrorKind::Store, {"run 2"});
        QCOMPARE(store.checkIntegrity(), std::vector<std::string>());
    }

    void aRunningRunIsNotEmptiedOutOfTheBin() {
        Filled filled;
        const std::int64_t id = filled.store.begin(makeRequest(), makeProvenance(), makeCost());
        filled.store.moveToBin(Ids{id});
        QCOMPARE(filled.store.emptyBin(), 0);
        filled.store.finish(id, RunState::Stopped, 1);
        QCOMPARE(filled.store.emptyBin(), 1);
    }

    void summariesComeInTheOrderAskedForAndUnknownOnesAreLeftOut() {
        Filled filled;
        RunStore& store = filled.store;
        std::vector<Run> many(60, makeRun(9, "(H16)", 50, {"x"}));
        store.addRuns(many);
        store.addTag(Ids{64}, "last");
        for (const Ids& asked : {Ids{3, 1, 2}, Ids{64, 999, 1}, Ids{2, 40, 1, 41}, Ids{}}) {
            const std::vector<RunSummary> found = store.summaries(asked);
            Ids expected = asked;
            std::erase(expected, 999);
            QCOMPARE(found.size(), expected.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                QCOMPARE(found[i].id, expected[i]);
                QVERIFY(found[i].measure("generative_perplexity") != nullptr);
                QCOMPARE(found[i].measures.size(), std::size_t{1});
                QCOMPARE(found[i].tags.size(), std::size_t{found[i].id == 64 ? 1u : 0u});
                QVERIFY(found[i].request == store.summary(found[i].id).request);
            }
        }
    }

    void groupsHaveMeansOverTheirSeeds() {
        const Filled filled;
        const std::vector<RunGroup> groups =
            filled.store.groupRuns({.sort = "id", .descending = false}, RunGrouping::Schedule);
        QCOMPARE(groups.size(), std::size_t{3});
        QCOMPARE(groups[0].label, std::string("all heavy · 16 steps"));
        QCOMPARE(groups[1].runs, (Ids{2, 3}));
        const Estimate perplexity = groups[1].measures.at("generative_perplexity");
        const Estimate expected = meanWithInterval(std::vector{35.0, 37.0});
        QCOMPARE(perplexity.value, 36.0);
        QVERIFY(perplexity == expected);
        QCOMPARE(groups[1].measures.at("light").value, 0.5);
        QVERIFY(!groups[2].measures.contains("generative_perplexity"));
        QCOMPARE(groups[2].measures.at("seconds").n, 1);

        QCOMPARE(filled.store.groupRuns({}, RunGrouping::Pool).size(), std::size_t{1});
        const std::vector<RunGroup> settings =
            filled.store.groupRuns({.text = "-steps:256"}, RunGrouping::Settings);
        QCOMPARE(settings.size(), std::size_t{2});
        QCOMPARE(settings[0].runs, (Ids{2, 3}));
    }

    void aRequestThatWasMadeTwiceCountsOnce() {
        Filled filled;
        std::vector<Run> again{makeRun(2, "(L4,H8,L4)", 35, {"A quick naïve thing"}),
                               makeRun(1, "(L4,H8,L4)", 39, {"Another seed"})};
        again[0].summary.started = "2026-11-02T08:00:00Z";
        filled.store.addRuns(again);
        const std::vector<RunGroup> groups =
            filled.store.groupRuns({.text = "light:50%", .sort = "id"}, RunGrouping::Settings);
        QCOMPARE(groups.size(), std::size_t{1});
        QCOMPARE(groups[0].runs.size(), std::size_t{4});
        QVERIFY(groups[0].measures.at("generative_perplexity") ==
                meanWithInterval(std::vector{39.0, 35.0, 37.0}));
        QCOMPARE(groups[0].measures.at("seconds").n, 3);
    }

    void vectorsAreNamedInTheLabelOfAGroup() {
        Filled filled;
        Run run = makeRun(9, "(H8)", 40, {"in chunks"});
        run.provenance.members.front().kind = GenerationKind::Calm;
        filled.store.addRuns({&run, 1});
        const auto label = [&](RunGrouping grouping) {
            return filled.store.groupRuns({.text = "steps:8"}, grouping).at(0).label;
        };
        QCOMPARE(label(RunGrouping::Schedule), std::string("all heavy · 8 vectors"));
        QVERIFY(label(RunGrouping::Settings).find("· calm ·") != std::string::npos);
    }

    void settingsAreTheSameButForTheSeedAndWhatChangesNoToken() {
        GenerationRequest request = makeFullRequest();
        const std::string key = settingsKey(request);
        request.seed = 5;
        request.batch = 4;
        request.topTokens = 0;
        request.pool[0].path = "elsewhere";
        QCOMPARE(settingsKey(request), key);
        request.temperature = 0.8;
        QVERIFY(settingsKey(request) != key);
        request = makeFullRequest();
        request.pool[0].sha256 = "cc33";
        QVERIFY(settingsKey(request) != key);
    }

    void columnsHaveOneNameEach() {
        const std::vector<std::string> stored{"entropy", "my measure"};
        std::set<std::string> names;
        for (const RunColumnName& column : runQueryColumns(stored)) {
            QVERIFY2(names.insert(column.name).second, column.name.c_str());
            for (const std::string& other : column.shorts)
                QVERIFY2(names.insert(other).second, other.c_str());
            QVERIFY(!column.title.empty() && !column.meaning.empty());
        }
        QVERIFY(names.contains("my measure"));
    }
};

QTEST_GUILESS_MAIN(TestFindRuns)
#include "test_find_runs.moc"
