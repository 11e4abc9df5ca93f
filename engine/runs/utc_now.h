// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ctime>
#include <string>

namespace steploom {

/// "2026-01-31T12:00:00Z"
inline std::string utcText(std::time_t time) {
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    char text[sizeof "2026-01-31T12:00:00Z"];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

inline std::string utcNow() { return utcText(std::time(nullptr)); }

} // namespace steploom
