// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/trainer.h"
#include "tests/testing/paths.h"

#include <functional>
#include <string>
#include <vector>

namespace steploom::testing {

/// `sentences` different sentences of one small grammar, five a document: enough to learn from in seconds.
std::string smallStory(int sentences = 300);

/// A folder with that story (text.txt), a tokenizer of 300 pieces learnt from it, and trainings on both.
struct TinyTraining {
    TinyTraining();
    /// 2 blocks of width 16 on one processor thread, in f32, windows of 16, 12 steps; to be changed.
    TrainingJob job(TrainingKind kind, const std::string& out) const;
    /// Trains it to its end and returns its folder.
    std::filesystem::path trained(TrainingKind kind, const std::string& out, int steps) const;

    TemporaryFolder folder;
    std::filesystem::path text;
};

/// Remembers what a training tells; `atPoint`, where given, is called at every point.
struct Recorder final : TrainingObserver {
    explicit Recorder(std::function<void(const TrainingPoint&)> action = {}) : atPoint(std::move(action)) {}
    void note(const std::string& text) override { notes.push_back(text); }
    void point(const TrainingPoint& point, double, double) override {
        points.push_back(point);
        if (atPoint)
            atPoint(point);
    }
    void preparing(double) override {}

    std::function<void(const TrainingPoint&)> atPoint;
    std::vector<std::string> notes;
    std::vector<TrainingPoint> points;
};

/// Trains until `step` points have been told, or to the end for 0.
TrainingOutcome trainUntil(const TrainingJob& job, std::int64_t step = 0, RunStore* store = nullptr);

/// Ids of a window of `length` below `vocabulary`; every third is `mask`, where it is not negative.
std::vector<std::int64_t> windowOf(int length, int vocabulary, std::int64_t mask = -1);

} // namespace steploom::testing
