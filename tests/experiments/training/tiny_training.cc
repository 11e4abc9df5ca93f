// SPDX-License-Identifier: GPL-3.0-or-later
#include "tiny_training.h"

#include "experiments/training/byte_pair_trainer.h"
#include "experiments/training/training_text.h"

#include <array>
#include <span>

namespace steploom::testing {

std::string smallStory(int sentences) {
    constexpr std::array<const char*, 7> kWho{"The goose", "A lamplighter", "The old cat", "My sister",
                                              "The baker", "A small bird",  "The captain"};
    constexpr std::array<const char*, 5> kDid{"walked", "sang", "waited", "went home", "looked up"};
    constexpr std::array<const char*, 9> kWhere{"by the river",     "under the bridge", "in the garden",
                                                "at the window",    "on the hill",      "behind the house",
                                                "near the harbour", "in the rain",      "beside the stove"};
    std::string text;
    for (std::size_t i = 0; i < static_cast<std::size_t>(sentences); ++i) {
        text += std::string(kWho[i % 7]) + " " + kDid[i * i % 5] + " " + kWhere[(i * 4 + i / 7) % 9] + ".";
        text += i % 5 == 4 ? "\n<|endoftext|>\n" : " ";
    }
    return text;
}

TinyTraining::TinyTraining() : text(folder / "text.txt") {
    writeText(text, smallStory());
    const TrainingText read = TrainingText::read({&text, 1});
    writeText(folder / "tokenizer" / "tokenizer.json",
              trainBytePairs(read.documents(), {.vocabulary = 300, .progress = {}, .stop = {}}).json);
}

TrainingJob TinyTraining::job(TrainingKind kind, const std::string& out) const {
    TrainingJob job;
    job.kind = kind;
    job.texts = {text};
    job.tokenizer = folder / "tokenizer";
    job.out = folder / out;
    TrainingConfig& config = job.config;
    config.network.width = 16;
    config.network.blocks = 2;
    config.network.heads = 2;
    config.network.keyValueHeads = 1;
    config.network.hidden = 24;
    config.network.condition = 8;
    config.network.length = 16;
    config.network.latent = 16;
    config.network.headBlocks = 1;
    config.network.noise = 8;
    config.samples = 4;
    config.posteriorSamples = 10;
    config.steps = 12;
    config.batch = 4;
    config.parts = 2;
    config.learningRate = 0.01;
    config.warmUp = 2;
    config.precision = "f32";
    config.device = "cpu";
    config.threads = 1;
    config.heldOut = 0.2;
    config.saveEvery = 1000;
    config.validateEvery = 1000;
    config.validationWindows = 32;
    config.logEvery = 1;
    config.storedAs = "f32";
    return job;
}

std::filesystem::path TinyTraining::trained(TrainingKind kind, const std::string& out, int steps) const {
    TrainingJob made = job(kind, out);
    made.config.steps = steps;
    trainUntil(made);
    return made.out;
}

TrainingOutcome trainUntil(const TrainingJob& job, std::int64_t step, RunStore* store) {
    std::stop_source stop;
    Recorder recorder([&](const TrainingPoint& point) {
        if (point.step == step)
            stop.request_stop();
    });
    return train(job, store, recorder, stop.get_token());
}

std::vector<std::int64_t> windowOf(int length, int vocabulary, std::int64_t mask) {
    std::vector<std::int64_t> ids;
    for (std::int64_t position = 0; position < length; ++position)
        ids.push_back(mask >= 0 && position % 3 == 1 ? mask : position * 7919 % vocabulary);
    return ids;
}

} // namespace steploom::testing
