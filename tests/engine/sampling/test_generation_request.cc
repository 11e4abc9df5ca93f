// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/generation_request.h"

#include "tests/testing/errors.h"
#include "tests/testing/fake_models.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace steploom;
using steploom::testing::expectError;
using steploom::testing::makeLetterTokenizer;

namespace {

using Json = nlohmann::json;
constexpr std::int32_t kMask = 26;

GenerationRequest fullRequest() {
    GenerationRequest request;
    request.pool = {{'H', "heavy", "/models/heavy", Precision::F32, "ab12"},
                    {'L', "léger", "/models/light", Precision::BF16, ""}};
    request.tokenizer = "/models/gpt2";
    request.schedule = parseSchedule("(L125,H750,L125)");
    request.length = 77;
    request.samples = 13;
    request.seed = std::numeric_limits<std::uint64_t>::max();
    request.sampler = Sampler::FirstHitting;
    request.temperature = 0.1 + 0.2;
    request.topP = 0.95;
    request.prompt = "Once \"upon\"\na time, naïve 🦉";
    request.templateText = "";
    request.batch = 5;
    request.float32Gumbel = true;
    return request;
}

GenerationRequest smallRequest() {
    GenerationRequest request;
    request.schedule = parseSchedule("H4");
    request.length = 8;
    return request;
}

std::vector<std::int32_t> tokensOf(const GenerationRequest& request) {
    return initialTokens(request, *makeLetterTokenizer(26), kMask);
}

std::vector<std::int32_t> templateTokens(const std::string& text, int length = 8) {
    GenerationRequest request = smallRequest();
    request.templateText = text;
    request.length = length;
    return tokensOf(request);
}

} // namespace

class TestGenerationRequest : public QObject {
    Q_OBJECT
private slots:
    void withoutABatchItIsAutomatic() {
        Json json = fullRequest();
        json.erase("batch");
        QCOMPARE(json.get<GenerationRequest>().batch, kAutomaticBatch);
        requireRunnable(smallRequest());
        QCOMPARE(smallRequest().batch, kAutomaticBatch);
    }

    void jsonAndBackIsTheSameRequest() {
        const GenerationRequest request = fullRequest();
        const std::string text = Json(request).dump();
        QVERIFY(Json::parse(text).get<GenerationRequest>() == request);
        QVERIFY(Json(request).get<GenerationRequest>() == request); // without text between
        GenerationRequest plain = smallRequest();
        plain.seed = 0;
        plain.templateText = "[mask:3]b";
        QVERIFY(Json::parse(Json(plain).dump()).get<GenerationRequest>() == plain);
    }

    void jsonKeysAreWhatTheyAlwaysWere() {
        const Json json = fullRequest();
        QCOMPARE(json.at("schedule").get<std::string>(), std::string("(L125,H750,L125)"));
        QCOMPARE(json.at("sampler").get<std::string>(), std::string("first-hitting"));
        QCOMPARE(json.at("seed").dump(), std::string("18446744073709551615"));
        QCOMPARE(json.at("pool")[1].at("precision").get<std::string>(), std::string("bf16"));
        for (const char* key : {"pool", "tokenizer", "schedule", "length", "samples", "seed", "sampler",
                                "temperature", "top_p", "prompt", "template", "batch", "float32_gumbel"})
            QVERIFY2(json.contains(key), key);
    }

    void laterOptionsComeBackAndAreWrittenOnlyWhereTheyMatter() {
        const Json usual = smallRequest();
        for (const char* key : {"threshold", "block_length", "remasking"})
            QVERIFY2(!usual.contains(key), key);
        GenerationRequest request = smallRequest();
        request.sampler = Sampler::Threshold;
        request.threshold = 0.75;
        request.blockLength = 32;
        Json json = request;
        QCOMPARE(json.at("threshold").get<double>(), 0.75);
        QCOMPARE(json.at("block_length").get<int>(), 32);
        QVERIFY(Json::parse(json.dump()).get<GenerationRequest>() == request);
        request = smallRequest();
        request.remasking = {Remask::Loop, 0.03, 0.5, 0.1, 0.8};
        json = request;
        QCOMPARE(json.at("remasking").at("kind").get<std::string>(), std::string("loop"));
        QVERIFY(Json::parse(json.dump()).get<GenerationRequest>() == request);
        for (Sampler sampler : allSamplers()) {
            request = smallRequest();
            request.sampler = sampler;
            QVERIFY(Json::parse(Json(request).dump()).get<GenerationRequest>() == request);
        }
    }

