// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"

#include "engine/core/utf8.h"

#include <utility>

namespace steploom {
namespace {

/// Room for a list of every kind of fault that a checkpoint can have; names that a hostile file makes longer
/// are cut.
constexpr std::size_t kLongestPart = 6000;

/// Messages quote files, which may hold anything; windows, logs and JSON take valid UTF-8 only.
void makeShowable(std::string& part) {
    if (validUtf8Prefix(part) < part.size())
        part = replaceInvalidUtf8(part);
    if (part.size() > kLongestPart) {
        part.resize(validUtf8Prefix(std::string_view(part).substr(0, kLongestPart)));
        part += "…";
    }
}

} // namespace

Error::Error(ErrorKind kind, Parts parts) : m_kind(kind), m_parts(std::move(parts)) {
    for (std::string* part : {&m_parts.what, &m_parts.where, &m_parts.why, &m_parts.remedy})
        makeShowable(*part);
    m_line = m_parts.what;
    if (!m_parts.where.empty())
        m_line += ": " + m_parts.where;
    if (!m_parts.why.empty())
        m_line += ": " + m_parts.why;
    if (!m_parts.remedy.empty())
        m_line += ". " + m_parts.remedy;
    if (!m_line.ends_with('.'))
        m_line += '.';
}

} // namespace steploom
