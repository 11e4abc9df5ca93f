// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_ruler.h"

#include "app/widgets/number_format.h"
#include "engine/schedule/cost.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace steploom {

namespace {

/// Smallest 1-2-5 number that is at least `least`.
double roundNumber(double least) {
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= least * (1 - 1e-9)) {
            return power * factor;
        }
    }
    return power * 10;
}

int stepInterval(int steps, double least) {
    static constexpr std::array kDivisors{1,   2,    4,    5,    8,    10,   16,   20,   25,  32,
                                          40,  50,   64,   100,  125,  128,  200,  250,  256, 500,
                                          512, 1000, 1024, 1250, 2000, 2048, 2500, 4096, 5000};
    const int plain = std::max(1, static_cast<int>(roundNumber(std::max(1.0, least))));
    for (const int divisor : kDivisors) {
        if (divisor >= least && steps % divisor == 0) {
            return divisor <= plain * 2.5 ? divisor : plain;
        }
    }
    return plain;
}

std::vector<RulerTick> stepTicks(const TimelineGeometry& g, double spacing) {
    const int interval = stepInterval(g.steps, spacing / g.pixelsPerStep());
    const auto range = g.visibleRange();
    std::vector<RulerTick> ticks;
    for (int step = range.begin / interval * interval; step <= range.end; step += interval) {
        if (step >= g.firstStep - 1e-6 && step <= g.firstStep + g.visibleSteps + 1e-6) {
            ticks.push_back({static_cast<double>(step), QString::number(step)});
        }
    }
    // The end is worth a tick of its own, even where it is no multiple.
    if (range.end == g.steps && (ticks.empty() || ticks.back().step < g.steps)) {
        while (!ticks.empty() && (g.steps - ticks.back().step) * g.pixelsPerStep() < spacing * 0.7) {
            ticks.pop_back();
        }
        ticks.push_back({static_cast<double>(g.steps), QString::number(g.steps)});
    }
    return ticks;
}

/// Ticks at round shares; `stepOf` places a share on the axis.
template <typename StepOf>
std::vector<RulerTick> shareTicks(const TimelineGeometry& g, double spacing, StepOf stepOf) {
    const double interval = std::min(0.5, roundNumber(spacing / g.pixelsPerStep() / g.steps));
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(interval) - 1e-9)) - 2, 0, 4);
    std::vector<RulerTick> ticks;
    const int count = static_cast<int>(std::round(1 / interval));
    for (int i = 0; i <= count; ++i) {
        const double share = i * interval;
        const double step = stepOf(share);
        if (step >= g.firstStep - 1e-3 && step <= g.firstStep + g.visibleSteps + 1e-3) {
            ticks.push_back({step, formatShare(share, decimals)});
        }
    }
    return ticks;
}

} // namespace

std::vector<RulerTick> rulerTicks(const TimelineGeometry& geometry, StepUnit unit, double spacing) {
    switch (unit) {
    case StepUnit::Fraction:
        return shareTicks(geometry, spacing, [&](double share) { return share * geometry.steps; });
    case StepUnit::Masked: {
        // maskedShare() is linear in the step (log-linear noise): invert it from its two ends.
        const double end = maskedShare(geometry.steps, geometry.steps);
        return shareTicks(geometry, spacing, [&](double share) {
            return std::min(1.0, (1 - share) / (1 - end)) * geometry.steps;
        });
    }
    case StepUnit::Step:
        break;
    }
    return stepTicks(geometry, spacing);
}

QString describePlace(int step, int steps, const StepWords& words) {
    const double share = steps > 0 ? static_cast<double>(step) / steps : 0;
    if (words.inOrder()) {
        QString text = formatShare(share);
        if (words.chunk > 1 && step < steps) {
            text +=
                QStringLiteral(" · tokens %1–%2").arg(step * words.chunk).arg((step + 1) * words.chunk - 1);
        }
        return text;
    }
    return QStringLiteral("%1 · %2 masked").arg(formatShare(share), formatShare(maskedShare(step, steps)));
}

QString describeStep(int step, int steps, const StepWords& words) {
    return QStringLiteral("%1 %2 · %3").arg(words.one()).arg(step).arg(describePlace(step, steps, words));
}

} // namespace steploom
