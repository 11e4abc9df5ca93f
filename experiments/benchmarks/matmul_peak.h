// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <memory>
#include <vector>

namespace steploom {

class ComputeContext;

/// FLOPs (for int8: as many operations) by the wall clock and by the processor time of all threads.
struct Rate {
    double perSecond = 0;
    double perCpuSecond = 0;
};

/// Seconds of processor time that this process has used, in all threads.
double cpuSeconds();

/// The fastest that matrix products with packed weights run, all threads busy, in products of the shapes that
/// the models use. A probe takes some tens of milliseconds, so that it can be taken anew beside each
/// measurement: on a shared machine the speed changes from one second to the next.
class MatMulPeak {
public:
    MatMulPeak(ComputeContext& context, Precision precision);
    ~MatMulPeak();
    Rate probe() const;

private:
    struct Product;
    ComputeContext& m_context;
    std::vector<std::unique_ptr<Product>> m_products;
};

} // namespace steploom
