// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace steploom {

/// Applied to the outputs of a matrix product.
enum class Activation { None, GeluTanh, GeluErf, Silu };

} // namespace steploom
