/* A point of a sweep on the RTL. */
#ifndef TETRA_SIM_SWEEP_RTL_H
#define TETRA_SIM_SWEEP_RTL_H

#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Can this program's RTL run the point: its array, with the buffers that were built? */
TETRA_NODISCARD int sweep_has_rtl(const struct sim_point *p);
/* Runs it, every layer compared with the C model; *cycles are the RTL's. TETRA_EDIFF, TETRA_EHW, others. */
TETRA_NODISCARD int sweep_rtl(const struct sim_study *s, const struct sim_point *p, uint64_t *cycles,
                              struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
