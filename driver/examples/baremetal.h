/* A stored plan: what a host tool writes into flash or memory so that a bare-metal program can run a network. */
#ifndef TETRA_EXAMPLE_BAREMETAL_H
#define TETRA_EXAMPLE_BAREMETAL_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BAREMETAL_MAGIC 0x4e4c5054u /* "TPLN" */

/* Header of a stored plan, 32-bit words in the processor's byte order. Behind it lie n_cmds commands (16 words each),
 * then const_bytes bytes of weights and parameters. Every field but the last two pairs is of that name in struct
 * tetra_plan; input and output are the placements (plan->values[]) of the graph's input and output. */
struct baremetal_plan {
  uint32_t magic;
  uint32_t n;           /* the array size it was compiled for: caps.n */
  uint32_t base, limit; /* addresses that the commands touch */
  uint32_t ring_addr, ring_entries;
  uint32_t n_cmds, sync_tag;
  uint32_t const_addr, const_bytes;
  uint32_t input_addr, input_bytes;
  uint32_t output_addr, output_bytes;
};

/* What the board has to supply. */
int board_irq_line(void);                                 /* non-zero while the accelerator's interrupt is pending */
uint32_t board_microseconds(void);                        /* free-running, wraps */
void board_cache_clean(const void *p, size_t bytes);      /* write back, then a barrier */
void board_cache_invalidate(const void *p, size_t bytes); /* drop, so that the next read comes from memory */

/* Fills *hal for an accelerator whose registers start at `registers`, in a system where the processor and the
 * accelerator see memory at the same addresses. */
void baremetal_hal(struct tetra_hal *hal, volatile uint32_t *registers);
/* Copies the constants to their place. Once per network: they survive any number of runs. TETRA_EINVAL: no stored plan
 * there, or memory that cannot be mapped. */
int baremetal_load(const struct baremetal_plan *plan, const struct tetra_hal *hal);
/* Runs the network once on the input that lies at input_addr; afterwards the processor sees the output at output_addr.
 * As tetra_device_init and tetra_device_run; TETRA_EINVAL also where the plan is for another array size. */
int baremetal_run(const struct baremetal_plan *plan, const struct tetra_hal *hal, struct tetra_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
