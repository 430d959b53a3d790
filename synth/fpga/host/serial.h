/* A serial device as a board's port: 8 data bits, no parity, no handshake. */
#ifndef TETRA_FPGA_SERIAL_H
#define TETRA_FPGA_SERIAL_H

#include <termios.h>

#include "port.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct serial {
  int fd;
  int changed; /* the device, so that its closing puts back what was */
  struct termios before;
};

/* Opens the device at one of a board's rates. TETRA_EINVAL: no such device, not one, or no such rate; *err says what to
 * do. */
TETRA_NODISCARD int serial_open(struct serial *s, const char *path, uint32_t baud, struct board_port *port,
                                struct tetra_error *err);
void serial_close(struct serial *s);

#ifdef __cplusplus
}
#endif
#endif
