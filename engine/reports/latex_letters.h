// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace steploom {

/// What stands for a character in LaTeX's text, in ASCII and safe before any other: itself, a command that
/// prints it with the packages that latexReport() loads, or its number in brackets.
std::string latexLetter(std::uint32_t codePoint);

} // namespace steploom
