// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace steploom {

/// A fixed set of threads that share loops. The caller of forEach takes part as worker 0, so a pool of one
/// has no thread of its own. One loop at a time; loops do not nest.
///
/// Work is handed out item by item, in no fixed assignment of items to workers: an item must not depend on
/// which worker runs it, nor on the other items. That is what makes results independent of the thread count.
class ThreadPool {
public:
    /// `threads` ≥ 1 workers, the caller included; 0 asks for one per processor this process may use.
    explicit ThreadPool(int threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int workers() const noexcept { return static_cast<int>(m_threads.size()) + 1; }

    /// Calls `item(index, worker)` for each index in [0, count), worker in [0, workers()), and returns when
    /// all are done. `item` must not throw. Allocates nothing: steps of generation are made of such loops.
    template <typename Item>
    void forEach(int count, const Item& item) {
        share(count, {&item, [](const void* held, int index, int worker) {
                          (*static_cast<const Item*>(held))(index, worker);
                      }});
    }

    /// Number of processors this process may run on, at least 1.
    static int processors() noexcept;

private:
    /// Somebody else's callable.
    struct Work {
        const void* held = nullptr;
        void (*call)(const void* held, int index, int worker) = nullptr;
        void operator()(int index, int worker) const { call(held, index, worker); }
    };
    void share(int count, const Work& work);
    void serve(int worker);
    void drain(int worker);

    std::vector<std::thread> m_threads;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_done;
    Work m_work;
    int m_count = 0;
    std::atomic<int> m_next{0};
    std::atomic<unsigned> m_round{0}; ///< changes when a loop begins; workers spin on it briefly, then sleep
    std::atomic<int> m_busy{0};       ///< workers that have not left the current loop
    bool m_stopping = false;
};

} // namespace steploom
