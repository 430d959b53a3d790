/* Results as JSON, for programs. */
#ifndef TETRA_SIM_JSON_H
#define TETRA_SIM_JSON_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the results, whole or not at all (outfile.h). TETRA_EIO, TETRA_ENOMEM. Keys:
 * network precision width array match total{cycles bound_cycles macs utilization dram_bytes stalls{cause: cycles}}
 * layers[{name kind macs cycles bound_cycles utilization dram_bytes match}] sim{seconds khz} top5[[class, logit]].
 * match is null where nothing was compared, utilization null where no multiplication is done, precision null for a
 * network from a file. */
int sim_json_write(const char *path, const struct sim_results *r, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
