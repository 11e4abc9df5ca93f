// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

/// The entry that libFuzzer calls, and the replay of the corpora with it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace steploom::fuzz {

inline std::string_view textOf(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, which is what a fuzzer takes for a finding, when a promise of the engine does not hold.
inline void require(bool holds, const char* promise) {
    if (holds)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

/// Runs `use` and returns whether it answered. An Error is an honest refusal, held to what every message
/// promises; any other exception leaves, which ends the process.
template <typename Use>
bool answers(Use&& use) {
    try {
        use();
        return true;
    } catch (const Error& error) {
        constexpr std::size_t kLongestMessage = 25'000;
        const std::string_view line = error.what();
        require(!error.parts().what.empty() && !error.parts().why.empty() && !error.parts().remedy.empty(),
                "a refusal says what failed, why, and what to do");
        require(validUtf8Prefix(line) == line.size(), "a refusal can be shown: it is valid UTF-8");
        require(line.size() <= kLongestMessage, "a refusal can be read: it is no copy of the input");
        return false;
    }
}

} // namespace steploom::fuzz
