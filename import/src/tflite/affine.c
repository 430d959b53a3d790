/* MUL and ADD of a computed tensor and a constant, one number or one a channel.
 *
 * A product is a depthwise convolution of single pixels, whose weights are the constant's codes less their zero point.
 * A sum is a function of one code in each channel, which is a requantization: its parameters are the real factor and
 * offset, and that they give the reference's code is tried for all 256. */
#include <math.h>
#include <stdlib.h>

#include "tflite/affine.h"
#include "tflite/quant.h"

enum { kTries = 8 }; /* fractions of the offset on either side of the nearest one */

struct factor {
  int32_t m;
  int s;
};

struct affine {
  const struct tfl_tensor *in, *k, *out; /* operand, constant */
  int data;                              /* which operand is the computed one */
  int zp_in, lo, hi, is_mul, single;
  struct factor f_in, f_k, f_out; /* of operand and constant of an ADD, and of the sum or product */
};

int tfl_has_constant(const struct tfl_import *im, const struct tfl_op *op) {
  int constants = 0;
  for (int k = 0; k < 2; k++) constants += op->in[k] >= 0 && im->f->tensors[op->in[k]].data != NULL;
  return op->n_in == 2 && constants == 1;
}

static int constant_code(const struct affine *a, int c) {
  return (int8_t)a->k->data[a->k->elements == 1 ? 0 : c] - a->k->zero_point;
}

static int64_t scaled(const struct affine *a, int64_t x, struct factor f) {
  return tetra_round_shift(x * f.m, f.s, a->single ? TETRA_HALF_UP : TETRA_TFLITE);
}

/* The reference's sum of channel c for an operand's code. */
static int reference(const struct affine *a, int c, int code) {
  const int64_t one = 1 << 20;
  const int64_t sum = scaled(a, (code - a->zp_in) * one, a->f_in) + scaled(a, constant_code(a, c) * one, a->f_k);
  const int64_t y = a->out->zero_point + scaled(a, sum, a->f_out);
  return (int)(y < a->lo ? a->lo : y > a->hi ? a->hi : y);
}

static int gives_reference(const struct affine *a, int c, const struct tetra_requant *one) {
  for (int code = -128; code <= 127; code++)
    if (tetra_requantize(one, 0, TETRA_RES_NONE, code, 0) != reference(a, c, code)) return 0;
  return 1;
}

/* Parameters of a sum's channel c, whose accumulator is the code; 0 where none give the reference. */
static int fit(const struct affine *a, int c, enum tetra_round round, struct tetra_requant_channel *ch) {
  const double in = (double)a->in->scales[0], units = (double)a->k->scales[0] * constant_code(a, c) / in;
  const struct tetra_requant one = {round, a->out->zero_point, a->lo, a->hi, ch};
  int s = 0;
  if (!tfl_multiplier(in / (double)a->out->scales[0], 0, &ch->m, &s) || s > 62 || fabs(units) > 1e9) return 0;
  ch->s = (uint8_t)s;
  ch->bias = (int32_t)(lround(units) - a->zp_in);
  const long fraction = lround((units - (double)lround(units)) * ch->m / (1 << TETRA_FRAC_SHIFT));
  for (int t = 0; t <= 2 * kTries; t++) {
    const long f = fraction + (t % 2 ? -(t + 1) / 2 : t / 2);
    if (f < INT16_MIN || f > INT16_MAX) continue;
    ch->frac = (int16_t)f;
    if (gives_reference(a, c, &one)) return 1;
  }
  return 0;
}

/* Ties are rare beside the constant's fraction; which way they go decides whether all channels fit. */
static int make_sum(const struct affine *a, struct tetra_op *g) {
  static const enum tetra_round modes[] = {TETRA_HALF_AWAY, TETRA_HALF_UP};
  for (size_t k = 0; k < sizeof modes / sizeof *modes; k++) {
    int c = 0;
    g->rq[0].round = modes[k];
    while (c < g->cout && fit(a, c, modes[k], &g->rq[0].ch[c])) c++;
    if (c == g->cout) return 1;
  }
  return 0;
}

