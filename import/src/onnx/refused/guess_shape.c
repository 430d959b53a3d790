/* Shapes of what refused nodes give. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/refused/guess_shape.h"

static int is_one_of(const char *op, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!strcmp(op, list[i])) return 1;
  return 0;
}
#define IS_ONE_OF(op, list) is_one_of(op, list, sizeof(list) / sizeof *(list))

/* Operations that change every number for itself, or many but not their places. */
static int keeps_shape(const char *op) {
  static const char *const ops[] = {"QuantizeLinear",
                                    "DequantizeLinear",
                                    "Quant",
                                    "IntQuant",
                                    "BipolarQuant",
                                    "DynamicQuantizeLinear",
                                    "Cast",
                                    "CastLike",
                                    "Relu",
                                    "Clip",
                                    "LeakyRelu",
                                    "Sigmoid",
                                    "HardSigmoid",
                                    "HardSwish",
                                    "Tanh",
                                    "Elu",
                                    "Selu",
                                    "Celu",
                                    "Gelu",
                                    "Mish",
                                    "Swish",
                                    "Softplus",
                                    "Softsign",
                                    "ThresholdedRelu",
                                    "Shrink",
                                    "Erf",
                                    "Exp",
                                    "Log",
                                    "Sqrt",
                                    "Reciprocal",
                                    "Abs",
                                    "Neg",
                                    "Sign",
                                    "Floor",
                                    "Ceil",
                                    "Round",
                                    "Sin",
                                    "Cos",
                                    "Not",
                                    "Softmax",
                                    "LogSoftmax",
                                    "Hardmax",
                                    "BatchNormalization",
                                    "InstanceNormalization",
                                    "LayerNormalization",
                                    "GroupNormalization",
                                    "RMSNormalization",
                                    "LpNormalization",
                                    "LRN",
                                    "MeanVarianceNormalization",
                                    "Identity",
                                    "Dropout",
                                    "CumSum",
                                    "Trunc",
                                    "QuickGelu",
                                    "FastGelu",
                                    "BiasGelu",
                                    "QLinearSigmoid",
                                    "QLinearLeakyRelu",
                                    "QLinearSoftmax"};
  return IS_ONE_OF(op, ops);
}

/* Of two or more operands, the smaller of which is repeated. */
static int broadcasts(const char *op) {
  static const char *const ops[] = {"Add",  "Sub", "Mul",      "Div",   "Min",        "Max",        "Sum",
                                    "Mean", "Pow", "PRelu",    "Where", "QLinearAdd", "QLinearMul", "Mod",
                                    "And",  "Or",  "BitShift", "Xor",   "Greater",    "Less",       "Equal"};
  return IS_ONE_OF(op, ops);
}

/* Does the file say what t's shape is? */
static const Onnx__TensorShapeProto *declared(const struct onnx_reader *x, const char *name) {
  const Onnx__GraphProto *g = x->proto;
  for (size_t i = 0; i < g->n_value_info + g->n_output; i++) {
    const Onnx__ValueInfoProto *v = i < g->n_value_info ? g->value_info[i] : g->output[i - g->n_value_info];
    if (!v->name || strcmp(v->name, name) || !v->type) continue;
    if (v->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !v->type->tensor_type) continue;
    if (v->type->tensor_type->shape) return v->type->tensor_type->shape;
  }
  return NULL;
}

static enum onnx_known declared_shape(const struct onnx_reader *x, struct onnx_tensor *out) {
  const Onnx__TensorShapeProto *s = declared(x, out->name);
  int d[4] = {x->tensors[x->input].n, 1, 1, 1};
  if (!s || (s->n_dim != 4 && s->n_dim != 2)) return ONNX_NOTHING;
  for (size_t i = 1; i < s->n_dim; i++) {
    if (s->dim[i]->value_case != ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE) return ONNX_NOTHING;
    if (s->dim[i]->dim_value < 1 || s->dim[i]->dim_value > ONNX_DIM_MAX) return ONNX_NOTHING;
    d[i] = (int)s->dim[i]->dim_value;
  }
  out->rank = (int)s->n_dim;
  out->n = d[0];
  out->c_ = d[1];
  out->h = d[2];
  out->w = d[3];
  out->flat = 0;
  return ONNX_SHAPE;
}

static void copy_shape(struct onnx_tensor *out, const struct onnx_tensor *t) {
  out->rank = t->rank;
  out->n = t->n;
  out->h = t->h;
  out->w = t->w;
  out->c_ = t->c_;
  out->flat = t->flat;
}

static int is_constant(const struct onnx_tensor *t) { return t->kind == ONNX_CONSTANT || (onnx_is_poison(t) && t->c); }

static enum onnx_known known(const struct onnx_tensor *t) { return onnx_is_poison(t) ? t->known : ONNX_SHAPE; }

/* The operand that is no constant and has most elements; NULL: none. *least: what is known of the one of which that is
 * least, *same: all of them have its shape. */
static const struct onnx_tensor *largest(const struct onnx_reader *x, const struct onnx_node *n, enum onnx_known *least,
                                         int *same) {
  const struct onnx_tensor *best = NULL;
  *least = ONNX_SHAPE;
  *same = 1;
  for (int i = 0; i < n->n_in; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    if (!t || is_constant(t)) continue;
    if (known(t) < *least) *least = known(t);
    if (known(t) == ONNX_NOTHING) continue;
    if (best) *same &= best->h == t->h && best->w == t->w && best->n == t->n;
    if (!best || (int64_t)t->h * t->w * t->c_ > (int64_t)best->h * best->w * best->c_) best = t;
  }
  return best;
}

