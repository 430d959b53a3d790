/* Requantization tables: what does not depend on the accumulator is worked out once, half units and zero points are
 * folded into one addend, and rounding modes that differ in ties only become one where ties cannot happen. */
#include "fast/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { kArrays = 16, kNarrow = 30 };

/* Where channel c's entry lies: of every `lanes`, even channels first. */
static size_t place(const struct tetra_table *t, int c) {
  const int l = t->lanes, at = c % l;
  return (size_t)c - (size_t)at + (size_t)(at & 1) * (size_t)(l / 2) + (size_t)at / 2;
}

static int alloc_arrays(struct tetra_table *t) {
  const size_t n = tetra_round_up((size_t)t->channels, kCacheLine);
  int64_t *p = aligned_alloc(kCacheLine, kArrays * n * sizeof *p);
  t->memory = p;
  if (!p) return TETRA_ENOMEM;
  memset(p, 0, kArrays * n * sizeof *p);
  int64_t **arrays[kArrays] = {&t->m,           &t->add,          &t->mr,          &t->left,        &t->res_add,
                               &t->bias,        &t->main.shift,   &t->main.half,   &t->main.mask,   &t->main.shift1,
                               &t->main.half1,  &t->second.shift, &t->second.half, &t->second.mask, &t->second.shift1,
                               &t->second.half1};
  for (int i = 0; i < kArrays; i++) *arrays[i] = p + (size_t)i * n;
  return TETRA_OK;
}

void tetra_table_free(struct tetra_table *t) {
  free(t->memory);
  memset(t, 0, sizeof *t);
}

static void set_rounding(struct tetra_rounding *r, size_t at, int s) {
  const int twice = r->mode == TETRA_TFLITE && s > 31;
  const int last = twice ? s - 31 : s;
  const int away = r->mode == TETRA_HALF_AWAY || twice;
  r->shift[at] = last;
  r->half[at] = last && r->mode != TETRA_FLOOR ? (int64_t)1 << (last - 1) : 0;
  r->mask[at] = last == 0 ? 0 : r->mode == TETRA_HALF_EVEN ? 1 : away ? -1 : 0;
  r->shift1[at] = twice ? 31 : 0;
  r->half1[at] = twice ? (int64_t)1 << 30 : 0;
}

