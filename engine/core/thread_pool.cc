// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/thread_pool.h"

#include <algorithm>
#include <sched.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace steploom {
namespace {

// A forward pass has a few loops per block, microseconds apart: sleeping and waking for each would cost more
// than the smallest of them. After this many looks (some tens of microseconds) the thread sleeps, so an idle
// pool costs nothing.
constexpr int kSpins = 4000;

void pauseThread() {
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

} // namespace

int ThreadPool::processors() noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return std::max(1, CPU_COUNT(&set));
    return std::max(1u, std::thread::hardware_concurrency());
}

ThreadPool::ThreadPool(int threads) {
    const int wanted = threads > 0 ? threads : processors();
    for (int worker = 1; worker < wanted; ++worker)
        m_threads.emplace_back([this, worker] { serve(worker); });
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        ++m_round;
    }
    m_wake.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
}

void ThreadPool::share(int count, const Work& work) {
    if (count <= 0)
        return;
    if (m_threads.empty() || count == 1) {
        for (int index = 0; index < count; ++index)
            work(index, 0);
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_work = work;
        m_count = count;
        m_next.store(0, std::memory_order_relaxed);
        m_busy.store(static_cast<int>(m_threads.size()), std::memory_order_relaxed);
        ++m_round;
    }
    m_wake.notify_all();
    drain(0);
    for (int spin = 0; spin < kSpins; ++spin) {
        if (m_busy.load(std::memory_order_acquire) == 0)
            return;
        pauseThread();
    }
    std::unique_lock lock(m_mutex);
    m_done.wait(lock, [this] { return m_busy.load(std::memory_order_acquire) == 0; });
}

void ThreadPool::serve(int worker) {
    unsigned seen = 0;
    while (true) {
        for (int spin = 0; spin < kSpins && m_round.load(std::memory_order_acquire) == seen; ++spin)
            pauseThread();
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return m_round.load(std::memory_order_acquire) != seen; });
            seen = m_round.load(std::memory_order_relaxed);
            if (m_stopping)
                return;
        }
        drain(worker);
        if (m_busy.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            // The lock closes the gap between the caller's test and its sleep.
            const std::lock_guard lock(m_mutex);
            m_done.notify_one();
        }
    }
}

void ThreadPool::drain(int worker) {
    for (int index = m_next.fetch_add(1, std::memory_order_relaxed); index < m_count;
         index = m_next.fetch_add(1, std::memory_order_relaxed))
        m_work(index, worker);
}

} // namespace steploom
