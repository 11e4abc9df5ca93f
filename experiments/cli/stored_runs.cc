// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/stored_runs.h"

#include "engine/core/error.h"

namespace steploom::cli {

RunStore openStoredRuns(const std::string& file) {
    const std::filesystem::path path = file.empty() ? defaultStoreFile() : std::filesystem::path(file);
    if (!std::filesystem::exists(path)) {
        throw Error(ErrorKind::Store, {.what = "cannot read the runs",
                                       .where = path.string(),
                                       .why = "there is no such file",
                                       .remedy = "Name the file that generate --store wrote"});
    }
    return RunStore(path);
}

} // namespace steploom::cli
