// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <memory>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliAnalysesTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<TinyPool> m_pool;
    const QString m_tale = text(resourcePath("texts") / "the-lamplighters-geese.txt");
    const QString m_reader = text(resourcePath("checkpoints") / "reader");

    /// With the pool where `pooled`, and the store.
    CliResult cli(const QStringList& words, bool pooled = true) const {
        return runCli(words + (pooled ? m_pool->models() : QStringList()) +
                      QStringList{u"--store"_s, text(*m_folder / "runs.sqlite")});
    }
    static QStringList split(const char* words) { return QString::fromLatin1(words).split(u' '); }
    /// The first bytes of the bundled tale as a file.
    QString writtenText(std::size_t bytes) const {
        writeText(*m_folder / "text.txt",
                  readText(resourcePath("texts") / "the-lamplighters-geese.txt").substr(0, bytes));
        return text(*m_folder / "text.txt");
    }
    CliResult generate() const {
        return cli(split("generate --schedule (L2,H4,L2) --samples 3 --no-timing"));
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_pool = std::make_unique<TinyPool>(m_folder->path());
    }

    void aFrontierIsMadeOfRunsThatStay() {
        const QStringList words =
            split("frontier --schedule (H8) --schedule (L4,H4) --temperatures 1,0.7 --samples 3 --json") +
            QStringList{u"--evaluator"_s, text(m_pool->reader)};
        const CliResult result = cli(words);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json points = result.json()["points"];
        QCOMPARE(points.size(), std::size_t{4});
        QCOMPARE(points[0]["schedule"].get<std::string>(), std::string("(H8)"));
        QCOMPARE(points[0]["temperature"].get<double>(), 0.7);
        QCOMPARE(points[3]["temperature"].get<double>(), 1.0);
        QVERIFY(points[3]["saved"].get<double>() > 0);
        QCOMPARE(points[3]["perplexity"]["n"].get<int>(), 3);
        QCOMPARE(RunStore(*m_folder / "runs.sqlite").count(), 4);
        QCOMPARE(cli(words).json(), result.json());
        const CliResult table = cli(words.mid(0, words.size() - 3) + words.last(2));
        QVERIFY2(table.output.contains("temperature"), table.errors.constData());
        QCOMPARE(cli(split("frontier --schedule (H8) --temperatures 0,1") + words.last(2)).exitCode, 2);
    }

    void aTrainingsCheckpointsAreCorrelatedInTheirOrder() {
        const std::filesystem::path training = *m_folder / "training";
        std::uint32_t seed = 1;
        for (const char* step : {"steps/900", "steps/01000", "steps/notes", ""}) {
            if (std::string(step) == "steps/notes") {
                std::filesystem::create_directories(training / step);
                continue;
            }
            const auto folder = std::string(step).empty() ? training : training / step;
            writeTinyCausal(folder, {.vocabulary = 257, .length = 32, .seed = seed++});
            writeByteTokenizer(folder);
        }
        const QStringList words =
            QStringList{u"correlation"_s, u"--checkpoint"_s, text(training), u"--text"_s, writtenText(3000)} +
            split("--windows 8 --draws 1");
        const CliResult result = cli(words + QStringList{u"--json"_s}, false);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        std::vector<std::string> names;
        for (const nlohmann::json& point : json["points"]) {
            names.push_back(point["name"].get<std::string>());
            // Random weights know nothing: the logarithm of the vocabulary.
            QVERIFY(std::abs(point["cross_entropy"]["value"].get<double>() - std::log(257.0)) < 1);
            QCOMPARE(point["cross_entropy"]["n"].get<int>(), 8);
        }
        QCOMPARE(names, (std::vector<std::string>{"900", "01000", "training"}));
        const CliResult table = cli(words, false);
        QVERIFY2(table.output.contains("Pearson") && table.output.contains("BrierLM"),
                 table.output.constData());

        const CliResult brief = cli(
            QStringList{u"correlation"_s, u"--checkpoint"_s, text(training), u"--text"_s, writtenText(10)},
            false);
        QCOMPARE(brief.exitCode, 1);
        QVERIFY2(brief.errors.contains("longer text"), brief.errors.constData());
        const CliResult other =
            cli(QStringList{u"correlation"_s, u"--checkpoint"_s, text(m_pool->heavy), u"--text"_s, m_tale},
                false);
        QCOMPARE(other.exitCode, 1);
        QVERIFY2(other.errors.contains("masked-diffusion"), other.errors.constData());
    }

    void shuffledTextIsTheOtherEndOfTheScale() {
        const QStringList words{u"anchors"_s,  u"--evaluator"_s, m_reader,      u"--text"_s, m_tale,
                                u"--length"_s, u"48"_s,          u"--pieces"_s, u"6"_s};
        const CliResult result = cli(words + QStringList{u"--json"_s}, false);
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        nlohmann::json json = result.json();
        QVERIFY(json["shuffled"]["perplexity"]["value"].get<double>() >
                1.2 * json["real"]["perplexity"]["value"].get<double>());
        QCOMPARE(json["real"]["perplexity"]["n"].get<int>(), 6);
        QVERIFY(!json["known"].get<bool>());
        json["known"] = true;
        QCOMPARE(cli(words + QStringList{u"--json"_s}, false).json(), json);
        const CliResult table = cli(words, false);
        QVERIFY2(table.output.contains("words shuffled"), table.output.constData());
        const CliResult brief =
            cli({u"anchors"_s, u"--evaluator"_s, m_reader, u"--text"_s, writtenText(40)}, false);
        QCOMPARE(brief.exitCode, 1);
        QVERIFY2(brief.errors.contains("longer text"), brief.errors.constData());
    }

    void thePredictionIsHeldAgainstTheSearch() {
        const QStringList optimise = split("optimise --measured --grid 4 --windows 4 --steps 8") +
                                     QStringList{u"--text"_s, writtenText(2000)};
        const CliResult without = cli(optimise);
        QCOMPARE(without.exitCode, 2);
        QVERIFY2(without.errors.contains("steploom-cli search"), without.errors.constData());
        const CliResult search =
            cli(split("search --steps 8 --segments 4 --light 1 --samples 9 --no-timing --no-early-stopping "
                      "--json") +
                QStringList{u"--evaluator"_s, text(m_pool->reader)});
        QVERIFY2(search.exitCode == 0, search.errors.constData());
        QCOMPARE(search.json()["entries"][0]["nats_per_token"]["n"].get<int>(), 9);
        const CliResult result = cli(optimise + QStringList{u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QCOMPARE(json["points"].size(), std::size_t{4});
        QVERIFY(json["points"][0]["predicted_nats_per_token"].get<double>() > 0);
        QCOMPARE(json["pearson"]["n"].get<int>(), 4);
        QVERIFY(cli(optimise).output.contains("Spearman"));
    }

    void whatJudgesIsSaid() {
        QVERIFY(generate().exitCode == 0);
        // The bundled reader has pieces, the tiny pool bytes.
        const QStringList judged{u"evaluate"_s, u"--run"_s, u"1"_s, u"--measures"_s, u"genppl"_s};
        const CliResult other = cli(judged + QStringList{u"--evaluator"_s, m_reader}, false);
        QVERIFY2(other.output.contains("re-tokenised with reader's own tokenizer"), other.errors.constData());
        const CliResult same = cli(judged + QStringList{u"--evaluator"_s, text(m_pool->reader)}, false);
        QVERIFY2(same.exitCode == 0 && !same.output.contains("re-tokenised"), same.errors.constData());
        writeTinyCausal(*m_folder / "short", {.vocabulary = 257, .length = 10, .seed = 5});
        writeByteTokenizer(*m_folder / "short");
        const CliResult narrow =
            cli(judged + QStringList{u"--evaluator"_s, text(*m_folder / "short")}, false);
        QVERIFY2(narrow.output.contains("a sliding window, stride 5"), narrow.output.constData());
    }

    void aCheckpointThatChangedSinceTheRunIsRefused() {
        QVERIFY(generate().exitCode == 0);
        const QStringList words = split("evaluate --run 1 --measures brierlm --windows 2 --draws 2 --text") +
                                  QStringList{writtenText(2000)};
        QCOMPARE(cli(words, false).exitCode, 0);
        writeTinyMdlm(m_pool->heavy, {.blocks = 4, .vocabulary = 258, .length = 24, .seed = 77});
        // What is known needs no checkpoint.
        QCOMPARE(cli(words, false).exitCode, 0);
        const CliResult changed = cli(words + QStringList{u"--again"_s}, false);
        QCOMPARE(changed.exitCode, 1);
        QVERIFY2(changed.errors.contains("SHA-256") && changed.errors.contains("remedy:"),
                 changed.errors.constData());
    }

    void whatModelsAreOnATextIsFoundAgainInAStore() {
        const QStringList words = split("evaluate --schedule (H8) --windows 3 --draws 2 --json --text") +
                                  QStringList{writtenText(2000)};
        const CliResult first = cli(words), second = cli(words);
        QVERIFY2(first.exitCode == 0, first.errors.constData());
        QCOMPARE(first.json()["evaluated"][0]["known"].size(), std::size_t{0});
        QVERIFY(second.json()["evaluated"][0]["known"].size() >= 6);
        QCOMPARE(second.json()["evaluated"][0]["measures"], first.json()["evaluated"][0]["measures"]);
        const QStringList causal = QStringList{u"evaluate"_s, u"--causal"_s, text(m_pool->reader),
                                               u"--json"_s,   u"--text"_s,   writtenText(2000)} +
                                   split("--windows 3 --draws 1 --context 8");
        QVERIFY(cli(causal, false).json()["evaluated"][0]["measures"].contains("cross_entropy"));
        QVERIFY(cli(causal, false).json()["evaluated"][0]["known"].size() >= 5);
    }
};

QTEST_GUILESS_MAIN(CliAnalysesTest)
#include "cli_analyses_test.moc"
