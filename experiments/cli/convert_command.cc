// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/convert.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace steploom::cli {

namespace {

struct ConvertOptions {
    std::string in, out, precision;
    bool raw = false;
};

int convert(const ConvertOptions& options, const Console& console) {
    const Interruption interruption;
    const Checkpoint checkpoint =
        Checkpoint::open(options.raw && !options.in.ends_with("@raw") ? options.in + "@raw" : options.in);
    Conversion conversion{.out = options.out, .stop = interruption.token()};
    if (!options.precision.empty())
        conversion.floating = options.precision == "bf16" ? DType::BF16 : DType::F32;
    ProgressBar bar("converting");
    conversion.progress = [&bar](double share) { bar.advance(share); };
    const Converted converted = convertCheckpoint(checkpoint, conversion);
    bar.clear();

    if (console.json) {
        console.printJson({{"output", absolutePath(options.out)},
                           {"tensors", converted.tensors},
                           {"bytes", converted.bytes},
                           {"precision", options.precision.empty() ? "stored" : options.precision},
                           {"weights", weightSetName(checkpoint.weights())},
                           {"tokenizer_files", converted.tokenizerFiles}});
        return kDone;
    }
    console.print(
        fmt::format("wrote {} tensors, {} bytes, to {}\n", converted.tensors, converted.bytes, options.out));
    if (checkpoint.weights() != WeightSet::Only)
        console.print(fmt::format("weights: {}\n", weightSetName(checkpoint.weights())));
    console.print(
        converted.tokenizerFiles.empty()
            ? std::string(
                  "no tokenizer beside the input: put one into the folder, or name it with --tokenizer\n")
            : fmt::format("tokenizer: {}\n", fmt::join(converted.tokenizerFiles, ", ")));
    return kDone;
}

} // namespace

void addConvert(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "convert",
        "Write any checkpoint that can be read as a clean folder: config.json, model.safetensors, tokenizer");
    auto options = std::make_shared<ConvertOptions>();
    command
        ->add_option(
            "IN", options->in,
            "Folder with config.json beside safetensors or pytorch_model.bin, or a .ckpt, .pt or .pth")
        ->required();
    command->add_option("OUT", options->out, "Folder to write; it must not exist, or be empty")->required();
    command->add_option("--precision", options->precision, "f32 or bf16; default: as stored")
        ->check(CLI::IsMember({"f32", "bf16"}));
    command->add_flag("--raw", options->raw,
                      "The raw weights of a training checkpoint instead of the averaged ones (EMA)");
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return convert(*options, console); }; });
}

} // namespace steploom::cli
