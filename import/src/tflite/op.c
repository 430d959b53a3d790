/* What the converters of a TensorFlow Lite file's operators share: descriptions, refusals, new ops of the graph. */
#include "common/stride.h"
#include "tflite/op.h"
#include "tetra/ceil_div.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tfl_desc(const struct tfl_import *im, const struct tfl_tensor *t, struct tetra_desc *d) {
  if (t->rank < 1 || t->rank > 4 || t->type != TFL_INT8 || t->n_scales != 1) return 0;
  const int r = t->rank, batch = r > 1 ? t->dims[0] : 1;
  *d = (struct tetra_desc){.n = batch == 1 ? im->o->batch : batch,
                           .h = r == 4 ? t->dims[1] : 1,
                           .w = r == 4   ? t->dims[2]
                                : r == 3 ? t->dims[1]
                                         : 1,
                           .c = t->dims[r - 1],
                           .fmt = TETRA_S8,
                           .zero_point = t->zero_point,
                           .scale = t->scales[0]};
  return d->c <= TFL_MAX_CHANNELS && d->h <= TETRA_SIDE_MAX && d->w <= TETRA_SIDE_MAX;
}

int tfl_desc_uint8(const struct tfl_import *im, const struct tfl_tensor *t, struct tetra_desc *d) {
  struct tfl_tensor same = *t;
  if (t->type != TFL_UINT8) return 0;
  same.type = TFL_INT8;
  same.zero_point -= 128;
  return tfl_desc(im, &same, d);
}

int tfl_broken(const struct tfl_import *im, const struct tfl_op *op, const char *what) {
  return tetra_fail(im->err, TETRA_EINVAL, "operator %d (%s '%s') %s", (int)(op - im->f->ops), op->kind,
                    tfl_output(im, op)->name, what);
}

int tfl_refuse(struct tfl_import *im, const struct tfl_op *op, const char *reason, ...) {
  char text[160];
  va_list args;
  va_start(args, reason);
  vsnprintf(text, sizeof text, reason, args);
  va_end(args);
  const int rc = import_refuse(im->report, tfl_output(im, op)->name, op->kind, im->err, "%s", text);
  return rc == TETRA_OK ? tfl_stand_in(im, op) : rc;
}

int tfl_stand_in(struct tfl_import *im, const struct tfl_op *op) {
  struct tfl_binding *b = &im->b[op->out];
  struct tetra_desc d;
  b->state = tfl_output(im, op)->type == TFL_FLOAT32 ? TFL_FLOAT : TFL_DISMISSED;
  if (!tfl_desc(im, tfl_output(im, op), &d)) return TETRA_OK;
  b->value = tetra_graph_add_value(&im->m->graph, tfl_output(im, op)->name, &d);
  if (b->value < 0) return tetra_fail(im->err, TETRA_ENOMEM, "no memory for a value");
  b->state = TFL_VALUE;
  b->zero_point = d.zero_point;
  return TETRA_OK;
}

const char *tfl_operand_refusal(const struct tfl_import *im, const struct tfl_op *op, int k) {
  const int tensor = k < TFL_MAX_INPUTS ? op->in[k] : -1;
  if (tensor < 0) return "it lacks an operand";
  switch (im->b[tensor].state) {
    case TFL_VALUE:
      return im->f->tensors[tensor].type == TFL_UINT8 ? "its input is UINT8, which only QUANTIZE reads" : NULL;
    case TFL_FLOAT:
      return "its input is FLOAT32: only quantized networks run, INT8 with one scale a tensor";
    case TFL_RESULT:
      return "it works on the network's result; only SOFTMAX and DEQUANTIZE may stand there";
    case TFL_NUMBERS:
      return "it works on a shape";
    default:
      return im->f->tensors[tensor].data ? "an operand is a constant"
                                         : "its operand is produced by no operator before it";
  }
}

void tfl_free_op(struct tetra_op *g) {
  free(g->weights);
  free(g->rq[0].ch);
  g->weights = NULL;
  g->rq[0].ch = NULL;
}

/* Converters join the names of what they fused by ';': the shortest of them names the op, without "model/" in front. A
 * name that was cut may end in the middle of its last part. */
