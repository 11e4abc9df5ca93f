// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/model_pool.h"

#include <QString>

#include <vector>

namespace steploom {

/// Models that come with the program and go together.
struct DemoPool {
    QString key;    ///< generationKindName() of its models
    QString name;   ///< "CALM (full, small)"
    QString remark; ///< what it is, in a line
    std::vector<PoolMemberSpec> members;
};

/// Those of which every checkpoint is in this folder.
std::vector<DemoPool> demoPools(const QString& folder);

} // namespace steploom