/* A code less a zero point has 9 bits: what is beyond int8 is in further arrays. */
static int make_product(const struct tfl_import *im, const struct affine *a, struct tetra_op *g) {
  g->kind = TETRA_CONV;
  g->groups = g->cout;
  g->wbits = 8;
  g->weights = calloc((size_t)g->cout, TETRA_MAX_EXTRA + 1);
  if (!g->weights) return tetra_fail(im->err, TETRA_ENOMEM, "no memory for %d weights", g->cout);
  for (int c = 0; c < g->cout; c++) {
    const int w = constant_code(a, c);
    for (int rest = w, array = 0; rest != 0; array++) {
      const int part = rest < -128 ? -128 : rest > 127 ? 127 : rest;
      g->weights[array * g->cout + c] = (int8_t)part;
      g->extra = array > g->extra ? array : g->extra;
      rest -= part;
    }
    g->rq[0].ch[c] = (struct tetra_requant_channel){.bias = -w * a->zp_in, .m = a->f_out.m, .s = (uint8_t)a->f_out.s};
  }
  return TETRA_OK;
}

/* The reference's multipliers; LiteRT forms a MUL's scale in float32. */
static int find_factors(const struct tfl_import *im, struct affine *a) {
  const double in = (double)a->in->scales[0], k = (double)a->k->scales[0], out = (double)a->out->scales[0];
  const double large = in > k ? in : k;
  struct factor *f = &a->f_out;
  if (a->is_mul) {
    const int in_float = im->o->tflite_rounding == TETRA_TFLITE_LITERT;
    const double real = in_float ? (double)(a->in->scales[0] * a->k->scales[0] / a->out->scales[0]) : in * k / out;
    return tfl_multiplier(real, a->single, &f->m, &f->s);
  }
  return tfl_multiplier(in / (2 * large), a->single, &a->f_in.m, &a->f_in.s) &&
         tfl_multiplier(k / (2 * large), a->single, &a->f_k.m, &a->f_k.s) &&
         tfl_multiplier(2 * large / (1048576.0 * out), a->single, &f->m, &f->s) && f->s >= 31;
}

static const char *describe(const struct tfl_import *im, const struct tfl_op *op, struct affine *a) {
  *a = (struct affine){.is_mul = op->code == TFL_MUL, .single = tfl_single(im)};
  a->data = im->f->tensors[op->in[0]].data != NULL;
  a->in = &im->f->tensors[op->in[a->data]];
  a->k = &im->f->tensors[op->in[1 - a->data]];
  a->out = tfl_output(im, op);
  const char *reason = tfl_operand_refusal(im, op, a->data);
  if (reason) return reason;
  if (im->b[op->in[a->data]].flat) return "it follows a RESHAPE that flattens";
  if (a->in->n_scales != 1 || a->k->n_scales != 1 || a->k->type != TFL_INT8)
    return "its operands are not INT8 with one scale each";
  if (a->out->type != TFL_INT8 || a->out->n_scales != 1) return "its output is not INT8 with one scale";
  if (a->k->elements != 1 && (a->k->rank < 1 || a->k->dims[a->k->rank - 1] != a->k->elements))
    return "its constant is neither one number nor one a channel";
  if (!tfl_clamp(op->activation, a->out, &a->lo, &a->hi)) return "its activation is not supported";
  a->zp_in = im->b[op->in[a->data]].zero_point;
  return find_factors(im, a) ? NULL : "its scales are too far apart";
}

int tfl_affine(struct tfl_import *im, const struct tfl_op *op) {
  struct affine a;
  const char *reason = describe(im, op, &a);
  if (reason) return tfl_refuse(im, op, "%s", reason);
  int rc = tfl_settle_pad(im, op, a.data);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding *b = &im->b[op->in[a.data]];
  const int channels = im->m->graph.values[b->value].d.c;
  if (a.k->elements != 1 && a.k->elements != channels)
    return tfl_refuse(im, op, "a constant of %lld numbers for %d channels", (long long)a.k->elements, channels);
  struct tetra_op g;
  rc = tfl_begin(im, op, TETRA_MAXPOOL, b->value, channels, &g);
  if (rc != TETRA_OK) return rc;
  g.rq[0].lo = a.lo;
  g.rq[0].hi = a.hi;
  if (a.is_mul) rc = make_product(im, &a, &g);
  if (!a.is_mul && !make_sum(&a, &g)) {
    tfl_free_op(&g);
    return tfl_refuse(im, op, "no parameters of the hardware give its codes for all operands");
  }
  if (rc == TETRA_OK) return tfl_emit(im, op, &g, 0);
  tfl_free_op(&g);
  return rc;
}
