// SPDX-License-Identifier: GPL-3.0-or-later
// What the exact savings are worth in seconds, what a run costs beside its network calls, and how well its
// remaining time is foretold.
#include "experiments/benchmarks/made_up_mdlm.h"
#include "experiments/benchmarks/run_benchmarks.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/core/random.h"
#include "engine/models/registry.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/remaining_time.h"
#include "engine/schedule/presets.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

using namespace steploom;

namespace {

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A model that adds up the seconds of its calls.
class TimedModel : public MaskedDiffusionModel {
public:
    explicit TimedModel(std::shared_ptr<MaskedDiffusionModel> model) : m_model(std::move(model)) {}
    const ModelFacts& facts() const noexcept override { return m_model->facts(); }
    bool timeConditioned() const noexcept override { return m_model->timeConditioned(); }
    std::int32_t maskToken() const noexcept override { return m_model->maskToken(); }
    bool maskTokenStated() const noexcept override { return m_model->maskTokenStated(); }
    void reserve(int samples, int length) override { m_model->reserve(samples, length); }
    void logits(const DenoisingCall& call, std::span<float> out) override {
        const auto begin = Clock::now();
        m_model->logits(call, out);
        m_seconds += secondsSince(begin);
    }
    double takeSeconds() { return std::exchange(m_seconds, 0.0); }

private:
    std::shared_ptr<MaskedDiffusionModel> m_model;
    double m_seconds = 0;
};

/// So many ids, each a number in the text: no run of this benchmark looks at its text.
class NumberTokenizer : public Tokenizer {
public:
    explicit NumberTokenizer(int size) : m_size(size) {}
    std::vector<std::int32_t> encode(std::string_view, bool) const override { return {}; }
    std::string decode(std::span<const std::int32_t>, bool) const override { return {}; }
    std::string_view bytesOf(std::int32_t) const override { return "0"; }
    std::optional<std::int32_t> idOf(std::string_view) const override { return {}; }
    bool isSpecial(std::int32_t) const override { return false; }
    std::optional<std::int32_t> maskToken() const override { return {}; }
    int size() const override { return m_size; }
    const std::string& fingerprint() const override { return m_fingerprint; }
    std::string description() const override { return "numbers"; }

private:
    int m_size;
    std::string m_fingerprint = "numbers";
};

std::string bundled(const char* name) { return std::string(STEPLOOM_RESOURCES) + "/checkpoints/" + name; }

/// Seconds of a whole run, its store included, over the seconds of its network calls.
void runOverItsCalls(benchmark::State& state, Precision precision) {
    ComputeContext context;
    const ModelPool loaded = ModelPool::load({{'H', "heavy", bundled("heavy"), precision, ""}}, {}, context);
    const auto timed = std::make_shared<TimedModel>(
        std::dynamic_pointer_cast<MaskedDiffusionModel>(loaded.members()[0].model));
    ModelPool pool({{loaded.members()[0].spec, timed}}, loaded.tokenizer());
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / "steploom-bench-store";
    std::filesystem::create_directories(folder);
    GenerationRequest request;
    request.schedule = StepSchedule::all('H', 256);
    request.samples = 8;
    request.batch = 8;
    std::vector<double> shares;
    {
        RunStore store(folder / "runs.sqlite");
        GenerationMeans means;
        means.pool = &pool;
        means.store = &store;
        RunObserver nobody;
        for (auto _ : state) {
            timed->takeSeconds();
            const auto begin = Clock::now();
            runGeneration(request, means, nobody, {});
            const double seconds = secondsSince(begin);
            state.SetIterationTime(seconds);
            shares.push_back(seconds / timed->takeSeconds() - 1);
        }
    }
    std::filesystem::remove_all(folder);
    std::sort(shares.begin(), shares.end());
    state.counters["beside_calls_median"] = shares[shares.size() / 2];
    state.counters["beside_calls_worst"] = shares.back();
}

/// A step as published code does it: logits of all rows, a Gumbel-max draw over the whole vocabulary for
/// every masked position, and then the choice of those that stay.
class PlainWay {
public:
    PlainWay(MaskedDiffusionModel& model, int length) : m_model(model), m_tokens(length, model.maskToken()) {
        m_rows.resize(m_tokens.size());
        std::iota(m_rows.begin(), m_rows.end(), 0);
        m_logits.resize(m_tokens.size() * vocabulary());
        m_sigma.push_back(1.0f);
    }
    /// Starts from a canvas of which the share t is masked.
    void mask(double t) {
        for (std::size_t i = 0; i < m_tokens.size(); ++i)
            m_tokens[i] = static_cast<double>(i * 7919 % m_tokens.size()) < t * m_tokens.size()
                              ? m_model.maskToken()
                              : static_cast<std::int32_t>(i % 100);
    }
    void step(double revealed, int step) {
        m_model.logits({m_tokens, m_sigma, 1, static_cast<int>(m_tokens.size()), m_rows}, m_logits);
        const CounterRandom random(1);
        for (std::size_t position = 0; position < m_tokens.size(); ++position) {
            if (m_tokens[position] != m_model.maskToken())
                continue;
            const float* logits = m_logits.data() + position * vocabulary();
            float highest = -INFINITY;
            std::int32_t token = 0;
            for (std::size_t id = 0; id < vocabulary(); ++id) {
                m_noise = m_noise * 6364136223846793005u + 1442695040888963407u;
                const float u = static_cast<float>(m_noise >> 40) * 0x1p-24f + 1e-10f;
                const float score = logits[id] - std::log(-std::log(u) + 1e-10f);
                if (score > highest && static_cast<std::int32_t>(id) != m_model.maskToken()) {
                    highest = score;
                    token = static_cast<std::int32_t>(id);
                }
            }
            if (random.uniform(Purpose::RevealStep, 0, static_cast<std::uint32_t>(position),
                               static_cast<std::uint32_t>(step)) < revealed)
                m_tokens[position] = token;
        }
    }

private:
    std::size_t vocabulary() const { return static_cast<std::size_t>(m_model.facts().vocabulary); }
    MaskedDiffusionModel& m_model;
    std::vector<std::int32_t> m_tokens, m_rows;
    std::vector<float> m_logits, m_sigma;
    std::uint64_t m_noise = 1;
};

/// T = 1000, L = 1024, one sample. The plain way costs the same network call at every step, so it is timed at
/// `plainSteps` steps spread evenly over the run; ours is run whole.
void againstThePlainWay(benchmark::State& state, const MadeUpMdlm::Shape& shape, Precision precision,
                        int plainSteps) {
    constexpr int kSteps = 1000;
    const MadeUpMdlm folder(shape);
    ComputeContext context;
    const Checkpoint checkpoint = Checkpoint::open(folder.folder());
    const std::shared_ptr<MaskedDiffusionModel> model =
        loadMaskedDiffusionModel(checkpoint, precision, context);
    // Any tokenizer serves: the text is not looked at. Its ids must be as many as the model's.
    const auto tokenizer = std::make_shared<NumberTokenizer>(shape.vocabulary - 1);
    ModelPool pool({{{'H', "made up", folder.folder().string(), precision, ""}, model}}, tokenizer);
    GenerationRequest request;
    request.schedule = StepSchedule::all('H', kSteps);
    request.length = shape.length;
    request.samples = 1;
    request.batch = 1;
    GenerationObserver nobody;
    for (auto _ : state) {
        PlainWay plain(*model, shape.length);
        double plainSeconds = 0;
        const auto timeSteps = [&](int first, int last) {
            for (int i = first; i < last; ++i) {
                const int step = i * kSteps / plainSteps;
                plain.mask(maskedShare(step, kSteps));
                const auto begin = Clock::now();
                plain.step((maskedShare(step, kSteps) - maskedShare(step + 1, kSteps)) /
                               maskedShare(step, kSteps),
                           step);
                plainSeconds += secondsSince(begin) * kSteps / plainSteps;
            }
        };
        // Half before, half after: the machine's speed drifts.
        timeSteps(0, plainSteps / 2);
        const Trace trace = MaskedDiffusionGenerator(pool).run(request, nobody, {});
        timeSteps(plainSteps / 2, plainSteps);
        state.SetIterationTime(trace.seconds);
        state.counters["calls"] = static_cast<double>(trace.samples.at(0).calls.at('H'));
        state.counters["plain_s"] = plainSeconds;
        state.counters["times_faster"] = plainSeconds / trace.seconds;
    }
}

/// A generation as the clock saw it: every sample's part in a call, and when the call had ended.
class Recording : public GenerationObserver {
public:
    struct Part {
        char letter;
        StepEvent event; ///< its spans are over
        double elapsed;
    };
    explicit Recording(std::string letters) : m_letters(std::move(letters)) {}
    void started(const PlannedWork& planned) override {
        work = planned;
        m_begin = Clock::now();
    }
    void stepped(const StepEvent& event) override {
        Part& part = parts.emplace_back(
            Part{m_letters[static_cast<std::size_t>(event.member)], event, secondsSince(m_begin)});
        part.event.revealed = {};
        part.event.likely = {};
        part.event.remasked = part.event.remaskedBefore = {};
    }
    PlannedWork work;
    std::vector<Part> parts;

private:
    std::string m_letters;
    Clock::time_point m_begin;
};

/// Share of the estimates of the remaining time, one a network call, that lie within 15% of what came to
/// pass; those of the last half second left out.
double shareOfGoodEstimates(const Recording& run, std::span<const CallCost> costs, int length) {
    RemainingTime remaining(run.work, costs, length);
    const double end = run.parts.back().elapsed;
    int good = 0, all = 0;
    for (std::size_t i = 0; i < run.parts.size(); ++i) {
        const Recording::Part& part = run.parts[i];
        remaining.count(part.letter, part.event, part.elapsed);
        const double left = end - part.elapsed;
        const bool callEnds = i + 1 == run.parts.size() || run.parts[i + 1].event.opensCall;
        if (!callEnds || left < 0.5)
            continue;
        const std::optional<double> estimate = remaining.seconds();
        ++all;
        good += estimate && std::abs(*estimate - left) <= 0.15 * left;
    }
    return all > 0 ? static_cast<double>(good) / all : 1;
}

/// The same calls at the same seconds per FLOP, but in a random order of those: a machine that is as noisy
/// and whose speed does not drift.
Recording withoutDrift(Recording run) {
    std::map<char, std::vector<double>> rates; // of the calls of a member, in their order
    for (const Recording::Part& part : run.parts)
        if (part.event.opensCall)
            rates[part.letter].push_back(part.event.seconds / part.event.flops);
    std::map<char, std::size_t> next;
    const CounterRandom random(7);
    for (auto& [letter, each] : rates)
        for (std::size_t i = each.size(); i > 2; --i) // the first call is another matter, and stays
            std::swap(each[i - 1], each[1 + static_cast<std::size_t>(
                                                random.uniform(Purpose::Token, static_cast<std::uint32_t>(i),
                                                               static_cast<std::uint32_t>(letter), 0) *
                                                static_cast<double>(i - 1))]);
    double shift = 0, rate = 0;
    for (std::size_t i = 0; i < run.parts.size(); ++i) {
        Recording::Part& part = run.parts[i];
        if (part.event.opensCall) {
            rate = rates[part.letter][next[part.letter]++];
            // All parts of a call are told when it has ended.
            for (std::size_t k = i; k < run.parts.size() && (k == i || !run.parts[k].event.opensCall); ++k)
                shift += rate * run.parts[k].event.flops - run.parts[k].event.seconds;
        }
        part.event.seconds = rate * part.event.flops;
        part.elapsed += shift;
    }
    return run;
}

/// How good the remaining time is on the bundled pair, sandwich at 25% light, and how much of what is not is
/// the machine's: the slowest over the fastest fifth of the run, in seconds per FLOP of the heavy model.
void remainingTime(benchmark::State& state) {
    ComputeContext context;
    GenerationRequest request;
    request.pool = {{'H', "heavy", bundled("heavy"), Precision::F32, ""},
                    {'L', "light", bundled("light"), Precision::F32, ""}};
    request.schedule = makePreset(Preset::Sandwich, {.steps = 256, .lightShare = 0.25});
    request.samples = 16;
    ModelPool pool = ModelPool::load(request.pool, {}, context);
    request.batch = requestedBatch(request, pool);
    std::vector<double> good, goodWithoutDrift, drift;
    for (auto _ : state) {
        pool.calibrate(request.length, request.batch);
        Recording run("HL");
        const Trace trace = MaskedDiffusionGenerator(pool).run(request, run, {});
        state.SetIterationTime(trace.seconds);
        const std::vector<CallCost> costs = pool.callCosts(request.length);
        good.push_back(shareOfGoodEstimates(run, costs, request.length));
        goodWithoutDrift.push_back(shareOfGoodEstimates(withoutDrift(run), costs, request.length));
        std::array<double, 5> seconds{}, flops{};
        for (const Recording::Part& part : run.parts) {
            const double share = part.elapsed / run.parts.back().elapsed;
            const auto fifth = static_cast<std::size_t>(std::min(4.0, 5 * share));
            seconds[fifth] += part.letter == 'H' ? part.event.seconds : 0;
            flops[fifth] += part.letter == 'H' ? part.event.flops : 0;
        }
        double fastest = INFINITY, slowest = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            if (flops[i] <= 0)
                continue;
            fastest = std::min(fastest, seconds[i] / flops[i]);
            slowest = std::max(slowest, seconds[i] / flops[i]);
        }
        drift.push_back(slowest / fastest);
        std::printf("within 15%%: %.0f%%, without drift %.0f%%; slowest over fastest fifth %.2f\n",
                    100 * good.back(), 100 * goodWithoutDrift.back(), drift.back());
    }
    state.counters["within_15_percent_median"] = median(good);
    state.counters["without_drift_median"] = median(goodWithoutDrift);
    state.counters["without_drift_worst"] = *std::ranges::min_element(goodWithoutDrift);
    state.counters["drift_median"] = median(drift);
}

} // namespace

int main(int argc, char** argv) {
    for (const Precision precision : {Precision::F32, Precision::BF16})
        benchmark::RegisterBenchmark(
            ("run_over_its_calls/" + std::string(precisionName(precision))).c_str(),
            [precision](benchmark::State& state) { runOverItsCalls(state, precision); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(5);
    const auto plain = [](const char* name, MadeUpMdlm::Shape shape, Precision precision, int plainSteps) {
        benchmark::RegisterBenchmark(
            name, [=](benchmark::State& state) { againstThePlainWay(state, shape, precision, plainSteps); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(1);
    };
    benchmark::RegisterBenchmark("remaining_time", remainingTime)
        ->UseManualTime()
        ->Unit(benchmark::kSecond)
        ->Iterations(10);
    plain("against_the_plain_way/d192_L1024_V4097/f32", {192, 3, 12, 4097, 1024}, Precision::F32, 200);
    plain("against_the_plain_way/d768_L1024_V50258/bf16", {768, 12, 12, 50258, 1024}, Precision::BF16, 40);
    return runBenchmarks(argc, argv);
}
