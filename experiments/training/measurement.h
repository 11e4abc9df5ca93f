// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/network.h"
#include "experiments/training/parts.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace steploom {

/// Tokens that a window takes from the text: a causal one also the one that follows its last position, an
/// energy transformer's the patch.
int textLength(TrainingKind kind, const NetworkShape& shape);
/// Windows of a stream for one pass, one after the other: copy(w, to) fills window w, `length` tokens.
std::vector<std::int64_t> windowsOf(int windows, int length,
                                    const std::function<void(int, std::span<std::int64_t>)>& copy);

/// A network with its weights, to be measured.
struct Measured {
    const Network& network;
    const Parameters& parameters;
    TrainingKind kind;
    const NetworkShape& shape;
    int vocabulary;
    torch::ScalarType precision;
    torch::Device device;
};

/// Copies the tokens from `first` on.
using WindowCopy = std::function<void(std::size_t first, std::span<std::int64_t> to)>;

/// Which windows of a stream are measured, and how.
struct Windows {
    std::size_t tokens = 0; ///< of the stream
    int count = 0;          ///< windows, spread over it evenly
    /// NELBO: times at which each window is masked, spread evenly over 0…1; a window's nats are their mean,
    /// which leaves less of the masks' chance in the interval. Cross-entropy needs one.
    int draws = 1;
};

/// Nats per token of each window; fewer when stopped.
std::vector<double> natsOfWindows(const Measured& measured, const Windows& windows, std::uint64_t seed,
                                  Parts& parts, const std::stop_token& stop, const WindowCopy& copy);

} // namespace steploom
