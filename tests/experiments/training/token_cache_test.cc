// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/token_cache.h"

#include "experiments/training/text_encoding.h"
#include "experiments/training/training_text.h"
#include "tests/engine/text/tokenizer_files.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <algorithm>
#include <fstream>
#include <stdexcept>

using namespace steploom;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

/// Counts how much it tokenises.
class CountingTokenizer final : public Tokenizer {
public:
    explicit CountingTokenizer(std::shared_ptr<const Tokenizer> inner) : m_inner(std::move(inner)) {}
    std::vector<std::int32_t> encode(std::string_view text, bool withTemplate) const override {
        m_bytes += text.size();
        return m_inner->encode(text, withTemplate);
    }
    std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const override {
        return m_inner->decode(ids, skipSpecial);
    }
    std::string_view bytesOf(std::int32_t id) const override { return m_inner->bytesOf(id); }
    std::optional<std::int32_t> idOf(std::string_view content) const override {
        return m_inner->idOf(content);
    }
    bool isSpecial(std::int32_t id) const override { return m_inner->isSpecial(id); }
    std::optional<std::int32_t> maskToken() const override { return m_inner->maskToken(); }
    int size() const override { return m_inner->size(); }
    const std::string& fingerprint() const override { return m_inner->fingerprint(); }
    std::string description() const override { return m_inner->description(); }

    std::size_t bytes() const { return m_bytes; }

private:
    std::shared_ptr<const Tokenizer> m_inner;
    mutable std::atomic<std::size_t> m_bytes = 0;
};

TrainingText textOf(const TemporaryFolder& folder, const std::string& content,
                    const std::string& name = "text.txt") {
    writeText(folder / name, content);
    const fs::path path = folder / name;
    return TrainingText::read({&path, 1});
}

std::string document(int number) {
    return "This is the story number " + std::to_string(number) + ", and it ends here.";
}

std::string documents(int from, int to) {
    std::string text;
    for (int number = from; number < to; ++number)
        text += document(number) + "\n<|endoftext|>\n";
    return text;
}

std::string decoded(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids) {
    return tokenizer.decode(std::vector<std::int32_t>(ids.begin(), ids.end()));
}

std::string trainingText(const TokenCache& cache, const Tokenizer& tokenizer) {
    std::vector<std::int64_t> ids(cache.trainingTokens());
    cache.copyTraining(0, ids);
    return decoded(tokenizer, ids);
}

std::string heldOutText(const TokenCache& cache, const Tokenizer& tokenizer) {
    std::vector<std::int64_t> ids(cache.heldOutTokens());
    cache.copyHeldOut(0, ids);
    return decoded(tokenizer, ids);
}

} // namespace

class TokenCacheTest : public QObject {
    Q_OBJECT

private slots:
    void documentsStandInOrderEachWithTheSeparatorBehindIt() {
        const TemporaryFolder folder;
        const TrainingText text = textOf(folder, documents(0, 3));
        const auto tokenizer = loadChanged({});
        const TokenCache cache = TokenCache::open(text, *tokenizer, folder / "cache", {.heldOutShare = 0});
        QCOMPARE(cache.heldOutTokens(), std::size_t{0});
        QCOMPARE(QString::fromStdString(trainingText(cache, *tokenizer)),
                 QString::fromStdString(document(0) + "<|endoftext|>" + document(1) + "<|endoftext|>" +
                                        document(2) + "<|endoftext|>"));
        std::vector<std::int64_t> part(4);
        cache.copyTraining(2, part);
        QCOMPARE(QString::fromStdString(decoded(*tokenizer, part)), QString("is i"));
    }

    void theStreamEndsWhereItEnds() {
        const TemporaryFolder folder;
        const TrainingText text = textOf(folder, documents(0, 100));
        const TokenCache cache =
            TokenCache::open(text, *loadChanged({}), folder / "cache", {.heldOutShare = 0.2});
        std::vector<std::int64_t> two(2);
        cache.copyTraining(cache.trainingTokens() - 2, two);
        QVERIFY_EXCEPTION_THROWN(cache.copyTraining(cache.trainingTokens() - 1, two), std::out_of_range);
        cache.copyHeldOut(cache.heldOutTokens() - 2, two);
        QVERIFY_EXCEPTION_THROWN(cache.copyHeldOut(cache.heldOutTokens() - 1, two), std::out_of_range);
        QVERIFY_EXCEPTION_THROWN(cache.copyHeldOut(~std::size_t{0}, two), std::out_of_range);
    }

