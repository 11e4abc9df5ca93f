// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/measurement.h"

#include "engine/core/error.h"
#include "engine/text/tokenizer.h"
#include "experiments/training/calm_training.h"
#include "experiments/training/network_checkpoint.h"
#include "experiments/training/objectives.h"
#include "experiments/training/prepare_process.h"
#include "experiments/training/text_encoding.h"
#include "experiments/training/torch_errors.h"
#include "experiments/training/trainer.h"
#include "experiments/training/training_text.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

namespace steploom {

using torch::Tensor;

int textLength(TrainingKind kind, const NetworkShape& shape) {
    switch (kind) {
    case TrainingKind::Causal:
        return shape.length + 1;
    case TrainingKind::Energy:
        return shape.length + shape.chunk;
    default:
        return shape.length;
    }
}

std::vector<std::int64_t> windowsOf(int windows, int length,
                                    const std::function<void(int, std::span<std::int64_t>)>& copy) {
    std::vector<std::int64_t> tokens(static_cast<std::size_t>(windows) * static_cast<std::size_t>(length));
    for (int w = 0; w < windows; ++w)
        copy(w, std::span(tokens).subspan(static_cast<std::size_t>(w) * static_cast<std::size_t>(length),
                                          static_cast<std::size_t>(length)));
    return tokens;
}

std::vector<double> natsOfWindows(const Measured& measured, const Windows& windows, std::uint64_t seed,
                                  Parts& parts, const std::stop_token& stop, const WindowCopy& copy) {
    const bool causal = measured.kind == TrainingKind::Causal;
    const int draws = causal ? 1 : windows.draws, perPass = std::max(1, 16 / draws);
    const int length = textLength(measured.kind, measured.shape);
    const std::size_t last = windows.tokens - static_cast<std::size_t>(length);
    std::vector<double> nats(static_cast<std::size_t>(windows.count), std::nan(""));
    parts.forEach((windows.count + perPass - 1) / perPass, [&](int part) {
        if (stop.stop_requested())
            return;
        const torch::NoGradGuard none;
        const int first = part * perPass, shownWindows = std::min(perPass, windows.count - first),
                  batch = shownWindows * draws;
        // Times rise from row to row: the rows of one window are far apart, so that theirs are spread.
        const auto text = windowsOf(batch, length, [&](int row, std::span<std::int64_t> to) {
            const auto index = static_cast<std::size_t>(first + row % shownWindows);
            copy(windows.count > 1 ? last * index / static_cast<std::size_t>(windows.count - 1) : 0, to);
        });
        const TrainingBatch shown =
            (causal ? causalBatch(text, batch, measured.shape.length)
                    : maskedBatch(text, batch, measured.shape.length, measured.vocabulary - 1,
                                  TrainingPhase{}, seed, part, 0))
                .part(0, batch)
                .to(measured.device);
        std::fill_n(nats.begin() + first, shownWindows, 0.0);
        if (shown.rows.size(0) == 0)
            return;
        const Parts::FirstOccurrence occurrence(parts, {batch, shown.rows.size(0)});
        const Tensor losses = (crossEntropy(measured.network, measured.parameters, shown, measured.kind,
                                            measured.precision, Dropout()) *
                               shown.weights)
                                  .to(torch::kCPU);
        const Tensor rows = shown.window.to(torch::kCPU);
        for (std::int64_t i = 0; i < losses.size(0); ++i)
            nats[static_cast<std::size_t>(first + rows.data_ptr<std::int64_t>()[i] % shownWindows)] +=
                static_cast<double>(losses.data_ptr<float>()[i]) / measured.shape.length / draws;
    });
    std::erase_if(nats, [](double value) { return std::isnan(value); });
    return nats;
}

Measurement measureText(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& texts,
                        const MeasureSettings& settings, const std::stop_token& stop) {
    prepareProcess();
    return withTorchErrors("cannot measure", [&] {
        const Checkpoint checkpoint = Checkpoint::open(folder);
        const bool calm = CalmPart::holds(checkpoint);
        LoadedNetwork network = calm ? LoadedNetwork{} : networkOf(checkpoint);
        CalmPart::Loaded part = calm ? CalmPart::load(checkpoint, settings) : CalmPart::Loaded{};
        const TrainingKind kind = calm ? part.kind : network.kind;
        const int longest = calm ? part.longest : network.shape.length;
        if (settings.length > longest)
            throw Error(ErrorKind::Request, {"cannot measure this text", folder.string(),
                                             fmt::format("its windows have {} tokens, {} were asked for",
                                                         longest, settings.length),
                                             "Ask for shorter windows"});
        if (settings.length > 0)
            network.shape.length = settings.length;
        const NetworkShape& shape = calm ? part.config.network : network.shape;
        Parameters parameters;
        if (calm) {
            parameters = Parameters(part.part->parameters(), 0, torch::kCPU);
            readWeights(checkpoint, parameters);
        } else {
            parameters = parametersOf(checkpoint, network, torch::kCPU);
        }
        const auto tokenizer = Tokenizer::load(folder);
        const TrainingText text = TrainingText::read(texts);
        std::vector<std::int64_t> ids;
        if (!encodeDocuments(text.documents(), *tokenizer, tokenizer->idOf(TrainingText::kMarker), stop,
                             [&](std::span<const std::int32_t> pieces, std::size_t) {
                                 ids.insert(ids.end(), pieces.begin(), pieces.end());
                             }))
            return Measurement{measureName(kind), {meanWithInterval({}), {}}, 0, parameters.count()};
        const auto length = static_cast<std::size_t>(textLength(kind, shape));
        if (ids.size() < length)
            throw Error(ErrorKind::Text,
                        {"cannot measure this text", text.files().front().name,
                         fmt::format("it has {} tokens, the model's window takes {}", ids.size(), length),
                         "Give more text"});
        const int windows = static_cast<int>(ids.size() / length);
        Parts parts(0, torch::kCPU);
        const torch::ScalarType precision = settings.bf16 ? torch::kBFloat16 : torch::kFloat32;
        const Windows spread{ids.size(), windows, settings.draws};
        const auto copy = [&](std::size_t first, std::span<std::int64_t> to) {
            std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(first), to.size(), to.begin());
        };
        const HeldOutFigures figures =
            calm ? part.part->measure(parameters, spread, {settings.seed, precision}, parts, stop, copy)
                 : HeldOutFigures{meanWithInterval(natsOfWindows({*network.network, parameters, kind, shape,
                                                                  network.vocabulary, precision, torch::kCPU},
                                                                 spread, settings.seed, parts, stop, copy)),
                                  {}};
        return Measurement{measureName(kind), figures, static_cast<std::int64_t>(ids.size()),
                           parameters.count()};
    });
}

std::vector<float> trainerLogits(const std::filesystem::path& folder, const std::vector<std::int64_t>& tokens,
                                 double sigma) {
    const torch::NoGradGuard none;
    const Checkpoint checkpoint = Checkpoint::open(folder);
    const LoadedNetwork loaded = networkOf(checkpoint);
    const Parameters parameters = parametersOf(checkpoint, loaded, torch::kCPU);
    const Tensor noise = torch::full({1}, sigma);
    const Tensor states = loaded.network->states(parameters, torch::tensor(tokens).unsqueeze(0), noise,
                                                 torch::kFloat32, Dropout());
    const Tensor logits = loaded.network
                              ->logits(parameters, states[0], torch::zeros({states.size(1)}, torch::kInt64),
                                       noise, torch::kFloat32)
                              .contiguous();
    return {logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel()};
}

} // namespace steploom
