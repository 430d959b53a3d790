/* AVX-VNNI: what processors without AVX-512 have of VNNI, in 256 bits. */
#include "fast/kernel.h"

#ifdef __AVXVNNI__
#define DPBUSD(sum, u, s) _mm256_dpbusd_avx_epi32(sum, u, s)
#include <cpuid.h>

#include "fast/kernels/dpbusd256.h"

static int usable(void) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

const struct tetra_kernel tetra_kernel_avxvnni = {"avx-vnni", LANES, VECTORS, 0, 0, usable, tile, depthwise, requant};
#endif