/* Products and sums below are exact modulo 2^64, and tetra_graph_check proved that the true sums need less. */
static int64_t times(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }
static int64_t plus(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static int64_t left(int64_t a, int s) { return (int64_t)((uint64_t)a << s); }

/* F: what the bias has beyond whole units. */
static int64_t fraction(enum tetra_res_form form, const struct tetra_requant_channel *p) {
  return left(p->frac, TETRA_FRAC_SHIFT + (form == TETRA_RES_PRE ? p->lr : 0));
}

static void set_channel(struct tetra_table *t, const struct tetra_requant_channel *p, int res_zp, int c) {
  const size_t at = place(t, c);
  t->m[at] = p->m;
  t->mr[at] = p->mr;
  t->left[at] = p->lr;
  t->bias[at] = p->bias;
  t->add[at] = plus(t->form == TETRA_RES_PRE ? 0 : times(p->bias, p->m), fraction(t->form, p));
  const int64_t zero = times(-res_zp, p->mr);
  if (t->form == TETRA_RES_JOINT) t->add[at] = plus(t->add[at], left(zero, p->lr));
  if (t->form == TETRA_RES_PRE || t->form == TETRA_RES_SEPARATE)
    t->res_add[at] = plus(zero, t->form == TETRA_RES_PRE ? 1024 : 0);
  set_rounding(&t->main, at, p->s);
  set_rounding(&t->second, at, p->sr);
}

static int trailing_zeros(int32_t m) {
  int n = 0;
  while (n < 31 && !(m >> n & 1)) n++;
  return n;
}

/* 1 / m modulo 2^64 of an odd m: every step of Newton's doubles the bits that are right. */
static uint64_t inverse(uint64_t m) {
  uint64_t v = m;
  for (int i = 0; i < 5; i++) v *= 2 - m * v;
  return v;
}

/* Can acc*m + f be an odd multiple of 2^(s-1), |acc| <= most? That is so for the accs of one residue class. */
static int can_tie(int32_t m, int64_t f, int s, int64_t most) {
  if (s == 0) return 0;
  const int zeros = trailing_zeros(m), missing = s - 1 - zeros;
  if (m == 0 || missing <= 0) return (m != 0 || f != 0);
  if (f & (left(1, zeros) - 1)) return 0;
  const uint64_t period = (uint64_t)2 << missing;
  const uint64_t acc = (period / 2 - (uint64_t)(f >> zeros)) * inverse((uint64_t)(m >> zeros)) & (period - 1);
  return acc <= (uint64_t)most || period - acc <= (uint64_t)most;
}

static int same(const struct tetra_requant_channel *p, const struct tetra_requant_channel *q) {
  return p->bias == q->bias && p->m == q->m && p->mr == q->mr && p->s == q->s && p->sr == q->sr && p->lr == q->lr &&
         p->frac == q->frac;
}

static int same_channels(const struct tetra_requant *q, int n) {
  for (int c = 1; c < n; c++)
    if (!same(&q->ch[c], &q->ch[0])) return 0;
  return 1;
}

/* An addition has so few pairs of operands, and one set of parameters, that all are tried: can any tie in R? */
static int addition_ties(const struct tetra_requant *q, int channels, int64_t most, const struct tetra_desc *res) {
  const struct tetra_requant_channel *p = &q->ch[0];
  if (p->s == 0) return 0;
  if (!same_channels(q, channels)) return 1;
  const int64_t rest = ((int64_t)1 << p->s) - 1, half = plus((int64_t)1 << (p->s - 1), fraction(TETRA_RES_JOINT, p));
  for (int r = tetra_fmt_min(res->fmt); r <= tetra_fmt_max(res->fmt); r++) {
    const int64_t x = plus(left(times(r - res->zero_point, p->mr), p->lr), half);
    for (int64_t acc = -most; acc <= most; acc++)
      if ((plus(x, times(acc + p->bias, p->m)) & rest) == 0) return 1;
  }
  return 0;
}

/* |zp + y| < 2^31 for sure: the argument of R divided by 2^s, in doubles, with room for their errors. */
static int is_wide(const struct tetra_table *t, const struct tetra_requant_channel *p, double acc, int res_zp) {
  const double limit = (double)((int64_t)1 << kNarrow);
  const double res = 255.0 + (res_zp < 0 ? -res_zp : res_zp);
  double x = acc * p->m + fabs((double)fraction(t->form, p)), y = 0;
  if (t->form == TETRA_RES_JOINT) x += res * p->mr * (double)((int64_t)1 << p->lr);
  if (t->form == TETRA_RES_SEPARATE) y = res * p->mr / (double)((int64_t)1 << p->sr) + 1;
  if (t->form == TETRA_RES_PRE) x += 2147483648.0 * p->m;
  return x / (double)((int64_t)1 << p->s) + y > limit;
}

/* Half a unit moves into the addends where nothing else depends on x. */
static void simplify(struct tetra_rounding *r, int no_ties, int64_t *add, size_t n) {
  r->plain = r->mode == TETRA_FLOOR || r->mode == TETRA_HALF_UP || (r->mode != TETRA_TFLITE && no_ties);
  if (!r->plain) return;
  for (size_t i = 0; i < n; i++) add[i] = plus(add[i], r->half[i]);
}

int tetra_table_init(struct tetra_table *t, const struct tetra_op *op, int o, enum tetra_fmt fmt, int lanes,
                     const struct tetra_desc *res, const int64_t *acc_most) {
  const struct tetra_requant *q = &op->rq[o];
  *t = (struct tetra_table){.form = op->res_form, .fmt = fmt, .zp = q->zp, .lo = q->lo, .hi = q->hi, .lanes = lanes};
  t->channels = op->cout;
  t->res_fmt = res ? res->fmt : TETRA_U8;
  if (alloc_arrays(t)) return TETRA_ENOMEM;
  t->main.mode = q->round;
  t->second.mode = t->form == TETRA_RES_PRE ? TETRA_HALF_AWAY : q->round;
  const int res_zp = res ? res->zero_point : 0;
  int ties = t->form != TETRA_RES_NONE;
  if (op->kind == TETRA_ADD && t->form == TETRA_RES_JOINT) ties = addition_ties(q, op->cout, acc_most[0], res);
  const int one_factor = t->form == TETRA_RES_NONE;
  for (int c = 0; c < op->cout; c++) {
    const struct tetra_requant_channel *p = &q->ch[c];
    const int64_t most = acc_most[c] + (p->bias < 0 ? -(int64_t)p->bias : p->bias);
    set_channel(t, p, res_zp, c);
    ties |= one_factor && can_tie(p->m, fraction(t->form, p), p->s, most);
    t->wide |= is_wide(t, p, (double)most, res_zp);
  }
  const size_t n = (size_t)(t->add - t->m); /* entries of an array */
  simplify(&t->main, !ties, t->add, n);
  if (t->form == TETRA_RES_SEPARATE) simplify(&t->second, 0, t->res_add, n);
  return TETRA_OK;
}

int64_t *tetra_acc_most(const struct tetra_op *op, const struct tetra_desc *in) {
  int64_t *most = malloc((size_t)op->cout * sizeof *most);
  for (int c = 0; most && c < op->cout; c++) {
    const struct tetra_range r = tetra_acc_range(op, in, c);
    most[c] = -r.lo > r.hi ? -r.lo : r.hi;
  }
  return most;
}
