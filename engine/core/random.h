// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace steploom {

/// What a random number is for. Part of the counter, so numbers for different purposes never meet. The values
/// are stored in no file, but changing one changes every sample: append only.
enum class Purpose : std::uint32_t {
    RevealStep = 1,      ///< which step reveals a position (ancestral)
    RevealOrder = 2,     ///< rank of a position in the order of reveal (first-hitting)
    HittingTime = 3,     ///< time of the k-th reveal (first-hitting)
    Token = 4,           ///< the token drawn at a position
    Schedule = 5,        ///< random schedules
    Bootstrap = 6,       ///< resampling in the statistics
    Remasking = 7,       ///< whether a step reveals a position or masks it again (ReMDM)
    Windows = 8,         ///< where the windows of training begin, and their order
    TrainingTime = 9,    ///< the time t that a training pass is masked at
    TrainingMask = 10,   ///< whether a position of a training window is masked
    ImportanceMask = 11, ///< the time below which a position of a measured window is not masked
    ImportanceTime = 12, ///< the times that a window is measured at
    WordOrder = 13,      ///< the order of the words of a shuffled text
    VectorNoise = 14,    ///< the noise that CALM's head draws a vector from
    ChunkChoice = 15,    ///< which of the drawn chunks is taken, at a temperature
    PosteriorNoise = 16, ///< ε of a vector that is drawn from an autoencoder's posterior
};

/// Counter-based random numbers (Philox4x32-10, Salmon et al., SC 2011): a number is a function of what it is
/// for, not of how many were drawn before it. So a sample is the same bit for bit whatever the batch size,
/// the thread count or the other samples, and two schedules with one seed share their noise (common random
/// numbers).
class CounterRandom {
public:
    explicit CounterRandom(std::uint64_t seed) noexcept : m_seed(seed) {}

    /// Uniform on the open interval (0, 1), 53 bits: never 0 and never 1, so log and inverse CDF are safe.
    double uniform(Purpose purpose, std::uint32_t sample, std::uint32_t position,
                   std::uint32_t step) const noexcept;

    /// The four words that uniform() takes its bits from: four numbers for the price of one.
    std::array<std::uint32_t, 4> words(Purpose purpose, std::uint32_t sample, std::uint32_t position,
                                       std::uint32_t step) const noexcept;

    std::uint64_t seed() const noexcept { return m_seed; }

private:
    std::uint64_t m_seed;
};

} // namespace steploom
