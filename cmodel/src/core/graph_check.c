/* Is a graph well formed? Structure here; overflow proofs in graph_range.c. */
#include <math.h>
#include <string.h>

#include "core/graph_internal.h"
#include "tetra/outline.h"

/* What is looked at: a whole network, ops cut out of one, or a network whose weights may not be there. */
enum scope { WHOLE, CUT, OUTLINE };

static int is_code(enum tetra_fmt f, int code) { return code >= tetra_fmt_min(f) && code <= tetra_fmt_max(f); }

static int check_value(const struct tetra_value *v, int i, struct tetra_error *err) {
  const struct tetra_desc *d = &v->d;
  if (!memchr(v->name, 0, sizeof v->name)) return tetra_fail(err, TETRA_EINVAL, "value %d: name not terminated", i);
  if ((unsigned)d->fmt > TETRA_S4)
    return tetra_fail(err, TETRA_EINVAL, "value %d (%s): format %d is none of u8, s8, u4, s4", i, v->name, (int)d->fmt);
  const int dims[4] = {d->n, d->h, d->w, d->c};
  int64_t elements = 1;
  for (int k = 0; k < 4; k++)
    if (dims[k] < 1 || (elements *= dims[k]) > INT32_MAX)
      return tetra_fail(err, TETRA_EINVAL,
                        "value %d (%s): shape %dx%dx%dx%d must have dimensions of at least 1, below 2^31 elements", i,
                        v->name, d->n, d->h, d->w, d->c);
  if (d->h > TETRA_SIDE_MAX || d->w > TETRA_SIDE_MAX)
    return tetra_fail(err, TETRA_EINVAL, "value %d (%s): %dx%d, height and width must be at most %d", i, v->name, d->h,
                      d->w, TETRA_SIDE_MAX);
  if (!is_code(d->fmt, d->zero_point))
    return tetra_fail(err, TETRA_EINVAL, "value %d (%s): zero point %d is not a code of %s", i, v->name, d->zero_point,
                      tetra_fmt_name(d->fmt));
  if (!(d->scale > 0) || isinf(d->scale))
    return tetra_fail(err, TETRA_EINVAL, "value %d (%s): scale %g must be positive and finite", i, v->name, d->scale);
  return TETRA_OK;
}

/* Operand indices: in range, produced before op i (or the graph's input). */
static int check_operand(const struct tetra_graph *g, int i, int value, const char *role, struct tetra_error *err) {
  const char *name = g->ops[i].name;
  if (value < 0 || value >= g->n_values)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %s %d is not a value, must be 0..%d", i, name, role, value,
                      g->n_values - 1);
  if (g->values[value].producer >= i)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %s %s is produced by op %d, not before it", i, name, role,
                      g->values[value].name, g->values[value].producer);
  return TETRA_OK;
}

static int check_window(const struct tetra_op *op, int i, struct tetra_error *err) {
  const struct {
    const char *name;
    int value, min;
  } fields[] = {{"kh", op->win.kh, 1},
                {"kw", op->win.kw, 1},
                {"stride_y", op->win.stride_y, 1},
                {"stride_x", op->win.stride_x, 1},
                {"dilation_y", op->win.dilation_y, 1},
                {"dilation_x", op->win.dilation_x, 1},
                {"pad_top", op->win.pad.top, 0},
                {"pad_left", op->win.pad.left, 0},
                {"pad_bottom", op->win.pad.bottom, 0},
                {"pad_right", op->win.pad.right, 0}};
  for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
    int max = op->kind == TETRA_ADD ? fields[k].min : TETRA_WINDOW_MAX;
    if (fields[k].value < fields[k].min || fields[k].value > max)
      return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %s %d must be %d..%d", i, op->name, fields[k].name,
                        fields[k].value, fields[k].min, max);
  }
  return TETRA_OK;
}

/* Not inlined among ways out with errors, where gcc takes the loop for seldom run and makes no vectors of it. */
__attribute__((noinline)) static int all_have_4_bits(const int8_t *w, int64_t n) {
  uint8_t beyond = 0;
  for (int64_t j = 0; j < n; j++) beyond |= (uint8_t)(w[j] + 8) & 0xf0;
  return !beyond;
}

