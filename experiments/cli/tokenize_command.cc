// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/utf8.h"
#include "engine/text/tokenizer.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"

#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <limits>

namespace steploom::cli {

namespace {

struct TokenizeOptions {
    std::string tokenizer;
    bool decode = false;
    bool withTemplate = false;
};

std::vector<std::int32_t> readIds(const std::string& input, const Tokenizer& tokenizer) {
    const auto refuse = [](std::string why) {
        return Error(ErrorKind::Text, {.what = "cannot decode",
                                       .where = "standard input",
                                       .why = std::move(why),
                                       .remedy = "Give a JSON array of token ids, as [12, 7, 4095]"});
    };
    const nlohmann::json json = nlohmann::json::parse(input, nullptr, false);
    if (!json.is_array())
        throw refuse("it is not a JSON array");
    std::vector<std::int32_t> ids;
    ids.reserve(json.size());
    for (const nlohmann::json& element : json) {
        if (!element.is_number_integer())
            throw refuse(fmt::format("element {} is not a whole number", ids.size()));
        const auto id = element.get<std::int64_t>();
        if (id < 0 || id >= tokenizer.size()) {
            throw refuse(fmt::format("element {} is {}, the tokenizer has ids 0 to {}", ids.size(), id,
                                     tokenizer.size() - 1));
        }
        ids.push_back(static_cast<std::int32_t>(id));
    }
    return ids;
}

int tokenize(const TokenizeOptions& options, const Console& console) {
    const auto tokenizer = Tokenizer::load(options.tokenizer);
    const std::string input{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    if (options.decode) {
        const std::string text = tokenizer->decode(readIds(input, *tokenizer));
        if (console.json)
            console.printJson(text);
        else
            console.print(text);
        return kDone;
    }
    requireUtf8(input, "standard input");
    console.printJson(tokenizer->encode(input, options.withTemplate));
    return kDone;
}

} // namespace

void addTokenize(CLI::App& app, Console& console, Work& work) {
    CLI::App* command =
        app.add_subcommand("tokenize", "Text on standard input to a JSON array of token ids, or back");
    auto options = std::make_shared<TokenizeOptions>();
    command
        ->add_option("--tokenizer", options->tokenizer, "tokenizer.json, or a folder that holds a tokenizer")
        ->required()
        ->type_name("PATH");
    command->add_flag("--decode", options->decode, "A JSON array of ids on standard input back to text");
    command->add_flag("--with-template", options->withTemplate,
                      "Add the special tokens of the tokenizer's template (Llama's <|begin_of_text|>)");
    command->add_flag("--json", console.json, "With --decode: print the text as a JSON string");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return tokenize(*options, console); }; });
}

} // namespace steploom::cli
