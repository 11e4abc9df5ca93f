// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// A compiled regular expression over UTF-8, as pre-tokenizers use them (PCRE2 with Unicode properties).
/// Immutable and safe to share between threads.
///
/// The patterns in tokenizer.json are written for Oniguruma. Two differences matter: `\s` there is
/// White_Space, and a `[` or `&&` inside a class nests or intersects sets. The first is translated, the
/// second refused.
class Regex {
public:
    /// Throws Error(Tokenizer) naming `where` when the pattern cannot be compiled.
    Regex(const std::string& pattern, const std::string& where);

    /// Cuts valid UTF-8 text into matches and what lies between them, in order; no piece is empty. Throws
    /// Error(Tokenizer) when a match needs more steps or memory than cutting words takes.
    void isolate(std::string_view text, std::vector<std::string_view>& pieces) const;

    const std::string& pattern() const noexcept { return m_pattern; }

private:
    struct Code;
    std::string m_pattern;
    std::shared_ptr<const Code> m_code;
};

} // namespace steploom
