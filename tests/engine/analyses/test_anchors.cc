// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/measure_anchors.h"
#include "engine/core/sha256.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/runs/run_store.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <algorithm>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// One token a character: letters, and a blank between words.
class WordTokenizer : public Tokenizer {
public:
    std::vector<std::int32_t> encode(std::string_view text, bool) const override {
        std::vector<std::int32_t> ids;
        for (const char character : text)
            ids.push_back(character == ' ' ? 26 : character - 'a');
        return ids;
    }
    std::string decode(std::span<const std::int32_t> ids, bool) const override {
        std::string text;
        for (const std::int32_t id : ids)
            text += bytesOf(id);
        return text;
    }
    std::string_view bytesOf(std::int32_t id) const override {
        return std::string_view("abcdefghijklmnopqrstuvwxyz ").substr(static_cast<std::size_t>(id), 1);
    }
    std::optional<std::int32_t> idOf(std::string_view) const override { return std::nullopt; }
    bool isSpecial(std::int32_t) const override { return false; }
    std::optional<std::int32_t> maskToken() const override { return std::nullopt; }
    int size() const override { return 27; }
    const std::string& fingerprint() const override { return m_fingerprint; }
    std::string description() const override { return "letters and blanks"; }

private:
    std::string m_fingerprint = "letters and blanks";
};

/// Words are "ab", "cd", "ef", … in this order, over and over.
StudyText makeText(int words) {
    StudyText text{.name = "tale.txt", .content = {}, .sha256 = {}};
    for (int word = 0; word < words; ++word) {
        const char first = static_cast<char>('a' + 2 * (word % 13));
        text.content += {first, static_cast<char>(first + 1), ' '};
    }
    text.sha256 = sha256Of(text.content);
    return text;
}

/// Knows which word follows which: a word's first letter costs little behind the word before it in the
/// alphabet.
double bigrams(std::span<const std::int32_t> before, std::int32_t token) {
    if (before.back() != 26)
        return 0.2; // inside a word and behind it
    return before.size() < 2 || token == (before[before.size() - 2] + 1) % 26 ? 0.5 : 5;
}

struct Reader {
    std::shared_ptr<FakeCausal> model = std::make_shared<FakeCausal>(27, 64, bigrams);
    Evaluator evaluator{"reader", "reader-sha", model, std::make_shared<WordTokenizer>()};
};

} // namespace

class TestAnchors : public QObject {
    Q_OBJECT

private slots:
    void shuffledTextIsHarderAndNoLessVaried() {
        const Reader reader;
        const KnownAnchors found =
            findOrMeasureAnchors(nullptr, makeText(2000), reader.evaluator, {.length = 30, .pieces = 20});
        QVERIFY(!found.known && !found.stopped);
        const PerplexityAnchors& anchors = found.anchors;
        QCOMPARE(anchors.evaluator, std::string("reader"));
        QCOMPARE(anchors.text, std::string("tale.txt"));
        QCOMPARE(anchors.length, 30);
        QCOMPARE(anchors.real.perplexity.n, 20);
        QVERIFY(anchors.real.perplexity.value < 1.5);
        QVERIFY(anchors.shuffled.perplexity.low > 2 * anchors.real.perplexity.high);
        // The same tokens in another order.
        QVERIFY(std::abs(anchors.shuffled.entropy.value - anchors.real.entropy.value) < 1e-9);
    }

    void theyAreMeasuredOnceForAnEvaluatorATextAndALength() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const Reader reader;
        const AnchorSettings settings{.length = 30, .pieces = 8};
        const KnownAnchors first = findOrMeasureAnchors(&store, makeText(500), reader.evaluator, settings);
        const std::size_t calls = reader.model->calls.size();
        StudyText renamed = makeText(500);
        renamed.name = "another name";
        const KnownAnchors second = findOrMeasureAnchors(&store, renamed, reader.evaluator, settings);
        QVERIFY(!first.known && second.known);
        QVERIFY(second.anchors == first.anchors);
        QCOMPARE(reader.model->calls.size(), calls);
        QVERIFY(!findOrMeasureAnchors(&store, makeText(501), reader.evaluator, settings).known);
        QVERIFY(!findOrMeasureAnchors(&store, makeText(500), reader.evaluator, {.length = 31}).known);
    }

    void whatIsBrokenOffIsNotKept() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const Reader reader;
        std::stop_source stop;
        const KnownAnchors broken = findOrMeasureAnchors(
            &store, makeText(2000), reader.evaluator, {.length = 60, .pieces = 60},
            [&](double share) {
                if (share > 0.6)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(broken.stopped);
        QVERIFY(!findOrMeasureAnchors(&store, makeText(2000), reader.evaluator, {.length = 60, .pieces = 60})
                     .known);
    }

    void wordsAreShuffledAndWhatStandsBetweenThemStays() {
        const std::string text = "  one two,\n\nthree\tfour five\n";
        const std::string shuffled = shuffledWords(text, 7, 0);
        QVERIFY(shuffled != text);
        QCOMPARE(shuffledWords(text, 7, 0), shuffled);
        QVERIFY(shuffledWords(text, 8, 0) != shuffled || shuffledWords(text, 9, 0) != shuffled);
        const auto sorted = [](std::string characters) {
            std::ranges::sort(characters);
            return characters;
        };
        QCOMPARE(sorted(shuffled), sorted(text));
        QVERIFY(shuffled.find("two,") != std::string::npos && shuffled.find("\n\n") != std::string::npos);
        QVERIFY(shuffled.starts_with("  ") && shuffled.ends_with("\n"));
        QCOMPARE(shuffledWords("", 1, 0), std::string());
        QCOMPARE(shuffledWords(" \n ", 1, 0), std::string(" \n "));
        QCOMPARE(shuffledWords("alone", 1, 0), std::string("alone"));
    }

    void whatCannotBeIsRefused() {
        const Reader reader;
        expectError([&] { findOrMeasureAnchors(nullptr, makeText(5), reader.evaluator, {.length = 30}); },
                    ErrorKind::Text, {"30", "15", "longer text"});
        expectError([&] { findOrMeasureAnchors(nullptr, makeText(50), reader.evaluator, {.length = 1}); },
                    ErrorKind::Request, {"length", "1"});
        expectError([&] { findOrMeasureAnchors(nullptr, makeText(50), reader.evaluator, {.pieces = 0}); },
                    ErrorKind::Request, {"pieces"});
    }
};

QTEST_GUILESS_MAIN(TestAnchors)
#include "test_anchors.moc"
