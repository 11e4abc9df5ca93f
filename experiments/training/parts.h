// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/thread_pool.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <exception>
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

private:
    ThreadPool m_threads;
};

} // namespace steploom
