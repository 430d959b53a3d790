/* The registers as a bus sees them (docs/registers.md, rtl/control/tetra_regs.sv), without time. */
#ifndef TETRA_SIM_DEVICE_REGS_H
#define TETRA_SIM_DEVICE_REGS_H

#include <stdint.h>

#include "tetra/caps.h"
#include "tetra/hw.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DEV_LOG = 32, DEV_BYTES = 0x1000 };

struct dev_layer {
  uint32_t busy, read, write; /* pixels; beats loaded and stored */
};

struct dev_regs {
  struct tetra_caps caps;
  /* What is written. */
  uint32_t enable, ring_base, ring_size, tail, mem_base, mem_limit, irq_mask, watchdog, layer_sel;
  /* What the engine shows. */
  uint32_t resetting, busy, stopped, head, irq, completed, err_cause, err_index, err_addr;
  uint64_t counters[TETRA_CNT_NUM];
  uint32_t captured; /* high word of the counter whose low word was read last */
  uint32_t log_first, log_count, log_lost;
  struct {
    uint32_t layer;
    uint64_t cycle;
  } log[DEV_LOG];
  struct dev_layer layers[TETRA_DEF_MAX_LAYERS], selected;
};

/* What a write asks of the engine, bits. */
enum dev_effect { DEV_NOTHING = 0, DEV_CONTROL = 1 /* enable, ring, tail or watchdog */, DEV_RESET = 2 };

/* As after the reset pin. */
void dev_regs_init(struct dev_regs *r, const struct tetra_caps *caps);
/* What a soft reset clears. */
void dev_regs_reset(struct dev_regs *r);
/* 32-bit accesses. Return 0 where the bus answers with an error; *value, and what a write changes, is then nothing.
 * strobes: which bytes are written, a bit each. */
int dev_regs_read(struct dev_regs *r, uint32_t offset, uint32_t *value);
int dev_regs_write(struct dev_regs *r, uint32_t offset, uint32_t value, uint32_t strobes, int *effect);
/* What a read would give, without its effect on counters' high words. */
int dev_regs_peek(const struct dev_regs *r, uint32_t offset, uint32_t *value);

/* Events of the engine. */
void dev_regs_layer_done(struct dev_regs *r, uint32_t layer, uint64_t cycle);
void dev_regs_sync(struct dev_regs *r, uint32_t tag);
/* The first error is kept. */
void dev_regs_error(struct dev_regs *r, uint32_t cause, uint32_t index, uint32_t addr);
/* The interrupt line. */
int dev_regs_line(const struct dev_regs *r);

#ifdef __cplusplus
}
#endif
#endif
