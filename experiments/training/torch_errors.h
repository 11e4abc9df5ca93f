// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <c10/util/Exception.h>

namespace steploom {

/// LibTorch's own complaint (memory, a missing kernel) as one of ours.
template <typename Body>
auto withTorchErrors(const char* what, const Body& body) {
    try {
        return body();
    } catch (const c10::Error& error) {
        throw Error(ErrorKind::Device, {what, "LibTorch", error.what_without_backtrace(),
                                        "Try a smaller training.batch, or training.device = \"cpu\""});
    }
}

} // namespace steploom
