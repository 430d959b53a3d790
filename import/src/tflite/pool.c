/* MAX_POOL_2D, AVERAGE_POOL_2D and MEAN.
 *
 * An average pool divides the sum of the codes themselves, zero point and all, and rounds half away from zero: from
 * code 0, not from the zero point. Where that makes a difference (windows of an even number of pixels), the op's output
 * carries zero point 0 in the graph ("raw"), and its readers take the file's zero point into account. */
#include "common/parts.h"
#include "tflite/pool.h"
#include "tflite/quant.h"

static int check_window(const struct tfl_import *im, const struct tfl_op *op) {
  const int sizes[4] = {op->win.kh, op->win.kw, op->win.stride_y, op->win.stride_x};
  if (!op->has_options) return tfl_broken(im, op, "lacks its options");
  for (int k = 0; k < 4; k++) {
    if (sizes[k] < 1 || sizes[k] > TETRA_WINDOW_MAX) {
      return tfl_broken(im, op, "has a filter or stride outside of 1.." TFL_DIGITS(TETRA_WINDOW_MAX));
    }
  }
  if (op->padding == TFL_SAME || op->padding == TFL_VALID) return TETRA_OK;
  return tfl_broken(im, op, "has an unknown padding");
}

static const char *operand_refusal(const struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = tfl_operand_refusal(im, op, 0);
  if (reason) return reason;
  const struct tfl_tensor *out = tfl_output(im, op);
  if (im->b[op->in[0]].flat) return "it follows a RESHAPE that flattens";
  return out->type != TFL_INT8 || out->n_scales != 1 ? "its output is not INT8 with one scale" : NULL;
}

/* The smallest code that a value can have. */
static int least_code(const struct tfl_import *im, int value) {
  const struct tetra_value *v = &im->m->graph.values[value];
  int least = tetra_fmt_min(v->d.fmt);
  if (v->producer < 0) return least;
  const struct tetra_op *op = &im->m->graph.ops[v->producer];
  for (int o = 0; o < op->n_outputs; o++)
    if (op->output[o] == value) least = op->rq[o].lo;
  return least;
}

/* A PAD supplies the zero point. Where no code is below that, it wins in no window that has a pixel: the pool's own
 * padding, which never wins, does as well. */
static int takes_pad(const struct tfl_import *im, const struct tfl_op *op) {
  const struct tfl_binding *b = &im->b[op->in[0]];
  return op->code == TFL_MAX_POOL_2D && op->padding == TFL_VALID && least_code(im, b->value) >= b->zero_point &&
         b->top < op->win.kh && b->bottom < op->win.kh && b->left < op->win.kw && b->right < op->win.kw;
}

/* The window's op up to its parameters. A refusal leaves *refused set. */
static int begin_window(struct tfl_import *im, const struct tfl_op *op, enum tetra_op_kind kind, struct tetra_op *g,
                        int *refused) {
  const char *reason = operand_refusal(im, op);
  *refused = reason != NULL;
  if (reason) return tfl_refuse(im, op, "%s", reason);
  int rc = check_window(im, op);
  if (rc == TETRA_OK && !takes_pad(im, op)) rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const int input = im->b[op->in[0]].value;
  const int channels = im->m->graph.values[input].d.c;
  rc = tfl_begin(im, op, kind, input, channels, g);
  if (rc != TETRA_OK) return rc;
  g->win = op->win;
  tfl_take_padding(im, op, g);
  if (tfl_clamp(op->activation, tfl_output(im, op), &g->rq[0].lo, &g->rq[0].hi)) return TETRA_OK;
  tfl_free_op(g);
  *refused = 1;
  return tfl_refuse(im, op, "its activation is not supported");
}

/* The largest code goes out as it came in, whatever the scales. */
int tfl_max_pool(struct tfl_import *im, const struct tfl_op *op) {
  struct tetra_op g;
  int refused;
  const int rc = begin_window(im, op, TETRA_MAXPOOL, &g, &refused);
  if (rc != TETRA_OK || refused) return rc;
  const int zp = tfl_output(im, op)->zero_point;
  for (int c = 0; c < g.cout; c++) g.rq[0].ch[c] = (struct tetra_requant_channel){.bias = -zp, .m = 1};
  return tfl_emit(im, op, &g, 0);
}

/* What the reference computes from a sum of n codes. */
static int divided(int64_t sum, int64_t n, int lo, int hi) {
  const int64_t y = sum > 0 ? (sum + n / 2) / n : (sum - n / 2) / n;
  return (int)(y < lo ? lo : y > hi ? hi : y);
}

/* Does q give the same for every sum of n codes? `extra` is what padding adds to it. Neither ever falls as the sum
 * grows, so they are the same everywhere if they are on both sides of every step of the division, and a step is always
 * next to a sum of n * code +- n/2. */
