/* The accelerator's buffers and what each command does to them (docs/commands.md), without time: what a LOAD's beats, a
 * PACK, a COMPUTE and a STORE leave behind. Whoever gives the commands keeps their order. */
#ifndef TETRA_SIM_DEVICE_CORE_H
#define TETRA_SIM_DEVICE_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/caps.h"
#include "tetra/hw.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DEV_BUFFERS = 4 };

struct dev_core {
  struct tetra_caps caps;
  uint8_t *buf[DEV_BUFFERS];   /* by BUF_*, in words of n bytes */
  uint32_t words[DEV_BUFFERS]; /* powers of two */
  int32_t *acc;                /* [buffer][half][entry][n] */
  uint8_t *line;               /* of the fused max pool */
  uint64_t sat[2];             /* codes that the clamp of output 0, 1 changed */
  uint8_t *scratch;            /* of one command */
  uint8_t *pixel;              /* a pixel's elements in a PACK */
  int portable;                /* 1: the loops for any processor, whatever this one has; 0 after dev_core_init */
};

/* Buffers of a build with `caps`, all zero. TETRA_EINVAL where no build has such, TETRA_ENOMEM. Freed by dev_core_free,
 * also after an error. */
TETRA_NODISCARD int dev_core_init(struct dev_core *d, const struct tetra_caps *caps, struct tetra_error *err);
void dev_core_free(struct dev_core *d);

/* What tetra_check refuses: TETRA_ERR_NONE, ERR_ILLEGAL_OP, ERR_ILLEGAL_FIELD or ERR_MISALIGNED. The functions below
 * take commands that pass only. */
uint32_t dev_check(const struct tetra_cmd *c, const struct tetra_caps *caps);

/* Beats first .. first + beats - 1 of a LOAD, counted over its rows, arrive. */
void dev_load(struct dev_core *d, const struct tetra_cmd *c, uint32_t first, uint32_t beats, const uint8_t *data);
void dev_pack(struct dev_core *d, const struct tetra_cmd *c);
void dev_compute(struct dev_core *d, const struct tetra_cmd *c);
/* The words of a STORE in the order in which they go to DRAM: tetra_cmd_store_beats(c) of n bytes. */
void dev_store(struct dev_core *d, const struct tetra_cmd *c, uint8_t *words);

/* Where a STORE's words go: run after run. */
struct dev_runs {
  const struct tetra_cmd *c;
  uint32_t out, half, pixel;
};
static inline struct dev_runs dev_runs_begin(const struct tetra_cmd *c) {
  const struct dev_runs r = {c, 0, 0, 0};
  return r;
}
/* The next run of neighbouring words: its address and length in beats, 0 behind the last. */
uint32_t dev_runs_next(struct dev_runs *r, uint32_t *addr);

static inline uint8_t *dev_word(const struct dev_core *d, int buffer, uint32_t word) {
  return d->buf[buffer] + (size_t)(word & (d->words[buffer] - 1)) * d->caps.n;
}
static inline int32_t *dev_acc(const struct dev_core *d, uint32_t buffer, uint32_t half, uint32_t entry) {
  return d->acc + ((size_t)(buffer * 2 + half) * d->caps.acc_pixels + (entry & (d->caps.acc_pixels - 1))) * d->caps.n;
}
/* A code of so many bits, as an integer. */
static inline int dev_code(uint32_t code, int bits, int is_signed) {
  const uint32_t sign = 1u << (bits - 1);
  code &= 2 * sign - 1;
  return is_signed ? (int)(code ^ sign) - (int)sign : (int)code;
}

#ifdef __cplusplus
}
#endif
#endif
