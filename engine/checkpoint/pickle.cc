// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pickle.h"

namespace steploom {

const PickleNode* PickleDocument::find(const PickleNode* mapping, std::string_view key) const {
    if (!mapping || (mapping->kind != PickleKind::Dictionary && mapping->kind != PickleKind::Object))
        return nullptr;
    for (std::size_t i = mapping->items.size(); i >= 2; i -= 2) {
        const PickleNode& name = at(mapping->items[i - 2]);
        if (name.kind == PickleKind::Text && name.text == key)
            return &at(mapping->items[i - 1]);
    }
    return nullptr;
}

const PickleNode* PickleDocument::attribute(const PickleNode* object, std::string_view name) const {
    if (!object || object->state == kNoPickle)
        return nullptr;
    return find(&at(object->state), name);
}

const PickleNode* PickleDocument::argument(const PickleNode& object, std::size_t index) const {
    return object.arguments == kNoPickle ? nullptr : element(&at(object.arguments), index);
}

const PickleNode* PickleDocument::element(const PickleNode* sequence, std::size_t index) const {
    if (!sequence || (sequence->kind != PickleKind::Tuple && sequence->kind != PickleKind::List) ||
        index >= sequence->items.size())
        return nullptr;
    return &at(sequence->items[index]);
}

std::string_view PickleDocument::typeOf(const PickleNode& node) const {
    return node.kind == PickleKind::Object ? at(node.type).text : std::string_view();
}

} // namespace steploom
