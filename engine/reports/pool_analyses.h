// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_material.h"
#include "engine/runs/stored_analysis.h"

#include <string>
#include <vector>

namespace steploom {

/// The stored analyses of this kind, newest first, that were made of the pool of one of the runs: the same
/// checkpoints in the same precisions under the same letters. `key`: where their settings name the models.
std::vector<StoredAnalysis> analysesOfPools(const ReportMaterial& material, const std::string& kind,
                                            const char* key);

/// "H heavy, L light" as far as the runs know the models of these settings.
std::string poolText(const ReportMaterial& material, const nlohmann::json& models);

} // namespace steploom
