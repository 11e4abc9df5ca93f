// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"

#include <utility>

namespace steploom {

Error::Error(ErrorKind kind, Parts parts) : m_kind(kind), m_parts(std::move(parts)) {
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
