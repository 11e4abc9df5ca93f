// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/sampler.h"

#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <vector>

namespace steploom {

namespace {

constexpr std::array kSamplers{Sampler::Ancestral, Sampler::FirstHitting, Sampler::Confidence,
                               Sampler::Margin,    Sampler::Entropy,      Sampler::Threshold};

} // namespace

std::span<const Sampler> allSamplers() noexcept { return kSamplers; }

std::string_view samplerName(Sampler sampler) noexcept {
    switch (sampler) {
    case Sampler::Ancestral:
        break;
    case Sampler::FirstHitting:
        return "first-hitting";
    case Sampler::Confidence:
        return "confidence";
    case Sampler::Margin:
        return "margin";
    case Sampler::Entropy:
        return "entropy";
    case Sampler::Threshold:
        return "threshold";
    }
    return "ancestral";
}

Sampler parseSampler(std::string_view text) {
    std::vector<std::string_view> names;
    for (Sampler sampler : kSamplers) {
        names.push_back(samplerName(sampler));
        if (text == names.back())
            return sampler;
    }
    throw Error(ErrorKind::Request,
                {"cannot choose the sampler", fmt::format("\"{}\"", replaceInvalidUtf8(text)),
                 "there is no sampler of that name",
                 fmt::format("Choose one of {}", fmt::join(names, ", "))});
}

bool looksAtCandidates(Sampler sampler) noexcept {
    return sampler != Sampler::Ancestral && sampler != Sampler::FirstHitting;
}

std::string_view figuresName(Figures figures) noexcept {
    switch (figures) {
    case Figures::Exact:
        return "exact";
    case Figures::Expected:
        break;
    case Figures::AtMost:
        return "at most";
    }
    return "expected";
}

Figures parseFigures(std::string_view text) {
    for (Figures figures : {Figures::Exact, Figures::Expected, Figures::AtMost})
        if (text == figuresName(figures))
            return figures;
    throw Error(ErrorKind::Request,
                {"cannot read a cost", fmt::format("\"{}\"", replaceInvalidUtf8(text)),
                 "figures are exact, expected or at most", "It was not written by this program"});
}

} // namespace steploom
