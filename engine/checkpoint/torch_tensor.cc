// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors as torch/_utils.py rebuilds them: a storage, and offset, size and stride in elements.
#include "engine/checkpoint/shown_name.h"
#include "engine/checkpoint/torch_file.h"
#include "engine/checkpoint/torch_types.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace steploom {
namespace {

constexpr std::size_t kMostAxes = 64; ///< PyTorch's own limit
constexpr int kMostWrappings = 8;     ///< a parameter around a tensor around …
constexpr const char* kSaveAgain = "Save the checkpoint again with torch.save";
constexpr const char* kConvertFirst =
    "Convert it to float32, float16 or bfloat16 and save the checkpoint again";

/// Copies are made of what is transposed, sliced or expanded. A file may expand one number to any size, so
/// all copies together take no more than twice the file, or 64 MiB for small ones.
constexpr std::uint64_t kMostCopies = 2;
constexpr std::uint64_t kAlwaysCopied = 64u << 20;

} // namespace

/// Follows parameters and subclasses to the tensor inside; nothing when the value is no dense tensor.
std::optional<TorchFile::Recipe> TorchFile::recipeOf(const PickleNode& node) const {
    const PickleDocument& document = m_document;
    const PickleNode* object = &node;
    std::string_view function = document.typeOf(node);
    const PickleNode* arguments = node.arguments == kNoPickle ? nullptr : &document.at(node.arguments);
    for (int i = 0; i < kMostWrappings; ++i) {
        const auto argument = [&](std::size_t index) { return document.element(arguments, index); };
        if (function == "torch._utils._rebuild_tensor")
            return Recipe{argument(0), argument(1), argument(2), argument(3), nullptr, nullptr};
        if (function == "torch._utils._rebuild_tensor_v2")
            return Recipe{argument(0), argument(1), argument(2), argument(3), nullptr, argument(6)};
        if (function == "torch._utils._rebuild_tensor_v3")
            return Recipe{argument(0), argument(1), argument(2), argument(3), argument(6), argument(7)};
        if (function == "torch._utils._rebuild_parameter" ||
            function == "torch._utils._rebuild_parameter_with_state") {
            object = argument(0);
            if (!object || object->kind != PickleKind::Object)
                return {};
            function = document.typeOf(*object);
            arguments = &document.at(object->arguments);
        } else if (function == "torch._tensor._rebuild_from_type_v2") { // (function, class, arguments, state)
            const PickleNode* inner = argument(0);
            if (!inner || inner->kind != PickleKind::Global)
                return {};
            function = inner->text;
            arguments = argument(2);
        } else {
            return {};
        }
    }
    return {};
}

bool TorchFile::isTensor(const PickleNode& node) const { return recipeOf(node).has_value(); }

std::vector<std::int64_t> TorchFile::sizes(const PickleNode* node, std::string_view name,
                                           const char* what) const {
    if (node && m_document.typeOf(*node) == "torch.Size")
        node = m_document.argument(*node, 0);
    if (!node || (node->kind != PickleKind::Tuple && node->kind != PickleKind::List))
        refuse(name, fmt::format("its {} is no tuple", what));
    if (node->items.size() > kMostAxes)
        refuse(name, fmt::format("it has {} axes", node->items.size()));
    std::vector<std::int64_t> values;
    for (const PickleId id : node->items) {
        const PickleNode& value = m_document.at(id);
        if (value.kind != PickleKind::Integer || value.integer < 0)
            refuse(name, fmt::format("its {} holds what is no whole number from 0 on", what));
        values.push_back(value.integer);
    }
    return values;
}

/// A persistent id is ("storage", class, key, location, elements), with None after it in older files.
TorchFile::Storage TorchFile::storageOf(const PickleNode* node, std::string_view name) {
    if (!node || node->kind != PickleKind::Persistent)
        refuse(name, "it has no storage");
    const PickleNode& id = m_document.at(node->arguments);
    const PickleNode* tag = m_document.element(&id, 0);
    const PickleNode* type = m_document.element(&id, 1);
    const PickleNode* key = m_document.element(&id, 2);
    const PickleNode* elements = m_document.element(&id, 4);
    const PickleNode* view = m_document.element(&id, 5);
    if (!tag || tag->text != "storage" || !type || type->kind != PickleKind::Global || !key ||
        key->kind != PickleKind::Text || !elements || elements->kind != PickleKind::Integer ||
        elements->integer < 0)
        refuse(name, "its storage is not told in the way of torch.save");
    if (view && view->kind != PickleKind::None)
        refuse(name, "its storage is a part of another one", kSaveAgain);

    const std::optional<DType> dtype = isUntyped(type->text) ? DType::U8 : storageType(type->text);
    if (!dtype)
        refuse(name, fmt::format("its storage is a {}, which no model here computes with", type->text),
               kConvertFirst);
    const std::span<const std::byte> bytes = storageBytes(key->text, name);
    std::uint64_t claimed = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(elements->integer), dtypeSize(*dtype), &claimed) ||
        claimed > bytes.size())
        refuse(name, fmt::format("its storage {} should have {} elements of {} bytes, it has {} bytes",
                                 shownName(key->text), elements->integer, dtypeSize(*dtype), bytes.size()));
    return {bytes.first(claimed), *dtype};
}

