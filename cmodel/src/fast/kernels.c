/* Which kernels this program has, and which is the best one here. */
#include <string.h>

#include "fast/fast.h"

const struct tetra_kernel *const *tetra_kernels(void) {
  static const struct tetra_kernel *const all[] = {
#ifdef TETRA_X86_KERNELS
      &tetra_kernel_avx512vnni,
      &tetra_kernel_avxvnni,
      &tetra_kernel_avx2,
      &tetra_kernel_blas,
      &tetra_kernel_portable,
      &tetra_kernel_avx512vl,
#elif defined(TETRA_ARM_KERNELS)
      &tetra_kernel_dotprod, &tetra_kernel_blas, &tetra_kernel_portable,
#else
      &tetra_kernel_blas, &tetra_kernel_portable,
#endif
      NULL};
  return all;
}

int tetra_kernel_find(const char *name, const struct tetra_kernel **kernel, struct tetra_error *err) {
  const struct tetra_kernel *const *k = tetra_kernels();
  while (*k && (name ? strcmp((*k)->name, name) != 0 : !(*k)->usable())) k++;
  *kernel = *k;
  if (*k && (*k)->usable()) return TETRA_OK;
  return tetra_fail(
      err, TETRA_EINVAL,
      *k ? "kernel '%.60s': this processor has no such instructions" : "kernel '%.60s': there is none of that name",
      name);
}
