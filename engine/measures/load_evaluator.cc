// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/core/error.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/models/registry.h"

#include <utility>

namespace steploom {

namespace {

std::string folderName(const std::filesystem::path& folder) {
    const std::filesystem::path clean = folder.lexically_normal();
    return (clean.has_filename() ? clean : clean.parent_path()).filename().string();
}

} // namespace

Evaluator Evaluator::load(const std::filesystem::path& folder, Precision precision, ComputeContext& context,
                          const std::filesystem::path& tokenizer) {
    const Checkpoint checkpoint = Checkpoint::open(folder);
    if (tokenizer.empty() && !Tokenizer::isPresentIn(checkpoint.folder()))
        throw Error(ErrorKind::Tokenizer,
                    {"cannot load the evaluator", folder.string(),
                     "the folder holds no tokenizer.json, nor vocab.json and merges.txt",
                     "Put the evaluator's tokenizer beside its weights"});
    std::shared_ptr<const Tokenizer> words =
        Tokenizer::load(tokenizer.empty() ? checkpoint.folder() : tokenizer);
    std::shared_ptr<CausalModel> model = loadCausalModel(checkpoint, precision, context);
    Evaluator evaluator(folderName(folder), checkpoint.sha256(), std::move(model), std::move(words));
    evaluator.m_path = folder.string();
    return evaluator;
}

} // namespace steploom
