// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/generative_perplexity.h"
#include "engine/reports/report_choice.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"

#include <QByteArray>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace steploom::testing {

/// What a model might write, or somebody might make it write.
inline const std::vector<std::string>& hostileTexts() {
    static const std::vector<std::string> kTexts = {
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        "]]></script><!-- ' \" &amp; &#x3c;b> -->",
        "\\input{/etc/passwd} \\write18{ls} $x^2_3$ {%} & # ~ \\end{document}",
        "=HYPERLINK(\"http://example.org\",\"x\")",
        "=1+1,\"quoted\"",
        "+1|cmd\n-2\n@SUM(A1)",
        "\t=tab",
        "bell \a escape \x1B[31m nul-free \x7F end",
        std::string("nul \0 byte", 10),
        "override \u202Eevil\u202C and \u2067isolate",
        "not UTF-8 \xFF\xC3( here",
        "``` fence\n```` longer\n| a | b |\n# heading\n[link](javascript:alert(1))",
        "\u4E2D\u6587 \u03BB \u00E4 \U0001F600 \u2013 \u201Cq\u201D \u0171 \uFFFE",
        "line\r\nnext\rlast\n\n  two spaces",
        "[optional] * -- ,, '' `` << >> !` ?`",
    };
    return kTexts;
}

/// A finished run of the fake pool, judged or not by what is called an evaluator.
inline std::int64_t keepRun(RunStore& store, const std::string& schedule, std::uint64_t seed,
                            bool judged = true) {
    ModelPool pool = makeFakePool();
    GenerationRequest request = makeRequest();
    request.schedule = parseSchedule(schedule);
    request.seed = seed;
    RunObserver observer;
    const Run run = runGeneration(request, {.pool = &pool, .store = &store, .threads = 1}, observer, {});
    const std::int64_t id = run.summary.id;
    if (!judged)
        return id;
    std::vector<RunSample> samples = run.samples;
    for (RunSample& sample : samples)
        sample.score = TextScore{3.0 * 23 + static_cast<double>(sample.trace.tokens[0]) / 4, 23};
    store.setScores(id, samples);
    const double value = 20 + static_cast<double>(seed) + static_cast<double>(request.schedule.count('L'));
    store.addMeasure(id, {.name = "generative_perplexity",
                          .estimate = {value, value - 1.5, value + 1.5, 5},
                          .estimator = "exp of the token-weighted mean NLL",
                          .settings = {{"evaluator_path", "reader"}, {"evaluator_sha256", "reader-sha"}}});
    return id;
}

/// Puts a copy of a run whose texts, note and prompt are these into the store.
inline std::int64_t keepWithTexts(RunStore& store, std::int64_t id, const std::vector<std::string>& texts,
                                  const std::string& note) {
    Run run = store.load(id);
    for (std::size_t i = 0; i < run.samples.size(); ++i)
        run.samples[i].text = i < texts.size() ? texts[i] : std::string();
    run.summary.note = note;
    return store.addRuns(std::span(&run, 1)).front();
}

/// Every hostile text as a sample of some run.
inline std::vector<std::int64_t> keepHostileRuns(RunStore& store) {
    std::vector<std::int64_t> ids;
    const std::vector<std::string>& texts = hostileTexts();
    for (std::size_t begin = 0; begin < texts.size(); begin += 5) {
        const std::int64_t plain = keepRun(store, "(L4,H8,L4)", begin + 1);
        ids.push_back(keepWithTexts(store, plain,
                                    {texts.begin() + static_cast<std::ptrdiff_t>(begin),
                                     texts.begin() + static_cast<std::ptrdiff_t>(begin + 5)},
                                    "=cmd <b>note</b> \\input{x}"));
    }
    return ids;
}

inline ReportChoice choiceOf(std::vector<std::int64_t> runs) {
    ReportChoice choice;
    choice.runs = std::move(runs);
    choice.title = "Sandwich & <friends>";
    choice.author = "A. \\Researcher";
    choice.remarks = "First line\nsecond = line";
    choice.samples = 5;
    return choice;
}

} // namespace steploom::testing
