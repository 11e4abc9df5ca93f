// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace steploom {

/// A name from a file as a message may show it: cut at 200 bytes, invalid UTF-8 replaced, and control
/// characters, which could end the message or steer a terminal, written as "\x1b".
std::string shownName(std::string_view name);

} // namespace steploom
