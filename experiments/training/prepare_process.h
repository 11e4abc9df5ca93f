// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace steploom {

/// Sets up what LibTorch shares with the whole process, before anything is computed with it: memory that was
/// freed stays with the process, and OpenBLAS keeps to the calling thread.
void prepareProcess();

} // namespace steploom
