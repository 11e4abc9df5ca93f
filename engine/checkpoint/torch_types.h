// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <optional>
#include <string_view>

namespace steploom {

/// The element type of a storage class ("torch.FloatStorage", "torch.cuda.HalfStorage") or of a dtype
/// ("torch.float32"); nothing for those that no model here computes with (complex, quantised, float8).
std::optional<DType> storageType(std::string_view storageClass) noexcept;
std::optional<DType> elementType(std::string_view dtype) noexcept;
/// Bytes of one element of a storage class, of the unsupported ones too; 0 for an unknown class.
std::size_t storageElementSize(std::string_view storageClass) noexcept;
/// Whether it is the class of storages that do not say what they hold.
bool isUntyped(std::string_view storageClass) noexcept;

} // namespace steploom
