// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/bundle_reader.h"
#include "engine/bundles/bundled_files.h"
#include "engine/bundles/run_identity.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/runs/run_json.h"
#include "engine/runs/trace_blob.h"
#include "tests/engine/bundles/bundle_editing.h"
#include "tests/testing/errors.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <array>
#include <limits>

using namespace steploom;
using namespace steploom::testing;
using Outcome = ImportedRun::Outcome;

namespace {

Measure makeMeasure(const std::string& name, double value) {
    return {.name = name,
            .estimate = {value, value - 1, std::numeric_limits<double>::infinity(), 5},
            .unit = "nats",
            .estimator = "mean",
            .settings = {{"evaluator_path", "reader"}},
            .seconds = 0.5};
}

/// A run is the same in every respect but its ids.
void requireSame(const Run& a, const Run& b) {
    QCOMPARE(a.summary.state, b.summary.state);
    QCOMPARE(a.summary.started, b.summary.started);
    QCOMPARE(a.summary.seconds, b.summary.seconds);
    QCOMPARE(a.summary.executedFlops, b.summary.executedFlops);
    QCOMPARE(a.summary.finishedSamples, b.summary.finishedSamples);
    QCOMPARE(a.summary.note, b.summary.note);
    QVERIFY(a.summary.request == b.summary.request);
    QVERIFY(a.summary.measures == b.summary.measures);
    QVERIFY(a.summary.calls == b.summary.calls);
    QVERIFY(a.summary.work == b.summary.work);
    QCOMPARE(jsonText(a.summary.cost), jsonText(b.summary.cost));
    QCOMPARE(jsonText(a.provenance), jsonText(b.provenance));
    QVERIFY(a.samples == b.samples);
    for (std::size_t i = 0; i < a.samples.size(); ++i)
        QVERIFY(traceToBlob(a.samples[i].trace) == traceToBlob(b.samples[i].trace));
}

} // namespace

class TestBundleRoundTrip : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::filesystem::path file() const { return *m_folder / "all.steploom"; }
    RunStore here() const { return RunStore(*m_folder / "here.sqlite"); }
    RunStore there() const { return RunStore(*m_folder / "there.sqlite"); }

