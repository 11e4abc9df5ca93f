// SPDX-License-Identifier: GPL-3.0-or-later
// How long a store of many runs takes: made up once and kept, then searched, sorted, grouped, and imported
// into. --runs=N (100,000) and --store=FILE say how many and where; a file that is there is used as it is.
#include "engine/bundles/export_bundle.h"
#include "engine/bundles/import_bundle.h"
#include "engine/runs/run_store.h"
#include "experiments/benchmarks/made_up_runs.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <unistd.h>

using namespace steploom;

namespace {

int g_runs = 100'000;
std::filesystem::path g_file;
std::filesystem::path g_scratch; ///< what only this program needs

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void makeStore() {
    RunStore store(g_file);
    if (store.count() >= g_runs)
        return;
    const auto begin = std::chrono::steady_clock::now();
    MadeUpRuns made;
    constexpr int kBatch = 500;
    for (int i = 0; i < g_runs; i += kBatch) {
        std::vector<Run> runs;
        for (int j = 0; j < kBatch && i + j < g_runs; ++j)
            runs.push_back(made.next());
        store.addRuns(runs);
    }
    const double seconds = secondsSince(begin);
    std::printf("%d runs with %d samples made in %.1f s, %.0f runs/s, %.0f bytes a run\n", g_runs,
                MadeUpRuns::kSamples, seconds, g_runs / seconds,
                static_cast<double>(std::filesystem::file_size(g_file)) / g_runs);
}

const RunStore& openedStore() {
    static const RunStore store(g_file);
    return store;
}

const MadeUpRuns& words() {
    static const MadeUpRuns made;
    return made;
}

void open(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(RunStore(g_file).count());
}
BENCHMARK(open)->Unit(benchmark::kMillisecond);

void find(benchmark::State& state, const RunQuery& query) {
    const RunStore& store = openedStore();
    std::size_t found = 0;
    for (auto _ : state)
        found = store.findRuns(query).size();
    state.counters["runs"] = static_cast<double>(found);
}

void page(benchmark::State& state) {
    const RunStore& store = openedStore();
    const std::vector<std::int64_t> all = store.findRuns({.sort = "ppl"});
    std::size_t at = 0;
    constexpr std::size_t kPage = 60;
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.summaries(std::span(all).subspan(at % (all.size() - kPage), kPage)));
        at += 7919;
    }
}
BENCHMARK(page)->Unit(benchmark::kMillisecond);

void group(benchmark::State& state, RunGrouping grouping) {
    for (auto _ : state)
        state.counters["groups"] = static_cast<double>(openedStore().groupRuns({}, grouping).size());
}

void columnsOfAWord(const char* name, const std::string& text) {
    benchmark::RegisterBenchmark((std::string("find/") + name).c_str(), find, RunQuery{.text = text})
        ->Unit(benchmark::kMillisecond);
}

void importRuns(benchmark::State& state) {
    const auto runs = static_cast<int>(state.range(0));
    const std::filesystem::path bundle = g_scratch / "runs.steploom";
    std::vector<std::int64_t> ids = openedStore().findRuns({.sort = "id"});
    ids.resize(std::min(ids.size(), static_cast<std::size_t>(runs)));
    exportBundle(openedStore(), ids, {}, bundle);
    for (auto _ : state) {
        state.PauseTiming();
        const std::filesystem::path file = g_scratch / "imported.sqlite";
        for (const char* ending : {"", "-wal", "-shm"})
            std::filesystem::remove(file.string() + ending);
        std::optional<RunStore> store(file);
        state.ResumeTiming();
        const ImportReport report = importBundle(*store, bundle);
        state.PauseTiming();
        state.counters["runs"] = report.count(ImportedRun::Outcome::Added);
        store.reset();
        state.ResumeTiming();
    }
}
BENCHMARK(importRuns)->Arg(10'000)->Unit(benchmark::kSecond)->Iterations(1);

void registerSearches() {
    const auto named = [](const char* name, RunQuery query) {
        benchmark::RegisterBenchmark((std::string("find/") + name).c_str(), find, query)
            ->Unit(benchmark::kMillisecond);
    };
    named("all", {});
    named("filter, narrow columns", {.text = "light<0.3 steps:256 state:finished"});
    named("filter, a measure", {.text = "ppl<36"});
    named("filter, measures and a tag", {.text = "ppl<40 entropy>4.2 tag:owt"});
    named("filter, schedule and pool", {.text = "schedule:\"(L32,H192,L32)\" pool:int8"});
    named("filter, last week", {.text = "since:2026-01-01 before:2026-01-08"});
    named("sort, a column", {.sort = "seconds"});
    named("sort, a text", {.sort = "schedule", .descending = false});
    named("sort, a measure", {.sort = "ppl", .descending = false});
    named("sort, a rarer measure", {.sort = "self_bleu"});
    named("filter and sort", {.text = "light<0.3 seed:1..4", .sort = "entropy"});
    const MadeUpRuns& made = words();
    columnsOfAWord("text, a rare word", made.word(made.words() - 10));
    columnsOfAWord("text, a common word", made.word(100));
    columnsOfAWord("text, the commonest word", made.word(0));
    columnsOfAWord("text, two common words", made.word(0) + ' ' + made.word(1));
    columnsOfAWord("text, phrase of the commonest words", '"' + made.word(0) + ' ' + made.word(1) + '"');
    columnsOfAWord("text, phrase", '"' + made.word(30) + ' ' + made.word(40) + '"');
    columnsOfAWord("text, beginning", made.word(5000).substr(0, 4) + '*');
    columnsOfAWord("text, note", "note:baseline");
    columnsOfAWord("text and a filter", made.word(0) + " ppl<36");
    for (const RunGrouping each : {RunGrouping::Schedule, RunGrouping::Pool, RunGrouping::Settings})
        benchmark::RegisterBenchmark(("group/" + std::string(runGroupingName(each))).c_str(), group, each)
            ->Unit(benchmark::kMillisecond);
}

} // namespace

int main(int argc, char** argv) {
    g_scratch =
        std::filesystem::temp_directory_path() / ("steploom-bench-store-" + std::to_string(::getpid()));
    g_file = g_scratch / "runs.sqlite";
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.starts_with("--runs="))
            g_runs = std::stoi(word.substr(7));
        else if (word.starts_with("--store="))
            g_file = word.substr(8);
        else
            argv[kept++] = argv[i];
    }
    std::filesystem::create_directories(g_scratch);
    int code = 1;
    try {
        makeStore();
        registerSearches();
        code = runBenchmarks(kept, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    std::filesystem::remove_all(g_scratch);
    return code;
}
