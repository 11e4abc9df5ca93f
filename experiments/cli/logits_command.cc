// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

namespace steploom::cli {

namespace {

struct LogitsOptions {
    std::string model, input, output;
    std::string precision = "f32";
    int threads = 0;
};

/// B sequences of L ids, and sigma per sequence where the file has it.
struct LogitsInput {
    std::vector<std::int32_t> ids;
    std::vector<float> sigma;
    int samples = 0;
    int length = 0;
};

Error refusal(const std::string& file, std::string why, std::string remedy) {
    return {
        ErrorKind::File,
        {.what = "cannot take the input", .where = file, .why = std::move(why), .remedy = std::move(remedy)}};
}

template <typename Integer>
std::int64_t integerAt(const TensorView& tensor, std::size_t index) {
    Integer value;
    std::memcpy(&value, tensor.bytes.data() + index * sizeof(Integer), sizeof(Integer));
    return value;
}

LogitsInput readInput(const std::string& path, const ModelFacts& facts) {
    const auto file = MappedFile::open(path);
    const auto tensors = readSafetensors(*file);
    const auto found = tensors.find("input_ids");
    if (found == tensors.end())
        throw refusal(path, "it holds no tensor input_ids",
                      "Save the token ids as input_ids [B, L], int64 or int32");
    const TensorView& tensor = found->second;
    if (tensor.shape.size() != 2 || (tensor.dtype != DType::I64 && tensor.dtype != DType::I32)) {
        throw refusal(path,
                      fmt::format("input_ids is {} {}", dtypeName(tensor.dtype), shapeText(tensor.shape)),
                      "Save the token ids as input_ids [B, L], int64 or int32");
    }
    if (tensor.shape[0] < 1 || tensor.shape[1] < 1 || tensor.shape[1] > facts.length) {
        throw refusal(path,
                      fmt::format("input_ids is {}, the model takes 1 to {} positions",
                                  shapeText(tensor.shape), facts.length),
                      "Cut the sequences to the model's length");
    }
    LogitsInput input;
    input.samples = static_cast<int>(tensor.shape[0]);
    input.length = static_cast<int>(tensor.shape[1]);
    input.ids.reserve(tensor.elements());
    for (std::size_t i = 0; i < tensor.elements(); ++i) {
        const std::int64_t id = tensor.dtype == DType::I64 ? integerAt<std::int64_t>(tensor, i)
                                                           : integerAt<std::int32_t>(tensor, i);
        if (id < 0 || id >= facts.vocabulary) {
            throw refusal(path,
                          fmt::format("input_ids[{}, {}] is {}, the model has ids 0 to {}",
                                      i / static_cast<std::size_t>(input.length),
                                      i % static_cast<std::size_t>(input.length), id, facts.vocabulary - 1),
                          "Encode the text with the model's own tokenizer");
        }
        input.ids.push_back(static_cast<std::int32_t>(id));
    }
    if (const auto sigma = tensors.find("sigma"); sigma != tensors.end()) {
        if (sigma->second.elements() != static_cast<std::size_t>(input.samples)) {
            throw refusal(
                path,
                fmt::format("sigma is {} for {} sequences", shapeText(sigma->second.shape), input.samples),
                "Save one sigma for each sequence");
        }
        input.sigma = sigma->second.toFloats();
        if (!std::ranges::all_of(input.sigma, [](float value) { return std::isfinite(value) && value >= 0; }))
            throw refusal(path, "sigma holds a number that is negative or not finite",
                          "Save the noise levels, 0 or more");
    }
    return input;
}

struct LogitsOutput {
    std::vector<float> values; ///< [B, L, V]
    Precision effective;
};

/// One sequence a call: memory stays that of the result.
LogitsOutput denoiserLogits(const Checkpoint& checkpoint, Precision precision, ComputeContext& context,
                            const LogitsInput& input, const std::string& path) {
    const auto model = loadMaskedDiffusionModel(checkpoint, precision, context);
    if (model->timeConditioned() && input.sigma.empty())
        throw refusal(path, "the model is conditioned on time and the file holds no sigma",
                      "Add sigma [B], float32");
    const auto length = static_cast<std::size_t>(input.length);
    const std::size_t perSample = length * static_cast<std::size_t>(model->facts().vocabulary);
    std::vector<float> out(perSample * static_cast<std::size_t>(input.samples));
    std::vector<std::int32_t> rows(length);
    std::iota(rows.begin(), rows.end(), 0);
    model->reserve(1, input.length);
    for (std::size_t sample = 0; sample < static_cast<std::size_t>(input.samples); ++sample) {
        DenoisingCall call;
        call.tokens = std::span(input.ids).subspan(sample * length, length);
        if (!input.sigma.empty())
            call.sigma = std::span(input.sigma).subspan(sample, 1);
        call.samples = 1;
        call.length = input.length;
        call.rows = rows;
        model->logits(call, std::span(out).subspan(sample * perSample, perSample));
    }
    return {std::move(out), model->facts().effective};
}

LogitsOutput causalLogits(const Checkpoint& checkpoint, Precision precision, ComputeContext& context,
                          const LogitsInput& input) {
    const auto model = loadCausalModel(checkpoint, precision, context);
    const auto length = static_cast<std::size_t>(input.length);
    const std::size_t perSample = length * static_cast<std::size_t>(model->facts().vocabulary);
    std::vector<float> out(perSample * static_cast<std::size_t>(input.samples));
    model->reserve(1, input.length);
    for (std::size_t sample = 0; sample < static_cast<std::size_t>(input.samples); ++sample) {
        model->logits(std::span(input.ids).subspan(sample * length, length), 1, input.length,
                      std::span(out).subspan(sample * perSample, perSample));
    }
    return {std::move(out), model->facts().effective};
}

int logits(const LogitsOptions& options, const Console& console) {
    const Checkpoint checkpoint = Checkpoint::open(options.model);
    const ModelFacts facts = describe(checkpoint);
    const LogitsInput input = readInput(options.input, facts);
    const Precision precision = parsePrecision(options.precision);
    const auto begin = std::chrono::steady_clock::now();
    ComputeContext context(options.threads);
    const LogitsOutput out = isMaskedDiffusion(checkpoint)
                                 ? denoiserLogits(checkpoint, precision, context, input, options.input)
                                 : causalLogits(checkpoint, precision, context, input);
    const std::vector<std::int64_t> shape = {input.samples, input.length, facts.vocabulary};
    const TensorToWrite tensor{
        .name = "logits", .dtype = DType::F32, .shape = shape, .bytes = std::as_bytes(std::span(out.values))};
    writeSafetensors(options.output, {&tensor, 1});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

    if (console.json) {
        console.printJson(
            {{"output", absolutePath(options.output)},
             {"shape", shape},
             {"precision",
              {{"requested", precisionName(precision)}, {"effective", precisionName(out.effective)}}},
             {"seconds", seconds}});
    } else {
        console.print(fmt::format("wrote logits {} ({}) to {} in {}\n", shapeText(shape),
                                  precisionName(out.effective), options.output, durationText(seconds)));
    }
    return kDone;
}

} // namespace

void addLogits(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "logits", "Raw logits of given token ids, to hold against another implementation of the model");
    auto options = std::make_shared<LogitsOptions>();
    command->add_option("--model", options->model, "Checkpoint folder: masked diffusion, GPT-2 or Llama")
        ->required()
        ->type_name("PATH");
    command
        ->add_option("--input", options->input, "safetensors with input_ids [B, L] and, if wanted, sigma [B]")
        ->required()
        ->type_name("FILE");
    command->add_option("--output", options->output, "safetensors to write: logits [B, L, V], float32")
        ->required()
        ->type_name("FILE");
    command->add_option("--precision", options->precision, "f32, bf16 or int8")
        ->check(CLI::IsMember({"f32", "bf16", "int8"}))
        ->capture_default_str();
    command->add_option("--threads", options->threads, "Threads; 0: one per processor")
        ->check(CLI::Range(0, 1024));
    command->add_flag("--json", console.json, "Print JSON");
    command->callback(
        [options, &console, &work] { work = [options, &console] { return logits(*options, console); }; });
}

} // namespace steploom::cli
