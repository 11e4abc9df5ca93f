// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>

namespace steploom {

/// Refuses a tokenizer: one wording for the whole floor.
[[noreturn]] inline void refuseTokenizer(const std::string& where, std::string why, std::string remedy) {
    throw Error(ErrorKind::Tokenizer,
                {"cannot load the tokenizer", where, std::move(why), std::move(remedy)});
}

/// What to do about a file that is not what its format says.
inline constexpr const char* kTakePublishedFile = "Take the file as it was published with the model";

/// The value of a key, or nullptr when it is absent or null.
inline const nlohmann::json* fieldOf(const nlohmann::json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// A true/false field; throws Error(Tokenizer) when it is of another type.
inline bool flagOf(const nlohmann::json& object, const char* key, bool fallback, const std::string& where) {
    const nlohmann::json* value = fieldOf(object, key);
    if (value && !value->is_boolean())
        refuseTokenizer(where, fmt::format("\"{}\" is {}, not true or false", key, value->type_name()),
                        kTakePublishedFile);
    return value ? value->get<bool>() : fallback;
}

/// A string field; throws Error(Tokenizer) when it is absent or of another type.
inline const std::string& stringOf(const nlohmann::json& object, const char* key, const std::string& where) {
    const nlohmann::json* value = fieldOf(object, key);
    if (!value || !value->is_string())
        refuseTokenizer(where,
                        fmt::format("\"{}\" is {}, not a string", key, value ? value->type_name() : "absent"),
                        kTakePublishedFile);
    return value->get_ref<const std::string&>();
}

/// Visits the members of a "Sequence" in `key`; throws Error(Tokenizer) when that is no array.
template <typename Visit>
void forEachIn(const nlohmann::json& object, const char* key, const std::string& where, Visit visit) {
    const nlohmann::json* members = fieldOf(object, key);
    if (!members || !members->is_array())
        refuseTokenizer(
            where, fmt::format("\"{}\" is {}, not an array", key, members ? members->type_name() : "absent"),
            kTakePublishedFile);
    for (const nlohmann::json& member : *members)
        visit(member);
}

} // namespace steploom
