// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace steploom {

/// Which masked positions a denoising step reveals. The first two draw the order beforehand, whatever the
/// network says; the others look at what it says about every candidate.
enum class Sampler {
    /// Each masked position with probability (t − s)/t: the reverse process itself (arXiv 2406.07524).
    Ancestral,
    /// Its limit T → ∞: uniformly random order, one position a call (arXiv 2409.02908).
    FirstHitting,
    /// k a step: where the drawn token is likeliest (MaskGIT, arXiv 2202.04200; low-confidence remasking of
    /// LLaDA, arXiv 2502.09992).
    Confidence,
    /// k a step: where the likeliest token leads the second by most (top probability margin, arXiv
    /// 2502.06768).
    Margin,
    /// k a step: where p(x₀ | x_t) has the least entropy (as in Dream, arXiv 2508.15487).
    Entropy,
    /// Every position whose drawn token reaches a probability, and always the likeliest one (Fast-dLLM, arXiv
    /// 2505.22618).
    Threshold,
};

/// All of them, in the order in which they are offered.
std::span<const Sampler> allSamplers() noexcept;
/// "ancestral", "first-hitting", "confidence", "margin", "entropy", "threshold"
std::string_view samplerName(Sampler sampler) noexcept;
/// Throws Error(Request).
Sampler parseSampler(std::string_view text);

/// Whether the order depends on the network: all candidates then pass the output layer, not only those that
/// are revealed.
bool looksAtCandidates(Sampler sampler) noexcept;

/// How far figures that are stated before a run can be trusted.
enum class Figures {
    Exact,    ///< what will run
    Expected, ///< its mean over seeds
    AtMost,   ///< an upper bound: the network decides
};
std::string_view figuresName(Figures figures) noexcept; ///< "exact", "expected", "at most"
/// Throws Error(Request).
Figures parseFigures(std::string_view text);

} // namespace steploom
