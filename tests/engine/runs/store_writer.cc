// SPDX-License-Identifier: GPL-3.0-or-later
//
// A program for test_cut_off, so that there is a process to kill.
//   store_writer FILE wait N       generates makeRequest(), says "waiting" after N stored samples, and waits
//   store_writer FILE queue N      the same with the first item of the queue
//   store_writer FILE write N      writes N finished runs of three samples each, and ends
//   store_writer FILE endlessly N  writes runs of N samples until it is killed, and says each sample and
//   measure
//                                  that was stored: "sample RUN INDEX", "measure RUN"
#include "engine/core/error.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

class WaitAfter : public RunObserver {
public:
    explicit WaitAfter(int samples) : m_left(samples) {}
    void stored(const RunSample&) override {
        if (--m_left > 0)
            return;
        std::puts("waiting");
        std::fflush(stdout);
        while (true)
            ::pause();
    }

private:
    int m_left;
};

void generateAndWait(RunStore& store, int samples) {
    ModelPool pool = makeFakePool();
    WaitAfter observer(samples);
    runGeneration(makeRequest(), {.pool = &pool, .store = &store, .threads = 1}, observer, {});
}

void runQueueAndWait(RunStore& store, int samples) {
    ModelPool pool = makeFakePool();
    WaitAfter observer(samples);
    runQueued(store.claimQueued().value(), {.pool = &pool, .store = &store, .threads = 1}, observer, {});
}

void writeRuns(RunStore& store, int runs) {
    for (int i = 0; i < runs; ++i) {
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        for (int index = 0; index < 3; ++index)
            store.addSample(id, makeSample(index));
        store.finish(id, RunState::Finished, 1);
    }
}

/// In one write: whoever is killed has said a line or not.
void say(const std::string& line) {
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        std::exit(1); // nobody listens any more
}

[[noreturn]] void writeEndlessly(RunStore& store, int samples) {
    while (true) {
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        for (int index = 0; index < samples; ++index) {
            store.addSample(id, makeSample(index), makeWork());
            say("sample " + std::to_string(id) + ' ' + std::to_string(index) + '\n');
        }
        store.addMeasure(id, {.name = "entropy", .estimate = {4, 3, 5, samples}, .unit = "nats"});
        say("measure " + std::to_string(id) + '\n');
        store.finish(id, RunState::Finished, 1, makeWork());
    }
}

} // namespace

int main(int count, char** words) {
    if (count != 4)
        return 2;
    try {
        RunStore store(words[1]);
        if (std::string(words[2]) == "wait")
            generateAndWait(store, std::stoi(words[3]));
        else if (std::string(words[2]) == "queue")
            runQueueAndWait(store, std::stoi(words[3]));
        else if (std::string(words[2]) == "endlessly")
            writeEndlessly(store, std::stoi(words[3]));
        else
            writeRuns(store, std::stoi(words[3]));
        return 0;
    } catch (const Error& error) {
        std::puts(error.what());
        return 1;
    }
}