static void short_name(const char *name, char out[TETRA_NAME_MAX]) {
  const char *best = name;
  size_t shortest = SIZE_MAX;
  for (const char *p = name;;) {
    const size_t n = strcspn(p, ";");
    const int cut = p[n] == 0 && strlen(name) == TETRA_NAME_MAX - 1 && p != name;
    if (n != 0 && n < shortest && !cut) {
      best = p;
      shortest = n;
    }
    if (p[n] == 0) break;
    p += n + 1;
  }
  const size_t n = strcspn(best, ";"), skip = n > 6 && !strncmp(best, "model/", 6) ? 6 : 0;
  snprintf(out, TETRA_NAME_MAX, "%.*s", (int)(n - skip), best + skip);
}

static enum tetra_round rounding(const struct tfl_import *im) { return tfl_single(im) ? TETRA_HALF_UP : TETRA_TFLITE; }

int tfl_begin(struct tfl_import *im, const struct tfl_op *op, enum tetra_op_kind kind, int input, int cout,
              struct tetra_op *g) {
  *g = (struct tetra_op){.kind = kind,
                         .input = input,
                         .residual = -1,
                         .win = tetra_window_pixel(),
                         .pad_code = im->m->graph.values[input].d.zero_point,
                         .cout = cout,
                         .groups = 1,
                         .n_outputs = 1};
  g->rq[0] = (struct tetra_requant){.round = rounding(im), .lo = -128, .hi = 127};
  short_name(tfl_output(im, op)->name, g->name);
  if (cout > TFL_MAX_CHANNELS || cout > im->parameters_left) {
    return tetra_fail(im->err, TETRA_ERANGE, "operator %d (%s '%s'): %d channels are too many", (int)(op - im->f->ops),
                      op->kind, g->name, cout);
  }
  im->parameters_left -= cout;
  g->rq[0].ch = calloc((size_t)cout, sizeof *g->rq[0].ch);
  return g->rq[0].ch ? TETRA_OK : tetra_fail(im->err, TETRA_ENOMEM, "no memory for %d channels", cout);
}

/* Adds the op; *value is its output's index. */
static int add_op(struct tfl_import *im, struct tetra_op *g, const char *name, const struct tetra_desc *d, int *value) {
  struct tetra_graph *graph = &im->m->graph;
  import_trim_window(g, &graph->values[g->input].d);
  g->rq[0].zp = d->zero_point;
  g->output[0] = *value = tetra_graph_add_value(graph, name, d);
  if (*value >= 0 && tetra_graph_add_op(graph, g) >= 0) return TETRA_OK;
  tfl_free_op(g);
  return tetra_fail(im->err, TETRA_ENOMEM, "no memory for op %s", g->name);
}

/* Shape that the op gives. 0 where its window does not fit. */
static int output_shape(const struct tfl_import *im, const struct tetra_op *g, struct tetra_desc *d) {
  const struct tetra_desc *in = &im->m->graph.values[g->input].d;
  d->n = in->n;
  d->h = tetra_op_out_h(g, in->h);
  d->w = tetra_op_out_w(g, in->w);
  d->c = g->cout;
  return d->h > 0 && d->w > 0;
}

int tfl_emit(struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g, int raw) {
  const struct tfl_tensor *t = tfl_output(im, op);
  struct tetra_desc file, d;
  int rc;
  const int is_uint8 = op->code == TFL_QUANTIZE && t->type == TFL_UINT8 && tfl_desc_uint8(im, t, &file);
  if (is_uint8) {
    file.fmt = TETRA_U8;
    file.zero_point += 128;
  }
  if (!is_uint8 && !tfl_desc(im, t, &file)) {
    rc = tfl_refuse(im, op,
                    "its output is %s with %d dimensions and %d scales; INT8 with at most 4 and one scale is accepted, "
                    "%d pixels a side and channels",
                    tfl_type_name(t->type), t->rank, t->n_scales, TETRA_SIDE_MAX);
    tfl_free_op(g);
    return rc;
  }
  d = file;
  if (!output_shape(im, g, &d) || d.n != file.n || d.h != file.h || d.w != file.w || d.c != file.c) {
    tfl_free_op(g);
    return tetra_fail(im->err, TETRA_EINVAL, "operator %d (%s '%s') gives %dx%dx%dx%d, its output is %dx%dx%dx%d",
                      (int)(op - im->f->ops), op->kind, t->name, d.n, d.h, d.w, d.c, file.n, file.h, file.w, file.c);
  }
  if (raw) d.zero_point = 0;
  struct tfl_binding *b = &im->b[op->out];
  rc = add_op(im, g, t->name, &d, &b->value);
  if (rc != TETRA_OK) return rc;
  b->state = TFL_VALUE;
  b->zero_point = file.zero_point;
  b->raw = raw;
  return TETRA_OK;
}

