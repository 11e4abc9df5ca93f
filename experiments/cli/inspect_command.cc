// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/registry.h"
#include "engine/text/tokenizer.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace steploom::cli {

namespace {

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

int inspect(const std::string& path, const Console& console) {
    const Checkpoint checkpoint = Checkpoint::open(path);
    const ModelFacts facts = describe(checkpoint);
    // A tokenizer that cannot be read is a fact about the folder, not a reason to say nothing of the model.
    std::string tokenizer, tokenizerError;
    if (Tokenizer::isPresentIn(path)) {
        try {
            tokenizer = Tokenizer::load(path)->description();
        } catch (const Error& error) {
            tokenizerError = error.what();
        }
    }
    const double blockFlops = facts.blockFlops(facts.length);
    const double headFlops = facts.headFlopsPerRow * facts.length;
    const std::string stored = lowerCase(dtypeName(facts.stored));

    if (console.json) {
        nlohmann::json json = {{"architecture", facts.architecture},
                               {"parameters", facts.parameters},
                               {"blocks", facts.blocks},
                               {"width", facts.width},
                               {"heads", facts.heads},
                               {"key_value_heads", facts.keyValueHeads},
                               {"vocabulary", facts.vocabulary},
                               {"length", facts.length},
                               {"logits_shifted", facts.logitsShifted},
                               {"precision_stored", stored},
                               {"tokenizer", nullptr},
                               {"flops_per_call", {{"blocks", blockFlops}, {"head", headFlops}}},
                               {"sha256", checkpoint.sha256()}};
        if (!tokenizer.empty())
            json["tokenizer"] = tokenizer;
        if (!tokenizerError.empty())
            json["tokenizer_error"] = tokenizerError;
        console.printJson(json);
        return kDone;
    }
    Table table("ll", {});
    table.add({"architecture", facts.architecture});
    table.add({"parameters",
               fmt::format("{} ({})", countText(static_cast<double>(facts.parameters)), facts.parameters)});
    table.add({"blocks", std::to_string(facts.blocks)});
    table.add({"width", std::to_string(facts.width)});
    table.add({"heads", facts.keyValueHeads == facts.heads
                            ? std::to_string(facts.heads)
                            : fmt::format("{}, {} of keys and values", facts.heads, facts.keyValueHeads)});
    table.add({"vocabulary", std::to_string(facts.vocabulary)});
    table.add({"length", std::to_string(facts.length)});
    if (facts.logitsShifted)
        table.add({"logits", "shifted by one: a position is predicted in the row before it"});
    table.add({"stored as", stored});
    table.add({"tokenizer", !tokenizer.empty()        ? tokenizer
                            : !tokenizerError.empty() ? "cannot be read: " + tokenizerError
                                                      : "none in this folder (name one with --tokenizer)"});
    table.add({"a call, blocks", flopsText(blockFlops)});
    table.add({"a call, output layer", flopsText(headFlops)});
    table.add({"SHA-256", checkpoint.sha256()});
    console.print(table.text());
    return kDone;
}

} // namespace

void addInspect(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand("inspect", "What a checkpoint folder holds");
    auto path = std::make_shared<std::string>();
    command->add_option("PATH", *path, "Folder with config.json and model.safetensors")->required();
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [path, &console, &work] { work = [path, &console] { return inspect(*path, console); }; });
}

} // namespace steploom::cli
