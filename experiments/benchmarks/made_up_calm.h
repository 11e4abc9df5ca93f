// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/compute_calculator.h"

#include <filesystem>

namespace steploom {

/// A CALM checkpoint of a given shape in a temporary folder ("calm", with its "autoencoder" beside it), bf16
/// weights from a cheap generator: for timing, where only shapes matter. The folder goes with the object.
class MadeUpCalm {
public:
    /// Heads of 64 numbers each; patches for twice `shape.context`.
    explicit MadeUpCalm(const CalmShape& shape);
    ~MadeUpCalm();
    MadeUpCalm(const MadeUpCalm&) = delete;
    MadeUpCalm& operator=(const MadeUpCalm&) = delete;
    /// The energy transformer's.
    std::filesystem::path folder() const { return m_folder / "calm"; }

private:
    std::filesystem::path m_folder;
};

} // namespace steploom
