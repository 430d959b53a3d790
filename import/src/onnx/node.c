/* A node's operands and attributes, and what is said about a node that cannot be used. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/node.h"
#include "tetra/ceil_div.h"

const char *onnx_node_name(const struct onnx_node *n) {
  if (n->p->name && *n->p->name) return n->p->name;
  return n->n_out && *n->p->output[0] ? n->p->output[0] : "unnamed";
}

const char *onnx_op_type(const struct onnx_node *n) { return n->p->op_type ? n->p->op_type : ""; }

int onnx_refuse(struct onnx_reader *x, const struct onnx_node *n, const char *reason, ...) {
  char text[1024];
  va_list args;
  va_start(args, reason);
  vsnprintf(text, sizeof text, reason, args);
  va_end(args);
  const int rc = import_refuse(x->report, onnx_node_name(n), onnx_op_type(n), x->arena->err, "%s", text);
  return rc ? rc : ONNX_REFUSED;
}

int onnx_broken(struct onnx_reader *x, const struct onnx_node *n, const char *reason, ...) {
  char text[1024], name[TETRA_NAME_MAX], op[TETRA_NAME_MAX];
  va_list args;
  va_start(args, reason);
  vsnprintf(text, sizeof text, reason, args);
  va_end(args);
  import_name(name, onnx_node_name(n));
  import_name(op, onnx_op_type(n));
  return tetra_fail(x->arena->err, TETRA_EINVAL, "%s '%s': %s", op, name, text);
}

struct onnx_tensor *onnx_in(const struct onnx_reader *x, const struct onnx_node *n, int i) {
  return i < n->n_in && n->in[i] >= 0 ? &x->tensors[n->in[i]] : NULL;
}

struct onnx_tensor *onnx_out(const struct onnx_reader *x, const struct onnx_node *n, int i) {
  return i < n->n_out && n->out[i] >= 0 ? &x->tensors[n->out[i]] : NULL;
}

int onnx_need_const(struct onnx_reader *x, const struct onnx_node *n, int i, const struct onnx_const **c) {
  const struct onnx_tensor *t = onnx_in(x, n, i);
  *c = NULL;
  if (!t) return onnx_broken(x, n, "input %d is missing", i);
  if (t->kind != ONNX_CONSTANT || t->c_scale || t->c_transposed)
    return onnx_refuse(x, n, "input %d must be a constant", i);
  *c = t->c;
  return TETRA_OK;
}

const Onnx__AttributeProto *onnx_attr(const struct onnx_node *n, const char *name) {
  for (size_t i = 0; i < n->p->n_attribute; i++)
    if (n->p->attribute[i]->name && !strcmp(n->p->attribute[i]->name, name)) return n->p->attribute[i];
  return NULL;
}

int64_t onnx_attr_int(const struct onnx_node *n, const char *name, int64_t otherwise) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  return a ? (a->has_i ? a->i : 0) : otherwise;
}

double onnx_attr_real(const struct onnx_node *n, const char *name, double otherwise) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  return a ? (a->has_f ? (double)a->f : 0.0) : otherwise;
}

int onnx_attr_is(const struct onnx_node *n, const char *name, const char *value) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  return a && a->has_s && a->s.len == strlen(value) && !memcmp(a->s.data, value, a->s.len);
}

int onnx_need_scale(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *scale) {
  if (scale->type != ONNX_FLOAT && scale->type != ONNX_FLOAT16)
    return onnx_broken(x, n, "its scale has element type %s, must be float", onnx_type_name(scale->type));
  if (!scale->count) return onnx_broken(x, n, "its scale is empty");
  for (size_t i = 0; i < scale->count; i++) {
    const double s = onnx_const_real(scale, i);
    if (!(s > 0) || isinf(s)) return onnx_broken(x, n, "scale %g, must be positive and finite", s);
  }
  return TETRA_OK;
}

int onnx_need_weight_scale(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_const *scale) {
  if (scale->type != ONNX_FLOAT && scale->type != ONNX_FLOAT16)
    return onnx_broken(x, n, "its scale has element type %s, must be float", onnx_type_name(scale->type));
  if (!scale->count) return onnx_broken(x, n, "its scale is empty");
  for (size_t i = 0; i < scale->count; i++) {
    const double s = onnx_const_real(scale, i);
    if (!isfinite(s)) return onnx_broken(x, n, "scale %g, must be finite", s);
  }
  return TETRA_OK;
}

int onnx_need_q(struct onnx_reader *x, const struct onnx_node *n, int i_scale, int i_zp, int type, struct onnx_q *q) {
  const struct onnx_const *scale, *zp = NULL;
  int rc = onnx_need_const(x, n, i_scale, &scale);
  if (rc || (rc = onnx_need_scale(x, n, scale))) return rc;
  if (scale->count != 1)
    return onnx_refuse(x, n, "%zu scales for one activation tensor; scales per channel do not factor out of a sum",
                       scale->count);
  if (onnx_in(x, n, i_zp)) {
    if ((rc = onnx_need_const(x, n, i_zp, &zp))) return rc;
    if (zp->count != 1) return onnx_broken(x, n, "%zu zero points for one scale", zp->count);
    if (type && type != zp->type)
      return onnx_broken(x, n, "zero point has element type %s, the codes %s", onnx_type_name(zp->type),
                         onnx_type_name(type));
    type = zp->type;
  }
  if (!type) type = ONNX_UINT8;
  if (!onnx_is_code_type(type))
    return onnx_refuse(x, n, "element type %s; activations are (u)int8 or (u)int4", onnx_type_name(type));
  *q = onnx_all_codes(onnx_fmt(type), onnx_const_real(scale, 0), zp ? (int)onnx_const_int(zp, 0) : 0);
  return TETRA_OK;
}

/* n integers of attribute `name`, each min..TETRA_WINDOW_MAX; `otherwise` where it is absent. */
static int attr_ints(struct onnx_reader *x, const struct onnx_node *n, const char *name, int count, int min,
                     int otherwise, int *v) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  for (int i = 0; i < count; i++) v[i] = otherwise;
  if (!a) return TETRA_OK;
  if (a->n_ints != (size_t)count)
    return onnx_refuse(x, n, "%s has %zu numbers, %d for two dimensions", name, a->n_ints, count);
  for (int i = 0; i < count; i++) {
    if (a->ints[i] < min || a->ints[i] > TETRA_WINDOW_MAX)
      return onnx_refuse(x, n, "%s %lld, must be %d..%d", name, (long long)a->ints[i], min, TETRA_WINDOW_MAX);
    v[i] = (int)a->ints[i];
  }
  return TETRA_OK;
}

