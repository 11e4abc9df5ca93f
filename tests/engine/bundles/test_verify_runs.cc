// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/import_bundle.h"
#include "engine/bundles/verify_runs.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <array>

using namespace steploom;
using namespace steploom::testing;
using Outcome = VerifiedRun::Outcome;

namespace {

/// A run of two tiny checkpoints in `folder`, which are removed afterwards.
Run makeRunOfFiles(const std::filesystem::path& folder, RunStore& store, ComputeContext& context) {
    GenerationRequest request;
    for (const auto& [letter, name, blocks] : {std::tuple{'H', "heavy", 4}, std::tuple{'L', "light", 2}}) {
        const auto path = writeTinyMdlm(folder / name, {.blocks = blocks, .vocabulary = 258, .length = 24});
        writeByteTokenizer(path);
        request.pool.push_back({letter, name, path.string(), Precision::F32, ""});
    }
    request.schedule = parseSchedule("(L2,H4,L2)");
    request.length = 24;
    request.samples = 3;
    ModelPool pool = ModelPool::load(request.pool, {}, context);
    RunObserver observer;
    return runGeneration(request, {.pool = &pool, .store = &store, .threads = 1}, observer, {});
}

} // namespace

class TestVerifyRuns : public QObject {
    Q_OBJECT

private slots:
    void anImportedRunIsMadeAgainBitForBitByTheCheckpointsThatCameWithIt() {
        const TemporaryFolder folder;
        ComputeContext context(1);
        RunStore from(folder / "from.sqlite");
        const Run made = makeRunOfFiles(folder / "models", from, context);
        exportBundle(from, std::array{made.summary.id}, {.checkpoints = true}, folder / "all.steploom");
        std::filesystem::remove_all(folder / "models");

        std::filesystem::create_directories(folder / "elsewhere");
        RunStore to(folder / "elsewhere" / "runs.sqlite");
        const std::int64_t id = importBundle(to, folder / "all.steploom").runs.at(0).id;
        RunVerifier verifier(to.file(), context);
        GenerationObserver observer;
        const VerifiedRun one = verifier.verify(to.load(id), 1, observer, {});
        QCOMPARE(one.outcome, Outcome::Identical);
        QCOMPARE(one.compared, 1);
        const VerifiedRun all = verifier.verify(to.load(id), 100, observer, {});
        QCOMPARE(all.outcome, Outcome::Identical);
        QCOMPARE(all.compared, 3);
        QVERIFY(!all.reason);

        // The run where it came from finds nothing any more, but its checkpoints by their hash once they are
        // beside its store.
        const VerifiedRun lost = RunVerifier(from.file(), context).verify(made, 1, observer, {});
        QCOMPARE(lost.outcome, Outcome::NotTried);
        const std::string why = lost.reason.value().why;
        QVERIFY2(why.find(made.summary.request.pool[0].sha256) != std::string::npos, why.c_str());
        QVERIFY2(why.find((folder / "models" / "heavy").string() + " (not there)") != std::string::npos,
                 why.c_str());
        QVERIFY2(why.find((folder / "checkpoints").string()) != std::string::npos, why.c_str());
        std::filesystem::rename(folder / "elsewhere" / "checkpoints", folder / "checkpoints");
        QCOMPARE(RunVerifier(from.file(), context).verify(made, 1, observer, {}).outcome, Outcome::Identical);
    }

    void whatIsDifferentIsNamed() {
        const TemporaryFolder folder;
        ComputeContext context(1);
        RunStore store(folder / "runs.sqlite");
        Run run = makeRunOfFiles(folder / "models", store, context);
        run.samples[1].trace.tokens[7] ^= 1;
        RunVerifier verifier(store.file(), context);
        GenerationObserver observer;
        QCOMPARE(verifier.verify(run, 1, observer, {}).outcome, Outcome::Identical); // sample 0 is
        const VerifiedRun both = verifier.verify(run, 2, observer, {});
        QCOMPARE(both.outcome, Outcome::Different);
        QVERIFY2(both.firstDifference.starts_with("sample 1, position 7"), both.firstDifference.c_str());
    }

    void whatCannotBeTriedSaysWhy() {
        const TemporaryFolder folder;
        ComputeContext context(1);
        RunStore store(folder / "runs.sqlite");
        const Run run = makeRunOfFiles(folder / "models", store, context);
        RunVerifier verifier(store.file(), context);
        GenerationObserver observer;
        Run empty = run;
        empty.samples.clear();
        QVERIFY(verifier.verify(empty, 1, observer, {}).reason.value().why.find("no finished sample") !=
                std::string::npos);
        // Another checkpoint took the place of the one that made the run.
        writeTinyMdlm(folder / "models" / "heavy", {.blocks = 4, .vocabulary = 258, .length = 24, .seed = 9});
        const VerifiedRun changed = RunVerifier(store.file(), context).verify(run, 1, observer, {});
        QCOMPARE(changed.outcome, Outcome::NotTried);
        QCOMPARE(changed.reason.value().what, std::string("cannot find the checkpoint"));
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(verifier.verify(run, 1, observer, stop.get_token()).outcome, Outcome::NotTried);
    }
};

QTEST_GUILESS_MAIN(TestVerifyRuns)
#include "test_verify_runs.moc"
