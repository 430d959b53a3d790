/* Bounds of output codes. Requantization never decreases with the accumulator nor with the residual, so a network's own
 * bounds are the codes at the ends; what two networks' codes can differ by is found by walking through the codes of
 * one: the largest argument that still gives a code, moved by the most that the arguments differ, gives the other's
 * largest.
 */
#include "codes.h"

static const int64_t far = (int64_t)1 << 62; /* no argument of R is larger, and no result */

static struct range cut(struct range a, struct range b) {
  return (struct range){a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
}
static struct range apart(struct range a, struct range b) { return (struct range){a.lo - b.hi, a.hi - b.lo}; }
static int is_zero(struct range a) { return a.lo == 0 && a.hi == 0; }

struct range bounds_codes(const struct channel *c) {
  return (struct range){tetra_requantize(c->q, c->index, c->form, (int32_t)c->acc.lo, (int32_t)c->res.lo),
                        tetra_requantize(c->q, c->index, c->form, (int32_t)c->acc.hi, (int32_t)c->res.hi)};
}

static const struct tetra_requant_channel *parameters(const struct channel *c) { return &c->q->ch[c->index]; }

/* What RES_PRE adds to the accumulator for a residual. */
static int64_t pre_term(const struct channel *c, int64_t res) {
  const struct tetra_requant_channel *p = parameters(c);
  return tetra_round_shift((res * p->mr + 1024) >> 11, p->sr, TETRA_HALF_AWAY);
}

/* What SEPARATE adds behind the first rounding. */
static int64_t second_term(const struct channel *c, int64_t res) {
  const struct tetra_requant_channel *p = parameters(c);
  return tetra_round_shift(res * p->mr, p->sr, c->q->round);
}

/* The argument of the first R, at an accumulator and a residual; within 2^62 as the graph's check has proven. */
static int64_t argument(const struct channel *c, int64_t acc, int64_t res) {
  const struct tetra_requant_channel *p = parameters(c);
  const int64_t f = (int64_t)p->frac * (1 << TETRA_FRAC_SHIFT), a = acc + p->bias;
  switch (c->form) {
    case TETRA_RES_JOINT:
      return a * p->m + f + res * p->mr * ((int64_t)1 << p->lr);
    case TETRA_RES_PRE:
      return (a * ((int64_t)1 << p->lr) + pre_term(c, res)) * p->m + f * ((int64_t)1 << p->lr);
    default:
      return a * p->m + f;
  }
}

/* r + m0 * x0 - m1 * x1 where x0 - x1 is in d and x1 in x; 0 where that leaves 64 bits. */
static int add_products(struct range *r, int64_t m0, int64_t m1, struct range d, struct range x) {
  const int64_t m = m0 - m1, lo = m < 0 ? x.hi : x.lo, hi = m < 0 ? x.lo : x.hi;
  int64_t a, b;
  if (__builtin_mul_overflow(m0, d.lo, &a) || __builtin_mul_overflow(m, lo, &b)) return 0;
  if (__builtin_add_overflow(r->lo, a, &r->lo) || __builtin_add_overflow(r->lo, b, &r->lo)) return 0;
  if (__builtin_mul_overflow(m0, d.hi, &a) || __builtin_mul_overflow(m, hi, &b)) return 0;
  return !__builtin_add_overflow(r->hi, a, &r->hi) && !__builtin_add_overflow(r->hi, b, &r->hi);
}

/* Of two terms that never decrease with their residuals: by how much the first's exceeds the second's. */
static struct range term_difference(const struct channel c[2], struct range dres,
                                    int64_t (*term)(const struct channel *, int64_t)) {
  struct range r = {INT64_MAX, INT64_MIN};
  for (int64_t second = c[1].res.lo; second <= c[1].res.hi; second++) {
    const struct range first = cut(c[0].res, (struct range){second + dres.lo, second + dres.hi});
    if (first.lo > first.hi) continue; /* no pair of residuals has this second one */
    const int64_t own = term(&c[1], second), lo = term(&c[0], first.lo) - own, hi = term(&c[0], first.hi) - own;
    if (lo < r.lo) r.lo = lo;
    if (hi > r.hi) r.hi = hi;
  }
  return r;
}

/* Bounds of the first's argument less the second's, in units of a common shift; 0 where there is none. */
static int argument_difference(const struct channel c[2], struct range d, struct range dres, struct range *r) {
  const struct tetra_requant_channel *p[2] = {parameters(&c[0]), parameters(&c[1])};
  if (p[0]->s != p[1]->s || c[0].form != c[1].form) return 0;
  const int is_pre = c[0].form == TETRA_RES_PRE;
  const int64_t f[2] = {(int64_t)p[0]->frac * (1 << TETRA_FRAC_SHIFT), (int64_t)p[1]->frac * (1 << TETRA_FRAC_SHIFT)};
  struct range x = {c[1].acc.lo + p[1]->bias, c[1].acc.hi + p[1]->bias};
  d.lo += (int64_t)p[0]->bias - p[1]->bias;
  d.hi += (int64_t)p[0]->bias - p[1]->bias;
  if (is_pre) {
    struct range shifted = {0, 0};
    const struct range pre = term_difference(c, dres, pre_term);
    const int64_t one[2] = {(int64_t)1 << p[0]->lr, (int64_t)1 << p[1]->lr};
    if (!add_products(&shifted, one[0], one[1], d, x)) return 0;
    d = (struct range){shifted.lo + pre.lo, shifted.hi + pre.hi};
    x.lo = x.lo * one[1] + pre_term(&c[1], c[1].res.lo);
    x.hi = x.hi * one[1] + pre_term(&c[1], c[1].res.hi);
    r->lo = r->hi = f[0] * one[0] - f[1] * one[1];
  } else {
    r->lo = r->hi = f[0] - f[1];
  }
  if (!add_products(r, p[0]->m, p[1]->m, d, x)) return 0;
  if (c[0].form != TETRA_RES_JOINT) return 1;
  return add_products(r, (int64_t)p[0]->mr << p[0]->lr, (int64_t)p[1]->mr << p[1]->lr, dres, c[1].res);
}

/* The largest x with R(x, s) <= k; INT64_MAX or INT64_MIN where all or none of |x| <= 2^62 are. */
static int64_t last_below(int64_t k, int s, enum tetra_round mode) {
  if (s == 0) return k;
  if (mode == TETRA_TFLITE && s > 31) return last_below(last_below(k, s - 31, TETRA_HALF_AWAY), 31, TETRA_HALF_UP);
  const int64_t most = far >> s;
  if (k >= most) return INT64_MAX;
  if (k < -most) return INT64_MIN;
  const int64_t floor = k * ((int64_t)1 << s);
  if (mode == TETRA_FLOOR) return floor + (((int64_t)1 << s) - 1);
  const int64_t tie = floor + ((int64_t)1 << (s - 1));
  return tetra_round_shift(tie, s, mode) <= k ? tie : tie - 1;
}

/* One side of a walk: y = clamp(zp + R(u)). */
struct step {
  struct range u, y;
  int64_t zp, lo, hi;
  int s;
  enum tetra_round mode;
};

static int64_t step_code(const struct step *t, int64_t u) {
  const int64_t y = t->zp + tetra_round_shift(u, t->s, t->mode);
  return y < t->lo ? t->lo : y > t->hi ? t->hi : y;
}

static void set_codes(struct step *t) { t->y = (struct range){step_code(t, t->u.lo), step_code(t, t->u.hi)}; }

static int64_t saturating_add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}

