/* Products of a few pixels' codes with a panel of weights for 16 columns: what a COMPUTE spends its time in. */
#ifndef TETRA_SIM_DEVICE_DOT_H
#define TETRA_SIM_DEVICE_DOT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  DOT_PIXELS = 8,   /* at once, at most */
  DOT_COLUMNS = 16, /* of a panel */
  DOT_LANES = 2048  /* input channels of a panel, at most; a multiple of a k-step's 4 to 128 */
};

/* Codes of DOT_PIXELS pixels, then of two halves of n columns their panels. */
static inline size_t dot_scratch_bytes(uint32_t n) {
  const size_t panels = 2 * ((n + DOT_COLUMNS - 1) / DOT_COLUMNS);
  return (size_t)DOT_PIXELS * DOT_LANES + panels * DOT_LANES * DOT_COLUMNS + 64;
}

/* sums[p][c] = sum over k < lanes of codes[p][k] * panel[k / 4][c][k % 4], modulo 2^32. lanes is a multiple of 4; codes
 * of a pixel are DOT_LANES bytes from the next one's. */
typedef void dot_fn(const uint8_t *codes, const int8_t *panel, int lanes, int pixels,
                    int32_t sums[DOT_PIXELS][DOT_COLUMNS]);
/* The fastest that this processor has. */
dot_fn *dot_choose(void);
/* The one for any processor. */
void dot_portable(const uint8_t *codes, const int8_t *panel, int lanes, int pixels,
                  int32_t sums[DOT_PIXELS][DOT_COLUMNS]);

#ifdef __cplusplus
}
#endif
#endif
