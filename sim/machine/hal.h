/* The driver's HAL over a simulated accelerator: every register access and every wait runs the simulated clock. */
#ifndef TETRA_SIM_HAL_H
#define TETRA_SIM_HAL_H

#include "machine/memory.h"
#include "machine/rtl_model.h"
#include "tetra/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Clocks to a microsecond of the driver's time: a nominal 1 GHz, only used for time-outs. */
#define SIM_CYCLES_PER_US 1000u

struct sim_hal {
  struct rtl_model *rtl;
  struct tetra_mem *mem;
  /* Called every `slice` cycles of a wait (may be NULL), for progress lines. */
  void (*tick)(void *arg);
  void *arg;
  uint64_t slice;
  int abort; /* set by whoever wants the run to end: the next wait returns at once, and says that time is over */
};

/* Fills *hal with functions over *s, which outlives it. */
void sim_hal_init(struct tetra_hal *hal, struct sim_hal *s);

#ifdef __cplusplus
}
#endif
#endif
