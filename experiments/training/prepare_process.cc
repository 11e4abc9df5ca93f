// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/prepare_process.h"

#include <limits>

#ifdef __GLIBC__ // which any header of the standard library says
#include <dlfcn.h>
#include <malloc.h>
#endif

namespace steploom {

namespace {

/// Tensors of a pass come and go by the megabyte. As glibc is set up, each would be mapped and its pages
/// cleared anew: a sixth of the time.
void keepFreedMemory() {
#ifdef __GLIBC__
    ::mallopt(M_ARENA_MAX, 1); // other arenas cannot grow beyond what would be mapped
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
    ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    ::mallopt(M_TOP_PAD, 64 << 20);
#endif
}

/// The parts are the threads. OpenBLAS, where LibTorch multiplies f32 by it, has threads of its own, which
/// spin for the next small product: a sixth of the processor's time.
void keepProductsOnTheirThread() {
#ifdef __GLIBC__
    if (void* const set = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
        reinterpret_cast<void (*)(int)>(set)(1);
#endif
}

} // namespace

void prepareProcess() {
    keepFreedMemory();
    keepProductsOnTheirThread();
}

} // namespace steploom
