/* Overflow proofs: interval arithmetic from the actual weights and parameters. */
#include "core/graph_internal.h"

static struct tetra_range add(struct tetra_range a, struct tetra_range b) {
  return (struct tetra_range){a.lo + b.lo, a.hi + b.hi};
}
/* factor >= 0. */
static struct tetra_range scale(struct tetra_range a, int64_t factor) {
  return (struct tetra_range){a.lo * factor, a.hi * factor};
}
static int within(struct tetra_range a, int64_t lo, int64_t hi) { return a.lo >= lo && a.hi <= hi; }
static int is_int32(struct tetra_range a) { return within(a, INT32_MIN, INT32_MAX); }

enum { kShortSum = 1 << 16 }; /* int8 numbers whose sum an int32 holds, which is what vectors add */

static void add_signs(const int8_t *w, int n, int64_t *positive, int64_t *negative) {
  int32_t above = 0, below = 0;
  for (int i = 0; i < n; i++) {
    above += w[i] > 0 ? w[i] : 0;
    below += w[i] < 0 ? w[i] : 0;
  }
  *positive += above;
  *negative += below;
}

/* A format's codes include 0, so the partial sums of any order of summation lie inside as well. */
struct tetra_range tetra_acc_range(const struct tetra_op *op, const struct tetra_desc *in, int channel) {
  const struct tetra_range code = {tetra_fmt_min(in->fmt), tetra_fmt_max(in->fmt)};
  if (op->kind == TETRA_AVGPOOL) return scale(code, (int64_t)tetra_window_elements(&op->win, 1));
  if (op->kind != TETRA_CONV) return code;
  const int64_t k = (int64_t)tetra_op_kernel(op, in->c);
  int64_t positive = 0, negative = 0;
  for (int e = 0; e <= op->extra; e++) {
    const int8_t *w = op->weights + (size_t)e * tetra_op_array(op, in->c) + channel * k;
    for (int64_t j = 0; j < k; j += kShortSum)
      add_signs(w + j, k - j < kShortSum ? (int)(k - j) : kShortSum, &positive, &negative);
  }
  return (struct tetra_range){positive * code.lo + negative * code.hi, positive * code.hi + negative * code.lo};
}

/* What the residual adds to the accumulator in RES_PRE; the formula never decreases with res. */
static int64_t pre_term(int64_t res, const struct tetra_requant_channel *p) {
  return tetra_round_shift((res * p->mr + 1024) >> 11, p->sr, TETRA_HALF_AWAY);
}

/* The argument of every R is at most 2^62 in size; then its rounding addend, at most 2^61, and the sum of two results
 * and a zero point fit in 64 bits. acc is biased and in int32 and F at most 2^30, so acc*M + F alone is always below:
 * 2^31 * (2^31 - 1) + 2^30 < 2^62. */
static int check_sums(const struct tetra_op *op, int o, int c, struct tetra_range acc, struct tetra_range res, int i,
                      struct tetra_error *err) {
  const struct tetra_requant_channel *p = &op->rq[o].ch[c];
  const int64_t limit = (int64_t)1 << 62, f = (int64_t)p->frac * (1 << TETRA_FRAC_SHIFT);
  if (op->res_form == TETRA_RES_JOINT) {
    struct tetra_range r = scale(res, p->mr);
    int64_t most = limit >> p->lr; /* before shifting: the shifted product itself could overflow */
    struct tetra_range product = add(scale(acc, p->m), (struct tetra_range){f, f});
    if (!within(r, -most, most) || !within(add(product, scale(r, (int64_t)1 << p->lr)), -limit, limit))
      return tetra_fail(err, TETRA_ERANGE,
                        "op %d (%s): output %d, channel %d: acc*M + F + (res*Mr << %d) can exceed 2^62", i, op->name, o,
                        c, p->lr);
  }
  if (op->res_form == TETRA_RES_PRE) {
    struct tetra_range r = {pre_term(res.lo, p), pre_term(res.hi, p)};
    struct tetra_range sum = add(scale(acc, (int64_t)1 << p->lr), r);
    if (!is_int32(sum))
      return tetra_fail(err, TETRA_ERANGE,
                        "op %d (%s): output %d, channel %d: accumulator << %d plus residual can leave int32", i,
                        op->name, o, c, p->lr);
    int64_t pre = f * ((int64_t)1 << p->lr); /* at most 2^61 */
    if (!within(add(scale(sum, p->m), (struct tetra_range){pre, pre}), -limit, limit))
      return tetra_fail(err, TETRA_ERANGE, "op %d (%s): output %d, channel %d: acc'*M + F can exceed 2^62", i, op->name,
                        o, c);
  }
  return TETRA_OK;
}

int tetra_graph_check_range(const struct tetra_graph *g, int i, struct tetra_error *err) {
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *in = &g->values[op->input].d;
  struct tetra_range res = {0, 0};
  if (op->residual >= 0) {
    const struct tetra_desc *d = &g->values[op->residual].d;
    res = (struct tetra_range){tetra_fmt_min(d->fmt) - d->zero_point, tetra_fmt_max(d->fmt) - d->zero_point};
  }
  for (int c = 0; c < op->cout; c++) {
    struct tetra_range raw = tetra_acc_range(op, in, c);
    for (int o = 0; o < op->n_outputs; o++) {
      const int64_t bias = op->rq[o].ch[c].bias;
      struct tetra_range acc = add(raw, (struct tetra_range){bias, bias});
      if (!is_int32(raw) || !is_int32(acc))
        return tetra_fail(err, TETRA_ERANGE,
                          "op %d (%s): accumulator of output channel %d can reach %lld..%lld, beyond int32", i,
                          op->name, c, (long long)acc.lo, (long long)acc.hi);
      int status = check_sums(op, o, c, acc, res, i, err);
      if (status) return status;
    }
  }
  return TETRA_OK;
}
