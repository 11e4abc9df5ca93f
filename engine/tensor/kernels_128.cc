// SPDX-License-Identifier: GPL-3.0-or-later
#define STEPLOOM_KERNELS kKernels128
#include "engine/tensor/kernels_body.h"
