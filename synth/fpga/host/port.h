/* Bytes to and from a board: a serial device (serial.h), or a simulation of the board's two pins. */
#ifndef TETRA_FPGA_PORT_H
#define TETRA_FPGA_PORT_H

#include <stddef.h>
#include <stdint.h>

struct board_port {
  void *ctx;
  /* Sends all of the bytes; 0, or -1 where the line is gone. */
  int (*send)(void *ctx, const uint8_t *bytes, size_t n);
  /* Waits at most `ms` milliseconds for the first byte and takes what has come, at most n bytes. Returns how many, 0
   * where the time is over, -1 where the line is gone. */
  long (*receive)(void *ctx, uint8_t *bytes, size_t n, uint32_t ms);
  /* A clock that never goes back. */
  uint64_t (*now_us)(void *ctx);
  /* Milliseconds without a byte after which the board takes the next one for a frame's first. */
  uint32_t quiet_ms;
  /* Longest time from the end of a frame to the first byte of its answer. */
  uint32_t answer_ms;
};

#endif
