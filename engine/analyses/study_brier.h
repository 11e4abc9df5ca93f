// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/analysis_order.h"
#include "engine/analyses/brier_study.h"
#include "engine/analyses/study_text.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;
class RunStore;

class BrierStudyObserver {
public:
    virtual ~BrierStudyObserver() = default;
    /// Before a point is measured (or found): which of how many.
    virtual void beginning(int /*index*/, int /*count*/, const std::string& /*what*/) {}
    /// Of the whole.
    virtual void advanced(double /*share*/) {}
    /// The points so far.
    virtual void measured(const BrierStudy&) {}
};

/// BrierLM and compute of every checkpoint alone, on the same windows of a text: autoregressive ones exactly,
/// masked diffusion under all its steps, CALM at every temperature and number of candidates; then of every
/// schedule of the CALM checkpoints, teacher forced over windows of the order's length, where every step of
/// the schedule counts. (Schedules "all heavy" and "all light" are what the mixed ones are to be held
/// against: teacher-forced figures have other windows than continuations.) Each point's figures are kept in
/// `store` (null: none) on their own (measureOnText): a study that was broken off, or that grows, measures
/// only what is new. Throws Error(Request) for no checkpoint and for schedules without a CALM one, and as
/// ModelPool::load and the measures do.
BrierStudy studyBrier(const BrierStudyOrder& order, const StudyText& text, RunStore* store,
                      ComputeContext& context, BrierStudyObserver& observer, const std::stop_token& stop);

/// SHA-256 of the order's checkpoints, each of CALM with that of its autoencoder: what a study depends on.
std::vector<std::string> checkpointHashes(const BrierStudyOrder& order);

} // namespace steploom