    void aSecondTimeNothingIsTokenised() {
        const TemporaryFolder folder;
        const TrainingText text = textOf(folder, documents(0, 20));
        const CountingTokenizer tokenizer(loadChanged({}));
        const TokenCache first = TokenCache::open(text, tokenizer, folder / "cache", {});
        QVERIFY(tokenizer.bytes() >= text.bytes());
        const std::size_t once = tokenizer.bytes();
        // Under another name it is the same text.
        const TrainingText renamed = textOf(folder, documents(0, 20), "other name.txt");
        const TokenCache second = TokenCache::open(renamed, tokenizer, folder / "cache", {});
        QCOMPARE(tokenizer.bytes(), once);
        QCOMPARE(second.fingerprint(), first.fingerprint());
        QCOMPARE(trainingText(second, tokenizer), trainingText(first, tokenizer));
    }

    void textTokenizerAndOptionsAreTheKey() {
        const TemporaryFolder folder;
        const TrainingText text = textOf(folder, documents(0, 20));
        const auto tokenizer = loadChanged({});
        const auto merging = loadChanged([](auto& changed) { addMerge(changed, "t", "h"); });
        const auto keyOf = [&](const TrainingText& of, const Tokenizer& with,
                               const TokenCache::Options& options) {
            return TokenCache::open(of, with, folder / "cache", options).fingerprint();
        };
        const std::string key = keyOf(text, *tokenizer, {});
        QCOMPARE(key.size(), std::size_t{64});
        QVERIFY(keyOf(textOf(folder, documents(0, 21), "more.txt"), *tokenizer, {}) != key);
        QVERIFY(keyOf(text, *merging, {}) != key);
        QVERIFY(keyOf(text, *tokenizer, {.heldOutShare = 0.03}) != key);
        QVERIFY(keyOf(text, *tokenizer, {.separator = "!"}) != key);
    }

