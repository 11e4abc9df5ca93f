// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/player_page.h"

#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/fake_models.h"

#include <QtTest>
#include <nlohmann/json.hpp>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// A tokenizer of given pieces, which decodes only.
class Pieces : public Tokenizer {
public:
    explicit Pieces(std::vector<std::string> pieces) : m_pieces(std::move(pieces)) {}
    std::vector<std::int32_t> encode(std::string_view, bool) const override { return {}; }
    std::string decode(std::span<const std::int32_t> ids, bool) const override {
        std::string text;
        for (const std::int32_t id : ids)
            text += bytesOf(id);
        return text;
    }
    std::string_view bytesOf(std::int32_t id) const override {
        return m_pieces.at(static_cast<std::size_t>(id));
    }
    std::optional<std::int32_t> idOf(std::string_view) const override { return {}; }
    bool isSpecial(std::int32_t) const override { return false; }
    std::optional<std::int32_t> maskToken() const override { return {}; }
    int size() const override { return static_cast<int>(m_pieces.size()); }
    const std::string& fingerprint() const override { return m_pieces.front(); }
    std::string description() const override { return "pieces"; }

private:
    std::vector<std::string> m_pieces;
};

std::string pageOf(const std::vector<std::string>& pieces, const std::vector<RemaskedToken>& remasked = {},
                   GenerationKind kind = GenerationKind::MaskedDiffusion) {
    const Pieces tokenizer(pieces);
    RunSample sample;
    SampleTrace& trace = sample.trace;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        trace.tokens.push_back(static_cast<std::int32_t>(i));
        trace.revealStep.push_back(i == 0 ? -1 : static_cast<std::int32_t>(i));
        trace.member.push_back(static_cast<std::int8_t>(i == 0 ? -1 : i % 2));
        trace.logProbability.push_back(-0.5f);
        trace.entropy.push_back(1.5f);
    }
    trace.remasked = remasked;
    sample.text = tokenizer.decode(trace.tokens, false);
    RunSummary run;
    run.id = 12;
    run.kind = kind;
    run.request = makeRequest();
    run.request.pool = {{'H', "heavy<b>", "h", Precision::F32, ""}, {'L', "light", "l", Precision::F32, ""}};
    return playerPage(run, sample, tokenizer);
}

nlohmann::json dataOf(const std::string& page) {
    const std::string open = "id=\"data\">";
    const std::size_t begin = page.find(open) + open.size();
    return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

} // namespace

class TestPlayerPage : public QObject {
    Q_OBJECT

private slots:
    void whatAModelWroteCannotLeaveItsText() {
        const std::string evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'";
        const std::string page = pageOf({"Once", evil, "<!--", " end"});
        QCOMPARE(QString::fromStdString(page).count("<script"), 2); // its data and its player
        QCOMPARE(QString::fromStdString(page).count("</script>"), 2);
        for (const char* part : {"<img", "<!--", "alert(1)</script>", "heavy<b>"})
            QVERIFY2(page.find(part) == std::string::npos, part);
        QCOMPARE(dataOf(page)["tokens"][1][1].get<std::string>(), evil); // and yet is all there
        QCOMPARE(dataOf(page)["members"][0][1].get<std::string>(), std::string("heavy<b>"));
    }

    void nothingIsLoadedFromAnywhere() {
        const QString page = QString::fromStdString(pageOf({"a", "b"}));
        QVERIFY(page.contains("Content-Security-Policy"));
        QVERIFY(page.contains("default-src 'none'"));
        for (const char* way :
             {"http://", "https://", "src=", "@import", "url(", "fetch(", "innerHTML", "<link"})
            QVERIFY2(!page.contains(QLatin1String(way)), way);
        QVERIFY(page.contains("prefers-color-scheme: dark"));
    }

    void everyStandOfATokenHasItsSteps() {
        const auto data = dataOf(pageOf({"a", "b", "c"}, {{2, 1, 0, 1, 1, -1, 2}}));
        QCOMPARE(data["steps"].get<int>(), 16);
        const auto& rows = data["tokens"];
        QCOMPARE(rows.size(), std::size_t{4});
        QCOMPARE(rows[0].dump(), std::string(R"([0,"a",-1,null,-1,0.6065306597126334,1.5])"));
        QCOMPARE(rows[2][1].get<std::string>(), std::string("b")); // stood at position 2 from step 0 to 1
        QCOMPARE(rows[2][3].get<int>(), 1);
        QCOMPARE(rows[3][2].get<int>(), 2);
        QVERIFY(rows[3][3].is_null());
    }

    void aCharacterOfSeveralTokensIsShownOnce() {
        const auto rows = dataOf(pageOf({"x", "\xF0\x9F", "\x90", "\xBB", "y", "\xFF"}))["tokens"];
        QCOMPARE(rows[1][1].get<std::string>(), std::string("\xF0\x9F\x90\xBB"));
        QCOMPARE(rows[2][1].get<std::string>(), std::string());
        QCOMPARE(rows[4][1].get<std::string>(), std::string("y"));
        QCOMPARE(rows[5][1].get<std::string>(), std::string("\xEF\xBF\xBD"));
    }

    void aStepOfCalmIsAVectorWithoutEntropy() {
        const std::string diffusion = pageOf({"a", "b"}), calm = pageOf({"a", "b"}, {}, GenerationKind::Calm);
        QCOMPARE(dataOf(diffusion)["word"].get<std::string>(), std::string("step"));
        QCOMPARE(dataOf(calm)["word"].get<std::string>(), std::string("vector"));
        QVERIFY(diffusion.find("colour: entropy") != std::string::npos);
        QVERIFY(calm.find("colour: entropy") == std::string::npos);
        QVERIFY(calm.find("colour: vector") != std::string::npos);
    }

    void withoutScriptsTheTextIsThere() {
        QVERIFY(pageOf({"Once", " upon <"}).find("<div id=\"text\">Once upon &lt;</div>") !=
                std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestPlayerPage)
#include "test_player_page.moc"
