// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QDeadlineTimer>
#include <QProcess>
#include <QtTest>

#include <array>
#include <memory>
#include <random>
#include <set>
#include <sys/mount.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// What the writers said that they had stored.
struct Told {
    std::set<std::pair<std::int64_t, int>> samples;
    std::set<std::int64_t> measures;

    void listen(QProcess& writer) {
        while (writer.canReadLine()) {
            const QList<QByteArray> words = writer.readLine().trimmed().split(' ');
            if (words.size() == 3 && words[0] == "sample")
                samples.emplace(words[1].toLongLong(), words[2].toInt());
            else if (words.size() == 2 && words[0] == "measure")
                measures.insert(words[1].toLongLong());
            else
                QFAIL(words.join(' ').constData()); // an error: writers have to bear with each other
        }
    }
};

class Writer {
public:
    explicit Writer(const std::filesystem::path& file) {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(STEPLOOM_STORE_WRITER, {QString::fromStdString(file.string()), "endlessly", "3"});
    }
    /// Lets it write for so long, then ends it where it is.
    void killAfter(int milliseconds, Told& told) {
        const QDeadlineTimer deadline(milliseconds);
        while (!deadline.hasExpired() &&
               m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
            told.listen(m_process);
        m_process.kill(); // SIGKILL: nothing in the process can tidy up
        m_process.waitForFinished(60'000);
        told.listen(m_process);
    }

private:
    QProcess m_process;
};

void requireKept(const RunStore& store, const Told& told) {
    QCOMPARE(store.checkIntegrity(), std::vector<std::string>());
    std::map<std::int64_t, Run> runs;
    for (const auto& [run, index] : told.samples) {
        if (!runs.contains(run))
            runs.emplace(run, store.load(run));
        const RunSample expected = makeSample(index);
        const auto& samples = runs.at(run).samples;
        QVERIFY(std::ranges::find(samples, expected) != samples.end());
    }
    for (const std::int64_t run : told.measures)
        QVERIFY(store.summary(run).measure("entropy") != nullptr);
}

/// A file system of so many bytes, while it lives; not mounted where this process may not.
class SmallDisk {
public:
    SmallDisk(std::filesystem::path folder, int kilobytes) : m_folder(std::move(folder)) {
        std::filesystem::create_directories(m_folder);
        const std::string size = "size=" + std::to_string(kilobytes) + 'k';
        mounted = ::mount("tmpfs", m_folder.c_str(), "tmpfs", 0, size.c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted)
            ::umount2(m_folder.c_str(), MNT_DETACH);
    }
    bool mounted = false;

private:
    std::filesystem::path m_folder;
};

} // namespace

class TestKilledWriters : public QObject {
    Q_OBJECT

private slots:
    void afterTwoHundredKillsEverythingThatWasToldIsThere() {
        constexpr int kKills = 200;
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        const RunStore reader(file);
        std::mt19937 random(20'261'122);
        std::uniform_int_distribution<int> moment(0, 40); // ms: opening the store takes some of them
        Told told;
        std::array writers{std::make_unique<Writer>(file), std::make_unique<Writer>(file)};
        for (int kill = 0; kill < kKills; ++kill) {
            std::unique_ptr<Writer>& writer = writers[static_cast<std::size_t>(kill % 2)];
            writer->killAfter(moment(random), told);
            writer = std::make_unique<Writer>(file);
            // A third process reads all the while.
            QCOMPARE(reader.findRuns({.text = "sample"}).size() <= static_cast<std::size_t>(reader.count()),
                     true);
        }
        for (auto& writer : writers)
            writer->killAfter(0, told);
        qInfo("%zu samples and %zu measures were told, the store holds %d runs", told.samples.size(),
              told.measures.size(), reader.count());
        QVERIFY(told.samples.size() > 100);
        requireKept(reader, told);
        RunStore store(file); // which marks what was running
        QCOMPARE(store.findRuns({.text = "state:running"}).size(), std::size_t{0});
        requireKept(store, told);
    }

    void aFullDiskIsSaidAndTheStoreOpensAfterwards() {
        const TemporaryFolder folder;
        const SmallDisk disk(folder / "disk", 1500);
        if (!disk.mounted)
            QSKIP("this process may not mount a small file system");
        const std::filesystem::path file = folder / "disk" / "runs.sqlite";
        const std::filesystem::path ballast = folder / "disk" / "ballast";
        writeText(ballast, std::string(200'000, 'x'));
        Told told;
        {
            RunStore store(file);
            expectError(
                [&] {
                    while (true) {
                        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
                        for (int index = 0; index < 3; ++index) {
                            store.addSample(id, makeSample(index));
                            told.samples.emplace(id, index);
                        }
                        store.finish(id, RunState::Finished, 1);
                    }
                },
                ErrorKind::Store, {"full", "Free some space"});
        }
        QVERIFY(told.samples.size() > 10);
        std::filesystem::remove(ballast); // some space is freed
        RunStore store(file);
        requireKept(store, told);
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        store.addSample(id, makeSample(0));
    }
};

QTEST_GUILESS_MAIN(TestKilledWriters)
#include "test_killed_writers.moc"