    void optionsOfDrawingComeBackAndAreWrittenOnlyWhereTheyMatter() {
        const Json usual = smallRequest();
        for (const char* key :
             {"top_k", "temperature_method", "candidates", "most_draws", "fall_back", "prompt_fit"})
            QVERIFY2(!usual.contains(key), key);
        GenerationRequest request = smallRequest();
        request.topK = 40;
        request.temperatureMethod = TemperatureMethod::Exact;
        request.candidates = 50;
        request.mostDraws = 1234;
        request.fallBack = true;
        request.promptFit = PromptFit::Trim;
        const Json json = request;
        QCOMPARE(json["temperature_method"].get<std::string>(), std::string("exact"));
        QCOMPARE(json["prompt_fit"].get<std::string>(), std::string("trim"));
        QVERIFY(Json::parse(json.dump()).get<GenerationRequest>() == request);
        Json unfit = json;
        unfit["temperature_method"] = "guess";
        expectError([&] { unfit.get<GenerationRequest>(); }, ErrorKind::Request,
                    {"temperature_method", "guess"});
        unfit = json;
        unfit["prompt_fit"] = 3;
        expectError([&] { unfit.get<GenerationRequest>(); }, ErrorKind::Request, {"prompt_fit"});
    }

    void aRequestOfTheFirstVersionIsReadAsItWas() {
        const auto request =
            Json::parse(R"json({"batch": 8, "float32_gumbel": false, "length": 24, "pool": [],
            "prompt": "", "sampler": "ancestral", "samples": 5, "schedule": "(L4,H8,L4)", "seed": 77,
            "temperature": 1.0, "template": "", "tokenizer": "", "top_p": 1.0})json")
                .get<GenerationRequest>();
        GenerationRequest expected;
        expected.schedule = parseSchedule("(L4,H8,L4)");
        expected.length = 24;
        expected.samples = 5;
        expected.seed = 77;
        expected.batch = 8;
        expected.topTokens = 0; // nobody kept them then
        QVERIFY(request == expected);
        QVERIFY(request.remasking.kind == Remask::None && request.blockLength == 0);
    }

    void anUnfitLaterOptionIsNamedWithItsKey() {
        const auto refused = [](const char* key, const char* value, const char* named) {
            Json json = fullRequest();
            json[key] = Json::parse(value);
            expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request, {named});
        };
        refused("threshold", "\"high\"", "key threshold");
        refused("block_length", "2.5", "key block_length");
        refused("remasking", "\"cap\"", "remasking");
        refused("remasking", R"({"kind": "often"})", "key remasking.kind");
        refused("remasking", R"({"kind": "cap"})", "key remasking.eta");
        refused("remasking", R"({"kind": "cap", "eta": "x"})", "key remasking.eta");
    }

    void aMissingKeyIsNamed() {
        const Json whole = fullRequest();
        for (const auto& item : whole.items()) {
            if (item.key() == "float32_gumbel" || item.key() == "batch" || item.key() == "top_tokens")
                continue;
            Json json = whole;
            json.erase(item.key());
            expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request,
                        {("key " + item.key()).c_str(), "missing"});
        }
        Json json = fullRequest();
        json["pool"][1].erase("path");
        expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request, {"pool[1].path", "missing"});
        json = fullRequest();
        json.erase("float32_gumbel");
        QVERIFY(!json.get<GenerationRequest>().float32Gumbel);
    }

    void anUnfitValueIsNamedWithItsKey_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("text for a number") << "length"
                                           << "\"12\"";
        QTest::newRow("half a token") << "length"
                                      << "12.5";
        QTest::newRow("beyond 32 bits") << "samples"
                                        << "4294967297";
        QTest::newRow("beyond 63 bits") << "samples"
                                        << "18446744073709551615";
        QTest::newRow("negative seed") << "seed"
                                       << "-1";
        QTest::newRow("seed beyond 64 bits") << "seed"
                                             << "36893488147419103232";
        QTest::newRow("null") << "prompt"
                              << "null";
        QTest::newRow("number for text") << "template"
                                         << "3";
        QTest::newRow("unknown sampler") << "sampler"
                                         << "\"ddim\"";
        QTest::newRow("schedule") << "schedule"
                                  << "\"(L12\"";
        QTest::newRow("temperature") << "temperature"
                                     << "\"hot\"";
        QTest::newRow("pool") << "pool"
                              << "{}";
        QTest::newRow("batch") << "batch"
                               << "true";
        QTest::newRow("float32_gumbel") << "float32_gumbel"
                                        << "1";
    }
    void anUnfitValueIsNamedWithItsKey() {
        QFETCH(QString, key);
        QFETCH(QString, value);
        Json json = fullRequest();
        json[key.toStdString()] = Json::parse(value.toStdString());
        expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request, {qPrintable("key " + key)});
    }

    void anUnfitPoolMemberIsNamedWithItsPlace() {
        Json json = fullRequest();
        json["pool"][1]["letter"] = "HL";
        expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request, {"pool[1].letter"});
        json = fullRequest();
        json["pool"][0]["precision"] = "fp7";
        expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request, {"pool[0].precision", "fp7"});
        json = fullRequest();
        json["pool"][0] = 3;
        expectError([&] { json.get<GenerationRequest>(); }, ErrorKind::Request, {"pool[0]", "object"});
        expectError([] { Json::array().get<GenerationRequest>(); }, ErrorKind::Request, {"object"});
    }

    void aRefusedJsonLeavesTheRequestAlone() {
        GenerationRequest request = smallRequest();
        Json json = fullRequest();
        json["batch"] = "many";
        expectError([&] { json.get_to(request); }, ErrorKind::Request, {"batch"});
        QVERIFY(request == smallRequest());
    }

    void whatCanRunPasses() {
        requireRunnable(fullRequest());
        requireRunnable(smallRequest());
    }

    void whatCannotRunIsRefusedWithTheNumber() {
        const auto refused = [](auto&& change, ErrorKind kind, std::initializer_list<const char*> words) {
            GenerationRequest request = fullRequest();
            change(request);
            expectError([&] { requireRunnable(request); }, kind, words);
        };
        using Request = GenerationRequest;
        refused([](Request& r) { r.schedule = {}; }, ErrorKind::Schedule, {"empty"});
        refused([](Request& r) { r.schedule = parseSchedule("H5,X3"); }, ErrorKind::Schedule,
                {"step 5", "X", "H, L"});
        refused([](Request& r) { r.pool[1].letter = 'H'; }, ErrorKind::Request, {"letter H"});
        refused([](Request& r) { r.pool[1].path = "\xFF"; }, ErrorKind::Text, {"path"});
        refused([](Request& r) { r.length = 0; }, ErrorKind::Request, {"length 0"});
        refused([](Request& r) { r.samples = -2; }, ErrorKind::Request, {"samples -2"});
        refused([](Request& r) { r.batch = -1; }, ErrorKind::Request, {"batch -1"});
        refused([](Request& r) { r.batch = 5000; }, ErrorKind::Request, {"batch 5000", "1024"});
        refused([](Request& r) { r.temperature = 0; }, ErrorKind::Request, {"temperature 0"});
        refused([](Request& r) { r.temperature = std::nan(""); }, ErrorKind::Request, {"temperature nan"});
        refused([](Request& r) { r.temperature = HUGE_VAL; }, ErrorKind::Request, {"temperature inf"});
        refused([](Request& r) { r.topP = 0; }, ErrorKind::Request, {"top-p 0"});
        refused([](Request& r) { r.topP = 1.01; }, ErrorKind::Request, {"top-p 1.01"});
        refused([](Request& r) { r.templateText = "[mask]"; }, ErrorKind::Request, {"prompt and template"});
        refused([](Request& r) { r.prompt = "ab\xC3("; }, ErrorKind::Text, {"prompt"});
        refused([](Request& r) { r.prompt = "", r.templateText = "\xED\xA0\x80"; }, ErrorKind::Text,
                {"template"});
    }

    void withoutPromptEverythingIsMasked() {
        QCOMPARE(tokensOf(smallRequest()), std::vector<std::int32_t>(8, kMask));
    }

    void aPromptStandsAtTheBeginning() {
        GenerationRequest request = smallRequest();
        request.prompt = "cab";
        QCOMPARE(tokensOf(request), (std::vector<std::int32_t>{2, 0, 1, 26, 26, 26, 26, 26}));
    }

    void templateHolesAreAsLongAsTheySay() {
        QCOMPARE(templateTokens("a[mask]b[mask:3]c"),
                 (std::vector<std::int32_t>{0, 26, 1, 26, 26, 26, 2, 26}));
        QCOMPARE(templateTokens("[MASK][mask:1]a", 3), (std::vector<std::int32_t>{26, 26, 0}));
        QCOMPARE(templateTokens("[mask:3]", 3), (std::vector<std::int32_t>{26, 26, 26}));
    }

    void otherBracketsAreText() {
        // Each character is a token of the letter tokenizer; none of these has a hole.
        for (const char* text : {"[masked]", "[m]", "[", "mask]", "[Maskerade:3]"}) {
            const auto tokens = templateTokens(text, 30);
            QCOMPARE(std::count(tokens.begin(), tokens.end(), kMask),
                     static_cast<std::ptrdiff_t>(30 - std::string_view(text).size()));
        }
    }

    void malformedHolesAreRefusedWithTheirPlace_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("why");
        QTest::newRow("not closed") << "é [mask:"
                                    << "not closed";
        QTest::newRow("number, not closed") << "é [mask:3"
                                            << "not closed";
        QTest::newRow("nothing behind") << "é [mask"
                                        << "not closed";
        QTest::newRow("space") << "é [mask 3]"
                               << "not closed";
        QTest::newRow("no token") << "é [mask:0]"
                                  << "no token";
        QTest::newRow("no number") << "é [mask:]"
                                   << "no number";
        QTest::newRow("a word") << "é [mask:x]"
                                << "no number";
        QTest::newRow("negative") << "é [mask:-1]"
                                  << "no number";
        QTest::newRow("half") << "é [mask:1.5]"
                              << "no number";
        QTest::newRow("huge") << "é [mask:99999999999999999999]"
                              << "longer than the length, 8";
    }
    void malformedHolesAreRefusedWithTheirPlace() {
        QFETCH(QString, text);
        QFETCH(QString, why);
        expectError([&] { templateTokens(text.toStdString()); }, ErrorKind::Request,
                    {"character 3", qPrintable(why)});
    }

    void tooLongTextNamesBothNumbersAndTheExcess() {
        GenerationRequest request = smallRequest();
        request.prompt = "abcabcabcab";
        expectError([&] { tokensOf(request); }, ErrorKind::Request,
                    {"prompt", "11 tokens", "length is 8", "3 too many"});
        expectError([] { templateTokens("ab[mask:8]"); }, ErrorKind::Request,
                    {"template", "10 tokens", "length is 8", "2 too many"});
    }

    void holesBeyondTheLengthAreCountedAndNotMade() {
        std::string holes;
        for (int i = 0; i < 100'000; ++i)
            holes += "[mask:65536]"; // 6.5 · 10⁹ tokens, 26 GB, in a template of 1.2 MB
        GenerationRequest request = smallRequest();
        request.length = 65'536;
        request.templateText = "ab" + holes;
        expectError([&] { tokensOf(request); }, ErrorKind::Request, {"6553600002 tokens", "length is 65536"});
    }

    void nothingLeftToWriteIsRefused() {
        GenerationRequest request = smallRequest();
        request.prompt = "abcabcab";
        expectError([&] { tokensOf(request); }, ErrorKind::Request, {"8", "nothing is left"});
    }

    void theMaskTokenAsTextIsRefused() {
        GenerationRequest request = smallRequest();
        request.prompt = "abc";
        expectError([&] { initialTokens(request, *makeLetterTokenizer(26), 1); }, ErrorKind::Request,
                    {"mask token", "[mask]"});
    }

    void invalidUtf8IsRefused() {
        GenerationRequest request = smallRequest();
        request.prompt = "ab\xFF";
        expectError([&] { tokensOf(request); }, ErrorKind::Text, {"prompt"});
        expectError([] { templateTokens("\xC3"); }, ErrorKind::Text, {"template"});
    }
};

QTEST_GUILESS_MAIN(TestGenerationRequest)
#include "test_generation_request.moc"
