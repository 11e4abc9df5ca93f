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
void requireMaskFit(const Tokenizer& tokenizer, const PoolMember& member) {
    const int size = tokenizer.size(), vocabulary = member.model->facts().vocabulary;
    const std::int32_t mask = member.maskedDiffusion().maskToken();
    const bool stated = member.maskedDiffusion().maskTokenStated();
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
    if (tokenizer.maskToken() && *tokenizer.maskToken() != mask && stated)
        throw Error(
            ErrorKind::Tokenizer,
            {"the tokenizer does not fit the model", shown(member.spec),
             fmt::format("the tokenizer's mask token is {}, the model's is {}", *tokenizer.maskToken(), mask),
             "Name the tokenizer the model was trained with, or set mask_token_id in config.json"});
}

/// Without a mask, a vocabulary may be padded beyond the tokenizer, but every id of text must have its row.
void requireFit(const Tokenizer& tokenizer, const PoolMember& member) {
    if (member.model->facts().kind == GenerationKind::MaskedDiffusion) {
        requireMaskFit(tokenizer, member);
        return;
    }
    const int size = tokenizer.size(), vocabulary = member.model->facts().vocabulary;
    if (size > vocabulary)
        throw Error(ErrorKind::Tokenizer,
                    {"the tokenizer does not fit the model", shown(member.spec),
                     fmt::format("the tokenizer has {} ids, the model a vocabulary of {}", size, vocabulary),
                     "Name the tokenizer the model was trained with (--tokenizer)"});
}

/// What two members must have in common beyond kind and vocabulary.
void requireAlike(const PoolMember& first, const PoolMember& member) {
    const auto refuse = [&](std::string why, std::string remedy) {
        throw Error(ErrorKind::Pool,
                    {kNoPool, fmt::format("{} and {}", shown(first.spec), shown(member.spec)), std::move(why),
                     std::move(remedy)});
    };
    const ModelFacts& one = first.model->facts();
    const ModelFacts& other = member.model->facts();
    if (one.kind != other.kind)
        refuse(fmt::format("the first is a {} model, the second a {} one", generationKindName(one.kind),
                           generationKindName(other.kind)),
               "A schedule mixes models whose steps write the same: put models of one kind in a pool");
    const auto differ = [&](const char* quantity, int here, int there) {
        if (here != there)
            refuse(fmt::format("their {} differ: {} and {}", quantity, there, here),
                   one.kind == GenerationKind::MaskedDiffusion
                       ? "Models in one pool must share a tokenizer, a vocabulary and a mask token"
                       : "Models in one pool must share a tokenizer and a vocabulary; CALM models K and the "
                         "autoencoder too");
    };
    differ("vocabularies", other.vocabulary, one.vocabulary);
    if (one.kind == GenerationKind::MaskedDiffusion)
        differ("mask tokens", member.maskedDiffusion().maskToken(), first.maskedDiffusion().maskToken());
    if (one.kind != GenerationKind::Calm)
        return;
    differ("K (tokens a vector)", other.chunk, one.chunk);
    differ("latent sizes", member.calm().autoencoder().facts().latent,
           first.calm().autoencoder().facts().latent);
    if (first.calm().autoencoderSha256() != member.calm().autoencoderSha256())
        refuse(
            fmt::format("their autoencoders differ: {} and {} hold other weights",
                        first.calm().place().folder.string(), member.calm().place().folder.string()),
            "A vector means the same tokens to both only with one autoencoder: use models that were trained "
            "with the same");
}

template <typename Kind>
Kind& modelAs(const PoolMember& member, GenerationKind wanted) {
    if (auto* const model = dynamic_cast<Kind*>(member.model.get()))
        return *model;
    throw Error(ErrorKind::Pool,
                {"not a model for this", shown(member.spec),
                 fmt::format("it is a {} model, and a {} one is needed",
                             generationKindName(member.model->facts().kind), generationKindName(wanted)),
                 fmt::format("Load a {} model", generationKindName(wanted))});
}

} // namespace

MaskedDiffusionModel& PoolMember::maskedDiffusion() const {
    return modelAs<MaskedDiffusionModel>(*this, GenerationKind::MaskedDiffusion);
}
CausalModel& PoolMember::causal() const {
    return modelAs<CausalModel>(*this, GenerationKind::Autoregressive);
}
CalmModel& PoolMember::calm() const { return modelAs<CalmModel>(*this, GenerationKind::Calm); }

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
        requireAlike(first, member);
        requireFit(*m_tokenizer, member);
    }
}

std::int32_t ModelPool::maskToken() const {
    if (kind() != GenerationKind::MaskedDiffusion)
        return std::max(m_tokenizer->size(), m_members.at(0).model->facts().vocabulary);
    // requireFit: where both name one, they agree.
    return m_tokenizer->maskToken().value_or(m_members.at(0).maskedDiffusion().maskToken());
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
    if (facts.kind != GenerationKind::MaskedDiffusion) {
        CallCost cost{.letter = letter,
                      .kind = facts.kind,
                      .chunk = facts.chunk,
                      .perRow = facts.weightFlopsPerRow + facts.inputFlopsPerRow,
                      .perPair = 4.0 * facts.width * facts.blocks,
                      .perStep = facts.headFlopsPerRow + facts.conditionFlops,
                      .perDraw = facts.drawFlops};
        cost.blocks = cost.perRow + cost.perPair * length / facts.chunk / 2;
        return cost;
    }
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
            costs.back().seconds = timing->seconds[i];
    }
    return costs;
}

} // namespace steploom
