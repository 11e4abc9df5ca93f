// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/tokenizer_command.h"

#include "engine/text/tokenizer.h"
#include "experiments/cli/console.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::cli;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

/// Parses the words behind "steploom-train" and does what they ask for.
int run(std::vector<std::string> words) {
    CLI::App app;
    Console console;
    Work work;
    addTokenizerCommand(app, console, work);
    std::reverse(words.begin(), words.end()); // CLI11 takes them from the end
    app.parse(words);
    return work();
}

std::string story() {
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "The goose read the newspaper, number " + std::to_string(i) + ", to the other geese.\n";
    return text;
}

std::size_t entriesOf(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TokenizerCommandTest : public QObject {
    Q_OBJECT

private slots:
    void itWritesATokenizerThatLoads() {
        const TemporaryFolder folder;
        writeText(folder / "a.txt", story());
        writeText(folder / "b.txt", "and a second file\n");
        const fs::path out = folder / "made" / "here";
        QCOMPARE(
            run({"tokenizer", "--text", folder / "a.txt", folder / "b.txt", "--vocab", "300", "--out", out}),
            kDone);
        const auto tokenizer = Tokenizer::load(out);
        QCOMPARE(tokenizer->size(), 300);
        QCOMPARE(tokenizer->decode(tokenizer->encode(story())), story());
        QCOMPARE(entriesOf(out), std::size_t{1});
    }

    void itNeverWritesOverATokenizer() {
        const TemporaryFolder folder;
        writeText(folder / "a.txt", story());
        writeText(folder / "tokenizer.json", "precious");
        expectError(
            [&] {
                run({"tokenizer", "--text", folder / "a.txt", "--vocab", "300", "--out", folder.path()});
            },
            ErrorKind::File, {"tokenizer.json", "already"});
        QCOMPARE(readText(folder / "tokenizer.json"), std::string("precious"));
    }

    void whatFailsLeavesNothing() {
        const TemporaryFolder folder;
        writeText(folder / "a.txt", story());
        const fs::path out = folder / "out";
        expectError(
            [&] {
                run({"tokenizer", "--text", folder / "a.txt", "--vocab", "50000", "--out", out});
            },
            ErrorKind::Tokenizer, {"50000", "supports"});
        expectError(
            [&] {
                run({"tokenizer", "--text", folder / "none.txt", "--out", out});
            },
            ErrorKind::File, {"none.txt"});
        QVERIFY(!fs::exists(out));
        expectError(
            [&] {
                run({"tokenizer", "--text", folder / "a.txt", "--vocab", "300", "--out",
                     folder / "a.txt" / "below"});
            },
            ErrorKind::File, {"folder cannot be made"});
        QVERIFY_EXCEPTION_THROWN(run({"tokenizer", "--out", out}), CLI::RequiredError);
    }
};

QTEST_GUILESS_MAIN(TokenizerCommandTest)
#include "tokenizer_command_test.moc"
