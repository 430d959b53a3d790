/* Words of a board's address space, over a port: the host's end of synth/fpga/board/board_bridge.sv.
 *
 *     frame:   'T', 'R' or 'W', words (1..128), address (4 bytes), W: the words (4 bytes each), check (2 bytes)
 *     answer:  'r', status, R and status 0: the words, check (2 bytes)
 *
 * Numbers are little-endian, the address is the first word's, a multiple of 4. The check is CRC-16/CCITT (0x1021, from
 * 0xffff, highest bit first) of all between the first byte and itself. A frame with a wrong one changes nothing. What
 * is no frame is answered once the line was quiet; docs/silicon.md, "On a board". */
#ifndef TETRA_FPGA_LINK_H
#define TETRA_FPGA_LINK_H

#include "port.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { LINK_MAX_WORDS = 128 };

/* The statuses of an answer. */
enum link_status {
  LINK_GOOD,
  LINK_BAD_COMMAND,
  LINK_BAD_LENGTH,
  LINK_BAD_ADDRESS, /* nothing is there, or it is no multiple of 4 */
  LINK_BAD_CHECK,
  LINK_BROKEN,   /* no first byte, no stop bit, or a pause within the frame */
  LINK_NO_ANSWER /* of what is at the address */
};

/* The board's own registers (synth/fpga/board/board_space.sv). The accelerator's are at 0. */
enum link_register {
  LINK_BOARD_ID = 0x20000000,
  LINK_BOARD_VERSION = 0x20000004,
  LINK_BOARD_MEM_BASE = 0x20000008,
  LINK_BOARD_MEM_BYTES = 0x2000000c,
  LINK_BOARD_CLOCK_HZ = 0x20000010,
  LINK_BOARD_STATE = 0x20000014, /* bit 0: the accelerator's interrupt line */
  LINK_BOARD_RESET = 0x20000018
};
enum { LINK_ID = 0x44524254, LINK_VERSION = 1 };

/* Continues a check from `crc`, 0xffff at first. */
uint16_t link_crc(uint16_t crc, const uint8_t *bytes, size_t n);
/* A word as its four bytes, lowest first, as on the line and in the board's memory; returns what is behind them. */
uint8_t *link_put_u32(uint8_t *to, uint32_t v);
uint32_t link_get_u32(const uint8_t *p);
/* "the frame's check was wrong" for LINK_BAD_CHECK, and so on. Static storage. */
const char *link_status_text(unsigned status);

/* Waits until the line is quiet, drops what came, and looks for a board of this version. TETRA_ETIMEOUT: nothing
 * answers; TETRA_EINVAL: what answers is no such board; TETRA_EIO: the line is gone. */
TETRA_NODISCARD int link_open(const struct board_port *port, struct tetra_error *err);
/* Words at `addr` and behind it, in as many frames as they need, in order. TETRA_EHW: an answer was damaged, or says
 * that the frame was, or that nothing is at the address; TETRA_ETIMEOUT: no answer; TETRA_EIO: the line is gone. */
TETRA_NODISCARD int link_read(const struct board_port *port, uint32_t addr, uint32_t *words, size_t n,
                              struct tetra_error *err);
TETRA_NODISCARD int link_write(const struct board_port *port, uint32_t addr, const uint32_t *words, size_t n,
                               struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
