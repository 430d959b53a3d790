/* ADD of two tensors of one shape. TensorFlow Lite takes both operands to 2^-20 of twice the larger scale:
 *   x = (a - za) * 2^20 * Ma,  y = (b - zb) * 2^20 * Mb,  out = zo + R((x + y) * Mo)
 * with M of scale / (2 * larger scale), so that the larger operand is a shift by 19 and the other is what the residual
 * form RES_PRE computes. */
#include "tflite/add.h"
#include "tflite/affine.h"
#include "tflite/quant.h"

struct add {
  int main, res; /* operands: the one with the larger scale, the other one */
  int zp_main, zp_res, zp_out, lo, hi;
  int32_t m_res, m_out; /* multipliers */
  int s_res, s_out;     /* with the shifts of R(x*M, S), both >= 31 */
};

/* R((res * 2^20) * Mb) in one rounding: what newer builds compute where RES_PRE rounds twice. */
static int64_t single_term(const struct add *a, int64_t res) {
  return tetra_round_shift(res * (1 << 20) * a->m_res, a->s_res, TETRA_HALF_UP);
}

/* Does RES_PRE with these parameters give the single rounding's code for every pair of operands? */
static int reproduces(const struct add *a, const struct tetra_requant_channel *ch) {
  struct tetra_requant_channel copy = *ch;
  const struct tetra_requant q = {TETRA_HALF_UP, a->zp_out, a->lo, a->hi, &copy};
  for (int b = -128; b <= 127; b++) {
    const int64_t y = single_term(a, b - a->zp_res);
    for (int x = -128; x <= 127; x++) {
      const int64_t sum = (int64_t)(x - a->zp_main) * (1 << 19) + y;
      int64_t want = a->zp_out + tetra_round_shift(sum * a->m_out, a->s_out, TETRA_HALF_UP);
      want = want < a->lo ? a->lo : want > a->hi ? a->hi : want;
      if (want != tetra_requantize(&q, 0, TETRA_RES_PRE, x, b - a->zp_res)) return 0;
    }
  }
  return 1;
}

/* RES_PRE's parameters. With single rounding two are tried over all operands: the same two-step shift, and a multiplier
 * that needs no second step. */
static int choose(const struct add *a, int single, struct tetra_requant_channel *ch) {
  *ch = (struct tetra_requant_channel){.bias = -a->zp_main,
                                       .m = a->m_out,
                                       .s = (uint8_t)a->s_out,
                                       .mr = a->m_res,
                                       .sr = (uint8_t)(a->s_res - 31),
                                       .lr = 19};
  if (!single || reproduces(a, ch)) return 1;
  ch->mr = (int32_t)tetra_round_shift(a->m_res, ch->sr, TETRA_HALF_UP);
  ch->sr = 0;
  return reproduces(a, ch);
}

static const char *describe(const struct tfl_import *im, const struct tfl_op *op, struct add *a) {
  const struct tfl_tensor *t0 = &im->f->tensors[op->in[0]], *t1 = &im->f->tensors[op->in[1]];
  const struct tfl_tensor *out = tfl_output(im, op);
  if (out->type != TFL_INT8 || out->n_scales != 1) return "its output is not INT8 with one scale";
  /* At equal scales either may be the main one; a raw pool must be, because a residual's zero point is its value's. */
  a->main = t1->scales[0] > t0->scales[0] || (t1->scales[0] >= t0->scales[0] && im->b[op->in[1]].raw);
  a->res = 1 - a->main;
  const double large = (a->main ? t1 : t0)->scales[0], small = (a->main ? t0 : t1)->scales[0];
  const int single = tfl_single(im);
  a->zp_main = im->b[op->in[a->main]].zero_point;
  a->zp_res = im->b[op->in[a->res]].zero_point;
  a->zp_out = out->zero_point;
  if (!tfl_clamp(op->activation, out, &a->lo, &a->hi)) return "its activation is not supported";
  if (!tfl_multiplier(small / (2 * large), single, &a->m_res, &a->s_res) ||
      !tfl_multiplier(2 * large / (1048576.0 * (double)out->scales[0]), single, &a->m_out, &a->s_out) ||
      a->s_res < 31 || a->s_out < 31) {
    return "its output scale is smaller than 2^-19 of its operands'";
  }
  return NULL;
}

static const char *operands_refusal(const struct tfl_import *im, const struct tfl_op *op) {
  if (op->n_in != 2) return "it does not have two operands";
  for (int k = 0; k < 2; k++) {
    const char *reason = tfl_operand_refusal(im, op, k);
    if (reason) return reason;
    if (im->f->tensors[op->in[k]].n_scales != 1) return "an operand has no scale";
  }
  return im->b[op->in[0]].flat || im->b[op->in[1]].flat ? "it follows a RESHAPE that flattens" : NULL;
}

int tfl_add(struct tfl_import *im, const struct tfl_op *op) {
  struct add a;
  if (tfl_has_constant(im, op)) return tfl_affine(im, op);
  const char *reason = operands_refusal(im, op);
  if (reason) return tfl_refuse(im, op, "%s", reason);
  for (int k = 0; k < 2; k++) {
    const int rc = tfl_settle_pad(im, op, k);
    if (rc != TETRA_OK) return rc;
  }
  const struct tetra_graph *graph = &im->m->graph;
  const struct tetra_desc d0 = graph->values[im->b[op->in[0]].value].d; /* ops may be added below */
  const struct tetra_desc d1 = graph->values[im->b[op->in[1]].value].d;
  if (d0.n != d1.n || d0.h != d1.h || d0.w != d1.w || d0.c != d1.c) {
    return tfl_refuse(im, op, "operands of %dx%dx%d and %dx%dx%d: broadcasting is not supported", d0.h, d0.w, d0.c,
                      d1.h, d1.w, d1.c);
  }
  reason = describe(im, op, &a);
  if (reason) return tfl_refuse(im, op, "%s", reason);
  int rc = tfl_settle_raw(im, op, a.res); /* a residual's zero point is its value's */
  if (rc != TETRA_OK) return rc;
  struct tetra_requant_channel ch;
  if (!choose(&a, tfl_single(im), &ch)) {
    return tfl_refuse(im, op, "no parameters of the hardware give its single rounding for all operands");
  }
  struct tetra_op g;
  rc = tfl_begin(im, op, TETRA_ADD, im->b[op->in[a.main]].value, d0.c, &g);
  if (rc != TETRA_OK) return rc;
  g.residual = im->b[op->in[a.res]].value;
  g.res_form = TETRA_RES_PRE;
  g.rq[0].lo = a.lo;
  g.rq[0].hi = a.hi;
  for (int c = 0; c < g.cout; c++) g.rq[0].ch[c] = ch;
  return tfl_emit(im, op, &g, 0);
}
