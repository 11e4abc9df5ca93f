// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/measure_anchors.h"

#include "engine/analyses/kinds.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/measures/text_windows.h"
#include "engine/runs/run_store.h"

#include <fmt/format.h>

#include <chrono>

namespace steploom {

namespace {

constexpr std::string_view kBlanks = " \t\n\r\f\v";
/// What half a character at the end of a piece decodes to.
constexpr std::string_view kBroken = "\uFFFD";

void requireInRange(const AnchorSettings& settings) {
    const auto refuse = [](const char* where, int value, int least) {
        throw Error(ErrorKind::Request,
                    {"cannot measure the anchors of perplexity", where,
                     fmt::format("{} is less than {}", value, least), fmt::format("Give {} or more", least)});
    };
    if (settings.length < 2)
        refuse("length", settings.length, 2); // a token and one that it predicts
    if (settings.pieces < 1)
        refuse("pieces", settings.pieces, 1);
}

std::vector<std::string> piecesOf(const StudyText& text, const Tokenizer& tokenizer,
                                  const AnchorSettings& settings) {
    const std::vector<std::int32_t> tokens = tokenizer.encode(text.content);
    std::vector<std::string> pieces;
    for (const std::size_t start : spreadWindows(tokens.size(), settings.length, settings.pieces)) {
        std::string piece = tokenizer.decode(
            std::span(tokens).subspan(start, static_cast<std::size_t>(settings.length)), true);
        // A piece may begin and end inside a character.
        while (piece.starts_with(kBroken))
            piece.erase(0, kBroken.size());
        while (piece.ends_with(kBroken))
            piece.resize(piece.size() - kBroken.size());
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

/// Of the pieces that are scored before a stop.
PerplexityAnchors::Anchor anchorOf(const std::vector<std::string>& pieces, const Evaluator& evaluator,
                                   const Progress& progress, const std::stop_token& stop) {
    const std::vector<TextScore> scores = evaluator.score(pieces, progress, stop);
    std::vector<std::vector<std::int32_t>> tokens;
    for (std::size_t i = 0; i < scores.size(); ++i)
        tokens.push_back(evaluator.tokenizer().encode(pieces[i]));
    return {.perplexity = generativePerplexity(scores, evaluator).estimate,
            .entropy = unigramEntropy(tokens).estimate};
}

} // namespace

std::string shuffledWords(std::string_view text, std::uint64_t seed, std::uint32_t piece) {
    std::vector<std::string_view> words,
        between; // between[i] stands before words[i], the last one behind all
    std::size_t place = 0;
    while (true) {
        const std::size_t word = std::min(text.find_first_not_of(kBlanks, place), text.size());
        between.push_back(text.substr(place, word - place));
        if (word == text.size())
            break;
        place = std::min(text.find_first_of(kBlanks, word), text.size());
        words.push_back(text.substr(word, place - word));
    }
    const CounterRandom random(seed);
    for (std::size_t i = words.size(); i > 1; --i) { // Fisher and Yates
        const double u = random.uniform(Purpose::WordOrder, piece, static_cast<std::uint32_t>(i), 0);
        std::swap(words[i - 1], words[static_cast<std::size_t>(u * static_cast<double>(i))]);
    }
    std::string shuffled(between.front());
    for (std::size_t i = 0; i < words.size(); ++i) {
        shuffled += words[i];
        shuffled += between[i + 1];
    }
    return shuffled;
}

KnownAnchors findOrMeasureAnchors(RunStore* store, const StudyText& text, const Evaluator& evaluator,
                                  const AnchorSettings& settings, const Progress& progress,
                                  const std::stop_token& stop) {
    requireInRange(settings);
    const nlohmann::json key = {{"evaluator_sha256", evaluator.sha256()},
                                {"evaluator_precision", precisionName(evaluator.facts().effective)},
                                {"text_sha256", text.sha256},
                                {"length", settings.length},
                                {"pieces", settings.pieces},
                                {"seed", settings.seed}};
    if (store != nullptr)
        if (const auto found = store->findAnalysis(kAnchorsKind, key))
            return {.anchors = found->result.get<PerplexityAnchors>(), .known = true};

    const auto begin = std::chrono::steady_clock::now();
    const std::vector<std::string> pieces = piecesOf(text, evaluator.tokenizer(), settings);
    std::vector<std::string> shuffled;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        shuffled.push_back(shuffledWords(pieces[i], settings.seed, static_cast<std::uint32_t>(i)));
    KnownAnchors measured;
    const auto half = [&](double before) {
        return [&progress, before](double share) {
            if (progress)
                progress(before + share / 2);
        };
    };
    measured.anchors = {.evaluator = evaluator.name(),
                        .text = text.name,
                        .length = settings.length,
                        .real = anchorOf(pieces, evaluator, half(0), stop),
                        .shuffled = anchorOf(shuffled, evaluator, half(0.5), stop)};
    measured.stopped = stop.stop_requested();
    if (store != nullptr && !measured.stopped)
        store->keepAnalysis(
            {.kind = kAnchorsKind,
             .settings = key,
             .result = measured.anchors,
             .created = {},
             .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()});
    return measured;
}

} // namespace steploom
