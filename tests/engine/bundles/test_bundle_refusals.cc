// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/bundle_reader.h"
#include "tests/engine/bundles/bundle_editing.h"
#include "tests/testing/errors.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using json = nlohmann::json;

/// Bundles that are damaged, or made to harm: each is refused with what, where, why and a remedy, and the
/// store stays as it was.
class TestBundleRefusals : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<RunStore> m_store; ///< holds no run

    std::filesystem::path file() const { return *m_folder / "all.steploom"; }
    EditedBundle bundle() const { return EditedBundle(file()); }

    void expectRefusal(const std::string& bytes, std::initializer_list<const char*> words) {
        const std::filesystem::path changed = *m_folder / "changed.steploom";
        writeText(changed, bytes);
        expectError([&] { importBundle(*m_store, changed); }, ErrorKind::File, words);
        try {
            importBundle(*m_store, changed);
        } catch (const Error& error) {
            QVERIFY2(error.parts().where.find("changed.steploom") != std::string::npos, error.what());
            QVERIFY(!error.parts().why.empty() && !error.parts().remedy.empty());
        }
        QCOMPARE(m_store->count(), 0);
        QVERIFY(m_store->listSchedules().empty());
        QVERIFY(!std::filesystem::exists(*m_folder / "store" / "checkpoints"));
    }
    void expectRefusal(const EditedBundle& changed, std::initializer_list<const char*> words) {
        expectRefusal(changed.bytes(), words);
    }

    /// run.json with one thing changed, under a manifest that fits.
    void expectRunRefused(const std::function<void(json&)>& change,
                          std::initializer_list<const char*> words) {
        EditedBundle changed = bundle();
        const std::string name = changed.nameOf("run.json");
        json run = changed.json(name);
        change(run);
        changed.setJson(name, run);
        changed.relist();
        expectRefusal(changed, words);
    }

    void expectManifestRefused(const std::function<void(json&)>& change,
                               std::initializer_list<const char*> words) {
        EditedBundle changed = bundle();
        json manifest = changed.json("manifest.json");
        change(manifest);
        changed.setJson("manifest.json", manifest);
        expectRefusal(changed, words);
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        {
            RunStore from(*m_folder / "from.sqlite");
            makeRun(from, 1);
            makeRun(from, 2);
            from.saveSchedule("ends", parseSchedule("(L4,H8,L4)"));
            exportBundle(from, allRuns(from), {.schedules = true}, file());
        }
        std::filesystem::create_directories(*m_folder / "store");
        m_store = std::make_unique<RunStore>(*m_folder / "store" / "runs.sqlite");
    }

    void theBundleThatIsChangedBelowIsFine() {
        const std::filesystem::path again = *m_folder / "again.steploom";
        EditedBundle same = bundle();
        same.relist();
        writeText(again, same.bytes());
        importBundle(*m_store, again);
        QCOMPARE(m_store->count(), 2);
        QCOMPARE(m_store->listSchedules().size(), std::size_t{1});
    }

    void oneThatIsCutOff() {
        const std::string whole = readText(file());
        for (std::size_t tenth = 0; tenth < 10; ++tenth)
            expectRefusal(whole.substr(0, whole.size() * tenth / 10), {});
        expectRefusal(whole.substr(0, whole.size() - 1), {});
    }

    void anyByteOfItChanged() {
        const std::string whole = readText(file());
        for (std::size_t at = 30; at < whole.size(); at += whole.size() / 37) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ 0x20);
            writeText(*m_folder / "changed.steploom", changed);
            try { // a byte that says nothing (a time) may be any
                importBundle(*m_store, *m_folder / "changed.steploom");
                QCOMPARE(m_store->count(), 2);
                for (const std::int64_t id : allRuns(*m_store))
                    m_store->remove(id);
                m_store->removeSchedule(m_store->findSchedule("ends").id);
            } catch (const Error& error) {
                QCOMPARE(error.kind(), ErrorKind::File);
                QCOMPARE(m_store->count(), 0);
            }
        }
    }

    void whatIsNoBundle() {
        expectRefusal(std::string("SQLite format 3"), {"no zip archive"});
        expectRefusal(std::string(), {"no zip archive"});
        expectRefusal(zipArchive({{.name = "data.pkl", .content = "x"}}), {"without a manifest.json"});
        expectError([&] { importBundle(*m_store, *m_folder / "nowhere"); }, ErrorKind::File, {"nowhere"});
        expectError([&] { importBundle(*m_store, m_folder->path()); }, ErrorKind::File, {"regular file"});
    }

    void aNewerFormat() {
        expectManifestRefused(
            [](json& manifest) {
                manifest["format"] = 2;
                manifest["program"] = "9.1.0";
            },
            {"format 2", "Steploom 9.1.0", "up to 1", "newer Steploom"});
        expectManifestRefused([](json& manifest) { manifest["format"] = "1"; }, {"which format"});
        expectManifestRefused([](json& manifest) { manifest.erase("format"); }, {"which format"});
    }

    void pathsThatLeaveTheArchive() {
        for (const char* name : {"../../evil", "/etc/evil", "checkpoints/../evil", "C:\\evil"}) {
            EditedBundle changed = bundle();
            changed.files[name] = "x";
            changed.relist();
            expectRefusal(changed, {});
        }
        // Names that a zip may have and a bundle may not.
        const std::string sha256(64, 'a');
        for (const std::string& name :
             {"checkpoints/" + sha256 + "/.bashrc", "checkpoints/" + sha256 + "/sub/model.safetensors",
              std::string("checkpoints/x/model.safetensors"), std::string("anything"),
              "runs/" + sha256 + "/run.json", "checkpoints/" + sha256 + "/" + std::string(300, 'n')}) {
            EditedBundle changed = bundle();
            changed.files[name] = "x";
            changed.relist();
            json manifest = changed.json("manifest.json");
            manifest["checkpoints"] = {sha256};
            changed.setJson("manifest.json", manifest);
            expectRefusal(changed, {"which no bundle with these runs has", "do not trust"});
        }
        expectManifestRefused([](json& manifest) { manifest["checkpoints"] = {"../../evil"}; },
                              {"no SHA-256"});
        expectManifestRefused([](json& manifest) { manifest["runs"][0] = "../../evil"; }, {"no SHA-256"});
    }

    void contentThatIsNotWhatTheManifestSays() {
        EditedBundle changed = bundle();
        std::string& trace = changed.files[changed.nameOf("0.trace")];
        trace[trace.size() / 2] ^= 1;
        expectRefusal(changed, {"SHA-256", "damaged or changed"});
        changed = bundle();
        changed.files[changed.nameOf("0.trace")] += 'x';
        expectRefusal(changed, {"bytes"});
        changed = bundle();
        changed.files.erase(changed.nameOf("1.trace"));
        expectRefusal(changed, {"it is not there"});
        changed = bundle();
        changed.files["schedules.json"] = changed.files.at("schedules.json");
        changed.files["runs/" + std::string(64, 'a') + "/run.json"] = "{}";
        expectRefusal(changed, {"the manifest does not know it"});
    }

    void aTraceThatWasForgedTogetherWithItsHash() {
        EditedBundle changed = bundle();
        std::string& trace = changed.files[changed.nameOf("0.trace")];
        trace[10] ^= 1; // another token
        changed.relist();
        expectRefusal(changed, {"changed after it was made"});
        changed = bundle();
        changed.files[changed.nameOf("0.trace")] = "\x01\xff\xff\xff\xff\x0f";
        changed.relist();
        expectRefusal(changed, {"claims 4294967295 positions"});
    }

    void sizesAndCountsThatNobodyHas() {
        // A gigabyte of nothing in a few bytes.
        const EditedBundle plain = bundle();
        std::vector<ZipItem> items;
        for (const auto& [name, content] : plain.files)
            items.push_back({.name = name, .content = content});
        items[0].content = std::string(100'000, ' ');
        items[0].deflated = true;
        items[0].claimedSize = 1u << 30;
        expectRefusal(zipArchive(items), {"unpacked", "do not trust"});
        expectRunRefused([](json& run) { run["request"]["samples"] = 2'000'000'000; }, {"number of samples"});
        expectRunRefused([](json& run) { run["request"]["length"] = 1'000'000'000; }, {"length"});
        expectRunRefused([](json& run) { run["samples"][4]["index"] = 5; }, {"sample 5 is out of order"});
        expectRunRefused([](json& run) { run["samples"][4]["index"] = 1e300; }, {"index is no whole number"});
        expectRunRefused([](json& run) { run["samples"].erase(4); }, {"not equally many"});
        expectRunRefused([](json& run) { run["provenance"]["threads"] = -1e300; },
                         {"threads is no whole number"});
        expectRunRefused([](json& run) { run["work"]["members"]["H"]["rows"] = 18'446'744'073'709'551'615u; },
                         {"rows is no whole number"});
        expectRunRefused([](json& run) { run["seconds"] = -1; }, {"seconds is no amount"});
        expectRunRefused([](json& run) { run["calls"]["HH"] = 1; }, {"pool letter"});
    }

    void runsThatNoProgramMade() {
        expectRunRefused([](json& run) { run["state"] = "running"; }, {"its state"});
        expectRunRefused([](json& run) { run["started"] = "yesterday"; }, {"no time in UTC"});
        expectRunRefused([](json& run) { run["request"]["schedule"] = "(H8)"; }, {"beyond the 8"});
        expectRunRefused([](json& run) { run["request"]["schedule"] = "H)"; }, {"schedule"});
        expectRunRefused([](json& run) { run["request"]["length"] = 23; }, {"24 positions, its request 23"});
        expectRunRefused([](json& run) { run["request"]["pool"].erase(1); }, {"L"});
        expectRunRefused([](json& run) { run["request"]["seed"] = 5; }, {"changed after it was made"});
        expectRunRefused([](json& run) { run["identity"] = std::string(64, 'b'); }, {"another run"});
        expectRunRefused([](json& run) { run.erase("measures"); }, {"measures"});
        expectRunRefused([](json& run) { run["measures"].push_back(run["measures"][0]); }, {"one name"});
        expectRunRefused([](json& run) { run = json::array(); }, {});
    }

    void invalidJson() {
        EditedBundle changed = bundle();
        changed.files[changed.nameOf("run.json")] = "{\"identity\": ";
        changed.relist();
        expectRefusal(changed, {"run.json"});
        changed.files[changed.nameOf("run.json")] = "{\"note\":\"\xff\"}";
        changed.relist();
        expectRefusal(changed, {"run.json"});
        changed.files[changed.nameOf("run.json")] = std::string(100'000, '[');
        changed.relist();
        expectRefusal(changed, {"run.json"});
        changed.files["manifest.json"] = "nothing";
        expectRefusal(changed, {});
        changed = bundle();
        for (const char* text :
             {"[{\"name\":\"\",\"created\":\"\",\"schedule\":\"(H4)\"}]", "[{\"name\":\"a\"}]", "{",
              "[{\"name\":\"a\",\"created\":\"\",\"schedule\":\"(Z0)\"}]",
              "[{\"name\":\"a\",\"created\":\"\",\"schedule\":\"(H4)\"},"
              "{\"name\":\"A\",\"created\":\"\",\"schedule\":\"(H8)\"}]"}) {
            changed.files["schedules.json"] = text;
            changed.relist();
            expectRefusal(changed, {"schedules.json"});
        }
    }

    void aCheckpointUnderAnotherHash() {
        EditedBundle changed = bundle();
        const std::string sha256(64, 'a');
        changed.files["checkpoints/" + sha256 + "/config.json"] = "{}";
        changed.files["checkpoints/" + sha256 + "/model.safetensors"] = "short";
        changed.relist();
        json manifest = changed.json("manifest.json");
        manifest["checkpoints"] = {sha256};
        changed.setJson("manifest.json", manifest);
        writeText(*m_folder / "changed.steploom", changed.bytes());
        expectError([&] { importBundle(*m_store, *m_folder / "changed.steploom"); }, ErrorKind::File, {});
        QCOMPARE(m_store->count(), 0);
        QVERIFY(std::filesystem::is_empty(*m_folder / "store" / "checkpoints"));
    }

    void aStoreThatIsFullKeepsWholeRunsOnly() {
        RunStore from(*m_folder / "from.sqlite");
        for (std::uint64_t seed = 10; seed < 60; ++seed)
            makeRun(from, seed);
        exportBundle(from, allRuns(from), {}, file());
        RunStore full(*m_folder / "store" / "full.sqlite", {.maximumBytes = 200'000});
        expectError([&] { importBundle(full, file()); }, ErrorKind::Store, {"full"});
        for (const RunSummary& run : full.list())
            QCOMPARE(full.load(run.id).samples.size(), std::size_t{5});
    }
};

QTEST_GUILESS_MAIN(TestBundleRefusals)
#include "test_bundle_refusals.moc"
