// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/interruption.h"

#include "experiments/cli/console.h"

#include <cstdlib>

#include <pthread.h>

namespace steploom::cli {

Interruption::Interruption() {
    sigemptyset(&m_signals);
    sigaddset(&m_signals, SIGINT);
    sigaddset(&m_signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &m_signals, &m_before);
    m_waiter = std::thread([this] { wait(); });
}

Interruption::~Interruption() {
    m_ending = true;
    // Wakes the waiter out of sigwait; the signal is blocked, so it ends nobody.
    pthread_kill(m_waiter.native_handle(), SIGTERM); // NOLINT(bugprone-bad-signal-to-kill-thread)
    m_waiter.join();
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

void Interruption::wait() {
    // A thread that waits may do anything, unlike a signal handler: request_stop runs callbacks and takes
    // locks.
    for (;;) {
        int signal = 0;
        if (sigwait(&m_signals, &signal) != 0)
            continue;
        if (m_ending)
            return;
        if (!m_stop.request_stop())
            std::_Exit(kFailed); // the second one: finished samples are in the store already
    }
}

} // namespace steploom::cli