TorchFile::Recipe TorchFile::requireRecipe(const PickleNode& node, std::string_view name) const {
    if (const std::optional<Recipe> recipe = recipeOf(node))
        return *recipe;
    const std::string_view type = m_document.typeOf(node);
    refuse(name,
           type.empty() ? std::string("it is no tensor")
                        : fmt::format("it is no dense tensor but made by {}", type),
           kConvertFirst);
}

std::vector<std::int64_t> TorchFile::shape(const PickleNode& node, std::string_view name) const {
    return sizes(requireRecipe(node, name).size, name, "size");
}

TensorView TorchFile::tensor(const PickleNode& node, std::string_view name) {
    const Recipe recipe = requireRecipe(node, name);
    if (recipe.metadata && !(recipe.metadata->kind == PickleKind::None || recipe.metadata->items.empty()))
        refuse(name, "it is marked as conjugate, negative or otherwise special", kConvertFirst);

    const Storage storage = storageOf(recipe.storage, name);
    TensorView view;
    view.dtype = storage.dtype;
    if (recipe.dtype) {
        const auto dtype = elementType(recipe.dtype->text);
        if (!dtype)
            refuse(
                name,
                fmt::format("its element type is {}, which no model here computes with", recipe.dtype->text),
                kConvertFirst);
        view.dtype = *dtype;
    }
    view.shape = sizes(recipe.size, name, "size");
    const std::vector<std::int64_t> stride = sizes(recipe.stride, name, "stride");
    if (stride.size() != view.shape.size())
        refuse(name, fmt::format("it has {} sizes and {} strides", view.shape.size(), stride.size()));
    if (!recipe.offset || recipe.offset->kind != PickleKind::Integer || recipe.offset->integer < 0)
        refuse(name, "its offset is no whole number from 0 on");

    // Elements, the furthest of them, and their bytes: each product and sum may leave 64 bits.
    const std::uint64_t elementSize = dtypeSize(view.dtype), held = storage.bytes.size() / elementSize;
    const auto offset = static_cast<std::uint64_t>(recipe.offset->integer);
    const bool isEmpty = std::ranges::find(view.shape, 0) != view.shape.end();
    std::uint64_t bytes = isEmpty ? 0 : elementSize, furthest = offset, expected = 1;
    bool rowMajor = true, overflows = false;
    for (std::size_t axis = view.shape.size(); axis-- > 0 && !isEmpty;) {
        const auto size = static_cast<std::uint64_t>(view.shape[axis]);
        const auto step = static_cast<std::uint64_t>(stride[axis]);
        std::uint64_t reach = 0;
        rowMajor = rowMajor && (size == 1 || step == expected);
        overflows = overflows || __builtin_mul_overflow(bytes, size, &bytes) ||
                    __builtin_mul_overflow(expected, size, &expected) ||
                    __builtin_mul_overflow(size - 1, step, &reach) ||
                    __builtin_add_overflow(furthest, reach, &furthest);
    }
    if (overflows || (!isEmpty && furthest >= held) || (isEmpty && offset > held))
        refuse(name, fmt::format(
                         "its elements {} with strides {} from {} on lie outside its storage of {} elements",
                         shapeText(view.shape), shapeText(stride), offset, held));
    const auto source = storage.bytes.subspan(isEmpty ? 0 : offset * elementSize);
    if (rowMajor || isEmpty) {
        view.bytes = source.first(bytes);
        return view;
    }
    const std::uint64_t most = std::max<std::uint64_t>(kAlwaysCopied, m_bytes.size() * kMostCopies);
    if (bytes > most || m_copied > most - bytes)
        refuse(name,
               fmt::format("written out, it takes {} bytes and what stands before it {}: more than the {} "
                           "that a file of {} bytes may hold",
                           bytes, m_copied, most, m_bytes.size()),
               "If this came from somebody else, do not trust it; otherwise save it with .contiguous()");
    m_copied += bytes;
    return gather(std::move(view), source, stride);
}

/// The elements in row-major order, from a source that begins with the first of them.
TensorView TorchFile::gather(TensorView view, std::span<const std::byte> source,
                             std::span<const std::int64_t> stride) {
    const std::size_t elementSize = dtypeSize(view.dtype), count = view.elements();
    auto copy = std::make_shared<std::vector<std::byte>>(count * elementSize);
    std::vector<std::int64_t> index(view.shape.size(), 0);
    std::size_t from = 0; // in elements
    for (std::size_t i = 0; i < count; ++i) {
        std::memcpy(copy->data() + i * elementSize, source.data() + from * elementSize, elementSize);
        for (std::size_t axis = index.size(); axis-- > 0;) {
            from += static_cast<std::size_t>(stride[axis]);
            if (++index[axis] < view.shape[axis])
                break;
            from -= static_cast<std::size_t>(stride[axis]) * static_cast<std::size_t>(view.shape[axis]);
            index[axis] = 0;
        }
    }
    view.bytes = *copy;
    m_owned.push_back(std::move(copy));
    return view;
}

} // namespace steploom
