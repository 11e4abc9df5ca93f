// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"

#include <string>

namespace steploom::testing {

/// A pool of made-up models with these letters: twelve blocks, then four each, in folders of their own.
inline PoolFacts poolOf(const std::string& letters) {
    PoolFacts pool;
    int blocks = 12;
    for (const char letter : letters) {
        PoolFacts::Member member;
        member.spec.letter = letter;
        member.spec.name = std::string("model ") + letter;
        member.spec.path = std::string("made-up/") + letter;
        member.facts.blocks = blocks;
        member.facts.width = 64;
        member.facts.length = 128;
        member.facts.weightFlopsPerRow = 24.0 * blocks * 64 * 64;
        member.facts.headFlopsPerRow = 2.0 * 64 * 1000;
        pool.members.push_back(member);
        blocks = 4;
    }
    return pool;
}

} // namespace steploom::testing
