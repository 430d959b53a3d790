/* Runs a stored plan (tetra/stored.h) on a board without an operating system. */
#ifndef TETRA_EXAMPLE_BAREMETAL_H
#define TETRA_EXAMPLE_BAREMETAL_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/stored.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the board has to supply. */
int board_irq_line(void);                                 /* non-zero while the accelerator's interrupt is pending */
uint32_t board_microseconds(void);                        /* free-running, wraps */
void board_cache_clean(const void *p, size_t bytes);      /* write back, then a barrier */
void board_cache_invalidate(const void *p, size_t bytes); /* drop, so that the next read comes from memory */

/* Fills *hal for an accelerator whose registers start at `registers`, in a system where the processor and the
 * accelerator see memory at the same addresses. */
void baremetal_hal(struct tetra_hal *hal, volatile uint32_t *registers);
/* Opens the stored plan that lies in the first of `bytes` bytes at `plan`, and copies its constants to their place.
 * Once per network: both survive any number of runs. TETRA_EINVAL: *why (may be NULL) is a text of what is wrong with
 * the plan; NULL where memory cannot be mapped. */
TETRA_NODISCARD int baremetal_load(const void *plan, size_t bytes, const struct tetra_hal *hal, struct tetra_stored *s,
                                   const char **why);
/* Runs the network once: `image` are the input's codes, `logits` takes the output's (NHWC, tetra_stored_codes bytes
 * each). As tetra_device_init and tetra_device_run; TETRA_EINVAL also where the plan is for another accelerator. */
TETRA_NODISCARD int baremetal_run(const struct tetra_stored *s, const struct tetra_hal *hal, const uint8_t *image,
                                  uint8_t *logits, struct tetra_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
