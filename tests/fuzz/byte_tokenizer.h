// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <string>

namespace steploom::fuzz {

/// The tokenizer.json of a byte tokenizer with a mask token: a sound one, to change or to encode with.
inline std::string byteTokenizerText() {
    const testing::TemporaryFolder folder;
    testing::writeByteTokenizer(folder.path(), true);
    return testing::readText(folder / "tokenizer.json");
}

} // namespace steploom::fuzz