static int64_t within(int64_t x, struct range r) { return x < r.lo ? r.lo : x > r.hi ? r.hi : x; }

/* y0 - y1 where u0 - u1 is in d. */
static struct range walk(const struct step t[2], struct range d) {
  struct range r = {far, -far};
  for (int64_t y = t[1].y.lo; y <= t[1].y.hi; y++) {
    const int64_t k = y - t[1].zp;
    /* The second's arguments that give y; at a clamp all those beyond, too. */
    const int64_t before = within(last_below(k - 1, t[1].s, t[1].mode), t[1].u);
    const int64_t first = y == t[1].y.lo ? t[1].u.lo : before < t[1].u.hi ? before + 1 : before;
    const int64_t last = y == t[1].y.hi ? t[1].u.hi : within(last_below(k, t[1].s, t[1].mode), t[1].u);
    const int64_t least = step_code(&t[0], within(saturating_add(first, d.lo), t[0].u)) - y;
    const int64_t most = step_code(&t[0], within(saturating_add(last, d.hi), t[0].u)) - y;
    if (least < r.lo) r.lo = least;
    if (most > r.hi) r.hi = most;
  }
  return cut(r, apart(t[0].y, t[1].y));
}

static struct step first_step(const struct channel *c, int clamped) {
  const struct tetra_requant_channel *p = parameters(c);
  struct step t = {.zp = clamped ? c->q->zp : 0,
                   .lo = clamped ? c->q->lo : -far,
                   .hi = clamped ? c->q->hi : far,
                   .s = p->s,
                   .mode = c->q->round};
  t.u = (struct range){argument(c, c->acc.lo, c->res.lo), argument(c, c->acc.hi, c->res.hi)};
  set_codes(&t);
  return t;
}

/* Two roundings: their sums' difference, then the clamp, which is a walk without rounding. */
static struct range separate(const struct channel c[2], const struct step t[2], struct range d, struct range dres) {
  enum { most_codes = 4096 };
  const struct range plain = apart(bounds_codes(&c[0]), bounds_codes(&c[1]));
  if (t[1].y.hi - t[1].y.lo > most_codes) return plain;
  const struct range one = walk(t, d), two = term_difference(c, dres, second_term);
  const struct range sum = {one.lo + two.lo, one.hi + two.hi};
  struct step clamp[2];
  for (int k = 0; k < 2; k++) {
    clamp[k] = (struct step){.zp = c[k].q->zp, .lo = c[k].q->lo, .hi = c[k].q->hi, .mode = TETRA_FLOOR};
    clamp[k].u =
        (struct range){t[k].y.lo + second_term(&c[k], c[k].res.lo), t[k].y.hi + second_term(&c[k], c[k].res.hi)};
    set_codes(&clamp[k]);
  }
  return cut(walk(clamp, sum), plain);
}

static int same_output(const struct channel c[2]) {
  const struct tetra_requant *a = c[0].q, *b = c[1].q;
  return a->zp == b->zp && a->lo == b->lo && a->hi == b->hi && a->round == b->round;
}

struct range bounds_difference(const struct channel c[2], struct range d, struct range dres) {
  const int is_separate = c[0].form == TETRA_RES_SEPARATE;
  struct range u = {0, 0};
  if (!argument_difference(c, d, dres, &u)) return apart(bounds_codes(&c[0]), bounds_codes(&c[1]));
  if (is_zero(u) && !is_separate && same_output(c)) return u;
  const struct step t[2] = {first_step(&c[0], !is_separate), first_step(&c[1], !is_separate)};
  return is_separate ? separate(c, t, u, dres) : walk(t, u);
}
