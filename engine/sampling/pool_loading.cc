// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/models/registry.h"
#include "engine/sampling/pool_checks.h"

#include <fmt/format.h>

#include <future>
#include <map>
#include <utility>

namespace steploom {

ModelPool ModelPool::load(std::vector<PoolMemberSpec> specs, const std::filesystem::path& tokenizerPath,
                          ComputeContext& context) {
    requireLettersApart(specs);

    std::map<std::string, Checkpoint> checkpoints; // one folder may serve two members, in two precisions
    std::shared_ptr<const Tokenizer> tokenizer;
    std::string tokenizerFrom = tokenizerPath.string();
    if (!tokenizerPath.empty())
        tokenizer = Tokenizer::load(tokenizerPath);
    for (const PoolMemberSpec& spec : specs) {
        const auto [place, isNew] = checkpoints.try_emplace(spec.path);
        if (!isNew)
            continue;
        place->second = Checkpoint::open(spec.path);
        const std::filesystem::path& folder = place->second.folder();
        if (!Tokenizer::isPresentIn(folder))
            continue;
        const std::shared_ptr<const Tokenizer> own = Tokenizer::load(folder);
        if (!tokenizer) {
            tokenizer = own;
            tokenizerFrom = spec.path;
        } else if (own->fingerprint() != tokenizer->fingerprint()) {
            throw Error(ErrorKind::Pool,
                        {kNoPool, shown(spec),
                         fmt::format("its tokenizer ({}, {}) is not the pool's ({}, {})", spec.path,
                                     own->description(), tokenizerFrom, tokenizer->description()),
                         "Models in one pool must share a tokenizer: the same ids must mean the same text"});
        }
    }
    if (!tokenizer)
        throw Error(ErrorKind::Tokenizer,
                    {"no tokenizer", specs.front().path,
                     "no model of the pool has tokenizer.json, or vocab.json and merges.txt, in its folder",
                     "Name one with --tokenizer; mdlm-owt was trained with GPT-2's"});

    // Hashing takes about as long as loading: both at once. (sha256() waits for the one who computes it.)
    std::vector<std::future<void>> hashing;
    for (const auto& [path, checkpoint] : checkpoints)
        hashing.push_back(std::async(std::launch::async, [held = checkpoint] { held.sha256(); }));

    std::vector<PoolMember> members;
    for (PoolMemberSpec& spec : specs) {
        const Checkpoint& checkpoint = checkpoints.at(spec.path);
        std::shared_ptr<Model> model = loadModel(checkpoint, spec.precision, context);
        if (!spec.sha256.empty() && spec.sha256 != checkpoint.sha256())
            throw Error(ErrorKind::Pool,
                        {kNoPool, shown(spec),
                         fmt::format("{} has the SHA-256 {}, the request was made with {}", spec.path,
                                     checkpoint.sha256(), spec.sha256),
                         "Put the checkpoint of that time back, or ask for it anew with this one"});
        spec.sha256 = checkpoint.sha256();
        if (spec.name.empty())
            spec.name = parseMemberSpec(spec.path).name;
        members.push_back({std::move(spec), std::move(model)});
    }
    return ModelPool(std::move(members), std::move(tokenizer));
}

} // namespace steploom
