// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/json_text.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace steploom {
namespace {

/// "[json.exception.parse_error.101] parse error at line 1 …" without the library's own numbering.
std::string reasonOf(const nlohmann::json::exception& problem) {
    const std::string text = problem.what();
    const std::size_t end = text.starts_with('[') ? text.find("] ") : std::string::npos;
    return "it is not valid JSON (" + (end == std::string::npos ? text : text.substr(end + 2)) + ")";
}

/// Builds the document as it is read. The library's own parser with a callback looks through all of a list
/// whenever an object in it ends: a few megabytes of "{}" would take it hours.
class DocumentBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
    DocumentBuilder(ErrorKind kind, Error::Parts parts) : m_kind(kind), m_parts(std::move(parts)) {}

    nlohmann::json take() { return std::move(m_root); }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(std::int64_t value) override { return add(value); }
    bool number_unsigned(std::uint64_t value) override { return add(value); }
    bool number_float(double value, const std::string&) override { return add(value); }
    bool string(std::string& value) override { return add(std::move(value)); }
    bool binary(nlohmann::json::binary_t&) override { return false; } // JSON text has none
    bool start_object(std::size_t) override { return open(nlohmann::json::object()); }
    bool start_array(std::size_t) override { return open(nlohmann::json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(std::string& name) override {
        const auto [place, isNew] = m_open.back()->emplace(name, nullptr);
        if (!isNew)
            refuse("it names \"" + name + "\" twice in one object");
        m_named = &place.value();
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& problem) override {
        refuse(reasonOf(problem));
    }

private:
    [[noreturn]] void refuse(std::string why) {
        m_parts.why = std::move(why);
        throw Error(m_kind, std::move(m_parts));
    }

    /// Where the value lies from now on. It stays there until what it lies in is added to.
    nlohmann::json& place(nlohmann::json value) {
        if (++m_values > kMostJsonValues)
            refuse("it holds more than " + std::to_string(kMostJsonValues) + " values");
        nlohmann::json* where = &m_root;
        if (!m_open.empty() && m_open.back()->is_array()) {
            m_open.back()->push_back(nullptr);
            where = &m_open.back()->back();
        } else if (!m_open.empty()) {
            where = m_named;
        }
        *where = std::move(value);
        return *where;
    }
    bool add(nlohmann::json value) {
        place(std::move(value));
        return true;
    }
    bool open(nlohmann::json value) {
        if (m_open.size() >= static_cast<std::size_t>(kDeepestJson))
            refuse("it nests arrays and objects more than " + std::to_string(kDeepestJson) + " deep");
        m_open.push_back(&place(std::move(value)));
        return true;
    }
    bool close() {
        m_open.pop_back();
        return true;
    }

    ErrorKind m_kind;
    Error::Parts m_parts;
    nlohmann::json m_root;
    std::vector<nlohmann::json*> m_open; ///< arrays and objects around what is read next
    nlohmann::json* m_named = nullptr;   ///< where the value of the last key belongs
    std::size_t m_values = 0;
};

} // namespace

nlohmann::json parseJson(std::string_view text, ErrorKind kind, Error::Parts parts) {
    DocumentBuilder builder(kind, std::move(parts));
    nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    return builder.take();
}

} // namespace steploom
