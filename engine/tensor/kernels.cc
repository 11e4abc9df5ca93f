// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/kernels.h"

#include "engine/tensor/compute_context.h"

namespace steploom {

extern const Kernels kKernels128;
#if STEPLOOM_WIDE_KERNELS
extern const Kernels kKernels256;
extern const Kernels kKernels512;
#endif

int kernelVariants(KernelVariant variants[3]) {
    int count = 0;
    variants[count++] = {128, &kKernels128};
#if STEPLOOM_WIDE_KERNELS
    if (vectorBits() >= 256)
        variants[count++] = {256, &kKernels256};
    if (vectorBits() >= 512)
        variants[count++] = {512, &kKernels512};
#endif
    return count;
}

const Kernels& kernels() {
    static const Kernels& widest = []() -> const Kernels& {
        KernelVariant variants[3];
        return *variants[kernelVariants(variants) - 1].kernels;
    }();
    return widest;
}

} // namespace steploom
