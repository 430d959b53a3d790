/* Hardware interface constants for C: command fields, registers, encodings (from hw_fields.def). */
#ifndef TETRA_HW_H
#define TETRA_HW_H

#include <stdint.h>

/* Constants, registers and the position of every field: TETRA_OP_LOAD, TETRA_REG_ID, TETRA_F_LOAD_ADDR, ... */
struct tetra_field {
  uint8_t word, lsb, width;
};

enum tetra_hw_constants {
#define TETRA_CONST(camel, upper, value, comment) TETRA_##upper = (value),
#define TETRA_REG(camel, upper, offset, access, bits, reset, comment) TETRA_##upper = (offset),
#include "tetra/hw_fields.def"
  TETRA_HW_CONSTANTS_END
};

/* How many counters there are. */
enum {
  TETRA_CNT_NUM = 0
#define TETRA_COUNTER(camel, upper, number, key, text) +1
#include "tetra/hw_fields.def"
};

/* Masks of registers' bits, as they lie in the register: TETRA_CTRL_ENABLE, TETRA_LOG_COUNT_LOST, ... */
#define TETRA_MASK(lsb, width) ((uint32_t)(((uint64_t)1 << (width)) - 1) << (lsb))
#define TETRA_BITS(reg, upper, lsb, width, access, reset, comment) \
  static const uint32_t TETRA_##reg##_##upper = TETRA_MASK(lsb, width);
#define TETRA_FIELD(camel, upper, word, lsb, width, comment) \
  static const struct tetra_field TETRA_F_##upper = {word, lsb, width};
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-const-variable"
#endif
#include "tetra/hw_fields.def"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* From a row of the drain to the next, at least: cycles in which the requantizer's lanes, n / tetra_row_cycles(n) of
 * them, work on the row of an n x n array. */
static inline uint32_t tetra_row_cycles(uint32_t n) { return n < TETRA_LANE_A_COLUMN ? 2 : 1; }

/* The bits of a register's value that a mask selects, as a number. */
static inline uint32_t tetra_bits_get(uint32_t value, uint32_t mask) { return (value & mask) / (mask & (0u - mask)); }

/* A command as it lies in DRAM (each word little-endian). */
struct tetra_cmd {
  uint32_t word[TETRA_CMD_WORDS];
};

/* Sets or gets one field. `value` is truncated to the field; the compiler checks ranges before it calls. */
static inline void tetra_cmd_set(struct tetra_cmd *c, struct tetra_field f, uint32_t value) {
  const uint32_t mask = f.width == 32 ? 0xffffffffu : (1u << f.width) - 1u;
  c->word[f.word] = (c->word[f.word] & ~(mask << f.lsb)) | ((value & mask) << f.lsb);
}
static inline uint32_t tetra_cmd_get(const struct tetra_cmd *c, struct tetra_field f) {
  const uint32_t mask = f.width == 32 ? 0xffffffffu : (1u << f.width) - 1u;
  return (c->word[f.word] >> f.lsb) & mask;
}

/* Beats that a STORE writes: 8-bit outputs a word for each half, 4-bit ones both halves in one; of a pooled one the
 * windows' words count. */
static inline uint32_t tetra_cmd_store_beats(const struct tetra_cmd *c) {
  const uint32_t pooled = tetra_cmd_get(c, TETRA_F_STORE_POOL_BEATS);
  const uint32_t words = pooled != 0 ? pooled : tetra_cmd_get(c, TETRA_F_STORE_PIXELS);
  const uint32_t halves = tetra_cmd_get(c, TETRA_F_STORE_HALVES2) ? 2 : 1;
  uint32_t beats = words * (tetra_cmd_get(c, TETRA_F_STORE_OUT0_BITS4) ? 1 : halves);
  if (tetra_cmd_get(c, TETRA_F_STORE_TWO_OUT))
    beats += words * (tetra_cmd_get(c, TETRA_F_STORE_OUT1_BITS4) ? 1 : halves);
  return beats;
}

#endif
