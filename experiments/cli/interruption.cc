// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/interruption.h"

#include "experiments/cli/console.h"

#include <cerrno>
#include <cstdlib>

#include <semaphore.h>

namespace steploom::cli {
namespace {

/// Signals that have arrived and that the waiter has not yet seen: the one thing a handler may touch.
sem_t g_arrived;

void arrive(int) {
    const int before = errno;
    sem_post(&g_arrived);
    errno = before;
}

void handle(int signal, struct sigaction& before) {
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN)
        return;
    struct sigaction ours {};
    ours.sa_handler = arrive;
    ours.sa_flags = SA_RESTART;
    sigemptyset(&ours.sa_mask);
    sigaction(signal, &ours, nullptr);
}

} // namespace

Interruption::Interruption() {
    sem_init(&g_arrived, 0, 0);
    m_waiter = std::thread([this] { wait(); });
    handle(SIGINT, m_interruptBefore);
    handle(SIGTERM, m_terminationBefore);
}

Interruption::~Interruption() {
    sigaction(SIGINT, &m_interruptBefore, nullptr);
    sigaction(SIGTERM, &m_terminationBefore, nullptr);
    m_ending = true;
    sem_post(&g_arrived);
    m_waiter.join();
    sem_destroy(&g_arrived);
}

void Interruption::wait() {
    // A thread that waits may do anything, unlike a signal handler: request_stop runs callbacks and takes
    // locks.
    for (;;) {
        if (sem_wait(&g_arrived) != 0)
            continue;
        if (m_ending)
            return;
        if (!m_stop.request_stop())
            std::_Exit(kFailed); // the second one: finished samples are in the store already
    }
}

} // namespace steploom::cli
