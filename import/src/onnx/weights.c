/* Weights as the array takes them: int4 or int8, minus their zero point, with the sign of the channel's factor. What
 * exceeds int8 is a sum of int8 weights in two or three arrays, which is exact. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/weights.h"

static int clamp8(int w) { return w < -128 ? -128 : w > 127 ? 127 : w; }

/* n wide weights -> arrays of n int8 ones behind one another, whose sums they are. */
static void split(const int16_t *restrict wide, size_t n, int arrays, int8_t *restrict w) {
  if (arrays == 1) { /* nearly always: nothing is beyond int8 */
    for (size_t i = 0; i < n; i++) w[i] = (int8_t)wide[i];
    return;
  }
  for (size_t i = 0; i < n; i++) {
    int rest = wide[i];
    for (int a = 0; a < arrays; a++) {
      const int part = clamp8(rest);
      w[(size_t)a * n + i] = (int8_t)part;
      rest -= part;
    }
  }
}

/* wide: [cout][kh][kw][cin / groups], freed. Chooses bits and arrays, fills op and the deferred op's sums. */
static int finish(struct onnx_reader *x, struct onnx_deferred *p, int16_t *wide, struct tetra_op *op) {
  const struct tetra_desc d = x->m->graph.values[p->in.value].d;
  const size_t k = tetra_op_kernel(op, d.c);
  const int a_max = -tetra_fmt_min(d.fmt) > tetra_fmt_max(d.fmt) ? -tetra_fmt_min(d.fmt) : tetra_fmt_max(d.fmt);
  int lowest = 0, highest = 0;
  for (int c = 0; c < p->c; c++) {
    int64_t sum = 0, size = 0;
    for (size_t i = 0; i < k; i++) {
      int16_t *w = &wide[(size_t)c * k + i];
      *w = (int16_t)(p->mult[c] > 0 ? *w : p->mult[c] < 0 ? -*w : 0);
      lowest = *w < lowest ? *w : lowest;
      highest = *w > highest ? *w : highest;
      sum += *w;
      size += *w < 0 ? -*w : *w;
    }
    p->fold[c] = -sum * p->in.zp;
    p->acc_max[c] = size * a_max;
  }
  int arrays = 1;
  while (lowest < -128 * arrays || highest > 127 * arrays) arrays++;
  op->wbits = lowest >= -8 && highest <= 7 ? 4 : 8;
  op->extra = arrays - 1;
  op->weights = tetra_arena_calloc(x->arena, k * (size_t)p->c, (size_t)arrays);
  const int rc = op->weights ? TETRA_OK : tetra_arena_failed(x->arena);
  if (!rc) split(wide, k * (size_t)p->c, arrays, op->weights);
  free(wide);
  return rc;
}

static int wide_weights(struct onnx_reader *x, const struct onnx_deferred *p, const struct tetra_op *op,
                        int16_t **wide) {
  const size_t k = tetra_op_kernel(op, x->m->graph.values[p->in.value].d.c);
  const int rc = tetra_arena_charge(x->arena, k * (size_t)p->c, sizeof **wide);
  if (rc) return rc;
  *wide = calloc(k * (size_t)p->c, sizeof **wide);
  return *wide ? TETRA_OK : tetra_fail(x->arena->err, TETRA_ENOMEM, "no memory for %zu weights", k * (size_t)p->c);
}

/* Weights that are not there, for tetra_import_outline. */
static void set_outline(struct onnx_deferred *p, struct tetra_op *op) {
  op->wbits = onnx_type_bits(p->wt->type);
  for (int c = 0; c < p->c; c++) p->fold[c] = p->acc_max[c] = 0;
}

int onnx_conv_weights(struct onnx_reader *x, struct onnx_deferred *p, struct tetra_op *op) {
  int16_t *wide;
  if (p->wt->storage == ONNX_ABSENT) {
    set_outline(p, op);
    return TETRA_OK;
  }
  const int rc = wide_weights(x, p, op, &wide);
  if (rc) return rc;
  const size_t cin = (size_t)tetra_op_group_cin(op, x->m->graph.values[p->in.value].d.c);
  const size_t taps = tetra_window_elements(&op->win, 1);
  int16_t *w = wide;
  for (size_t co = 0; co < (size_t)p->c; co++) {
    const int64_t zp = p->wt_zp ? onnx_const_int(p->wt_zp, onnx_channel(p->wt_zp, co)) : 0;
    for (size_t t = 0; t < taps; t++)
      for (size_t ci = 0; ci < cin; ci++) {
        const size_t i = p->wt_transposed ? (ci * taps + t) * (size_t)p->c + co : (co * cin + ci) * taps + t;
        *w++ = (int16_t)(onnx_const_int(p->wt, i) - zp);
      }
  }
  return finish(x, p, wide, op);
}

int onnx_copy_weights(struct onnx_reader *x, struct onnx_deferred *p, int weight, struct tetra_op *op) {
  int16_t *wide;
  const int rc = wide_weights(x, p, op, &wide);
  if (rc) return rc;
  const size_t taps = tetra_window_elements(&op->win, 1), k = tetra_op_kernel(op, x->m->graph.values[p->in.value].d.c);
  const size_t tap = (size_t)p->in.y.start * (size_t)op->win.kw + (size_t)p->in.x.start;
  for (int co = 0; co < p->c; co++) {
    const int picked = co - p->in.c_before, dense = op->groups == 1;
    if (dense && (picked < 0 || picked >= p->in.c.n)) continue;
    const int ci = dense ? p->in.c.start + picked * p->in.c.step : 0;
    wide[(size_t)co * k + tap * (k / taps) + (size_t)ci] = (int16_t)weight;
  }
  return finish(x, p, wide, op);
}
