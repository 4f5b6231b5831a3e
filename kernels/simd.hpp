// Highway, limited to the levels that flowspan offers: x86-64-v2, AVX2 with FMA, AVX-512. To be included before
// <hwy/foreach_target.h> and <hwy/highway.h>.
#pragma once

#include <hwy/detect_compiler_arch.h>

// x86-64-v2 has no AES, which Highway otherwise asks of its SSE4 level.
#ifndef HWY_DISABLE_PCLMUL_AES
#define HWY_DISABLE_PCLMUL_AES
#endif
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (0x7fffLL & ~(HWY_SSE4 | HWY_AVX2 | HWY_AVX3))  // x86 has the low 15 bits
#endif
