// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace steploom {

/// A schedule of the library. It names models by letter: what they are is the pool's matter.
struct NamedSchedule {
    std::int64_t id = 0;
    std::string name;
    std::string created; ///< UTC, ISO 8601
    StepSchedule schedule;

    friend bool operator==(const NamedSchedule&, const NamedSchedule&) = default;
};

inline constexpr std::size_t kLongestScheduleName = 200; ///< bytes of UTF-8

} // namespace steploom
