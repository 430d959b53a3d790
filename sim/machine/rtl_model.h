/* C face of the Verilated accelerator: one object per array size, with its clock, its register port and its memory. */
#ifndef TETRA_SIM_RTL_MODEL_H
#define TETRA_SIM_RTL_MODEL_H

#include <stdint.h>

#include "machine/memory.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The engines in one clock (tetra_top's signals; a bit each unless it says otherwise). */
struct rtl_probe {
  uint8_t busy;                               /* work is outstanding: CNT_CYCLES counts */
  uint8_t stall_class;                        /* where this cycle goes: CNT_BUSY..CNT_TAIL */
  uint8_t pixel, compute_end;                 /* the array takes a pixel; a COMPUTE's last one was taken a cycle ago */
  uint8_t load_beat, pack_read;               /* the load engine takes a beat; PACK reads image rows */
  uint8_t load_wait, load_wait_store;         /* its next command waits for a token; for a STORE's */
  uint8_t drain_row, drain_stall;             /* a row of accumulators is read; held back by the write path */
  uint8_t write_beat;                         /* the bus takes a beat */
  uint16_t done_load, done_drain, done_store; /* completion counts */
  /* Accesses of the buffers (each bank that it touches), and what else --energy counts. */
  uint8_t act_read, act_write, wgt_read, wgt_write, res_read, res_write, par_read, par_write;
  uint8_t compute_taken;         /* the weight loader takes the next COMPUTE */
  uint8_t out_word;              /* a word enters the write engine's queue */
  uint8_t fetch_beat;            /* fetch takes a beat */
  uint8_t pool_word, pool_close; /* a row of accumulators that completes a word for the pool; a window ends with it */
  uint16_t busy_layer;           /* with compute_end: the layer that the hardware counts the COMPUTE for */
};
/* What a platform around the model looks at after a clock. */
struct rtl_clock {
  uint8_t irq;
  uint8_t busy;      /* work is outstanding */
  uint8_t wvalid;    /* a write beat is offered in the clock to come */
  uint8_t lite_done; /* the register access that was begun is answered */
};
typedef void (*rtl_observer)(void *arg, const struct rtl_probe *p);

/* What an array size's build supplies. Functions advance the clock where a real host's would. */
struct rtl_model {
  void *self;
  /* AXI4-Lite accesses. After one that is never answered, or answered with an error, error() tells. */
  uint32_t (*reg_read)(void *self, uint32_t offset);
  void (*reg_write)(void *self, uint32_t offset, uint32_t value);
  /* Runs until the interrupt line is high, at most max_cycles; returns whether it is. Stops early on an error. */
  int (*run)(void *self, uint64_t max_cycles);
  /* One clock, for whoever has the clock himself. A register access is begun, goes on with the clocks, and is ended
   * once it is done, which gives what was read and the bus's response. */
  void (*clock)(void *self, struct rtl_clock *c);
  void (*lite_begin)(void *self, int write, uint32_t offset, uint32_t value, uint32_t strobes);
  unsigned (*lite_end)(void *self, uint32_t *value);
  void (*reset_pin)(void *self, int high);
  uint64_t (*cycles)(void *self); /* clocks since power-up */
  /* Shows every clock from now on to an observer; NULL: no longer. Without one the model is not slower. */
  void (*observe)(void *self, rtl_observer observer, void *arg);
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
TETRA_NODISCARD int rtl_model_create(struct rtl_model *model, unsigned n, int traced, struct tetra_mem *mem,
                                     struct tetra_error *err);
void rtl_model_destroy(struct rtl_model *model);
/* i-th array size in this program, 0 past the last. */
unsigned rtl_model_size(int i);

#ifdef __cplusplus
}
#endif
#endif
