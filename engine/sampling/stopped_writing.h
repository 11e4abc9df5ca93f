// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace steploom {

/// Leaves a chunk that a stop found in the middle of its draws; caught by runSequential and seen by nobody
/// else.
struct StoppedWriting {};

} // namespace steploom
