// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace steploom {

/// SHA-256 of bytes given in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    void add(std::span<const std::byte> bytes);
    void add(const std::string& text);
    /// Lower-case hexadecimal, 64 characters. Ends the digest: add nothing afterwards.
    std::string hex();

private:
    struct Context;
    std::unique_ptr<Context> m_context;
};

/// The digest of a whole text.
std::string sha256Of(const std::string& text);

} // namespace steploom
