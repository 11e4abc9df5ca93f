// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"

#include "tests/testing/tiny_checkpoint.h"

namespace steploom::testing {

namespace {

constexpr int kPatience = 300'000; // ms; a hung program must not hang the suite

} // namespace

void startCli(QProcess& process, const QStringList& arguments) {
    process.setProgram(QStringLiteral(STEPLOOM_CLI));
    process.setArguments(arguments);
    process.start();
    process.waitForStarted(kPatience);
}

CliResult runCli(const QStringList& arguments, const QByteArray& input) {
    QProcess process;
    startCli(process, arguments);
    process.write(input);
    process.closeWriteChannel();
    const bool ended = process.waitForFinished(kPatience);
    CliResult result;
    if (ended && process.exitStatus() == QProcess::NormalExit)
        result.exitCode = process.exitCode();
    result.output = process.readAllStandardOutput();
    result.errors = process.readAllStandardError();
    return result;
}

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

TinyPool::TinyPool(const std::filesystem::path& folder, int length) {
    // 257 pieces and the mask token.
    heavy = writeTinyMdlm(folder / "heavy", {.blocks = 4, .vocabulary = 258, .length = length, .seed = 1});
    light = writeTinyMdlm(folder / "light", {.blocks = 2, .vocabulary = 258, .length = length, .seed = 2});
    reader = writeTinyCausal(folder / "reader", {.vocabulary = 257, .length = 2 * length, .seed = 3});
    for (const auto& each : {heavy, light, reader})
        writeByteTokenizer(each);
}

QStringList TinyPool::models() const {
    return {QStringLiteral("--model"), QStringLiteral("H=") + text(heavy), QStringLiteral("--model"),
            QStringLiteral("L=") + text(light)};
}

} // namespace steploom::testing
