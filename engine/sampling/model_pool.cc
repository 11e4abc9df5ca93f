// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/model_pool.h"

#include "engine/core/error.h"
#include "engine/sampling/pool_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace steploom {

namespace {

/// The tokenizer's ids must be the model's: one id each, and the mask. A vocabulary may be padded beyond
/// that, but then config.json must say which id is the mask, and it must be the one behind the tokenizer's
/// (as MDLM has it) or one of its special tokens (LLaDA, Dream); else a tokenizer that is simply another one
/// would pass.
void requireFit(const Tokenizer& tokenizer, const PoolMember& member) {
    const int size = tokenizer.size(), vocabulary = member.model->facts().vocabulary;
    const std::int32_t mask = member.model->maskToken();
    const bool stated = member.model->maskTokenStated();
    const bool special = stated && tokenizer.isSpecial(mask);
    // A mask that is a piece of the tokenizer could be text; then the tokenizer itself must name it.
    const bool plain =
        size == vocabulary || (size == vocabulary - 1 && (mask == size || special || tokenizer.maskToken()));
    const bool padded = size < vocabulary - 1 && stated && (mask == size || special);
    if (!plain && !padded)
        throw Error(
            ErrorKind::Tokenizer,
            {"the tokenizer does not fit the model", shown(member.spec),
             fmt::format("the tokenizer has {} ids, the model a vocabulary of {} with the mask token {}",
                         size, vocabulary, mask),
             "Name the tokenizer the model was trained with (--tokenizer)"});
    if (tokenizer.maskToken() && *tokenizer.maskToken() != mask && member.model->maskTokenStated())
        throw Error(
            ErrorKind::Tokenizer,
            {"the tokenizer does not fit the model", shown(member.spec),
             fmt::format("the tokenizer's mask token is {}, the model's is {}", *tokenizer.maskToken(), mask),
             "Name the tokenizer the model was trained with, or set mask_token_id in config.json"});
}

} // namespace

std::string shown(const PoolMemberSpec& spec) {
    return spec.name.empty() ? std::string(1, spec.letter) : fmt::format("{} ({})", spec.letter, spec.name);
}

void requireLettersApart(const std::vector<PoolMemberSpec>& specs) {
    if (specs.empty())
        throw Error(ErrorKind::Pool, {kNoPool, "", "it has no member", "Name at least one model"});
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (specs[i].letter < 'A' || specs[i].letter > 'Z')
            throw Error(ErrorKind::Pool,
                        {kNoPool, fmt::format("member {}", i + 1),
                         fmt::format("its letter has the code {}, which is none from A to Z",
                                     static_cast<int>(static_cast<unsigned char>(specs[i].letter))),
                         "Give it a letter from A to Z"});
        for (std::size_t k = 0; k < i; ++k)
            if (specs[k].letter == specs[i].letter)
                throw Error(ErrorKind::Pool, {kNoPool, fmt::format("members {} and {}", k + 1, i + 1),
                                              fmt::format("both have the letter {}", specs[i].letter),
                                              "Give each its own letter, as in H=… and L=…"});
    }
}

ModelPool::ModelPool(std::vector<PoolMember> members, std::shared_ptr<const Tokenizer> tokenizer)
    : m_members(std::move(members)), m_tokenizer(std::move(tokenizer)) {
    check();
}

void ModelPool::check() const {
    std::vector<PoolMemberSpec> specs;
    for (const PoolMember& member : m_members)
        specs.push_back(member.spec);
    requireLettersApart(specs);
    for (const PoolMember& member : m_members)
        if (!member.model)
            throw Error(ErrorKind::Pool,
                        {kNoPool, shown(member.spec), "it has no model", "Load its checkpoint"});
    if (!m_tokenizer)
        throw Error(ErrorKind::Tokenizer, {"no tokenizer", shown(m_members.front().spec),
                                           "the pool was given none", "Name one with --tokenizer"});

    const PoolMember& first = m_members.front();
    for (const PoolMember& member : m_members) {
        const auto differ = [&](const char* quantity, int here, int there) {
            if (here != there)
                throw Error(ErrorKind::Pool,
                            {kNoPool, fmt::format("{} and {}", shown(first.spec), shown(member.spec)),
                             fmt::format("their {} differ: {} and {}", quantity, there, here),
                             "Models in one pool must share a tokenizer, a vocabulary and a mask token"});
        };
        differ("vocabularies", member.model->facts().vocabulary, first.model->facts().vocabulary);
        differ("mask tokens", member.model->maskToken(), first.model->maskToken());
        requireFit(*m_tokenizer, member);
    }
}

std::int32_t ModelPool::maskToken() const {
    // requireFit: where both name one, they agree.
    return m_tokenizer->maskToken().value_or(m_members.at(0).model->maskToken());
}

int ModelPool::drawableTokens() const {
    return std::min(m_tokenizer->size(), m_members.at(0).model->facts().vocabulary);
}

std::string ModelPool::letters() const {
    std::string letters;
    for (const PoolMember& member : m_members)
        letters += member.spec.letter;
    return letters;
}

int ModelPool::indexOf(char letter) const {
    for (std::size_t i = 0; i < m_members.size(); ++i)
        if (m_members[i].spec.letter == letter)
            return static_cast<int>(i);
    throw Error(ErrorKind::Schedule, {"no such model", std::string(1, letter),
                                      fmt::format("the pool has {}", fmt::join(letters(), ", ")),
                                      "Name a model of the pool, or add one with this letter"});
}

CallCost callCostOf(char letter, const ModelFacts& facts, int length) {
    return {.letter = letter,
            .blocks = facts.blockFlops(length),
            .headPerRow = facts.headFlopsPerRow,
            .lastBlockPerRow = facts.lastBlockRowFlops(length)};
}

std::vector<CallCost> ModelPool::callCosts(int length) const {
    const auto timing = std::find_if(m_timings.begin(), m_timings.end(),
                                     [length](const Timing& each) { return each.length == length; });
    std::vector<CallCost> costs;
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        costs.push_back(callCostOf(m_members[i].spec.letter, m_members[i].model->facts(), length));
        if (timing != m_timings.end())
            costs.back().secondsPerCall = timing->secondsPerCall[i];
    }
    return costs;
}

} // namespace steploom
