// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/console.h"

#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

namespace steploom::cli {

namespace {

using namespace std::chrono_literals;

void write(std::FILE* stream, std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); }

} // namespace

void Console::printJson(const nlohmann::json& value) const {
    // Text that came from files may hold anything: what is not UTF-8 is replaced, never thrown about.
    print(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void Console::print(std::string_view text) const {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw Error(ErrorKind::File, {.what = "cannot write the result",
                                      .where = "standard output",
                                      .why = std::strerror(errno),
                                      .remedy = "Send it to a file or a program that takes all of it"});
}

void Console::note(std::string_view text) const { write(stderr, fmt::format("{}\n", text)); }

int Console::fail(const Error& error, const nlohmann::json& more) const {
    const Error::Parts& parts = error.parts();
    write(stderr, fmt::format("error: {}\n", parts.what));
    const auto line = [](std::string_view name, std::string_view text) {
        if (!text.empty())
            write(stderr, fmt::format("  {:<7} {}\n", name, text));
    };
    line("where:", parts.where);
    line("why:", parts.why);
    line("remedy:", parts.remedy);
    if (json) {
        nlohmann::json value = more;
        value["error"] = {
            {"what", parts.what}, {"where", parts.where}, {"why", parts.why}, {"remedy", parts.remedy}};
        printJson(value);
    }
    return exitCodeOf(error.kind());
}

int exitCodeOf(ErrorKind kind) noexcept {
    return kind == ErrorKind::Schedule || kind == ErrorKind::Request ? kWrongUse : kFailed;
}

ProgressBar::ProgressBar(std::string label)
    : m_label(std::move(label)), m_terminal(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::advance(double share) {
    const Clock::time_point now = Clock::now();
    if (!m_terminal || (m_drawn && now - m_last < 100ms))
        return;
    m_last = now;
    m_drawn = true;
    share = std::clamp(share, 0.0, 1.0);
    constexpr int kCells = 30;
    const int filled = static_cast<int>(share * kCells);
    std::string bar;
    for (int cell = 0; cell < kCells; ++cell)
        bar += cell < filled ? "█" : "░";
    const double elapsed = std::chrono::duration<double>(now - m_begin).count();
    // The first calls warm caches up: an estimate from them would be far too long.
    const std::string left =
        share > 0.02 ? fmt::format("{} left", durationText(elapsed * (1 - share) / share)) : std::string();
    write(stderr, fmt::format("\r\033[K{} {} {:3.0f}% {}", m_label, bar, 100 * share, left));
    std::fflush(stderr);
}

void ProgressBar::clear() {
    if (!m_drawn)
        return;
    write(stderr, "\r\033[K");
    std::fflush(stderr);
    m_drawn = false;
}

} // namespace steploom::cli
