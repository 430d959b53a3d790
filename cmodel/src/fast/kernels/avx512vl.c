/* The 256-bit form of AVX-512's VNNI: never the best choice, but the same source as avxvnni.c, which it lets machines
 * without AVX-VNNI test. */
#include "fast/kernel.h"

#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define DPBUSD(sum, u, s) _mm256_dpbusd_epi32(sum, u, s)
#include "fast/kernels/dpbusd256.h"

static int usable(void) { return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"); }

const struct tetra_kernel tetra_kernel_avx512vl = {"avx512-vnni-256", LANES,  VECTORS, 0, 0, usable, tile,
                                                   depthwise,         requant};
#endif