static void same_padding(int in, int k, int stride, int dilation, int *before, int *after) {
  const int64_t span = (int64_t)(k - 1) * dilation + 1;
  const int64_t outputs = tetra_ceil_div64(in, stride);
  const int64_t total = (outputs - 1) * stride + span - in;
  *before = total > 0 ? (int)(total / 2) : 0;
  *after = total > 0 ? (int)(total - total / 2) : 0;
}

void tfl_same_padding(struct tetra_window *w, int in_h, int in_w) {
  same_padding(in_h, w->kh, w->stride_y, w->dilation_y, &w->pad.top, &w->pad.bottom);
  same_padding(in_w, w->kw, w->stride_x, w->dilation_x, &w->pad.left, &w->pad.right);
}

void tfl_take_padding(const struct tfl_import *im, const struct tfl_op *op, struct tetra_op *g) {
  const struct tfl_binding *b = &im->b[op->in[0]];
  const struct tetra_desc *d = &im->m->graph.values[g->input].d;
  if (op->padding == TFL_SAME) {
    tfl_same_padding(&g->win, d->h + b->top + b->bottom, d->w + b->left + b->right);
  }
  g->win.pad.top += b->top;
  g->win.pad.left += b->left;
  g->win.pad.bottom += b->bottom;
  g->win.pad.right += b->right;
}

/* The same codes once more, in an average over 1x1 windows. */
int tfl_settle_raw(struct tfl_import *im, const struct tfl_op *op, int k) {
  struct tfl_binding *b = &im->b[op->in[k]];
  if (!b->raw) return TETRA_OK;
  struct tetra_desc d = im->m->graph.values[b->value].d;
  struct tetra_op g;
  const int rc = tfl_begin(im, op, TETRA_AVGPOOL, b->value, d.c, &g);
  if (rc != TETRA_OK) return rc;
  short_name(im->f->tensors[op->in[k]].name, g.name);
  for (int c = 0; c < d.c; c++) g.rq[0].ch[c] = (struct tetra_requant_channel){.bias = -b->zero_point, .m = 1};
  d.zero_point = b->zero_point;
  b->raw = 0;
  return add_op(im, &g, im->f->tensors[op->in[k]].name, &d, &b->value);
}

/* A PAD that no reader takes over is an average over 1x1 windows, whose padding supplies the zero point. */
int tfl_settle_pad(struct tfl_import *im, const struct tfl_op *op, int k) {
  struct tfl_binding *b = &im->b[op->in[k]];
  if (!(b->top | b->left | b->bottom | b->right)) return TETRA_OK;
  const int input = b->value;
  struct tetra_desc d = im->m->graph.values[input].d;
  struct tetra_op g;
  int rc = tfl_begin(im, op, TETRA_AVGPOOL, input, d.c, &g);
  if (rc != TETRA_OK) return rc;
  short_name(im->f->tensors[op->in[k]].name, g.name);
  g.win.pad.top = b->top;
  g.win.pad.left = b->left;
  g.win.pad.bottom = b->bottom;
  g.win.pad.right = b->right;
  for (int c = 0; c < d.c; c++) g.rq[0].ch[c] = (struct tetra_requant_channel){.bias = -d.zero_point, .m = 1};
  if (!output_shape(im, &g, &d)) {
    tfl_free_op(&g);
    return tfl_broken(im, op, "reads a PAD without size");
  }
  rc = add_op(im, &g, im->f->tensors[op->in[k]].name, &d, &b->value);
  b->top = b->left = b->bottom = b->right = 0;
  return rc;
}
