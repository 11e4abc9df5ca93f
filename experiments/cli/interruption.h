// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

#include <signal.h>

namespace steploom::cli {

/// Turns SIGINT and SIGTERM into a stop request, so that Ctrl+C keeps every finished sample; a second one
/// ends the program at once. In whichever thread they arrive: libraries start some before main. What was
/// ignored from the start (a shell's background job ignores SIGINT) stays so. One at a time.
class Interruption {
public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    std::stop_token token() const noexcept { return m_stop.get_token(); }
    bool requested() const noexcept { return m_stop.stop_requested(); }

private:
    void wait();

    struct sigaction m_interruptBefore {};
    struct sigaction m_terminationBefore {};
    std::stop_source m_stop;
    std::atomic<bool> m_ending{false};
    std::thread m_waiter;
};

} // namespace steploom::cli
