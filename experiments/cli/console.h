// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace steploom::cli {

/// The exit codes, as --help and the README state them.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUse = 2;

/// Where a command speaks: results on standard output (readable text, or one line of JSON), everything else
/// on standard error.
class Console {
public:
    /// Set by --json, which every command has.
    bool json = false;

    /// The result of a command in JSON mode: one line. Numbers that are not finite become null.
    void printJson(const nlohmann::json& value) const;
    /// The result in readable form, as it is.
    void print(std::string_view text) const;
    /// A line for the person at the terminal; never part of the result.
    void note(std::string_view text) const;
    /// The error in its four parts on standard error, and as {"error": {…}} on standard output in JSON mode.
    /// `more` joins that object. Returns the exit code for the error.
    int fail(const Error& error, const nlohmann::json& more = nlohmann::json::object()) const;
};

/// Exit code for an error: a schedule or request that cannot be is wrong use, all else is failure.
int exitCodeOf(ErrorKind kind) noexcept;

/// A bar with the time left, on standard error and only when that is a terminal.
class ProgressBar {
public:
    explicit ProgressBar(std::string label);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// `share` of the work, 0…1. Draws at most ten times a second.
    void advance(double share);
    void clear();

private:
    using Clock = std::chrono::steady_clock;
    std::string m_label;
    bool m_terminal;
    bool m_drawn = false;
    Clock::time_point m_begin = Clock::now();
    Clock::time_point m_last{};
};

} // namespace steploom::cli
