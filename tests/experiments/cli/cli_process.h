// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QStringList>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace steploom::testing {

/// How a run of steploom-cli ended.
struct CliResult {
    int exitCode = -1; ///< −1: it crashed or did not end
    QByteArray output;
    QByteArray errors;

    /// Standard output as JSON; a discarded value when it is none.
    nlohmann::json json() const { return nlohmann::json::parse(output.toStdString(), nullptr, false); }
};

/// Runs the real program to its end.
CliResult runCli(const QStringList& arguments, const QByteArray& input = {});
/// Starts it and returns at once.
void startCli(QProcess& process, const QStringList& arguments);

QString text(const std::filesystem::path& path);

/// A heavy (4 blocks) and a light (2 blocks) denoiser over the byte tokenizer, and a causal evaluator, 24
/// positions long: heavy/, light/ and reader/ in a folder.
struct TinyPool {
    explicit TinyPool(const std::filesystem::path& folder, int length = 24);
    std::filesystem::path heavy, light, reader;
    /// --model H=… --model L=…
    QStringList models() const;
};

} // namespace steploom::testing
