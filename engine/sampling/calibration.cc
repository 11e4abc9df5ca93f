// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/sampling/masked_canvas.h"
#include "engine/sampling/model_pool.h"
#include "engine/sampling/sequential_sampling.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

void ModelPool::calibrate(int length, int batch, int rowsPerSample) {
    if (length < 1 || batch < 1 || rowsPerSample < 1 || rowsPerSample > length)
        throw Error(ErrorKind::Request,
                    {"cannot time the models",
                     fmt::format("{} rows of {} positions, {} samples", rowsPerSample, length, batch),
                     "all three are at least 1, and there are no more rows than positions",
                     "Check length and batch"});
    for (const PoolMember& member : m_members)
        if (length > member.model->facts().length)
            throw Error(ErrorKind::Request,
                        {"cannot time the models", fmt::format("member {}", member.spec.letter),
                         fmt::format("the length is {}, the model was made for {}", length,
                                     member.model->facts().length),
                         "Choose a length no model exceeds"});

    const auto keep = [&](Timing timing) {
        std::erase_if(m_timings, [length](const Timing& old) { return old.length == length; });
        m_timings.push_back(std::move(timing));
    };
    if (kind() != GenerationKind::MaskedDiffusion) {
        Timing timing{length, {}};
        for (const PoolMember& member : m_members)
            timing.seconds.push_back(secondsOfStep(member, length));
        keep(std::move(timing));
        return;
    }
    constexpr int kTimedCalls = 3;
    const MaskedCanvas canvas(batch, length, rowsPerSample, maskToken());
    Timing timing{length, {}};
    std::vector<float> out;
    for (const PoolMember& member : m_members) {
        MaskedDiffusionModel& model = member.maskedDiffusion();
        model.reserve(batch, length);
        out.resize(canvas.rows() * static_cast<std::size_t>(model.facts().vocabulary));
        const DenoisingCall call = canvas.call();
        model.logits(call, out); // the first call builds primitives and touches the weights
        std::vector<double> seconds;
        for (int i = 0; i < kTimedCalls; ++i)
            seconds.push_back(secondsOf(model, call, out));
        std::sort(seconds.begin(), seconds.end());
        timing.seconds.push_back({seconds[kTimedCalls / 2] / batch});
    }
    keep(std::move(timing));
}

} // namespace steploom
