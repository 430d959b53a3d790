/* Several networks or precisions from one command line. */
#ifndef TETRA_SIM_RUNS_H
#define TETRA_SIM_RUNS_H

#include "cli/settings.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls run() for every network in every precision, all->jobs at once (in processes of their own where that is more
 * than one), and prints which ones failed. File names are made different: "r.json" becomes "r-resnet18-w8a8.json".
 * Returns the largest of their exit codes, or 2 where one could not be started, *err says why. */
TETRA_NODISCARD int sim_runs(const struct sim_options *all, int (*run)(const struct sim_options *one),
                             struct tetra_error *err);
/* `path` with "-NETWORK-PRECISION" before its extension; allocated, NULL: no memory. */
char *sim_runs_file(const char *path, const struct sim_options *one);

#ifdef __cplusplus
}
#endif
#endif
