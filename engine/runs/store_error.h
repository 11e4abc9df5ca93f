// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <SQLiteCpp/Exception.h>

#include <filesystem>
#include <string>

namespace steploom {

/// What SQLite reported, as an Error(Store) that says why in the user's words and what to do.
Error storeError(const std::string& what, const std::filesystem::path& file, const SQLite::Exception& cause);

/// Runs `work`; what SQLite throws leaves as an Error(Store).
template <class Work>
auto guarded(const std::string& what, const std::filesystem::path& file, Work&& work) {
    try {
        return work();
    } catch (const SQLite::Exception& cause) {
        throw storeError(what, file, cause);
    }
}

} // namespace steploom