static int divides(const struct tetra_requant *q, int n, int extra) {
  for (int code = -129; code <= 128; code++) {
    for (int k = -2; k <= 2; k++) {
      const int near[2] = {code * n - n / 2 + k, code * n + n / 2 + k};
      for (int side = 0; side < 2; side++) {
        const int sum = near[side] < -128 * n ? -128 * n : near[side] > 127 * n ? 127 * n : near[side];
        const int y = tetra_requantize(q, 0, TETRA_RES_NONE, sum + extra, 0);
        if (y != divided(sum, n, q->lo, q->hi)) return 0;
      }
    }
  }
  return 1;
}

/* Finds parameters of one channel for a mean over n codes with zero point zp, and proves them for every sum. */
static int choose_average(int n, int extra, int zp, const struct tetra_requant *q, struct tetra_requant_channel *ch) {
  int s = 30;
  if (n > 256) { /* keeps M near 2^30 */
    while (n >> (s - 30 + 1)) s++;
  }
  *ch = (struct tetra_requant_channel){
      .bias = -zp * n - extra, .m = (int32_t)((((int64_t)1 << s) + n - 1) / n), .s = (uint8_t)s};
  struct tetra_requant one = *q;
  one.ch = ch;
  one.zp = zp;
  return divides(&one, n, extra);
}

struct average {
  struct import_parts parts;
  int pad_code, zp; /* of the input, of the output */
};

/* Parameters of a part of the plane; 0 where none reproduces its division. */
static int choose_part(const struct average *a, const struct tetra_op *g, int part, int zp,
                       struct tetra_requant_channel *ch) {
  const int n = import_part_count(&a->parts, part);
  return choose_average(n, (g->win.kh * g->win.kw - n) * a->pad_code, zp, &g->rq[0], ch);
}

/* Do all parts have parameters with this zero point? */
static int all_parts(const struct average *a, const struct tetra_op *g, int zp) {
  struct tetra_requant_channel ch;
  for (int part = 0; part < import_n_parts(&a->parts); part++) {
    if (!choose_part(a, g, part, zp, &ch)) return 0;
  }
  return 1;
}

static void fill_part(const struct average *a, struct tetra_op *g, int part, int zp) {
  struct tetra_requant_channel ch;
  choose_part(a, g, part, zp, &ch);
  for (int c = 0; c < g->cout; c++) g->rq[0].ch[c] = ch;
  import_set_part(&a->parts, part, g);
}

/* The op of part 0 has made the value; the others write it too. */
static int add_part(struct tfl_import *im, const struct tfl_op *op, const struct tetra_op *first, int part,
                    struct tetra_op *g) {
  struct tetra_requant_channel *ch;
  int rc = tfl_begin(im, op, TETRA_AVGPOOL, first->input, first->cout, g);
  if (rc != TETRA_OK) return rc;
  ch = g->rq[0].ch;
  *g = *first;
  g->rq[0].ch = ch;
  import_name_part(g->name, first->name, part);
  return TETRA_OK;
}

/* First the whole plane, or its first part, which makes the value; then the other parts. */
static int emit_parts(struct tfl_import *im, const struct tfl_op *op, const struct average *a, struct tetra_op *g,
                      int raw) {
  const int zp = raw ? 0 : a->zp;
  struct tetra_op first = *g;
  fill_part(a, g, 0, zp);
  g->rq[0].round = first.rq[0].round = TETRA_HALF_AWAY;
  int rc = tfl_emit(im, op, g, raw);
  first.output[0] = im->b[op->out].value;
  first.rq[0].zp = zp;
  for (int part = 1; part < import_n_parts(&a->parts) && rc == TETRA_OK; part++) {
    struct tetra_op next;
    rc = add_part(im, op, &first, part, &next);
    if (rc != TETRA_OK) return rc;
    fill_part(a, &next, part, zp);
    if (tetra_graph_add_op(&im->m->graph, &next) < 0) {
      tfl_free_op(&next);
      rc = tetra_fail(im->err, TETRA_ENOMEM, "no memory for op %s", first.name);
    }
  }
  return rc;
}

int tfl_average_pool(struct tfl_import *im, const struct tfl_op *op) {
  struct tetra_op g;
  int refused;
  int rc = begin_window(im, op, TETRA_AVGPOOL, &g, &refused);
  if (rc != TETRA_OK || refused) return rc;
  const struct tetra_desc *d = &im->m->graph.values[g.input].d;
  struct average a = {.pad_code = g.pad_code, .zp = tfl_output(im, op)->zero_point};
  const char *reason = NULL;
  int raw = 0;
  g.rq[0].round = TETRA_HALF_AWAY;
  if (g.win.kh * g.win.kw > 1 << 14) {
    reason = "its window has more than 16384 pixels";
  } else if (!import_find_stretches(&a.parts.y, tetra_op_out_h(&g, d->h), g.win.stride_y, g.win.pad.top, g.win.kh, 1, 0,
                                    d->h) ||
             !import_find_stretches(&a.parts.x, tetra_op_out_w(&g, d->w), g.win.stride_x, g.win.pad.left, g.win.kw, 1,
                                    0, d->w)) {
    reason = "its windows do not fit, or padding gives them too many sizes";
  } else if (!all_parts(&a, &g, a.zp)) {
    raw = 1;
    if (!all_parts(&a, &g, 0)) reason = "no multiplier reproduces its division";
  }
  if (!reason) return emit_parts(im, op, &a, &g, raw);
  tfl_free_op(&g);
  return tfl_refuse(im, op, "%s", reason);
}

