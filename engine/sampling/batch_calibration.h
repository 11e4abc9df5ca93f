// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace steploom {

/// A model that the chosen batch is for, and how often it is called beside the others, in any unit.
struct BatchMember {
    std::shared_ptr<MaskedDiffusionModel> model;
    double calls = 1;
};

struct BatchQuestion {
    std::vector<BatchMember> members; ///< those in use
    std::int32_t maskToken = 0;
    int length = 0;
    int rowsPerSample = 1; ///< through the output layer
    int most = 1;          ///< the batch is not to be larger: samples there are, logits that fit
};

/// Chooses the batch by timing: 1, 2, 4, … samples of a length in one call, while that pays and for two
/// seconds at most (plus one call of each member: what a call takes is not known before). A larger batch
/// feeds more threads and reads the weights less often; beyond some size it only takes memory, so the
/// smallest batch whose time per sample is within 3 % of the best is taken. Timings are kept by model, length
/// and rows (rounded up to a power of two): the next run of that length starts at once.
class BatchCalibration {
public:
    /// Performs the call and says how many seconds it took.
    using Timer = std::function<double(MaskedDiffusionModel&, const DenoisingCall&, std::span<float> out)>;

    static constexpr double kBudget = 2;       ///< seconds
    static constexpr double kTolerance = 0.03; ///< of the time per sample

    /// With the steady clock.
    BatchCalibration();
    explicit BatchCalibration(Timer timer) : m_timer(std::move(timer)) {}

    /// From 1 to `most`. A stop ends the timing with what is known by then.
    int choose(const BatchQuestion& question, const std::stop_token& stop = {});

private:
    struct Timed {
        const MaskedDiffusionModel* model;
        int length;
        int rowsPerSample;
        std::map<int, double> secondsPerCall; ///< by batch
        int tooLong = 0;                      ///< the batch there was no time for; 0: none
    };
    Timed& timed(const MaskedDiffusionModel& model, const BatchQuestion& question);
    bool time(const BatchQuestion& question, int batch, double& budget, const std::stop_token& stop);

    Timer m_timer;
    std::vector<Timed> m_timed;
};

} // namespace steploom
