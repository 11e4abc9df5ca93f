// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/runs/run_store.h"

#include <cstdlib>

namespace steploom {

std::filesystem::path defaultStoreFile() {
    // XDG Base Directory Specification: a relative XDG_DATA_HOME counts as none.
    std::filesystem::path base;
    if (const char* data = std::getenv("XDG_DATA_HOME"))
        base = data;
    if (!base.is_absolute()) {
        const char* home = std::getenv("HOME");
        if (home == nullptr || *home == '\0')
            throw Error(ErrorKind::Store,
                        {"cannot find a place for the run store", "", "neither XDG_DATA_HOME nor HOME is set",
                         "Set one of them, or name a file with --store"});
        base = std::filesystem::path(home) / ".local" / "share";
    }
    const std::filesystem::path folder = base / "steploom";
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
        throw Error(ErrorKind::Store, {"cannot make the folder of the run store", folder.string(),
                                       failure.message(), "Make it yourself, or name a file with --store"});
    return folder / "runs.sqlite";
}

} // namespace steploom
