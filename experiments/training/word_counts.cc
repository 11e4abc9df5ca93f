// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/word_counts.h"

#include "engine/core/thread_pool.h"
#include "engine/text/pre_tokenizer.h"
#include "experiments/training/text_stretches.h"

#include <algorithm>
#include <exception>
#include <vector>

namespace steploom {
namespace {

/// What one thread keeps for itself.
struct Counter {
    WordCounts counts;
    PreTokenizer::Words words;
    std::exception_ptr failure;

    void count(std::string_view text, const PreTokenizer& preTokenizer) {
        try {
            preTokenizer.split(text, words);
            for (const std::string_view word : words.views)
                ++counts[word];
        } catch (...) { // the loops of a pool must not throw
            failure = std::current_exception();
        }
    }
};

} // namespace

WordCounts countWords(std::span<const std::string_view> documents, const Progress& progress,
                      const std::stop_token& stop) {
    std::vector<std::string_view> stretches;
    for (const std::string_view document : documents) {
        const std::vector<std::string_view> some = stretchesOf(document);
        stretches.insert(stretches.end(), some.begin(), some.end());
    }
    ThreadPool pool;
    std::vector<Counter> counters(static_cast<std::size_t>(pool.workers()));
    const PreTokenizer preTokenizer = PreTokenizer::gpt2();
    // Between batches progress is told and the wish to stop heard.
    const std::size_t batch = 64 * counters.size();
    for (std::size_t done = 0; done < stretches.size() && !stop.stop_requested(); done += batch) {
        const std::size_t count = std::min(batch, stretches.size() - done);
        pool.forEach(static_cast<int>(count), [&](int index, int worker) {
            counters[static_cast<std::size_t>(worker)].count(
                stretches[done + static_cast<std::size_t>(index)], preTokenizer);
        });
        for (const Counter& counter : counters)
            if (counter.failure)
                std::rethrow_exception(counter.failure);
        if (progress)
            progress(static_cast<double>(done + count) / static_cast<double>(stretches.size()));
    }
    WordCounts counts = std::move(counters.front().counts);
    for (const Counter& counter : std::span(counters).subspan(1))
        for (const auto& [word, number] : counter.counts)
            counts[word] += number;
    return counts;
}

} // namespace steploom