    void aDamagedFileIsMadeAnew_data() {
        QTest::addColumn<QString>("damage");
        for (const char* damage : {"cut off", "empty", "a flipped id", "something else", "longer"})
            QTest::newRow(damage) << damage;
    }
    void aDamagedFileIsMadeAnew() {
        QFETCH(QString, damage);
        const TemporaryFolder folder;
        const TrainingText text = textOf(folder, documents(0, 20));
        const CountingTokenizer tokenizer(loadChanged({}));
        const TokenCache first = TokenCache::open(text, tokenizer, folder / "cache", {});
        const std::string bytes = readText(first.path());
        std::string damaged = bytes;
        if (damage == "cut off")
            damaged.resize(damaged.size() - 1);
        else if (damage == "empty")
            damaged.clear();
        else if (damage == "a flipped id")
            damaged[10] = static_cast<char>(damaged[10] ^ 1);
        else if (damage == "something else")
            damaged.assign(1'000, 'x');
        else
            damaged.insert(0, 2, '\0');
        // A new file in its place, as a copy that went wrong would be: the first one stays mapped.
        fs::remove(first.path());
        writeText(first.path(), damaged);
        const std::size_t once = tokenizer.bytes();
        const TokenCache second = TokenCache::open(text, tokenizer, folder / "cache", {});
        QVERIFY(tokenizer.bytes() > once);
        QVERIFY(readText(second.path()) == bytes);
        QCOMPARE(trainingText(second, tokenizer), trainingText(first, tokenizer));
    }

    void idsAbove65535TakeFourBytes() {
        const TemporaryFolder folder;
        constexpr int kExtra = 70'000;
        const auto tokenizer = loadChanged([](auto& changed) {
            auto& vocabulary = changed["model"]["vocab"];
            // Pieces that no merge leads to fill the ids up.
            for (int i = 0; i < kExtra; ++i)
                vocabulary["filler" + std::to_string(i)] = 257 + i;
            changed["added_tokens"].push_back(addedToken(257 + kExtra, "<far>"));
        });
        const TrainingText text = textOf(folder, std::string(100, 'a') + "<far>" + std::string(100, 'b'));
        const TokenCache cache = TokenCache::open(text, *tokenizer, folder / "cache", {.heldOutShare = 0});
        QCOMPARE(cache.trainingTokens(), std::size_t{202});
        std::vector<std::int64_t> ids(202);
        cache.copyTraining(0, ids);
        QCOMPARE(ids[100], std::int64_t{257 + kExtra});
        QCOMPARE(ids[101], ids[102]);
        QCOMPARE(ids[201], std::int64_t{256});
        QVERIFY(fs::file_size(cache.path()) > 4 * 202);

        const TokenCache narrow =
            TokenCache::open(text, *loadChanged({}), folder / "cache", {.heldOutShare = 0});
        QVERIFY(fs::file_size(narrow.path()) < fs::file_size(cache.path()));
    }

    void heldOutDocumentsAreNotTrainedOnAndStayOnTheirSide() {
        const TemporaryFolder folder;
        const auto tokenizer = loadChanged({});
        const TokenCache::Options options{.heldOutShare = 0.2};
        const auto heldOutOf = [&](const std::string& content, const std::string& name) {
            const TokenCache cache =
                TokenCache::open(textOf(folder, content, name), *tokenizer, folder / "cache", options);
            const std::string training = trainingText(cache, *tokenizer);
            const std::string heldOut = heldOutText(cache, *tokenizer);
            std::vector<int> numbers;
            for (int number = 0; number < 400; ++number) {
                const bool trains = training.find(document(number)) != std::string::npos;
                const bool held = heldOut.find(document(number)) != std::string::npos;
                if (trains && held)
                    qFatal("document %d is on both sides", number);
                if (held)
                    numbers.push_back(number);
            }
            return numbers;
        };
        const std::vector<int> few = heldOutOf(documents(0, 200), "few.txt");
        std::vector<int> many = heldOutOf(documents(200, 400) + documents(0, 200), "many.txt");
        QVERIFY2(few.size() > 20 && few.size() < 60, qPrintable(QString::number(few.size())));
        std::erase_if(many, [](int number) { return number >= 200; });
        QCOMPARE(many, few);
    }

    void ofASingleDocumentTheLastTokensAreHeldOut() {
        const TemporaryFolder folder;
        std::string content;
        for (int i = 0; i < 100; ++i)
            content += "a line " + std::to_string(i) + "\n";
        content.pop_back();
        const auto tokenizer = loadChanged({});
        const TokenCache cache =
            TokenCache::open(textOf(folder, content), *tokenizer, folder / "cache", {.heldOutShare = 0.1});
        const std::size_t tokens = content.size() + 1;
        QCOMPARE(cache.heldOutTokens(), tokens / 10);
        QCOMPARE(cache.trainingTokens(), tokens - tokens / 10);
        QCOMPARE(trainingText(cache, *tokenizer) + heldOutText(cache, *tokenizer), content + "<|endoftext|>");
    }

    void longDocumentsGiveTheTokensOfTheWhole() {
        const TemporaryFolder folder;
        const auto tokenizer = Tokenizer::load(resourcePath("checkpoints/heavy"));
        std::string content;
        for (int i = 0; content.size() < 1'500'000; ++i)
            content += (i % 7 == 0 ? "\"Well,\" said the cat -  \n\n"
                                   : "and   the cat's tale was " + std::to_string(i) + " words long\n");
        content.pop_back();
        const TokenCache cache =
            TokenCache::open(textOf(folder, content), *tokenizer, folder / "cache", {.heldOutShare = 0});
        std::vector<std::int64_t> ids(cache.trainingTokens());
        cache.copyTraining(0, ids);
        const std::vector<std::int32_t> whole = tokenizer->encode(content);
        QCOMPARE(ids.size(), whole.size() + 1);
        QVERIFY(std::equal(whole.begin(), whole.end(), ids.begin()));
    }

    void aTokenizerThatPutsASpaceInFrontIsNotCut() {
        const TemporaryFolder folder;
        const auto tokenizer =
            loadChanged([](auto& changed) { changed["pre_tokenizer"]["add_prefix_space"] = true; });
        std::string content;
        while (content.size() < 600'000)
            content += "word\n";
        content.pop_back();
        const TokenCache cache =
            TokenCache::open(textOf(folder, content), *tokenizer, folder / "cache", {.heldOutShare = 0});
        QCOMPARE(cache.trainingTokens(), tokenizer->encode(content).size() + 1);
    }

    void progressReachesTheEnd() {
        const TemporaryFolder folder;
        std::vector<double> shares;
        TokenCache::open(textOf(folder, documents(0, 50)), *loadChanged({}), folder / "cache", {},
                         [&](double share) { shares.push_back(share); });
        QVERIFY(std::is_sorted(shares.begin(), shares.end()));
        QCOMPARE(shares.back(), 1.0);
    }

    void whatIsStoppedLeavesNothing() {
        const TemporaryFolder folder;
        std::stop_source stop;
        stop.request_stop();
        expectError(
            [&] {
                TokenCache::open(textOf(folder, documents(0, 50)), *loadChanged({}), folder / "cache", {}, {},
                                 stop.get_token());
            },
            ErrorKind::File, {"stopped"});
        QVERIFY(fs::is_empty(folder / "cache"));
    }

    void whatCannotBeIsRefused() {
        const TemporaryFolder folder;
        const TrainingText text = textOf(folder, documents(0, 50));
        const auto tokenizer = loadChanged({});
        for (const double share : {-0.1, 0.6, std::nan("")})
            expectError(
                [&] { TokenCache::open(text, *tokenizer, folder / "cache", {.heldOutShare = share}); },
                ErrorKind::Config, {"held-out share", "0.5"});
        expectError([&] { TokenCache::open(text, *tokenizer, folder / "cache", {.separator = "<|eot|>"}); },
                    ErrorKind::Tokenizer, {"<|eot|>"});
        writeText(folder / "file", "in the way");
        expectError([&] { TokenCache::open(text, *tokenizer, folder / "file", {}); }, ErrorKind::File,
                    {"folder"});
    }
};

QTEST_GUILESS_MAIN(TokenCacheTest)
#include "token_cache_test.moc"
