// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/run_tokenizer.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

class TestRunTokenizer : public QObject {
    Q_OBJECT

private slots:
    void theTokenizerIsThatOfTheFirstMemberThatHasOne() {
        const TemporaryFolder folder;
        GenerationRequest request;
        request.pool = {{'H', "bare", folder.path().string()},
                        {'L', "light", (resourcePath("checkpoints") / "light").string()}};
        QCOMPARE(tokenizerPathOf(request), request.pool[1].path);
        QCOMPARE(loadTokenizerOf(request)->fingerprint(),
                 Tokenizer::load(request.pool[1].path)->fingerprint());
    }

    void aFolderThatIsGoneIsNamed() {
        GenerationRequest request;
        request.pool = {{'H', "heavy", "/no/such/folder"}};
        try {
            loadTokenizerOf(request);
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(error.parts().where, std::string("/no/such/folder"));
            QVERIFY(error.parts().why.find("not there") != std::string::npos);
        }
    }

    void tokensOfOneTextHaveOneNumberInEveryTokenizer() {
        const auto small = makeLetterTokenizer(5), large = makeLetterTokenizer(20);
        TokenTexts texts;
        const std::vector<std::int32_t> tokens{0, 4, 0, 2};
        const auto first = texts.numbersOf(tokens, *small), second = texts.numbersOf(tokens, *large);
        QCOMPARE(first, second);
        QCOMPARE(first[0], first[2]);
        QVERIFY(first[0] != first[1]);
        QVERIFY(texts.numbersOf(std::vector<std::int32_t>{9}, *large).front() != first[0]);
    }
};

QTEST_APPLESS_MAIN(TestRunTokenizer)
#include "test_run_tokenizer.moc"