/* Are the axes height and width, both and nothing else? */
static int axes_are_plane(const struct tfl_import *im, const struct tfl_op *op) {
  const struct tfl_tensor *a = op->in[1] < 0 ? NULL : &im->f->tensors[op->in[1]];
  if (!a || !a->data || a->type != TFL_INT32 || im->f->tensors[op->in[0]].rank != 4) return 0;
  int seen = 0;
  for (int64_t i = 0; i < a->elements; i++) {
    const uint8_t *p = a->data + 4 * i;
    const int32_t axis = (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    const int k = axis < 0 ? axis + 4 : axis;
    if (k != 1 && k != 2) return 0;
    seen |= k;
  }
  return seen == 3;
}

/* The multiplier of the scales takes 1/n in: M' = floor(M * 2^l / n) with l = floor(log2 n), one bit of shift each. */
static int mean_multiplier(const struct tfl_import *im, const struct tfl_op *op, int n, int32_t *m, int *s) {
  const double real = (double)im->f->tensors[op->in[0]].scales[0] / (double)tfl_output(im, op)->scales[0];
  if (!tfl_multiplier(real, tfl_single(im), m, s)) return 0;
  int l = 0;
  while (n >> (l + 1)) l++;
  if (l > 62 - *s) l = 62 - *s; /* the reference keeps its shift within 31, at the price of precision */
  *m = (int32_t)(((int64_t)*m << l) / n);
  *s += l;
  return 1;
}

int tfl_mean(struct tfl_import *im, const struct tfl_op *op) {
  const char *reason = operand_refusal(im, op);
  if (!reason && !axes_are_plane(im, op)) reason = "only the mean over height and width of a 4-dimensional tensor runs";
  if (!reason && im->f->tensors[op->in[0]].n_scales != 1) reason = "its input has no scale";
  if (reason) return tfl_refuse(im, op, "%s", reason);
  int rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding b = im->b[op->in[0]];
  const struct tetra_desc d = im->m->graph.values[b.value].d;
  if (d.h > TETRA_WINDOW_MAX || d.w > TETRA_WINDOW_MAX) {
    return tfl_refuse(im, op, "its input of %dx%d pixels is larger than a window can be", d.h, d.w);
  }
  struct tetra_requant_channel ch = {.bias = -b.zero_point * d.h * d.w};
  int s;
  if (!mean_multiplier(im, op, d.h * d.w, &ch.m, &s)) return tfl_refuse(im, op, "its scales are too far apart");
  ch.s = (uint8_t)s;
  struct tetra_op g;
  rc = tfl_begin(im, op, TETRA_AVGPOOL, b.value, d.c, &g);
  if (rc != TETRA_OK) return rc;
  g.win.kh = d.h;
  g.win.kw = d.w;
  for (int c = 0; c < g.cout; c++) g.rq[0].ch[c] = ch;
  return tfl_emit(im, op, &g, 0);
}

/* The largest code over height and width, which keeps its scale. */
int tfl_reduce_max(struct tfl_import *im, const struct tfl_op *op) {
  const struct tfl_tensor *out = tfl_output(im, op);
  const char *reason = operand_refusal(im, op);
  if (!reason && !axes_are_plane(im, op))
    reason = "only the maximum over height and width of a 4-dimensional tensor runs";
  if (!reason && im->f->tensors[op->in[0]].n_scales != 1) reason = "its input has no scale";
  if (!reason && (im->f->tensors[op->in[0]].scales[0] != out->scales[0] ||
                  im->f->tensors[op->in[0]].zero_point != out->zero_point))
    reason = "its input and output differ in scale or zero point";
  if (reason) return tfl_refuse(im, op, "%s", reason);
  int rc = tfl_settle_pad(im, op, 0);
  if (rc != TETRA_OK) return rc;
  const struct tfl_binding b = im->b[op->in[0]];
  const struct tetra_desc d = im->m->graph.values[b.value].d;
  if (d.h > TETRA_WINDOW_MAX || d.w > TETRA_WINDOW_MAX)
    return tfl_refuse(im, op, "its input of %dx%d pixels is larger than a window can be", d.h, d.w);
  struct tetra_op g;
  rc = tfl_begin(im, op, TETRA_MAXPOOL, b.value, d.c, &g);
  if (rc != TETRA_OK) return rc;
  g.win.kh = d.h;
  g.win.kw = d.w;
  for (int c = 0; c < g.cout; c++) g.rq[0].ch[c] = (struct tetra_requant_channel){.bias = -out->zero_point, .m = 1};
  return tfl_emit(im, op, &g, 0);
}
