// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/json_text.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace steploom {
namespace {

/// "[json.exception.parse_error.101] parse error at line 1 …" without the library's own numbering.
std::string reasonOf(const nlohmann::json::exception& problem) {
    const std::string text = problem.what();
    const std::size_t end = text.starts_with('[') ? text.find("] ") : std::string::npos;
    return "it is not valid JSON (" + (end == std::string::npos ? text : text.substr(end + 2)) + ")";
}

} // namespace

nlohmann::json parseJson(std::string_view text, ErrorKind kind, Error::Parts parts) {
    using Event = nlohmann::json::parse_event_t;
    std::vector<std::unordered_set<std::string>> keysOfOpenObjects;
    std::size_t values = 0;
    const auto refuse = [&](std::string why) {
        parts.why = std::move(why);
        throw Error(kind, std::move(parts));
    };
    const auto watch = [&](int depth, Event event, nlohmann::json& value) {
        const bool opens = event == Event::object_start || event == Event::array_start;
        if (opens && depth >= kDeepestJson)
            refuse("it nests arrays and objects more than " + std::to_string(kDeepestJson) + " deep");
        if ((opens || event == Event::value) && ++values > kMostJsonValues)
            refuse("it holds more than " + std::to_string(kMostJsonValues) + " values");
        if (event == Event::object_start)
            keysOfOpenObjects.emplace_back();
        else if (event == Event::object_end)
            keysOfOpenObjects.pop_back();
        else if (event == Event::key) {
            const auto& key = value.get_ref<const std::string&>();
            if (!keysOfOpenObjects.back().insert(key).second)
                refuse("it names \"" + key + "\" twice in one object");
        }
        return true;
    };
    try {
        return nlohmann::json::parse(text.begin(), text.end(), watch);
    } catch (const nlohmann::json::exception& problem) {
        parts.why = reasonOf(problem);
        throw Error(kind, std::move(parts));
    }
}

} // namespace steploom
