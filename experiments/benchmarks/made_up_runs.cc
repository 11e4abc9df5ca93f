// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/benchmarks/made_up_runs.h"

#include "engine/runs/utc_now.h"

#include <fmt/format.h>

namespace steploom {

namespace {

constexpr std::size_t kWords = 30'000, kSentences = 20'000, kWordsOfSentence = 15, kSentencesOfText = 6;

/// "ba", "be", …: every number has its word, of two letters a digit.
std::string wordOf(std::size_t number) {
    constexpr std::string_view kConsonants = "bdfgklmnprstvz", kVowels = "aeiou";
    std::string word;
    for (number += 70; number > 0; number /= 70) {
        word += kConsonants[number % 14];
        word += kVowels[number / 14 % 5];
    }
    return word;
}

} // namespace

MadeUpRuns::MadeUpRuns() {
    std::vector<double> weights;
    for (std::size_t rank = 0; rank < kWords; ++rank) {
        m_words.push_back(wordOf(rank));
        weights.push_back(1 / static_cast<double>(rank + 3)); // the most common word is 3% of all, as "the"
    }
    std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
    for (std::size_t i = 0; i < kSentences; ++i) {
        std::string sentence;
        for (std::size_t j = 0; j < kWordsOfSentence; ++j)
            sentence += (j == 0 ? "" : " ") + m_words[draw(m_random)];
        m_sentences.push_back(sentence + ". ");
    }
    for (const char* notation :
         {"(H256)", "(L32,H192,L32)", "(L64,H192)", "(H192,L64)", "(L256)", "(L16,H96,L16)"})
        for (const char* light : {"light", "int8"}) {
            GenerationRequest request;
            request.pool = {
                {'H', "heavy", "checkpoints/heavy", Precision::F32, std::string(64, 'a')},
                {'L', light, std::string("checkpoints/") + light, Precision::F32, std::string(64, 'b')}};
            request.schedule = parseSchedule(notation);
            request.length = kLength;
            request.samples = kSamples;
            request.topTokens = 0;
            m_requests.push_back(std::move(request));
        }
}

std::string MadeUpRuns::text() {
    std::string text;
    for (std::size_t i = 0; i < kSentencesOfText; ++i)
        text += m_sentences[m_random() % kSentences];
    return text;
}

RunSample MadeUpRuns::sample(int index, int steps, const GenerationRequest& request) {
    RunSample sample;
    SampleTrace& trace = sample.trace;
    trace.index = index;
    for (int position = 0; position < kLength; ++position) {
        const std::uint64_t bits = m_random();
        const int step = static_cast<int>(bits % static_cast<std::uint64_t>(steps));
        trace.tokens.push_back(static_cast<std::int32_t>((bits >> 16) % 50'257));
        trace.revealStep.push_back(step);
        trace.member.push_back(request.schedule.at(step) == 'H' ? 0 : 1);
        trace.logProbability.push_back(-static_cast<float>(bits >> 40) * 1e-6f);
        trace.entropy.push_back(static_cast<float>(bits >> 44) * 1e-5f);
    }
    trace.calls = {{'H', 60}, {'L', 30}};
    trace.flops = 1.5e11;
    trace.seconds = 0.4;
    sample.text = text();
    sample.score = TextScore{400 + static_cast<double>(m_random() % 100), kLength};
    return sample;
}

Run MadeUpRuns::next() {
    const auto number = static_cast<std::uint64_t>(m_made++);
    Run run;
    RunSummary& summary = run.summary;
    summary.request = m_requests[number / 8 % m_requests.size()];
    summary.request.seed = 1 + number % 8;
    summary.request.temperature = 0.8 + 0.05 * static_cast<double>(number / 96 % 5);
    summary.state = number % 50 == 0 ? RunState::Stopped : RunState::Finished;
    summary.started = utcText(1'760'000'000 + static_cast<std::time_t>(number) * 300);
    const int steps = summary.request.schedule.steps();
    summary.cost.steps = steps;
    summary.cost.lightShare = summary.request.schedule.share('L');
    summary.cost.executedSaving = 0.6 * summary.cost.lightShare;
    summary.cost.nominalSaving = 0.5 * summary.cost.lightShare;
    summary.cost.blocksOnlySaving = 0.66 * summary.cost.lightShare;
    summary.cost.executedFlops = 1.5e11;
    summary.cost.callsByLetter = {{'H', 60}, {'L', 30}};
    summary.executedFlops = 6e11 + static_cast<double>(m_random() % 1000) * 1e8;
    summary.seconds = 1 + static_cast<double>(m_random() % 4000) * 1e-3;
    summary.calls = {{'H', 240}, {'L', 120}};
    summary.work = {.members = {{'H', {240, 60, 512, 5e11, 1.5}}, {'L', {120, 30, 256, 1e11, 0.4}}},
                    .batch = 4,
                    .peakMemory = 2'000'000'000};
    const auto measure = [&](const char* name, double value, const char* unit) {
        summary.measures.push_back({.name = name,
                                    .estimate = {value, 0.95 * value, 1.05 * value, kSamples},
                                    .unit = unit,
                                    .estimator = "mean over samples, t interval",
                                    .settings = {{"level", 0.95}, {"tokens", kSamples * kLength}},
                                    .seconds = 0.1});
    };
    const double noise = static_cast<double>(m_random() % 10'000) * 1e-4;
    measure("generative_perplexity", 30 + 20 * summary.cost.lightShare + 8 * noise, "");
    measure("entropy", 5 - noise, "nats");
    measure("distinct_2", 0.7 + 0.2 * noise, "");
    if (number % 3 == 0)
        measure("self_bleu", 0.3 + 0.1 * noise, "");
    if (number % 10 == 0)
        summary.note = fmt::format("{} baseline number {}", m_words[200 + number % 1000], number);
    if (number % 40 == 0)
        summary.tags = {"owt", fmt::format("week {}", number / 2000)};
    summary.starred = number % 100 == 0;
    for (int index = 0; index < kSamples; ++index)
        run.samples.push_back(sample(index, steps, summary.request));
    summary.finishedSamples = kSamples;
    run.provenance = {"0.1.0", "a processor, AVX2", 2, "2.6.3", {}};
    for (int blocks : {12, 4}) {
        ModelFacts& facts = run.provenance.members.emplace_back();
        facts.architecture = "mdlm";
        facts.blocks = blocks;
        facts.width = 768;
        facts.vocabulary = 50'258;
        facts.length = 1024;
    }
    return run;
}

} // namespace steploom
