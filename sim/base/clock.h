/* Wall time and processor time. */
#ifndef TETRA_SIM_CLOCK_H
#define TETRA_SIM_CLOCK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds on a clock that never jumps. */
double sim_now(void);
/* Seconds of processor time that this process has taken itself, without the system's. */
double sim_user_seconds(void);

#ifdef __cplusplus
}
#endif
#endif
