// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/torch_types.h"

#include <algorithm>
#include <array>

namespace steploom {
namespace {

struct TypeName {
    std::string_view name;
    DType dtype;
};

constexpr std::array kStorages = {
    TypeName{"FloatStorage", DType::F32},     TypeName{"HalfStorage", DType::F16},
    TypeName{"BFloat16Storage", DType::BF16}, TypeName{"DoubleStorage", DType::F64},
    TypeName{"LongStorage", DType::I64},      TypeName{"IntStorage", DType::I32},
    TypeName{"ShortStorage", DType::I16},     TypeName{"CharStorage", DType::I8},
    TypeName{"ByteStorage", DType::U8},       TypeName{"BoolStorage", DType::Bool}};

constexpr std::array kElements = {
    TypeName{"torch.float32", DType::F32},   TypeName{"torch.float", DType::F32},
    TypeName{"torch.float16", DType::F16},   TypeName{"torch.half", DType::F16},
    TypeName{"torch.bfloat16", DType::BF16}, TypeName{"torch.float64", DType::F64},
    TypeName{"torch.double", DType::F64},    TypeName{"torch.int64", DType::I64},
    TypeName{"torch.long", DType::I64},      TypeName{"torch.int32", DType::I32},
    TypeName{"torch.int", DType::I32},       TypeName{"torch.int16", DType::I16},
    TypeName{"torch.short", DType::I16},     TypeName{"torch.int8", DType::I8},
    TypeName{"torch.uint8", DType::U8},      TypeName{"torch.bool", DType::Bool}};

struct Size {
    std::string_view name;
    std::size_t bytes;
};
constexpr std::array kOtherSizes = {Size{"ComplexFloatStorage", 8}, Size{"ComplexDoubleStorage", 16},
                                    Size{"QInt8Storage", 1}, Size{"QUInt8Storage", 1},
                                    Size{"QInt32Storage", 4}};

std::string_view plainName(std::string_view storageClass) {
    for (const std::string_view prefix : {"torch.cuda.", "torch.storage.", "torch."})
        if (storageClass.starts_with(prefix))
            return storageClass.substr(prefix.size());
    return storageClass;
}

template <typename Table>
std::optional<DType> lookUp(const Table& table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &TypeName::name);
    return found == table.end() ? std::nullopt : std::optional(found->dtype);
}

} // namespace

std::optional<DType> storageType(std::string_view storageClass) noexcept {
    return lookUp(kStorages, plainName(storageClass));
}

std::optional<DType> elementType(std::string_view dtype) noexcept { return lookUp(kElements, dtype); }

std::size_t storageElementSize(std::string_view storageClass) noexcept {
    if (const auto dtype = storageType(storageClass))
        return dtypeSize(*dtype);
    if (isUntyped(storageClass))
        return 1;
    const auto found = std::ranges::find(kOtherSizes, plainName(storageClass), &Size::name);
    return found == kOtherSizes.end() ? 0 : found->bytes;
}

bool isUntyped(std::string_view storageClass) noexcept { return plainName(storageClass) == "UntypedStorage"; }

} // namespace steploom
