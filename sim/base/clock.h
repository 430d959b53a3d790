/* Wall time. */
#ifndef TETRA_SIM_CLOCK_H
#define TETRA_SIM_CLOCK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds on a clock that never jumps. */
double sim_now(void);

#ifdef __cplusplus
}
#endif
#endif
