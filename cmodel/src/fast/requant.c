/* tetra_requantize for whole pixels, several at a time: short loops over blocks of channels, one step of the formula
 * each. */
#include <stdlib.h>

#include "fast/fast.h"

enum { kBlock = 64 };

static int alloc_tables(struct tetra_rows *t, const struct tetra_requant_channel *ch) {
  const size_t channels = (size_t)t->channels, n = channels * (size_t)t->repeat;
  int status = TETRA_ENOMEM;
  uint8_t *s = malloc(2 * n);
  t->bias = malloc(3 * n * sizeof *t->bias);
  t->lr = malloc(n);
  if (s && t->bias && t->lr) {
    t->m = t->bias + n;
    t->mr = t->bias + 2 * n;
    for (size_t c = 0; c < n; c++) {
      const struct tetra_requant_channel *p = &ch[c % channels];
      t->bias[c] = p->bias;
      t->m[c] = p->m;
      t->mr[c] = p->mr;
      t->lr[c] = p->lr;
      s[c] = p->s;
      s[n + c] = p->sr;
    }
    const enum tetra_round second = t->form == TETRA_RES_PRE ? TETRA_HALF_AWAY : t->q->round;
    status = tetra_rounder_init(&t->main, t->q->round, s, (int)n);
    if (!status) status = tetra_rounder_init(&t->residual, second, s + n, (int)n);
  }
  free(s);
  return status;
}

int tetra_rows_init(struct tetra_rows *t, const struct tetra_op *op, int o, enum tetra_fmt fmt, int repeat) {
  *t = (struct tetra_rows){.q = &op->rq[o], .form = op->res_form, .fmt = fmt, .channels = op->cout, .repeat = repeat};
  int status = alloc_tables(t, op->rq[o].ch);
  if (status) tetra_rows_free(t);
  return status;
}

void tetra_rows_free(struct tetra_rows *t) {
  free(t->bias);
  free(t->lr);
  t->bias = NULL;
  t->lr = NULL;
  tetra_rounder_free(&t->main);
  tetra_rounder_free(&t->residual);
}

/* r = what the residual contributes: to the product (JOINT), to the result (SEPARATE), to the accumulator (RES_PRE). */
static void residual_block(const struct tetra_rows *t, int c0, int count, const int32_t *restrict res,
                           int64_t *restrict r) {
  const int32_t *restrict mr = t->mr + c0;
  const uint8_t *restrict lr = t->lr + c0;
  for (int j = 0; j < count; j++) r[j] = (int64_t)res[j] * mr[j];
  if (t->form == TETRA_RES_JOINT) {
    for (int j = 0; j < count; j++) r[j] = (int64_t)((uint64_t)r[j] << lr[j]);
    return;
  }
  if (t->form == TETRA_RES_PRE)
    for (int j = 0; j < count; j++) r[j] = (r[j] + 1024) >> 11;
  tetra_rounder_apply(&t->residual, c0, count, r);
}

/* x = acc*M, with the biased accumulator (for RES_PRE acc'), which tetra_graph_check proved to be in int32. */
static void product_block(const struct tetra_rows *t, int c0, int count, const int32_t *restrict acc,
                          const int64_t *restrict r, int64_t *restrict x) {
  const int32_t *restrict bias = t->bias + c0, *restrict m = t->m + c0;
  const uint8_t *restrict la = t->lr + c0;
  int32_t a[kBlock];
  for (int j = 0; j < count; j++) a[j] = acc[j] + bias[j];
  if (t->form == TETRA_RES_PRE)
    for (int j = 0; j < count; j++) a[j] = (int32_t)(((uint32_t)a[j] << la[j]) + (uint32_t)r[j]);
  for (int j = 0; j < count; j++) x[j] = (int64_t)a[j] * m[j];
}

static void clamp_block(const struct tetra_requant *q, int count, const int64_t *restrict x, uint8_t *restrict codes) {
  const int64_t zp = q->zp, lo = q->lo, hi = q->hi;
  for (int j = 0; j < count; j++) {
    int64_t y = x[j] + zp;
    y = y < lo ? lo : y;
    y = y > hi ? hi : y;
    codes[j] = (uint8_t)y;
  }
}

static void pack_nibbles(const uint8_t *restrict codes, int count, uint8_t *restrict dst) {
  for (int j = 0; j < count / 2; j++) dst[j] = (uint8_t)((codes[2 * j] & 15) | (codes[2 * j + 1] << 4));
  if (count & 1) dst[count / 2] = codes[count - 1] & 15;
}

void tetra_rows_pixels(const struct tetra_rows *t, int pixels, const int32_t *acc, const int32_t *res, uint8_t *dst) {
  const int n = pixels * t->channels;
  const int packed = tetra_fmt_bits(t->fmt) == 4;
  for (int c0 = 0; c0 < n; c0 += kBlock) {
    const int count = n - c0 < kBlock ? n - c0 : kBlock;
    int64_t x[kBlock], r[kBlock];
    uint8_t codes[kBlock];
    if (t->form != TETRA_RES_NONE) residual_block(t, c0, count, res + c0, r);
    // cppcheck-suppress uninitvar ; without a residual, r is not read
    product_block(t, c0, count, acc + c0, r, x);
    if (t->form == TETRA_RES_JOINT)
      for (int j = 0; j < count; j++) x[j] += r[j];
    tetra_rounder_apply(&t->main, c0, count, x);
    if (t->form == TETRA_RES_SEPARATE)
      for (int j = 0; j < count; j++) x[j] += r[j];
    clamp_block(t->q, count, x, packed ? codes : dst + c0);
    if (packed) pack_nibbles(codes, count, dst + c0 / 2);
  }
}