private slots:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void aRunComesOutAsItWentIn() {
        RunStore from = here();
        const std::int64_t id = makeRun(from);
        from.setNote(id, "ends light, λ");
        from.addMeasure(id, makeMeasure("generative_perplexity", 31.5));
        std::vector<RunSample> scored = from.load(id).samples;
        scored[0].score = TextScore{12.25, 6};
        scored.resize(1);
        from.setScores(id, scored);
        const ExportReport written = exportBundle(from, std::array{id}, {}, file());
        QCOMPARE(written.samples, 5);
        QCOMPARE(written.bytes, std::filesystem::file_size(file()));

        RunStore to = there();
        makeRun(to, 1); // the ids are others there
        const ImportReport report = importBundle(to, file());
        QCOMPARE(report.count(Outcome::Added), 1);
        QCOMPARE(report.runs[0].id, 2);
        QVERIFY(from.load(id).samples[0].score.has_value());
        requireSame(from.load(id), to.load(2));
        QCOMPARE(runIdentity(from.load(id)), runIdentity(to.load(2)));
    }

    void importingTwiceAddsNothing() {
        RunStore from = here();
        for (const std::uint64_t seed : {1, 2, 3})
            makeRun(from, seed);
        exportBundle(from, allRuns(from), {}, file());
        RunStore to = there();
        QCOMPARE(importBundle(to, file()).count(Outcome::Added), 3);
        const ImportReport again = importBundle(to, file());
        QCOMPARE(again.count(Outcome::Known), 3);
        QCOMPARE(again.runs[2].id, 3);
        QCOMPARE(to.count(), 3);
        // Where they came from they are known as well.
        QCOMPARE(importBundle(from, file()).count(Outcome::Known), 3);
        QCOMPARE(from.count(), 3);
    }

    void starsAndTagsTravelAndAreNotTakenAway() {
        RunStore from = here();
        const std::array id{makeRun(from)};
        from.addTag(id, "owt");
        from.addTag(id, "theirs");
        from.setStarred(id, true);
        exportBundle(from, id, {}, file());
        RunStore to = there();
        importBundle(to, file());
        QCOMPARE(to.summary(1).tags, (std::vector<std::string>{"owt", "theirs"}));
        QVERIFY(to.summary(1).starred);

        to.removeTag(std::array{std::int64_t{1}}, "theirs");
        to.addTag(std::array{std::int64_t{1}}, "mine");
        from.addTag(id, "OWT");
        exportBundle(from, id, {}, file());
        const ImportReport report = importBundle(to, file());
        QCOMPARE(report.runs[0].tags, std::vector<std::string>{"theirs"});
        QCOMPARE(to.summary(1).tags, (std::vector<std::string>{"mine", "owt", "theirs"}));
        QCOMPARE(importBundle(to, file()).count(Outcome::Known), 1);
    }

    void aRunOfTheBinIsImportedOutOfIt() {
        RunStore from = here();
        const std::array id{makeRun(from)};
        exportBundle(from, id, {}, file());
        from.moveToBin(id);
        const ImportReport report = importBundle(from, file());
        QCOMPARE(report.count(Outcome::Completed), 1);
        QVERIFY(report.runs[0].restored);
        QCOMPARE(from.count(), 1);
        QVERIFY(from.summary(id[0]).binned.empty());
    }

    void aRunAddedByAnotherProgramMeanwhileIsNotAddedTwice() {
        RunStore from = here();
        const std::int64_t id = makeRun(from);
        const std::vector runs{from.load(id)};
        const std::vector identities{runIdentity(runs[0])};
        RunStore one = there(), other = there(); // both have looked, and found nothing
        QCOMPARE(one.addRuns(runs, identities), std::vector<std::int64_t>{1});
        QCOMPARE(other.addRuns(runs, identities), std::vector<std::int64_t>{1});
        QCOMPARE(other.count(), 1);
        one.remove(1); // its identity goes with it
        QCOMPARE(other.addRuns(runs, identities), std::vector<std::int64_t>{2});
    }

    void aKnownRunKeepsWhatItHasAndTakesWhatItLacks() {
        RunStore from = here();
        const std::int64_t id = makeRun(from);
        exportBundle(from, std::array{id}, {}, file());
        RunStore to = there();
        importBundle(to, file());
        from.setNote(id, "theirs");
        from.addMeasure(id, makeMeasure("entropy", 3));
        from.addMeasure(id, makeMeasure("brier_2", 0.5));
        exportBundle(from, std::array{id}, {}, file());
        to.setNote(1, "mine");
        to.addMeasure(1, makeMeasure("entropy", 4));
        const ImportReport report = importBundle(to, file());
        QCOMPARE(report.count(Outcome::Completed), 1);
        QCOMPARE(report.runs[0].measures, std::vector<std::string>{"brier_2"});
        QVERIFY(!report.runs[0].note);
        const RunSummary merged = to.summary(1);
        QCOMPARE(merged.note, std::string("mine"));
        QCOMPARE(merged.measure("entropy")->estimate.value, 4.0);
        QVERIFY(*merged.measure("distinct_2") == *from.summary(id).measure("distinct_2"));
        QCOMPARE(to.count(), 1);

        to.setNote(1, "");
        QVERIFY(importBundle(to, file()).runs[0].note);
        QCOMPARE(to.summary(1).note, std::string("theirs"));
    }

    void aBranchFindsItsParentUnderItsNewId() {
        RunStore from = here();
        const std::int64_t parent = makeRun(from, 5);
        const Run made = from.load(parent);
        const std::int64_t child =
            makeRun(from, 5, branchFrom(made.summary.request, parent, made.samples[1].trace, 26, 6));
        RunStore to = there();
        makeRun(to, 1);
        makeRun(to, 2);
        exportBundle(from, std::array{child}, {}, file());
        QVERIFY(importBundle(to, file()).runs[0].parentUnknown);
        QCOMPARE(to.summary(3).request.branch->parent, 0);
        to.remove(3);
        // Both in one bundle.
        exportBundle(from, std::array{child, parent}, {}, file());
        const ImportReport both = importBundle(to, file());
        QCOMPARE(both.count(Outcome::Added), 2);
        QVERIFY(!both.runs[1].parentUnknown);
        QCOMPARE(to.branchesOf(both.runs[0].id), std::vector{both.runs[1].id});
        // The parent in the store, from elsewhere.
        to.remove(both.runs[1].id);
        exportBundle(from, std::array{child}, {}, file());
        const ImportReport alone = importBundle(to, file());
        QVERIFY(!alone.runs[0].parentUnknown);
        QCOMPARE(to.branchesOf(both.runs[0].id), std::vector{alone.runs[0].id});
    }

    void aStoppedRunIsAnotherThanTheFinishedOne() {
        RunStore from = here();
        const std::int64_t id = makeRun(from);
        Run some = from.load(id);
        some.samples.resize(2);
        some.summary.state = RunState::Stopped;
        from.addRuns(std::array{some});
        exportBundle(from, allRuns(from), {}, file());
        RunStore to = there();
        QCOMPARE(importBundle(to, file()).count(Outcome::Added), 2);
        QCOMPARE(to.summary(2).state, RunState::Stopped);
        QCOMPARE(to.summary(2).finishedSamples, 2);
    }

    void runningRunsAreLeftOut() {
        RunStore from = here();
        const std::int64_t id = makeRun(from);
        const std::int64_t running = from.begin(makeRequest(), makeProvenance(), makeCost());
        const ExportReport report = exportBundle(from, allRuns(from), {}, file());
        QCOMPARE(report.runs, std::vector{id});
        QCOMPARE(report.running, std::vector{running});
        std::filesystem::remove(file());
        expectError([&] { exportBundle(from, std::array{running}, {}, file()); }, ErrorKind::Request,
                    {"still running"});
        QVERIFY(!std::filesystem::exists(file()));
        expectError([&] { exportBundle(from, std::array<std::int64_t, 1>{99}, {}, file()); },
                    ErrorKind::Store, {"no run 99"});
        Run run = from.load(id);
        run.summary.state = RunState::Running;
        expectError(
            [&] {
                from.addRuns(std::array{from.load(id), run});
            },
            ErrorKind::Store, {"still running"});
        QCOMPARE(from.count(), 2); // not the first of them either
    }

    void schedulesAreAddedUnderAFreeName() {
        RunStore from = here();
        from.saveSchedule("ends", parseSchedule("(L4,H8,L4)"));
        from.saveSchedule("heavy", parseSchedule("(H16)"));
        from.saveSchedule("mine", parseSchedule("(L16)"));
        exportBundle(from, {}, {.schedules = true}, file());
        RunStore to = there();
        to.saveSchedule("Ends", parseSchedule("(L2,H12,L2)"));
        to.saveSchedule("Heavy", parseSchedule("(H16)"));
        for (int i = 0; i < 2; ++i) { // the second time finds all three
            const ImportReport report = importBundle(to, file());
            QCOMPARE(report.schedules.size(), std::size_t{3});
            QCOMPARE(report.schedules[0].keptAs, std::string("ends (2)"));
            QCOMPARE(report.schedules[0].outcome,
                     i == 0 ? ImportedSchedule::Outcome::Renamed : ImportedSchedule::Outcome::Known);
            QCOMPARE(report.schedules[1].outcome, ImportedSchedule::Outcome::Known);
        }
        QCOMPARE(to.listSchedules().size(), std::size_t{4});
        QCOMPARE(printSchedule(to.findSchedule("ends").schedule), std::string("(L2,H12,L2)"));
        QCOMPARE(to.findSchedule("mine").created, from.findSchedule("mine").created);
    }

    void theSameRunsGiveTheSameEntries() {
        RunStore from = here();
        makeRun(from);
        exportBundle(from, allRuns(from), {}, file());
        const EditedBundle first(file());
        exportBundle(from, allRuns(from), {}, file());
        const EditedBundle second(file());
        QVERIFY(first.json("manifest.json")["entries"] == second.json("manifest.json")["entries"]);
    }

    void filesOfACheckpointTravelOnceAndAreNotWrittenOver() {
        const auto folder = writeTinyMdlm(*m_folder / "models" / "tiny");
        writeByteTokenizer(folder);
        writeText(folder / "optimizer.bin", "not needed");
        const auto sha256 = Checkpoint::open(folder).sha256();
        RunStore from = here();
        for (const std::uint64_t seed : {1, 2}) {
            Run run = from.load(makeRun(from, seed));
            from.remove(run.summary.id);
            run.summary.request.pool[0].path = folder.string();
            run.summary.request.pool[0].sha256 = sha256;
            run.summary.request.tokenizer = (folder / "tokenizer.json").string();
            from.addRuns(std::array{run});
        }
        const ExportReport written = exportBundle(from, allRuns(from), {.checkpoints = true}, file());
        QCOMPARE(written.checkpoints, std::vector{sha256});
        QCOMPARE(written.checkpointsLeftOut.size(), std::size_t{1}); // the fake light model
        QVERIFY(written.checkpointsLeftOut[0].starts_with("light-sha"));

        std::filesystem::create_directories(*m_folder / "elsewhere");
        RunStore to(*m_folder / "elsewhere" / "runs.sqlite");
        const ImportReport report = importBundle(to, file());
        QVERIFY(report.checkpoints.at(0).unpacked);
        const std::filesystem::path place = report.checkpoints[0].place;
        QCOMPARE(place, *m_folder / "elsewhere" / "checkpoints" / sha256);
        QCOMPARE(to.summary(1).request.pool[0].path, place.string());
        QCOMPARE(to.summary(1).request.pool[1].path, std::string("checkpoints/light"));
        QVERIFY(std::filesystem::exists(to.summary(2).request.tokenizer));
        QCOMPARE(Checkpoint::open(place).sha256(), sha256);
        QVERIFY(!std::filesystem::exists(place / "optimizer.bin"));
        QCOMPARE(readText(place / "tokenizer.json"), readText(folder / "tokenizer.json"));

        writeText(place / "config.json", "changed here");
        to.remove(1);
        const ImportReport again = importBundle(to, file());
        QVERIFY(!again.checkpoints[0].unpacked);
        QCOMPARE(again.count(Outcome::Added), 1);
        QCOMPARE(again.count(Outcome::Known), 1);
        QCOMPARE(readText(place / "config.json"), std::string("changed here"));
    }

    void withoutCheckpointsPathsStayAsTheyWere() {
        const auto folder = writeTinyMdlm(*m_folder / "tiny");
        RunStore from = here();
        Run run = from.load(makeRun(from));
        run.summary.request.pool[0].path = folder.string();
        run.summary.request.pool[0].sha256 = Checkpoint::open(folder).sha256();
        const auto ids = from.addRuns(std::array{run});
        exportBundle(from, ids, {.checkpoints = true}, file());
        RunStore to = there();
        const ImportReport report = importBundle(to, file(), {.checkpoints = false});
        QVERIFY(report.checkpoints.empty());
        QVERIFY(!std::filesystem::exists(*m_folder / "checkpoints"));
        QCOMPARE(to.summary(1).request.pool[0].path, folder.string());
    }

    void aPathIntoAFolderStaysOne() {
        const std::vector<std::string> files{"config.json", "last.ckpt"};
        QCOMPARE(pathWithin("/new", "/old/last.ckpt@raw", files), std::string("/new/last.ckpt@raw"));
        QCOMPARE(pathWithin("/new", "/old/last.ckpt", files), std::string("/new/last.ckpt"));
        QCOMPARE(pathWithin("/new", "/old", files), std::string("/new"));
        QCOMPARE(pathWithin("/new", "/old@ema", files), std::string("/new@ema"));
    }
};

QTEST_GUILESS_MAIN(TestBundleRoundTrip)
#include "test_bundle_round_trip.moc"
