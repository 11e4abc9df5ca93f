// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"
#include "engine/text/tokenizer.h"

#include <string>

namespace steploom {

/// One self-contained HTML page that plays how a finished sample came to be: scrubber, play, speed, colours
/// by model, step, probability or entropy, light and dark as the reader's system has it. It loads nothing
/// from anywhere and its content policy forbids that it could; whatever a model wrote is text to it. Without
/// scripts it shows the finished text.
std::string playerPage(const RunSummary& run, const RunSample& sample, const Tokenizer& tokenizer);

} // namespace steploom