/* Weights of 4 bits, k an output channel. */
static int check_narrow(const struct tetra_op *op, int64_t k, int i, struct tetra_error *err) {
  if (!op->wide && all_have_4_bits(op->weights, k * op->cout)) return TETRA_OK;
  for (int64_t j = 0; j < k * op->cout; j++) {
    if (op->wide && op->weights[j] != tetra_nested_weight(op->wide[j]))
      return tetra_fail(err, TETRA_EINVAL, "op %d (%s): weight %d of output channel %d is not what %d holds", i,
                        op->name, op->weights[j], (int)(j / k), op->wide[j]);
    if (op->weights[j] < -8 || op->weights[j] > 7)
      return tetra_fail(err, TETRA_EINVAL, "op %d (%s): weight %d of output channel %d is not in -8..7", i, op->name,
                        op->weights[j], (int)(j / k));
  }
  return TETRA_OK;
}

static int check_weights(const struct tetra_op *op, int cin, int i, enum scope scope, struct tetra_error *err) {
  if (op->kind != TETRA_CONV) {
    if (op->weights || op->wide)
      return tetra_fail(err, TETRA_EINVAL, "op %d (%s): only a conv has weights", i, op->name);
    if (op->cout != cin)
      return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %d output channels for %d input channels", i, op->name,
                        op->cout, cin);
    return TETRA_OK;
  }
  if (op->wbits != 4 && op->wbits != 8)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %d-bit weights, must be 4 or 8", i, op->name, op->wbits);
  if (!op->weights && scope != OUTLINE)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): conv without weights", i, op->name);
  if (op->cout < 1) return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %d output channels", i, op->name, op->cout);
  if (op->groups < 1 || cin % op->groups || op->cout % op->groups)
    return tetra_fail(err, TETRA_EINVAL,
                      "op %d (%s): %d groups, must be at least 1 and divide %d input and %d output channels", i,
                      op->name, op->groups, cin, op->cout);
  const int64_t k = (int64_t)tetra_op_kernel(op, cin);
  if (k > INT32_MAX || k * op->cout > INT32_MAX)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %dx%dx%dx%d weights, must be below 2^31", i, op->name, op->cout,
                      op->win.kh, op->win.kw, tetra_op_group_cin(op, cin));
  if ((unsigned)op->extra > TETRA_MAX_EXTRA || (op->extra && op->wbits != 8))
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %d more arrays of weights, must be 0..%d, and 0 with 4 bits", i,
                      op->name, op->extra, TETRA_MAX_EXTRA);
  if (op->wide && op->wbits != 4)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): wide weights beside %d-bit ones, must be 4-bit ones", i, op->name,
                      op->wbits);
  return op->wbits == 8 || !op->weights ? TETRA_OK : check_narrow(op, k, i, err);
}

static int check_requant(const struct tetra_op *op, int o, const struct tetra_desc *out, int i,
                         struct tetra_error *err) {
  const struct tetra_requant *q = &op->rq[o];
  if ((unsigned)q->round > TETRA_TFLITE)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): rounding mode %d, must be 0..4", i, op->name, (int)q->round);
  if (q->zp != out->zero_point)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): output %d has zero point %d, its value %d", i, op->name, o, q->zp,
                      out->zero_point);
  if (!is_code(out->fmt, q->lo) || !is_code(out->fmt, q->hi) || q->lo > q->hi)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): output %d clamps to %d..%d, not a range of %s", i, op->name, o,
                      q->lo, q->hi, tetra_fmt_name(out->fmt));
  if (!q->ch) return tetra_fail(err, TETRA_EINVAL, "op %d (%s): output %d has no parameters", i, op->name, o);
  int max_sr = op->res_form == TETRA_RES_PRE ? 31 : 62;
  for (int c = 0; c < op->cout; c++) {
    const struct tetra_requant_channel *p = &q->ch[c];
    if (p->m < 0 || p->mr < 0 || p->s > 62 || p->sr > max_sr || p->lr > 31)
      return tetra_fail(
          err, TETRA_EINVAL,
          "op %d (%s): output %d, channel %d: m %d and mr %d must not be negative, s %d at most 62, sr %d "
          "at most %d, lr %d at most 31",
          i, op->name, o, c, p->m, p->mr, p->s, p->sr, max_sr, p->lr);
  }
  return TETRA_OK;
}

