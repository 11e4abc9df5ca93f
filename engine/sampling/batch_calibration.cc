// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/batch_calibration.h"

#include "engine/sampling/masked_canvas.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace steploom {

namespace {

/// Activations of a whole batch are kept below this many bytes.
constexpr double kMostActivations = 1 << 30;

/// Residual stream, queries, keys, values, their attention, and four widths of the feed-forward layer, in
/// f32: about a dozen numbers for each of a sample's L · d.
int fittingBatch(const BatchQuestion& question) {
    double perSample = 1;
    for (const BatchMember& member : question.members)
        perSample = std::max(perSample, 12.0 * sizeof(float) * question.length * member.model->facts().width);
    return static_cast<int>(std::clamp(kMostActivations / perSample, 1.0, 1024.0));
}

} // namespace

BatchCalibration::BatchCalibration() : BatchCalibration(secondsOf) {}

BatchCalibration::Timed& BatchCalibration::timed(const MaskedDiffusionModel& model,
                                                 const BatchQuestion& question) {
    const auto known = std::ranges::find_if(m_timed, [&](const Timed& each) {
        return each.model == &model && each.length == question.length &&
               each.rowsPerSample == question.rowsPerSample;
    });
    return known != m_timed.end() ? *known
                                  : m_timed.emplace_back(&model, question.length, question.rowsPerSample,
                                                         std::map<int, double>(), 0);
}

/// Times what is not known yet of this batch and takes it from the budget; false when the budget or a stop
/// forbids it.
bool BatchCalibration::time(const BatchQuestion& question, int batch, double& budget,
                            const std::stop_token& stop) {
    constexpr int kTimedCalls = 3;
    const MaskedCanvas canvas(batch, question.length, question.rowsPerSample, question.maskToken);
    std::vector<float> out;
    for (const BatchMember& member : question.members) {
        Timed& here = timed(*member.model, question);
        std::map<int, double>& known = here.secondsPerCall;
        if (known.contains(batch))
            continue;
        // Half the batch took so much for sure, and one call to warm up comes before those that are timed.
        const auto half = known.find(batch / 2);
        const double least = half == known.end() ? 0 : (kTimedCalls + 1) * half->second;
        if (stop.stop_requested() || (here.tooLong > 0 && batch >= here.tooLong))
            return false;
        if (budget <= 0 || least > budget) {
            here.tooLong = batch; // nor will there be time before the next run
            return false;
        }
        member.model->reserve(batch, question.length);
        out.resize(canvas.rows() * static_cast<std::size_t>(member.model->facts().vocabulary));
        const DenoisingCall call = canvas.call();
        // The first call builds primitives and touches the weights; it counts only if there is time for no
        // other.
        double best = m_timer(*member.model, call, out);
        budget -= best;
        for (int i = 0; i < kTimedCalls && budget > 0 && !stop.stop_requested(); ++i) {
            const double seconds = m_timer(*member.model, call, out);
            best = i == 0 ? seconds : std::min(best, seconds);
            budget -= seconds;
        }
        known[batch] = best;
    }
    return true;
}

int BatchCalibration::choose(const BatchQuestion& asked, const std::stop_token& stop) {
    BatchQuestion question = asked;
    question.most = std::min(asked.most, fittingBatch(asked));
    const auto rows = static_cast<unsigned>(std::clamp(asked.rowsPerSample, 1, asked.length));
    question.rowsPerSample = std::min(static_cast<int>(std::bit_ceil(rows)), asked.length);

    double budget = kBudget;
    double best = std::numeric_limits<double>::infinity();
    std::vector<std::pair<int, double>> perSample;
    int fruitless = 0; // doublings in a row that saved nothing to speak of
    for (int batch = 1; question.most > 1 && fruitless < 2;) {
        if (!time(question, batch, budget, stop))
            break;
        double seconds = 0;
        for (const BatchMember& member : question.members)
            seconds += member.calls * timed(*member.model, question).secondsPerCall.at(batch) / batch;
        fruitless = seconds < best * (1 - kTolerance) ? 0 : fruitless + 1;
        best = std::min(best, seconds);
        perSample.emplace_back(batch, seconds);
        if (batch == question.most)
            break;
        batch = std::min(2 * batch, question.most);
    }
    for (const auto& [batch, seconds] : perSample)
        if (seconds <= best * (1 + kTolerance))
            return batch;
    return 1;
}

} // namespace steploom
