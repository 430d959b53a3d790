/* C face of the Verilated accelerator: one object per array size, with its clock, its register port and its memory. */
#ifndef TETRA_SIM_RTL_MODEL_H
#define TETRA_SIM_RTL_MODEL_H

#include <stdint.h>

#include "memory.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an array size's build supplies. Functions advance the clock where a real host's would. */
struct rtl_model {
  void *self;
  /* AXI4-Lite accesses. After one that is never answered, or answered with an error, error() tells. */
  uint32_t (*reg_read)(void *self, uint32_t offset);
  void (*reg_write)(void *self, uint32_t offset, uint32_t value);
  /* Runs until the interrupt line is high, at most max_cycles; returns whether it is. Stops early on an error. */
  int (*run)(void *self, uint64_t max_cycles);
  uint64_t (*cycles)(void *self); /* clocks since power-up */
  /* Waveform from now on into a new file, and its end. Only where the build has waveforms (`traced`). */
  void (*trace_begin)(void *self, const char *path);
  void (*trace_end)(void *self);
  /* First failed RTL assertion, broken bus rule or dead register port; code 0 where there is none. */
  const struct tetra_error *(*error)(void *self);
  void (*destroy)(void *self);
  int traced;
};

/* Makes the model of an n x n array around mem (which outlives it), out of reset. TETRA_EINVAL with the command to
 * build it where this program has no such size, or no waveforms although `traced` asks for them. */
int rtl_model_create(struct rtl_model *model, unsigned n, int traced, struct tetra_mem *mem, struct tetra_error *err);
void rtl_model_destroy(struct rtl_model *model);
/* i-th array size in this program, 0 past the last. */
unsigned rtl_model_size(int i);

#ifdef __cplusplus
}
#endif
#endif
