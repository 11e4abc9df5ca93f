// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/remasking.h"

#include "engine/core/error.h"
#include "engine/core/utf8.h"
#include "engine/schedule/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace steploom {

namespace {

constexpr std::array kRemasks{Remask::None, Remask::Cap, Remask::Rescale, Remask::Confidence, Remask::Loop};

/// α: the share of positions that is revealed at time t.
double alphaAt(const Remasking& remasking, double t) noexcept {
    if (remasking.kind != Remask::Loop)
        return 1 - t;
    if (t > remasking.loopOn)
        return (1 - t) * remasking.alphaOn / (1 - remasking.loopOn);
    if (t > remasking.loopOff)
        return remasking.alphaOn;
    return 1 - t * (1 - remasking.alphaOn) / remasking.loopOff;
}

/// σ_t.
double remaskChance(const Remasking& remasking, double t, double highest) noexcept {
    switch (remasking.kind) {
    case Remask::None:
        break;
    case Remask::Cap:
        return std::min(remasking.eta, highest);
    case Remask::Rescale:
    case Remask::Confidence:
        return remasking.eta * highest;
    case Remask::Loop:
        return t > remasking.loopOff && t <= remasking.loopOn ? std::min(remasking.eta, highest) : 0;
    }
    return 0;
}

void requireWithin(const char* name, double value, bool holds, const char* range, const char* remedy) {
    if (!holds)
        throw Error(ErrorKind::Request, {"cannot run the request", fmt::format("{} {}", name, value),
                                         fmt::format("it must be {}", range), remedy});
}

} // namespace

std::span<const Remask> allRemasks() noexcept { return kRemasks; }

std::string_view remaskName(Remask remask) noexcept {
    switch (remask) {
    case Remask::None:
        break;
    case Remask::Cap:
        return "cap";
    case Remask::Rescale:
        return "rescale";
    case Remask::Confidence:
        return "confidence";
    case Remask::Loop:
        return "loop";
    }
    return "none";
}

Remask parseRemask(std::string_view text) {
    for (Remask remask : kRemasks)
        if (text == remaskName(remask))
            return remask;
    throw Error(ErrorKind::Request,
                {"cannot choose the remasking", fmt::format("\"{}\"", replaceInvalidUtf8(text)),
                 "ReMDM has no schedule of that name", "Choose none, cap, rescale, confidence or loop"});
}

double publishedEta(Remask remask) noexcept {
    switch (remask) {
    case Remask::Cap:
        return 0.008;
    case Remask::Rescale:
        return 0.015;
    case Remask::Confidence:
        return 1;
    case Remask::None:
    case Remask::Loop:
        break;
    }
    return 0.02;
}

void requireRunnable(const Remasking& remasking) {
    if (remasking.kind == Remask::None)
        return;
    requireWithin("remasking η", remasking.eta, remasking.eta > 0 && remasking.eta <= 1,
                  "more than 0 and at most 1", "Choose remasking none to keep every token");
    if (remasking.kind != Remask::Loop)
        return;
    requireWithin("remasking t_on", remasking.loopOn, remasking.loopOn > 0 && remasking.loopOn < 1,
                  "between 0 and 1", "0.55 is usual");
    requireWithin("remasking t_off", remasking.loopOff,
                  remasking.loopOff > 0 && remasking.loopOff < remasking.loopOn,
                  "more than 0 and less than t_on", "0.05 is usual: time runs from 1 to 0");
    requireWithin("remasking α_on", remasking.alphaOn, remasking.alphaOn > 0 && remasking.alphaOn < 1,
                  "between 0 and 1", "0.9 is usual");
}

RemaskingStep remaskingStep(const Remasking& remasking, int step, int steps) noexcept {
    const double t = maskedShare(step, steps);
    const double alphaT = alphaAt(remasking, t), alphaS = alphaAt(remasking, maskedShare(step + 1, steps));
    const double highest = alphaT > 0 ? std::min(1.0, (1 - alphaS) / alphaT) : 1;
    const double sigma = remaskChance(remasking, t, highest);
    const double sigmaOfMasked = remasking.kind == Remask::Confidence ? 0 : sigma;
    const double reveal = (alphaS - (1 - sigmaOfMasked) * alphaT) / (1 - alphaT);
    return {1 - alphaT, std::clamp(reveal, 0.0, 1.0), sigma};
}

double maskedAfterAll(const Remasking& remasking) noexcept { return 1 - alphaAt(remasking, kNoiseEpsilon); }

} // namespace steploom
