// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/text_encoding.h"

#include "engine/core/thread_pool.h"
#include "experiments/training/text_stretches.h"

#include <exception>
#include <iterator>
#include <vector>

namespace steploom {
namespace {

/// What one thread tokenises at a time: some short documents, or a stretch of a long one.
struct Job {
    struct Part {
        std::string_view text;
        bool endsDocument;
    };
    std::vector<Part> parts;
    std::size_t bytes = 0;
    std::vector<std::int32_t> ids;
    std::exception_ptr failure;

    void run(const Tokenizer& tokenizer, std::optional<std::int32_t> separator) {
        try {
            for (const Part& part : parts) {
                const std::vector<std::int32_t> encoded = tokenizer.encode(part.text);
                ids.insert(ids.end(), encoded.begin(), encoded.end());
                if (part.endsDocument && separator)
                    ids.push_back(*separator);
            }
        } catch (...) { // the loops of a pool must not throw
            failure = std::current_exception();
        }
    }
};

/// Whether cutting between a letter and a line break leaves the tokens as they are: not with a tokenizer that
/// puts a space before every text it is given.
bool mayBeCut(const Tokenizer& tokenizer) {
    std::vector<std::int32_t> apart = tokenizer.encode("a");
    const std::vector<std::int32_t> rest = tokenizer.encode("\na");
    apart.insert(apart.end(), rest.begin(), rest.end());
    return apart == tokenizer.encode("a\na");
}

/// Gathers jobs and runs them a batch at a time.
class Batches {
public:
    using Sink = std::function<void(std::span<const std::int32_t>, std::size_t)>;

    Batches(const Tokenizer& tokenizer, std::optional<std::int32_t> separator, const Sink& sink)
        : m_tokenizer(tokenizer), m_separator(separator), m_sink(sink) {}

    void add(std::string_view text, bool endsDocument) {
        if (m_jobs.empty() || m_jobs.back().bytes >= kStretchBytes)
            m_jobs.emplace_back();
        Job& job = m_jobs.back();
        job.parts.push_back({text, endsDocument});
        job.bytes += text.size();
    }
    bool isFull() const {
        // Several for each worker, since they do not all take the same time.
        return m_jobs.size() > static_cast<std::size_t>(8 * m_pool.workers());
    }
    void run() {
        m_pool.forEach(static_cast<int>(m_jobs.size()), [this](int index, int) {
            m_jobs[static_cast<std::size_t>(index)].run(m_tokenizer, m_separator);
        });
        for (const Job& job : m_jobs) {
            if (job.failure)
                std::rethrow_exception(job.failure);
            m_sink(job.ids, job.bytes);
        }
        m_jobs.clear();
    }

private:
    const Tokenizer& m_tokenizer;
    std::optional<std::int32_t> m_separator;
    const Sink& m_sink;
    ThreadPool m_pool;
    std::vector<Job> m_jobs;
};

} // namespace

bool encodeDocuments(std::span<const std::string_view> documents, const Tokenizer& tokenizer,
                     std::optional<std::int32_t> separator, const std::stop_token& stop,
                     const std::function<void(std::span<const std::int32_t>, std::size_t)>& ids) {
    const bool cuts = mayBeCut(tokenizer);
    Batches batches(tokenizer, separator, ids);
    for (const std::string_view document : documents) {
        const std::vector<std::string_view> stretches =
            cuts ? stretchesOf(document) : std::vector<std::string_view>{document};
        for (const std::string_view& stretch : stretches) {
            batches.add(stretch, &stretch == &stretches.back());
            if (!batches.isFull())
                continue;
            if (stop.stop_requested())
                return false;
            batches.run();
        }
    }
    if (stop.stop_requested())
        return false;
    batches.run();
    return true;
}

} // namespace steploom
