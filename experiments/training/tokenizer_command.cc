// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/tokenizer_command.h"

#include "engine/core/file_beside.h"
#include "engine/text/tokenizer.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/table.h"
#include "experiments/training/byte_pair_trainer.h"
#include "experiments/training/training_text.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

namespace steploom::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kWhat = "cannot write the tokenizer";

struct TokenizerOptions {
    std::vector<fs::path> text;
    fs::path out;
    int vocabulary = 4096;
};

/// Models are bound to the tokenizer they were trained with: one that is there is not written over.
void requireFree(const fs::path& file) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(file, ignored)))
        throw Error(ErrorKind::File, {.what = kWhat,
                                      .where = file.string(),
                                      .why = "there is one already, and models may depend on it",
                                      .remedy = "Name another folder, or move that file away"});
}

void write(const fs::path& file, const std::string& json) {
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);
    if (problem)
        throw Error(ErrorKind::File, {.what = kWhat,
                                      .where = file.parent_path().string(),
                                      .why = fmt::format("the folder cannot be made ({})", problem.message()),
                                      .remedy = "Choose a place that you may write to"});
    FileBeside beside(file, kWhat);
    beside.write(json);
    beside.moveIntoPlace();
}

int trainTokenizer(const TokenizerOptions& options, const Console& console) {
    const auto begin = std::chrono::steady_clock::now();
    const Interruption interruption;
    const fs::path file = options.out / "tokenizer.json";
    requireFree(file);
    const TrainingText text = TrainingText::read(options.text);
    ProgressBar bar("learning pieces");
    const TrainedTokenizer trained =
        trainBytePairs(text.documents(), {.vocabulary = options.vocabulary,
                                          .progress = [&bar](double share) { bar.advance(share); },
                                          .stop = interruption.token()});
    bar.clear();
    // Read back before it is written: nothing is left behind that cannot be loaded.
    const auto tokenizer = Tokenizer::parse(trained.json, file.string());
    write(file, trained.json);

    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double bytesPerToken = static_cast<double>(trained.bytes) / static_cast<double>(trained.tokens);
    if (console.json) {
        console.printJson({{"output", fs::absolute(file).string()},
                           {"pieces", trained.pieces},
                           {"merges", trained.merges},
                           {"documents", text.documents().size()},
                           {"bytes", trained.bytes},
                           {"tokens", trained.tokens},
                           {"bytes_per_token", bytesPerToken},
                           {"seconds", seconds},
                           {"fingerprint", tokenizer->fingerprint()}});
        return kDone;
    }
    console.print(fmt::format("wrote {}\n", file.string()));
    Table table("ll", {});
    table.add({"tokenizer", tokenizer->description()});
    table.add({"text", fmt::format("{} bytes, {} document{}", trained.bytes, text.documents().size(),
                                   text.documents().size() == 1 ? "" : "s")});
    table.add({"tokens of it", fmt::format("{} ({:.3f} bytes a token)", trained.tokens, bytesPerToken)});
    table.add({"took", durationText(seconds)});
    console.print(table.text());
    return kDone;
}

} // namespace

void addTokenizerCommand(CLI::App& app, Console& console, Work& work) {
    CLI::App* command =
        app.add_subcommand("tokenizer", "Learn a byte-level BPE tokenizer from text: tokenizer.json");
    auto options = std::make_shared<TokenizerOptions>();
    command
        ->add_option("--text", options->text,
                     "UTF-8 text files; <|endoftext|> on a line of its own separates documents")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--vocab", options->vocabulary,
                     "Pieces: 256 bytes, what is learned, and <|endoftext|> as the last")
        ->capture_default_str()
        ->type_name("N");
    command
        ->add_option("--out", options->out,
                     "Folder to write tokenizer.json to; made if absent, never written over")
        ->required()
        ->type_name("DIR");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback([options, &console, &work] {
        work = [options, &console] { return trainTokenizer(*options, console); };
    });
}

} // namespace steploom::cli
