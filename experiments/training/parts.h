// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/thread_pool.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <array>
#include <cstdint>
#include <exception>
#include <mutex>
#include <set>
#include <vector>

namespace steploom {

/// Loops over parts of the work: on processors one thread each, LibTorch's own loops single-threaded (its
/// threads would wait for each other at every small operation); on other devices one after the other.
class Parts {
public:
    Parts(int threads, torch::Device device) : m_threads(device.is_cpu() ? threads : 1) {}
    int threads() const noexcept { return m_threads.workers(); }

    /// Calls body(part) for each; the first error that a part ended with is thrown when all have ended.
    template <typename Body>
    void forEach(int parts, const Body& body) {
        std::vector<std::exception_ptr> errors(static_cast<std::size_t>(parts));
        m_threads.forEach(parts, [&](int part, int) {
            thread_local const bool once = (at::set_num_threads(1), true);
            static_cast<void>(once);
            try {
                body(part);
            } catch (...) {
                errors[static_cast<std::size_t>(part)] = std::current_exception();
            }
        });
        for (const std::exception_ptr& error : errors)
            if (error)
                std::rethrow_exception(error);
    }

    /// To be held while something of these sizes is computed: locked the first time that they occur. LibTorch
    /// has oneDNN make the code of a product when its shape first occurs, and oneDNN 2.6 ended the process
    /// when two threads had done so for some thousand shapes (one thread alone never did).
    class FirstOccurrence {
    public:
        using Sizes = std::array<std::int64_t, 2>;
        FirstOccurrence(Parts& parts, const Sizes& sizes) : m_parts(parts), m_sizes(sizes) {
            if (!m_parts.occurred(m_sizes))
                m_lock = std::unique_lock(m_parts.m_making);
        }
        ~FirstOccurrence() {
            const std::lock_guard lock(m_parts.m_known);
            m_parts.m_sizes.insert(m_sizes);
        }
        FirstOccurrence(const FirstOccurrence&) = delete;
        FirstOccurrence& operator=(const FirstOccurrence&) = delete;

    private:
        Parts& m_parts;
        Sizes m_sizes;
        std::unique_lock<std::mutex> m_lock;
    };

private:
    bool occurred(const FirstOccurrence::Sizes& sizes) {
        const std::lock_guard lock(m_known);
        return m_sizes.contains(sizes);
    }

    ThreadPool m_threads;
    std::mutex m_making, m_known;
    std::set<FirstOccurrence::Sizes> m_sizes;
};

} // namespace steploom
