// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <memory>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliGenerateTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<TinyPool> m_pool;

    QString store() const { return text(*m_folder / "runs.sqlite"); }
    QStringList generateCommand(const QStringList& more = {}) const {
        return QStringList{u"generate"_s} + m_pool->models() +
               QStringList{u"--schedule"_s, u"(L2,H4,L2)"_s, u"--samples"_s, u"3"_s,           u"--seed"_s,
                           u"5"_s,          u"--threads"_s,  u"1"_s,         u"--no-timing"_s, u"--json"_s} +
               more;
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_pool = std::make_unique<TinyPool>(m_folder->path());
    }

    void printsSamplesCostAndMeasuresUnderTheFixedKeys() {
        const CliResult result = runCli(generateCommand({u"--evaluator"_s, text(m_pool->reader)}));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QVERIFY(json["run_id"].is_null());
        QCOMPARE(json["samples"].size(), std::size_t{3});
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(json["samples"][i]["index"].get<int>(), i);
            QCOMPARE(json["samples"][i]["tokens"].size(), std::size_t{24});
            QVERIFY(json["samples"][i]["text"].is_string());
        }
        for (const char* key : {"steps", "light_share", "blocks_only_saving", "nominal_saving",
                                "executed_saving", "expected_calls", "seconds", "seconds_measured", "calls"})
            QVERIFY2(json["cost"].contains(key), key);
        QCOMPARE(json["cost"]["steps"].get<int>(), 8);
        QCOMPARE(json["cost"]["blocks_only_saving"].get<double>(), 0.25);
        QVERIFY(json["cost"]["calls"]["H"].get<int>() > 0);
        QVERIFY(json["cost"]["calls"]["L"].get<int>() > 0);
        for (const char* name : {"generative_perplexity", "entropy"})
            for (const char* key : {"value", "low", "high", "n"})
                QVERIFY2(json["measures"][name].contains(key), key);
        QCOMPARE(json["measures"]["generative_perplexity"]["n"].get<int>(), 3);
    }

    void theSameRequestGivesTheSameTokensOnAnyBatchAndThreadCount() {
        const CliResult first = runCli(generateCommand({u"--batch"_s, u"1"_s}));
        QStringList other = generateCommand({u"--batch"_s, u"8"_s});
        other[other.indexOf(u"--threads"_s) + 1] = u"2"_s;
        const CliResult second = runCli(other);
        QCOMPARE(first.exitCode, 0);
        QVERIFY(first.json()["samples"] == second.json()["samples"]);
    }

    void runsAreComparedInPairs() {
        const QStringList keep{u"--store"_s, store()};
        for (const QString& schedule : {u"(L2,H4,L2)"_s, u"(H8)"_s, u"(L2,H4,L2)"_s}) {
            QStringList command = generateCommand(keep + QStringList{u"--evaluator"_s, text(m_pool->reader)});
            command[command.indexOf(u"--schedule"_s) + 1] = schedule;
            QCOMPARE(runCli(command).exitCode, 0);
        }
        const QStringList compare{u"runs"_s, u"compare"_s, u"1"_s, u"2"_s, u"3"_s};
        const nlohmann::json json = runCli(compare + keep + QStringList{u"--json"_s}).json();
        QCOMPARE(json["baseline"].get<int>(), 1);
        QCOMPARE(json["runs"].size(), std::size_t{2});
        const nlohmann::json& other = json["runs"][0]["nats_per_token"];
        QCOMPARE(other["n"].get<int>(), 3);
        QVERIFY(other["value"].get<double>() != 0 && other["low"] < other["value"]);
        QCOMPARE(json["runs"][0]["perplexity_ratio"]["value"].get<double>(),
                 std::exp(other["value"].get<double>()));
        for (const char* measure : {"nats_per_token", "entropy"}) { // the same run again
            QCOMPARE(json["runs"][1][measure]["low"].get<double>(), 0.0);
            QCOMPARE(json["runs"][1][measure]["high"].get<double>(), 0.0);
        }
        const CliResult plain = runCli(compare + keep);
        QVERIFY2(plain.output.contains("1 (1 to 1)"), plain.output.constData());
    }

    void runsThatCannotBePairedAreRefused() {
        const QStringList keep{u"--store"_s, store()};
        QCOMPARE(runCli(generateCommand(keep)).exitCode, 0);
        QStringList other = generateCommand(keep);
        other[other.indexOf(u"--seed"_s) + 1] = u"6"_s;
        QCOMPARE(runCli(other).exitCode, 0);
        const QStringList compare = QStringList{u"runs"_s, u"compare"_s, u"1"_s, u"2"_s} + keep;
        const CliResult unjudged = runCli(compare);
        QVERIFY(unjudged.exitCode != 0 && unjudged.errors.contains("--evaluator"));
        const CliResult unlike = runCli(compare + QStringList{u"--evaluator"_s, text(m_pool->reader)});
        QVERIFY(unlike.exitCode != 0);
        QVERIFY2(unlike.errors.contains("seed (5 and 6)"), unlike.errors.constData());
    }

    void everyOrderRunsIsKeptAndMadeAgainBitForBit() {
        const QList<QStringList> orders{{u"--sampler"_s, u"confidence"_s},
                                        {u"--sampler"_s, u"margin"_s, u"--block-length"_s, u"10"_s},
                                        {u"--sampler"_s, u"threshold"_s, u"--threshold"_s, u"0.02"_s},
                                        {u"--remask"_s, u"confidence"_s, u"--float32-gumbel"_s},
                                        {u"--remask"_s, u"loop"_s, u"--eta"_s, u"0.1"_s, u"--t-on"_s,
                                         u"0.8"_s, u"--alpha-on"_s, u"0.7"_s}};
        const QStringList texts{u"confidence"_s, u"margin, blocks of 10"_s, u"threshold 0.02"_s,
                                u"ancestral, ReMDM confidence (η 1), float32 Gumbel noise"_s,
                                u"ancestral, ReMDM loop (η 0.1, t 0.8 to 0.05, α 0.7)"_s};
        for (int i = 0; i < orders.size(); ++i) {
            const CliResult made = runCli(generateCommand(orders[i] + QStringList{u"--store"_s, store()}));
            QVERIFY2(made.exitCode == 0, (made.errors + made.output).constData());
            const QString id = QString::number(made.json()["run_id"].get<int>());
            const nlohmann::json shown =
                runCli({u"runs"_s, u"show"_s, id, u"--store"_s, store(), u"--json"_s}).json();
            QCOMPARE(QString::fromStdString(shown["order"].get<std::string>()), texts[i]);
            const CliResult again = runCli({u"runs"_s, u"rerun"_s, id, u"--store"_s, store(), u"--json"_s});
            QVERIFY2(again.exitCode == 0, again.output.constData());
            QVERIFY(again.json()["identical"].get<bool>());
        }
    }

    void costSaysWhetherItIsExactExpectedOrABound() {
        const auto figures = [this](const QStringList& order) {
            const CliResult result =
                runCli(QStringList{u"cost"_s} + m_pool->models() +
                       QStringList{u"--schedule"_s, u"(L2,H4,L2)"_s, u"--no-timing"_s, u"--json"_s} + order);
            return result.json()["figures"].get<std::string>();
        };
        QCOMPARE(figures({}), std::string("expected"));
        QCOMPARE(figures({u"--sampler"_s, u"entropy"_s}), std::string("exact"));
        QCOMPARE(figures({u"--sampler"_s, u"threshold"_s}), std::string("at most"));
    }

    void aBranchGoesOnFromARunAndIsMadeAgainBitForBit() {
        const CliResult parent = runCli(generateCommand({u"--store"_s, store()}));
        QVERIFY2(parent.exitCode == 0, parent.errors.constData());
        const QString id = QString::number(parent.json()["run_id"].get<int>());
        const QStringList from{u"generate"_s, u"--from-run"_s,  id,          u"--from-sample"_s,
                               u"1"_s,        u"--at-step"_s,   u"3"_s,      u"--threads"_s,
                               u"1"_s,        u"--no-timing"_s, u"--json"_s, u"--store"_s,
                               store(),       u"--samples"_s,   u"2"_s};
        // Unchanged, its first sample is the parent's.
        const CliResult same = runCli(from);
        QVERIFY2(same.exitCode == 0, (same.errors + same.output).constData());
        QVERIFY(same.json()["samples"][0]["tokens"] == parent.json()["samples"][1]["tokens"]);
        QVERIFY(same.json()["samples"][1]["tokens"] != parent.json()["samples"][1]["tokens"]);
        QCOMPARE(same.json()["parent"]["run"].get<int>(), id.toInt());
        QCOMPARE(same.json()["parent"]["step"].get<int>(), 3);

        const CliResult changed =
            runCli(from + QStringList{u"--edit"_s, u"4=ab"_s, u"--edit-token"_s, u"7=5"_s, u"--remask-at"_s,
                                      u"0,9-12"_s, u"--fix"_s, u"2"_s, u"--schedule"_s, u"(H10,L6)"_s});
        QVERIFY2(changed.exitCode == 0, (changed.errors + changed.output).constData());
        for (const nlohmann::json& sample : changed.json()["samples"])
            QCOMPARE(sample["tokens"][7].get<int>(), 5);
        QCOMPARE(changed.json()["parent"]["step"].get<int>(), 6); // the same place in time of 16 steps
        const QString branch = QString::number(changed.json()["run_id"].get<int>());
        const nlohmann::json shown =
            runCli({u"runs"_s, u"show"_s, id, u"--store"_s, store(), u"--json"_s}).json();
        QCOMPARE(shown["branches"].size(), std::size_t{2});
        const CliResult again = runCli({u"runs"_s, u"rerun"_s, branch, u"--store"_s, store(), u"--json"_s});
        QVERIFY2(again.exitCode == 0, again.output.constData());
        QVERIFY(again.json()["identical"].get<bool>());
    }

    void aBranchThatCannotBeIsRefusedNamingTheOption() {
        const CliResult parent = runCli(generateCommand({u"--store"_s, store()}));
        const QString id = QString::number(parent.json()["run_id"].get<int>());
        const auto refused = [&](const QStringList& more, const QByteArray& part) {
            const CliResult result = runCli(
                QStringList{u"generate"_s, u"--from-run"_s, id, u"--no-timing"_s, u"--store"_s, store()} +
                more);
            QVERIFY(result.exitCode != 0);
            QVERIFY2(result.errors.contains(part), result.errors.constData());
        };
        refused({}, "--at-step");
        refused({u"--at-step"_s, u"9"_s}, "8 steps");
        refused({u"--at-step"_s, u"2"_s, u"--from-sample"_s, u"7"_s}, "--from-sample 7");
        refused({u"--at-step"_s, u"2"_s, u"--remask-at"_s, u"99"_s}, "--remask-at 99");
        refused({u"--at-step"_s, u"2"_s, u"--edit"_s, u"5"_s}, "equals sign");
        refused({u"--at-step"_s, u"2"_s, u"--prompt"_s, u"x"_s}, "--prompt");
        refused({u"--at-step"_s, u"8"_s}, "all its 24 positions are written");
    }

    void aPlayerIsAPageOfItsOwn() {
        const CliResult made = runCli(generateCommand({u"--store"_s, store()}));
        const QString id = QString::number(made.json()["run_id"].get<int>());
        const QString file = text(*m_folder / "player.html");
        const CliResult result = runCli(
            {u"runs"_s, u"player"_s, id, u"--sample"_s, u"1"_s, u"--out"_s, file, u"--store"_s, store()});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QFile page(file);
        QVERIFY(page.open(QIODevice::ReadOnly));
        QVERIFY(page.readAll().contains("sample 2"));
    }

    void aPromptBeginsEverySample() {
        const CliResult result = runCli(generateCommand({u"--prompt"_s, u"Once "_s}));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        for (const nlohmann::json& sample : result.json()["samples"])
            QVERIFY(sample["text"].get<std::string>().starts_with("Once "));
    }

    void aTemplateKeepsItsFixedText() {
        const CliResult result = runCli(generateCommand({u"--template"_s, u"[mask:4]middle[mask]"_s}));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        for (const nlohmann::json& sample : result.json()["samples"])
            QVERIFY(sample["text"].get<std::string>().find("middle") != std::string::npos);
    }

    void aKeptRunIsListedShownAndMadeAgainBitForBit() {
        const CliResult made =
            runCli(generateCommand({u"--store"_s, store(), u"--evaluator"_s, text(m_pool->reader)}));
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        const auto id = made.json()["run_id"].get<int>();

        const nlohmann::json list = runCli({u"runs"_s, u"list"_s, u"--store"_s, store(), u"--json"_s}).json();
        QCOMPARE(list["runs"].size(), std::size_t{1});
        QCOMPARE(list["runs"][0]["id"].get<int>(), id);
        QCOMPARE(list["runs"][0]["state"].get<std::string>(), std::string("finished"));

        const nlohmann::json shown =
            runCli({u"runs"_s, u"show"_s, QString::number(id), u"--store"_s, store(), u"--json"_s}).json();
        QVERIFY(shown["samples"] == made.json()["samples"]);
        QVERIFY(shown["measures"] == made.json()["measures"]);
        QCOMPARE(shown["provenance"]["members"].size(), std::size_t{2});
        QCOMPARE(shown["provenance"]["members"][0]["sha256"].get<std::string>().size(), std::size_t{64});

        const CliResult again =
            runCli({u"runs"_s, u"rerun"_s, QString::number(id), u"--store"_s, store(), u"--json"_s});
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QCOMPARE(again.json()["identical"].get<bool>(), true);
        QVERIFY(again.json()["first_difference"].is_null());
    }

    void theWorkOfEveryMemberIsToldAndKept() {
        const CliResult made = runCli(generateCommand({u"--store"_s, store(), u"--batch"_s, u"2"_s}));
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        const nlohmann::json work = made.json()["work"];
        QCOMPARE(work["batch"].get<int>(), 2);
        QVERIFY(work["peak_memory"].get<double>() > 1e6);
        int rows = 0;
        for (const char* letter : {"H", "L"}) {
            const nlohmann::json& member = work["members"][letter];
            QCOMPARE(member["sample_calls"], made.json()["cost"]["calls"][letter]);
            QVERIFY(member["network_calls"].get<int>() > 0);
            QVERIFY(member["seconds"].get<double>() > 0 && member["flops"].get<double>() > 0);
            rows += member["rows"].get<int>();
        }
        QCOMPARE(rows, 3 * 24); // every position passes the output layer once
        const QStringList show{u"runs"_s, u"show"_s, u"1"_s, u"--store"_s, store()};
        QVERIFY(runCli(show + QStringList{u"--json"_s}).json()["work"] == work);
        const CliResult text = runCli(show);
        for (const char* part : {"peak memory", "rows a call", "stored f32, computed in f32"})
            QVERIFY2(text.output.contains(part), text.output.constData());
    }

    void withoutABatchOneIsChosenAndKept() {
        const CliResult made = runCli(generateCommand({u"--store"_s, store()}));
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        const int batch = made.json()["work"]["batch"].get<int>();
        QVERIFY(batch >= 1 && batch <= 3);
        const nlohmann::json shown =
            runCli({u"runs"_s, u"show"_s, u"1"_s, u"--store"_s, store(), u"--json"_s}).json();
        QCOMPARE(shown["request"]["batch"].get<int>(), 0);
        QCOMPARE(shown["work"]["batch"].get<int>(), batch);
        QVERIFY(shown["command"].get<std::string>().find("--batch auto") != std::string::npos);
        const CliResult same = runCli(generateCommand({u"--batch"_s, u"auto"_s}));
        QVERIFY(same.json()["samples"] == made.json()["samples"]);
    }

    void oneCheckpointAtTwoPrecisionsIsAPool() {
        const CliResult made =
            runCli({u"generate"_s, u"--model"_s, u"H="_s + text(m_pool->heavy), u"--model"_s,
                    u"L="_s + text(m_pool->heavy) + u":int8"_s, u"--schedule"_s, u"(L2,H4,L2)"_s,
                    u"--samples"_s, u"3"_s, u"--no-timing"_s, u"--json"_s, u"--store"_s, store()});
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        QVERIFY(made.json()["cost"]["calls"]["L"].get<int>() > 0);
        const nlohmann::json shown =
            runCli({u"runs"_s, u"show"_s, u"1"_s, u"--store"_s, store(), u"--json"_s}).json();
        const nlohmann::json& members = shown["provenance"]["members"];
        QCOMPARE(members[0]["sha256"], members[1]["sha256"]);
        QCOMPARE(members[0]["precision"]["effective"].get<std::string>(), std::string("f32"));
        QCOMPARE(members[1]["precision"]["requested"].get<std::string>(), std::string("int8"));
        const CliResult text = runCli({u"runs"_s, u"show"_s, u"1"_s, u"--store"_s, store()});
        QVERIFY2(text.output.contains("int8"), text.output.constData()); // computed in, or asked for
        const CliResult again = runCli({u"runs"_s, u"rerun"_s, u"1"_s, u"--store"_s, store(), u"--json"_s});
        QVERIFY2(again.exitCode == 0, again.output.constData());
        QVERIFY(again.json()["identical"].get<bool>());
    }

    void aRunWhoseCheckpointChangedIsNotRerun() {
        const CliResult made = runCli(generateCommand({u"--store"_s, store()}));
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        writeTinyMdlm(m_pool->light, {.blocks = 2, .vocabulary = 258, .length = 24, .seed = 99});
        const CliResult again = runCli({u"runs"_s, u"rerun"_s, u"1"_s, u"--store"_s, store(), u"--json"_s});
        QCOMPARE(again.exitCode, 1);
        QVERIFY2(again.output.contains("SHA-256"), again.output.constData());
    }

    void theReportHoldsEveryRunAndLoadsNothing() {
        for (const QString& schedule : {u"all heavy"_s, u"sandwich:0.5"_s}) {
            const CliResult made = runCli(QStringList{u"generate"_s} + m_pool->models() +
                                          QStringList{u"--schedule"_s, schedule, u"--steps"_s, u"8"_s,
                                                      u"--samples"_s, u"3"_s, u"--no-timing"_s, u"--store"_s,
                                                      store(), u"--evaluator"_s, text(m_pool->reader)});
            QVERIFY2(made.exitCode == 0, made.errors.constData());
        }
        const CliResult result =
            runCli({u"report"_s, u"--store"_s, store(), u"--out"_s, text(*m_folder / "report.html")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QCOMPARE(result.output.trimmed(), text(*m_folder / "report.html").toUtf8());
        const std::string page = readText(*m_folder / "report.html");
        for (const char* part : {"Work done", "rows a call", "1 · all heavy", "2 · sandwich 50%",
                                 "(L2,H4,L2)", "<svg", "steploom-cli generate"})
            QVERIFY2(page.find(part) != std::string::npos, part);
        for (const char* outside : {"src=", "href=\"h", "url(", "@import"})
            QVERIFY2(page.find(outside) == std::string::npos, outside);
    }

    void withoutJsonTheTextsAreReadable() {
        QStringList arguments = generateCommand({u"--prompt"_s, u"Once "_s});
        arguments.removeAll(u"--json"_s);
        const CliResult result = runCli(arguments);
        QCOMPARE(result.exitCode, 0);
        QVERIFY(result.output.contains("── sample 2 ──\nOnce "));
        QVERIFY2(result.errors.isEmpty(), "no progress bar where standard error is no terminal");
    }
};

QTEST_GUILESS_MAIN(CliGenerateTest)
#include "cli_generate_test.moc"
