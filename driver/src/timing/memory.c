/* Ranges of the memory's parameters. */
#include "tetra/memory.h"

#include <stddef.h>

int tetra_memory_check(const struct tetra_memory_params *mem, struct tetra_error *err) {
  if (mem == NULL) return tetra_fail(err, TETRA_EINVAL, "no memory parameters");
  if (mem->bytes_per_cycle < 1 || mem->bytes_per_cycle > TETRA_MEMORY_MAX_RATE) {
    return tetra_fail(err, TETRA_EINVAL, "%u DRAM bytes per cycle: 1..%d are accepted", mem->bytes_per_cycle,
                      TETRA_MEMORY_MAX_RATE);
  }
  if (mem->latency < 1 || mem->latency > TETRA_MEMORY_MAX_LATENCY) {
    return tetra_fail(err, TETRA_EINVAL, "DRAM latency %u: 1..%d cycles are accepted", mem->latency,
                      TETRA_MEMORY_MAX_LATENCY);
  }
  return TETRA_OK;
}