/* The parts that share op i's outputs lie inside the plane, do not overlap and cover it (but where it is cut). */
static int check_parts(const struct tetra_graph *g, int i, enum scope scope, const struct tetra_desc *d,
                       struct tetra_error *err) {
  const struct tetra_op *op = &g->ops[i];
  if (op->kind != TETRA_AVGPOOL || op->part_y0 < 0 || op->part_x0 < 0 || op->part_y1 <= op->part_y0 ||
      op->part_x1 <= op->part_x0 || op->part_y1 > d->h || op->part_x1 > d->w)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): part %d..%d x %d..%d is not inside an average pool's %dx%d plane",
                      i, op->name, op->part_y0, op->part_y1, op->part_x0, op->part_x1, d->h, d->w);
  int64_t area = 0;
  for (int k = 0; k < g->n_ops; k++) {
    const struct tetra_op *q = &g->ops[k];
    if (q->output[0] != op->output[0] || !tetra_op_is_part(q)) continue;
    area += (int64_t)(q->part_y1 - q->part_y0) * (q->part_x1 - q->part_x0);
    const int apart = q->part_y0 >= op->part_y1 || op->part_y0 >= q->part_y1 || q->part_x0 >= op->part_x1 ||
                      op->part_x0 >= q->part_x1;
    if (k != i && (!apart || q->n_outputs != op->n_outputs || (op->n_outputs == 2 && q->output[1] != op->output[1])))
      return tetra_fail(err, TETRA_EINVAL, "ops %d and %d (%s): parts of one output that overlap or differ in outputs",
                        i, k, op->name);
  }
  if (scope != CUT && area != (int64_t)d->h * d->w)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): the parts of its output do not cover the plane", i, op->name);
  return TETRA_OK;
}

/* Is op i the producer of its output v, or one of the parts whose last is? */
static int produces(const struct tetra_graph *g, int i, const struct tetra_value *v) {
  if (v->producer == i) return 1;
  return tetra_op_is_part(&g->ops[i]) && v->producer > i && v->producer < g->n_ops &&
         tetra_op_is_part(&g->ops[v->producer]);
}

static int check_output(const struct tetra_graph *g, int i, int o, enum scope scope, struct tetra_error *err) {
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *in = &g->values[op->input].d;
  if (op->output[o] < 0 || op->output[o] >= g->n_values)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): output %d is not a value", i, op->name, op->output[o]);
  const struct tetra_value *v = &g->values[op->output[o]];
  if (op->output[o] == g->input || !produces(g, i, v) || (o == 1 && op->output[0] == op->output[1]))
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): output %s is not its own", i, op->name, v->name);
  int h = tetra_op_out_h(op, in->h), w = tetra_op_out_w(op, in->w);
  if (v->d.n != in->n || v->d.h != h || v->d.w != w || v->d.c != op->cout)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): output %s is %dx%dx%dx%d, the op gives %dx%dx%dx%d", i, op->name,
                      v->name, v->d.n, v->d.h, v->d.w, v->d.c, in->n, h, w, op->cout);
  int status = tetra_op_is_part(op) ? check_parts(g, i, scope, &v->d, err) : TETRA_OK;
  if (status) return status;
  return check_requant(op, o, &v->d, i, err);
}

static int check_residual(const struct tetra_graph *g, int i, struct tetra_error *err) {
  const struct tetra_op *op = &g->ops[i];
  if ((unsigned)op->res_form > TETRA_RES_PRE)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): residual form %d, must be 0..3", i, op->name, (int)op->res_form);
  if ((op->res_form == TETRA_RES_NONE) != (op->residual == -1))
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): residual form %d with residual %d", i, op->name,
                      (int)op->res_form, op->residual);
  if (op->residual == -1) {
    if (op->kind != TETRA_ADD) return TETRA_OK;
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): an add needs a residual", i, op->name);
  }
  int status = check_operand(g, i, op->residual, "residual", err);
  if (status) return status;
  const struct tetra_desc *r = &g->values[op->residual].d, *y = &g->values[op->output[0]].d;
  if (r->n != y->n || r->h != y->h || r->w != y->w || r->c != y->c)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): residual %s is %dx%dx%dx%d, the output %dx%dx%dx%d", i, op->name,
                      g->values[op->residual].name, r->n, r->h, r->w, r->c, y->n, y->h, y->w, y->c);
  return TETRA_OK;
}

static int check_padding(const struct tetra_op *op, const struct tetra_desc *in, int i, struct tetra_error *err) {
  int padded = op->win.pad.top || op->win.pad.left || op->win.pad.bottom || op->win.pad.right;
  if (!padded || op->kind == TETRA_MAXPOOL || op->pad_code == in->zero_point) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "op %d (%s): padding code %d must be the input's zero point %d", i, op->name,
                    op->pad_code, in->zero_point);
}