/* Padding of one dimension so that there are ceil(in / stride) outputs. */
static void same_padding(int in, int k, int stride, int dilation, int lower, int *before, int *after) {
  const int64_t total = (tetra_ceil_div64(in, stride) - 1) * stride + (int64_t)(k - 1) * dilation + 1 - in;
  const int all = total > 0 ? (int)total : 0;
  *before = (all + lower) / 2;
  *after = all - *before;
}

/* Outputs of one dimension; with `ceil` padding grows at the end until the last window, if it starts inside of the
 * input or the padding before it, is whole. */
static int64_t outputs(int in, int k, int stride, int dilation, int before, int *after, int ceil) {
  const int64_t span = (int64_t)in + before + *after - ((int64_t)(k - 1) * dilation + 1);
  if (span < 0) return 0;
  int64_t n = span / stride + 1;
  if (ceil && span % stride && n * stride < (int64_t)in + before) {
    *after += (int)(stride - span % stride);
    n++;
  }
  return n;
}

static int auto_pad_is_known(const struct onnx_node *n) {
  static const char *const known[] = {"", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
  if (!onnx_attr(n, "auto_pad")) return 1;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (onnx_attr_is(n, "auto_pad", known[i])) return 1;
  return 0;
}

int onnx_need_window(struct onnx_reader *x, const struct onnx_node *n, int h, int w, int kh, int kw,
                     struct tetra_window *win, struct tetra_pads *asked, int out[2]) {
  int k[2], s[2], d[2], p[4], rc;
  if ((rc = attr_ints(x, n, "kernel_shape", 2, 1, 0, k)) || (rc = attr_ints(x, n, "strides", 2, 1, 1, s)) ||
      (rc = attr_ints(x, n, "dilations", 2, 1, 1, d)) || (rc = attr_ints(x, n, "pads", 4, 0, 0, p)))
    return rc;
  if (!k[0] && !kh) return onnx_broken(x, n, "kernel_shape is missing");
  if (kh && k[0] && (k[0] != kh || k[1] != kw))
    return onnx_broken(x, n, "kernel_shape %dx%d, the weights are %dx%d", k[0], k[1], kh, kw);
  if (kh) k[0] = kh, k[1] = kw;
  if (!auto_pad_is_known(n)) return onnx_broken(x, n, "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  const int upper = onnx_attr_is(n, "auto_pad", "SAME_UPPER"), lower = onnx_attr_is(n, "auto_pad", "SAME_LOWER");
  if (upper || lower) {
    same_padding(h, k[0], s[0], d[0], lower, &p[0], &p[2]);
    same_padding(w, k[1], s[1], d[1], lower, &p[1], &p[3]);
  } else if (onnx_attr_is(n, "auto_pad", "VALID")) {
    memset(p, 0, sizeof p);
  }
  if (asked) *asked = (struct tetra_pads){p[0], p[1], p[2], p[3]};
  const int ceil = onnx_attr_int(n, "ceil_mode", 0) != 0;
  const int64_t oh = outputs(h, k[0], s[0], d[0], p[0], &p[2], ceil),
                ow = outputs(w, k[1], s[1], d[1], p[1], &p[3], ceil);
  if (oh < 1 || ow < 1 || oh > ONNX_DIM_MAX || ow > ONNX_DIM_MAX)
    return onnx_broken(x, n, "a %dx%d window does not fit %dx%d", k[0], k[1], h, w);
  for (int i = 0; i < 4; i++)
    if (p[i] > TETRA_WINDOW_MAX) return onnx_refuse(x, n, "padding %d, at most %d", p[i], TETRA_WINDOW_MAX);
  *win = (struct tetra_window){k[0], k[1], s[0], s[1], d[0], d[1], {p[0], p[1], p[2], p[3]}};
  out[0] = (int)oh;
  out[1] = (int)ow;
  return TETRA_OK;
}
