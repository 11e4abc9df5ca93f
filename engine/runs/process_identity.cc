// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/process_identity.h"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <unistd.h>

namespace steploom {

namespace {

struct ProcessStat {
    char state = '?';
    std::int64_t startTicks = 0;
};

std::optional<ProcessStat> readStat(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line))
        return std::nullopt;
    // "PID (NAME) STATE PPID …": the name may hold spaces and brackets, so read on from the last bracket.
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos)
        return std::nullopt;
    std::istringstream fields(line.substr(bracket + 1));
    ProcessStat stat;
    fields >> stat.state;
    std::string skipped;
    for (int field = 4; field < 22; ++field)
        fields >> skipped;
    if (!(fields >> stat.startTicks))
        return std::nullopt;
    return stat;
}

std::string bootId() {
    std::string id;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
    return id;
}

} // namespace

ProcessIdentity thisProcess() {
    ProcessIdentity process;
    process.pid = ::getpid();
    if (const auto stat = readStat(process.pid))
        process.startTicks = stat->startTicks;
    process.boot = bootId();
    return process;
}

bool isRunning(const ProcessIdentity& process) {
    if (process.pid <= 0 || process.boot != bootId())
        return false;
    const auto stat = readStat(process.pid);
    if (!stat) // absent, or hidden because it is another user's
        return ::kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == EPERM;
    return stat->state != 'Z' && stat->state != 'X' && stat->startTicks == process.startTicks;
}

} // namespace steploom
