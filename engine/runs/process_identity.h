// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace steploom {

/// Which process writes a run, told apart from any later one that is given the same number.
struct ProcessIdentity {
    std::int64_t pid = 0;
    std::int64_t startTicks = 0; ///< since boot, field 22 of /proc/PID/stat
    std::string boot;            ///< the kernel's boot id: pids and ticks mean something within one boot only

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

ProcessIdentity thisProcess();
/// Whether that very process still runs. One that has ended but was not yet collected by its parent does not.
bool isRunning(const ProcessIdentity& process);

} // namespace steploom
