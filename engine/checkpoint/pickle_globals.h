// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace steploom {

/// Whether a pickle may name this global ("torch._utils", "_rebuild_tensor_v2"). What it names is never
/// called or imported; the list says which names belong into a checkpoint, so that a file which asks for
/// anything else is refused as what it is instead of being half understood.
bool isHarmlessGlobal(std::string_view module, std::string_view name);

} // namespace steploom
