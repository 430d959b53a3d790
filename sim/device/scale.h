/* Requantization of runs of pixels, 16 channels at a time, on processors with wide vectors: what a STORE spends its
 * time in. store.c has the same for any processor. */
#ifndef TETRA_SIM_DEVICE_SCALE_H
#define TETRA_SIM_DEVICE_SCALE_H

#include <stdint.h>

#include "tetra/caps.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SCALE_CHANNELS = 16 /* at a time */ };

/* Parameters of the n channels of a half, and how to round. */
struct scale_channels {
  int32_t bias[TETRA_CAPS_MAX_N];
  int64_t m[TETRA_CAPS_MAX_N], mr[TETRA_CAPS_MAX_N], fraction[TETRA_CAPS_MAX_N];
  int64_t add[TETRA_CAPS_MAX_N]; /* to round: half a unit, or one less */
  int64_t s[TETRA_CAPS_MAX_N], sr[TETRA_CAPS_MAX_N], lr[TETRA_CAPS_MAX_N];
  /* 1 where rounding to even, away from zero looks at the sum itself */
  int64_t even[TETRA_CAPS_MAX_N], away[TETRA_CAPS_MAX_N];
};

/* What codes are read and made. */
struct scale_codes {
  int bits4, zp, lo, hi;       /* of the output */
  int res4, res_flip, res_sub; /* a residual is (code ^ res_flip) - res_sub */
};

/* Neighbouring pixels. acc: n sums of a pixel, from the first of the 16 channels on; res: likewise codes in words of n
 * bytes, joint with the sums, or NULL; to: where codes go in words of n bytes. */
struct scale_run {
  const int32_t *acc;
  const uint8_t *res;
  uint8_t *to;
  uint32_t pixels, n;
};

/* Writes 16 bytes a pixel, or 8 of 4-bit codes, for channels first .. first + 15 of *h; returns how many codes the
 * clamp changed, a ReLU's lower one not counted. */
typedef uint64_t scale_fn(const struct scale_channels *h, uint32_t first, const struct scale_codes *codes,
                          const struct scale_run *run);
/* NULL where this processor has no such vectors. */
scale_fn *scale_choose(void);

#ifdef __cplusplus
}
#endif
#endif
