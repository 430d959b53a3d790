/* A board behind a link: what it has, and the driver's HAL over it. */
#ifndef TETRA_FPGA_BOARD_H
#define TETRA_FPGA_BOARD_H

#include "link.h"
#include "tetra/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct board {
  const struct board_port *port;
  uint32_t mem_base, mem_bytes, clock_hz;
  uint8_t *shadow;        /* owned: the host's copy of the memory; sync() moves ranges between the two */
  struct tetra_error err; /* the first access of the HAL that failed; later ones do nothing */
};

/* Finds the board on a port that outlives it, and resets its accelerator. As link_open; TETRA_EINVAL also for a memory
 * that no board has, TETRA_ENOMEM. Closed by board_close, also after an error. */
TETRA_NODISCARD int board_open(struct board *b, const struct board_port *port, struct tetra_error *err);
void board_close(struct board *b);
/* Fills *hal with functions over *b. They cannot fail: whoever uses them looks at b->err afterwards (board_check).
 * After a failure registers read as all ones, and waits are over at once. */
void board_hal(struct board *b, struct tetra_hal *hal);
/* b->err, copied to *err. */
TETRA_NODISCARD int board_check(const struct board *b, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
