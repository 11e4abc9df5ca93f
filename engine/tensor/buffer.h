// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace steploom {

/// Zeroed memory on a cache line, for activations and weights. Only grows; growing loses the content.
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(std::size_t bytes) { reserve(bytes); }

    void reserve(std::size_t bytes) {
        if (bytes <= m_bytes)
            return;
        m_data.reset(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
        std::memset(m_data.get(), 0, bytes);
        m_bytes = bytes;
    }
    std::size_t bytes() const noexcept { return m_bytes; }
    std::byte* data() noexcept { return m_data.get(); }
    const std::byte* data() const noexcept { return m_data.get(); }
    float* floats() noexcept { return reinterpret_cast<float*>(m_data.get()); }
    const float* floats() const noexcept { return reinterpret_cast<const float*>(m_data.get()); }

private:
    static constexpr std::align_val_t kAlignment{64};
    struct Release {
        void operator()(std::byte* data) const noexcept { ::operator delete(data, kAlignment); }
    };
    std::unique_ptr<std::byte, Release> m_data;
    std::size_t m_bytes = 0;
};

} // namespace steploom
