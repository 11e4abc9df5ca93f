// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generator.h"
#include "engine/sampling/remaining_time.h"

#include <QtGlobal>

#include <chrono>
#include <mutex>
#include <vector>

namespace steploom {

/// State of a running generation for the window: what the canvas draws and the progress bar shows.
struct LiveState {
    qint64 run = 0;
    SampleTrace watched; ///< the watched sample so far; the mask token where nothing is revealed yet
    int lastStep = -1;   ///< of the watched sample
    int lastMember = -1;
    int lastRevealed = 0; ///< positions its last call revealed
    std::int64_t callsDone = 0;
    std::int64_t callsTotal = 0;
    double flops = 0;
    double seconds = 0;     ///< since the start
    double secondsLeft = 0; ///< see RemainingTime; 0 when not known yet
    int samplesFinished = 0;
    Figures figures = Figures::Exact; ///< of callsTotal and secondsLeft
};

/// What is known of the running generation: written step by step on the engine thread, read on the window's.
/// Readers get the newest state, whatever came between is not queued. All functions may be called from any
/// thread.
class LiveRun {
public:
    /// `costs`: of the pool's members, in pool order; calibrated where that is known.
    void begin(qint64 run, const PlannedWork& work, const GenerationRequest& request,
               const std::vector<CallCost>& costs);
    void step(const StepEvent& event);
    void finishSample(const SampleTrace& sample);

    /// The state with this sample as the watched one (clipped to those of the run).
    LiveState snapshot(int sample) const;
    /// True once after every change: whoever gets it tells the reader, who then calls snapshot().
    bool takeAnnouncement();
    /// The reader is about to take a snapshot: the next change is announced again.
    void acknowledge();

private:
    using Clock = std::chrono::steady_clock;
    struct Sample {
        SampleTrace trace;
        int lastStep = -1;
        int lastMember = -1;
        int lastRevealed = 0;
    };

    mutable std::mutex m_mutex;
    qint64 m_run = 0;
    std::vector<Sample> m_samples; ///< by index
    std::int64_t m_callsDone = 0;
    std::int64_t m_callsTotal = 0;
    double m_flops = 0;
    RemainingTime m_remaining;
    std::vector<char> m_letters; ///< of the pool's members
    Clock::time_point m_lastCall;
    Figures m_figures = Figures::Exact;
    std::int32_t m_maskToken = 0;
    int m_finished = 0;
    Clock::time_point m_start;
    bool m_announced = false; ///< a notification is under way
};

} // namespace steploom
