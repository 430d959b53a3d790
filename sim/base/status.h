/* How the program ends: its exit codes, and the line on standard error that says why. */
#ifndef TETRA_SIM_STATUS_H
#define TETRA_SIM_STATUS_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_exit {
  SIM_EXIT_GOOD = 0,
  SIM_EXIT_DIFFERENT = 1,    /* a layer differs, or the accelerator stopped */
  SIM_EXIT_BAD_INPUT = 2,    /* or no resources */
  SIM_EXIT_CRASHED = 3,      /* a process of --jobs was killed */
  SIM_EXIT_UNKNOWN = 4,      /* `equiv` could neither prove nor refute */
  SIM_EXIT_INTERRUPTED = 130 /* Ctrl-C, of a run over many images */
};

/* Says "sim: MESSAGE" on standard error, behind all that was printed before. Returns SIM_EXIT_BAD_INPUT. */
int sim_complain(const struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
