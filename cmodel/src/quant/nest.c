/* 8-bit weights narrowed to the 4-bit ones that they hold. */
#include "tetra/nest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/graph_internal.h"
#include "tetra/quantize.h"

enum { STEP = 16 }; /* 8-bit weights to a 4-bit one */

static int check(const struct tetra_graph *g, int i, struct tetra_error *err) {
  const struct tetra_op *op = i >= 0 && i < g->n_ops ? &g->ops[i] : NULL;
  if (!op || op->kind != TETRA_CONV || op->wide)
    return tetra_fail(err, TETRA_EINVAL, "'%s' has no 8-bit weights to narrow",
                      op ? op->name : "an op that is not there");
  if (op->extra)
    return tetra_fail(err, TETRA_EINVAL, "'%s' has weights beyond int8, which hold no 4-bit ones", op->name);
  if (op->res_form == TETRA_RES_PRE)
    return tetra_fail(err, TETRA_EINVAL, "'%s' adds its residual to the accumulator, which has another unit then",
                      op->name);
  return TETRA_OK;
}

static int64_t channel_sum(const int8_t *w, size_t k) {
  int64_t sum = 0;
  for (size_t j = 0; j < k; j++) sum += w[j];
  return sum;
}

/* What a channel computes stays, in units of the new accumulator. */
static int fit(const struct tetra_op *narrow, const struct tetra_graph *g, int c, double own_bias, int is_whole,
               struct tetra_requant_channel *ch, struct tetra_error *err) {
  const struct tetra_desc *in = &g->values[narrow->input].d;
  const struct tetra_range acc = tetra_acc_range(narrow, in, c);
  const int joint = narrow->res_form == TETRA_RES_JOINT;
  const struct tetra_requant_channel old = *ch;
  struct tetra_fit f = {.mult = ldexp(STEP * (double)old.m, -old.s), .out_scale = 1, .whole_bias = is_whole};
  const size_t k = tetra_op_kernel(narrow, in->c);
  const int64_t fold = -(int64_t)in->zero_point * channel_sum(narrow->weights + (size_t)c * k, k);
  f.acc_max = (-acc.lo > acc.hi ? -acc.lo : acc.hi) + (fold < 0 ? -fold : fold);
  /* Where M is 0 the fraction alone is left, in its own units. */
  f.offset = old.m ? f.mult * own_bias : ldexp((double)old.frac, TETRA_FRAC_SHIFT - old.s);
  if (joint) {
    const struct tetra_desc *res = &g->values[narrow->residual].d;
    const int below = res->zero_point - tetra_fmt_min(res->fmt), above = tetra_fmt_max(res->fmt) - res->zero_point;
    f.res_scale = ldexp((double)old.mr, old.lr - old.s);
    f.res_max = below > above ? below : above;
  }
  int rc = tetra_fit_channel(&f, ch, err);
  if (rc != TETRA_OK) return rc;
  const int64_t bias = ch->bias + fold;
  if (bias < INT32_MIN || bias > INT32_MAX)
    return tetra_fail(err, TETRA_ERANGE, "'%s', channel %d: bias %lld does not fit int32", narrow->name, c,
                      (long long)bias);
  ch->bias = (int32_t)bias;
  if (!joint) {
    ch->mr = old.mr;
    ch->sr = old.sr;
    ch->lr = old.lr;
  }
  return TETRA_OK;
}

/* The bias that the layer itself has, without what an input's zero point adds, in 16ths of its unit. */
static double sixteenth(const struct tetra_op *op, const struct tetra_graph *g, int c,
                        const struct tetra_requant_channel *ch) {
  const struct tetra_desc *in = &g->values[op->input].d;
  const size_t k = tetra_op_kernel(op, in->c);
  const int64_t own = ch->bias + (int64_t)in->zero_point * channel_sum(op->weights + (size_t)c * k, k);
  const double frac = ch->m ? ldexp((double)ch->frac, TETRA_FRAC_SHIFT) / ch->m : 0;
  return ((double)own + frac) / STEP;
}

/* Parameters of both outputs, to ch[o][cout]. */
static int fit_all(const struct tetra_op *narrow, const struct tetra_op *op, const struct tetra_graph *g,
                   const int32_t *bias, struct tetra_requant_channel *const ch[TETRA_MAX_OUTPUTS],
                   struct tetra_error *err) {
  for (int o = 0; o < op->n_outputs; o++)
    for (int c = 0; c < op->cout; c++) {
      const double own = bias ? bias[c] : sixteenth(op, g, c, &op->rq[o].ch[c]);
      ch[o][c] = op->rq[o].ch[c];
      const int rc = fit(narrow, g, c, own, bias != NULL, &ch[o][c], err);
      if (rc != TETRA_OK) return rc;
    }
  return TETRA_OK;
}

int tetra_nest(struct tetra_graph *g, int i, const int32_t *bias, struct tetra_error *err) {
  int rc = check(g, i, err);
  if (rc != TETRA_OK) return rc;
  struct tetra_op *op = &g->ops[i], narrow = *op;
  const size_t count = tetra_op_array(op, g->values[op->input].d.c);
  struct tetra_requant_channel *ch[TETRA_MAX_OUTPUTS] = {NULL, NULL};
  narrow.wbits = 4;
  narrow.wide = op->weights;
  narrow.weights = malloc(count);
  ch[0] = malloc((size_t)op->cout * sizeof *ch[0]);
  if (op->n_outputs > 1) ch[1] = malloc((size_t)op->cout * sizeof *ch[1]);
  if (!narrow.weights || !ch[0] || (op->n_outputs > 1 && !ch[1]))
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory for the 4-bit weights of '%s'", op->name);
  for (size_t j = 0; rc == TETRA_OK && j < count; j++) narrow.weights[j] = (int8_t)tetra_nested_weight(op->weights[j]);
  if (rc == TETRA_OK) rc = fit_all(&narrow, op, g, bias, ch, err);
  if (rc != TETRA_OK) {
    free(ch[0]);
    free(ch[1]);
    free(narrow.weights);
    return rc;
  }
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) {
    if (!ch[o]) continue;
    free(op->rq[o].ch);
    narrow.rq[o].ch = ch[o];
  }
  *op = narrow;
  return rc;
}