/* Weights [co][ci][kh][kw] of a convolution, or a matrix: its constant's shape. */
static const struct onnx_shape *weights_of(const struct onnx_reader *x, const struct onnx_node *n) {
  const int i = !strncmp(onnx_op_type(n), "QLinear", 7) || !strcmp(onnx_op_type(n), "QGemm") ? 3 : 1;
  const struct onnx_tensor *t = onnx_in(x, n, i);
  return t && is_constant(t) ? &t->c->shape : NULL;
}

static int to_dim(int64_t d) { return d < 1 ? 1 : d > ONNX_DIM_MAX ? ONNX_DIM_MAX : (int)d; }

/* Number i of an attribute of `count`, `otherwise` where it is absent; -1: it is none that a window can have. */
static int64_t number(const struct onnx_node *n, const char *name, size_t count, int i, int64_t otherwise) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  const int64_t v = a && a->n_ints == count ? a->ints[i] : otherwise;
  return v < 0 || v > ONNX_DIM_MAX ? -1 : v;
}

/* The plane behind a window: its attributes may be what is refused. */
static enum onnx_known window_shape(struct onnx_tensor *out, const struct onnx_node *n, int kh, int kw) {
  const int kernel[2] = {kh, kw};
  int *const size[2] = {&out->h, &out->w};
  const int same = onnx_attr_is(n, "auto_pad", "SAME_UPPER") || onnx_attr_is(n, "auto_pad", "SAME_LOWER");
  if (onnx_attr_int(n, "ceil_mode", 0)) return ONNX_PLACE;
  for (int i = 0; i < 2; i++) {
    const int64_t taps = number(n, "kernel_shape", 2, i, kernel[i]), stride = number(n, "strides", 2, i, 1),
                  dilation = number(n, "dilations", 2, i, 1), before = number(n, "pads", 4, i, 0),
                  after = number(n, "pads", 4, i + 2, 0);
    if (taps < 1 || stride < 1 || dilation < 1 || before < 0 || after < 0) return ONNX_PLACE;
    const int64_t left = same ? *size[i] - 1 : *size[i] + before + after - (taps - 1) * dilation - 1;
    if (left < 0) return ONNX_PLACE;
    *size[i] = to_dim(left / stride + 1);
  }
  return ONNX_SHAPE;
}

static enum onnx_known conv_shape(const struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *out) {
  const struct onnx_shape *s = weights_of(x, n);
  if (!s || s->rank != 4 || out->rank != 4) return ONNX_PLACE;
  out->c_ = to_dim(s->dim[0]);
  return window_shape(out, n, to_dim(s->dim[2]), to_dim(s->dim[3]));
}

static enum onnx_known dense_shape(const struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *out) {
  const struct onnx_shape *s = weights_of(x, n);
  if (!s || s->rank != 2) return ONNX_PLACE;
  out->rank = 2;
  out->flat = 0;
  out->h = out->w = 1;
  out->c_ = to_dim(s->dim[onnx_attr_int(n, "transB", 0) ? 0 : 1]);
  return ONNX_SHAPE;
}

static enum onnx_known transposed(const struct onnx_node *n, struct onnx_tensor *out) {
  const Onnx__AttributeProto *perm = onnx_attr(n, "perm");
  const int d[4] = {out->n, out->c_, out->h, out->w};
  int *const to[4] = {&out->n, &out->c_, &out->h, &out->w};
  if (out->rank != 4 || !perm || perm->n_ints != 4) return ONNX_PLACE;
  for (int i = 0; i < 4; i++) {
    if (perm->ints[i] < 0 || perm->ints[i] > 3) return ONNX_PLACE;
    *to[i] = d[perm->ints[i]];
  }
  return ONNX_SHAPE;
}

/* Along the channels, else of an unknown shape. */
static enum onnx_known concatenated(const struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *out) {
  int64_t channels = 0;
  for (int i = 0; i < n->n_in; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    if (!t || is_constant(t) || known(t) != ONNX_SHAPE) return ONNX_PLACE;
    channels += t->c_;
  }
  if (onnx_attr_int(n, "axis", 0) != 1 || channels > ONNX_DIM_MAX) return ONNX_PLACE;
  out->c_ = (int)channels;
  return ONNX_SHAPE;
}

enum onnx_known onnx_guess_shape(const struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *out) {
  const char *op = onnx_op_type(n);
  enum onnx_known least;
  int same;
  const struct onnx_tensor *t = largest(x, n, &least, &same);
  if (!t) return ONNX_NOTHING;
  if (declared_shape(x, out) == ONNX_SHAPE) return ONNX_SHAPE;
  const struct onnx_tensor *first = onnx_in(x, n, 0);
  if (keeps_shape(op)) {
    if (!first || is_constant(first) || known(first) == ONNX_NOTHING) return ONNX_NOTHING;
    copy_shape(out, first);
    return known(first);
  }
  copy_shape(out, t);
  if (broadcasts(op)) return same ? least : ONNX_PLACE;
  if (!strcmp(op, "Gemm") || !strcmp(op, "MatMul") || !strcmp(op, "QGemm") || !strcmp(op, "QLinearMatMul"))
    return dense_shape(x, n, out);
  if (least != ONNX_SHAPE) return ONNX_PLACE;
  if (!strcmp(op, "Conv") || !strcmp(op, "ConvInteger") || !strcmp(op, "QLinearConv")) return conv_shape(x, n, out);
  if (!strcmp(op, "MaxPool") || !strcmp(op, "AveragePool") || !strcmp(op, "QLinearAveragePool") ||
      !strcmp(op, "LpPool"))
    return out->rank == 4 ? window_shape(out, n, 0, 0) : ONNX_PLACE;
  if (!strcmp(op, "Transpose")) return transposed(n, out);
  if (!strcmp(op, "Concat") || !strcmp(op, "QLinearConcat")) return concatenated(x, n, out);
  return ONNX_PLACE;
}