static int check_pool(const struct tetra_op *op, const struct tetra_desc *in, int i, struct tetra_error *err) {
  if (op->pool == 0 && op->pool_pad_top == 0 && op->pool_pad_left == 0) return TETRA_OK;
  if (op->pool != 1 || (unsigned)op->pool_pad_top > 1 || (unsigned)op->pool_pad_left > 1)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): fused pool %d with padding %d and %d, must be 0 or 1 each", i,
                      op->name, op->pool, op->pool_pad_top, op->pool_pad_left);
  if (op->kind != TETRA_CONV || op->residual != -1)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): only a conv without residual has a fused pool", i, op->name);
  const int h = tetra_op_plane_h(op, in->h), w = tetra_op_plane_w(op, in->w);
  if (h >= 2 && w >= 2) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "op %d (%s): a fused pool over a plane of %dx%d, must be at least 2x2", i,
                    op->name, h, w);
}

static int check_op(const struct tetra_graph *g, int i, enum scope scope, struct tetra_error *err) {
  const struct tetra_op *op = &g->ops[i];
  int status;
  if (!memchr(op->name, 0, sizeof op->name)) return tetra_fail(err, TETRA_EINVAL, "op %d: name not terminated", i);
  if ((unsigned)op->kind > TETRA_OP_KIND_LAST)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): kind %d, must be 0..%d", i, op->name, (int)op->kind,
                      TETRA_OP_KIND_LAST);
  if (op->n_outputs < 1 || op->n_outputs > TETRA_MAX_OUTPUTS)
    return tetra_fail(err, TETRA_EINVAL, "op %d (%s): %d outputs, must be 1 or 2", i, op->name, op->n_outputs);
  if ((status = check_operand(g, i, op->input, "input", err))) return status;
  const struct tetra_desc *in = &g->values[op->input].d;
  if ((status = check_window(op, i, err))) return status;
  if ((status = check_padding(op, in, i, err))) return status;
  if ((status = check_pool(op, in, i, err))) return status;
  if ((status = check_weights(op, in->c, i, scope, err))) return status;
  for (int o = 0; o < op->n_outputs; o++)
    if ((status = check_output(g, i, o, scope, err))) return status;
  if ((status = check_residual(g, i, err))) return status;
  return op->kind == TETRA_CONV && !op->weights ? TETRA_OK : tetra_graph_check_range(g, i, err);
}

/* Each value is the graph's input or an output of its producer; where the graph is cut out of a larger one, values that
 * nothing produces are inputs, too. */
static int check_producer(const struct tetra_graph *g, int i, enum scope scope, struct tetra_error *err) {
  const struct tetra_value *v = &g->values[i];
  if (i == g->input) {
    if (v->producer == -1) return TETRA_OK;
    return tetra_fail(err, TETRA_EINVAL, "value %d (%s): the graph's input has producer %d", i, v->name, v->producer);
  }
  if (scope == CUT && v->producer == -1) return TETRA_OK;
  if (v->producer < 0 || v->producer >= g->n_ops)
    return tetra_fail(err, TETRA_EINVAL, "value %d (%s): nothing produces it", i, v->name);
  const struct tetra_op *op = &g->ops[v->producer];
  for (int o = 0; o < op->n_outputs && o < TETRA_MAX_OUTPUTS; o++)
    if (op->output[o] == i) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "value %d (%s): op %d does not produce it", i, v->name, v->producer);
}

static int check_graph(const struct tetra_graph *g, enum scope scope, struct tetra_error *err) {
  int status;
  if (g == NULL) return tetra_fail(err, TETRA_EINVAL, "no graph");
  if (g->n_values < 1 || g->n_ops < 1 || !g->values || !g->ops)
    return tetra_fail(err, TETRA_EINVAL, "graph with %d values and %d ops", g->n_values, g->n_ops);
  if (g->input < 0 || g->input >= g->n_values || g->output < 0 || g->output >= g->n_values)
    return tetra_fail(err, TETRA_EINVAL, "graph input %d and output %d must be values, 0..%d", g->input, g->output,
                      g->n_values - 1);
  for (int i = 0; i < g->n_values; i++) {
    if ((status = check_value(&g->values[i], i, err))) return status;
    if ((status = check_producer(g, i, scope, err))) return status;
  }
  for (int i = 0; i < g->n_ops; i++)
    if ((status = check_op(g, i, scope, err))) return status;
  return TETRA_OK;
}

int tetra_graph_check(const struct tetra_graph *g, struct tetra_error *err) { return check_graph(g, WHOLE, err); }

int tetra_graph_check_cut(const struct tetra_graph *g, struct tetra_error *err) { return check_graph(g, CUT, err); }

int tetra_graph_check_outline(const struct tetra_graph *g, struct tetra_error *err) {
  return check_graph(g, OUTLINE, err);
}
