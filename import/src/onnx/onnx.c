/* The ONNX reader: from a file's bytes to a graph that is proven to run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/values.h"

/* Opsets of the default domain whose operators were read. */
enum { oldest_opset = 7, newest_opset = 25 };

static const struct onnx_converter quantized_ops[] = {
    {ONNX_STANDARD, "QuantizeLinear", onnx_quantize_linear, 2},
    {ONNX_STANDARD, "DequantizeLinear", onnx_dequantize_linear, 2},
    {ONNX_STANDARD, "Conv", onnx_conv, 2},
    {ONNX_STANDARD, "QLinearConv", onnx_qlinear_conv, 8},
    {ONNX_STANDARD, "ConvInteger", onnx_conv_integer, 2},
    {ONNX_STANDARD, "Gemm", onnx_gemm, 2},
    {ONNX_STANDARD, "MatMul", onnx_matmul, 2},
    {ONNX_STANDARD, "QLinearMatMul", onnx_qlinear_matmul, 8},
    {ONNX_STANDARD, "MatMulInteger", onnx_matmul_integer, 2},
    {ONNX_STANDARD, "MaxPool", onnx_maxpool, 1},
    {ONNX_STANDARD, "AveragePool", onnx_avgpool, 1},
    {ONNX_STANDARD, "GlobalAveragePool", onnx_global_avgpool, 1},
    {ONNX_STANDARD, "ReduceMean", onnx_reduce_mean, 1},
    {ONNX_STANDARD, "Add", onnx_add, 2},
    {ONNX_STANDARD, "Sub", onnx_sub, 2},
    {ONNX_STANDARD, "Mul", onnx_mul, 2},
    {ONNX_STANDARD, "Div", onnx_div, 2},
    {ONNX_STANDARD, "BatchNormalization", onnx_batchnorm, 5},
    {ONNX_STANDARD, "Relu", onnx_relu, 1},
    {ONNX_STANDARD, "Clip", onnx_clip, 1},
    {ONNX_STANDARD, "Cast", onnx_cast, 1},
    {ONNX_STANDARD, "Identity", onnx_identity, 1},
    {ONNX_STANDARD, "Dropout", onnx_identity, 1},
    {ONNX_STANDARD, "Flatten", onnx_flatten, 1},
    {ONNX_STANDARD, "Reshape", onnx_reshape, 2},
    {ONNX_STANDARD, "Squeeze", onnx_squeeze, 1},
    {ONNX_STANDARD, "Unsqueeze", onnx_unsqueeze, 1},
    {ONNX_STANDARD, "Transpose", onnx_transpose, 1},
    {ONNX_STANDARD, "Slice", onnx_slice, 1},
    {ONNX_STANDARD, "Pad", onnx_pad, 1},
    {ONNX_STANDARD, "Softmax", onnx_softmax, 1},
    {ONNX_MICROSOFT, "QLinearAdd", onnx_qlinear_add, 7},
    {ONNX_MICROSOFT, "QLinearAveragePool", onnx_qlinear_avgpool, 4},
    {ONNX_MICROSOFT, "QLinearGlobalAveragePool", onnx_qlinear_global_avgpool, 4},
    {ONNX_MICROSOFT, "QGemm", onnx_qgemm, 5},
    {ONNX_MICROSOFT, "QuantizeLinear", onnx_quantize_linear, 2},
    {ONNX_MICROSOFT, "DequantizeLinear", onnx_dequantize_linear, 2},
    {ONNX_QONNX, "Quant", onnx_quant, 4},
};
static const char *const domain_names[][3] = {{"", "ai.onnx", ""},
                                              {"com.microsoft", "", ""},
                                              {"qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas"}};

static int is_in_domain(const char *name, enum onnx_domain d) {
  for (int i = 0; i < 3; i++)
    if (!strcmp(name ? name : "", domain_names[d][i]) && (*domain_names[d][i] || d == ONNX_STANDARD)) return 1;
  return 0;
}

static int check_opsets(struct onnx_reader *x, const Onnx__ModelProto *model) {
  for (size_t i = 0; i < model->n_opset_import; i++)
    if (is_in_domain(model->opset_import[i]->domain, ONNX_STANDARD)) x->opset = model->opset_import[i]->version;
  if (x->opset >= oldest_opset && x->opset <= newest_opset) return TETRA_OK;
  return tetra_fail(x->err, TETRA_EINVAL, "opset %lld; those from %d to %d are read", (long long)x->opset, oldest_opset,
                    newest_opset);
}

/* The input's dimensions; a batch of 1 or without a number becomes o->batch. */
static int input_dims(struct onnx_reader *x, const Onnx__TypeProto__Tensor *type, int64_t d[4], int *rank) {
  const Onnx__TensorShapeProto *s = type->shape;
  char name[TETRA_NAME_MAX];
  import_name(name, x->tensors[x->input].name);
  if (!s || (s->n_dim != 4 && s->n_dim != 2 && s->n_dim != 1))
    return tetra_fail(x->err, TETRA_EINVAL, "input '%s' has rank %zu, must be 4, 2 or 1", name, s ? s->n_dim : 0);
  *rank = (int)s->n_dim;
  for (int i = 0; i < *rank; i++) {
    const Onnx__TensorShapeProto__Dimension *dim = s->dim[i];
    const int known = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && dim->dim_value != 0;
    const int is_batch = i == 0 && *rank > 1;
    d[i] = known ? dim->dim_value : is_batch ? 1 : 0;
    if (is_batch && d[i] == 1) {
      x->batch_replaced = x->o->batch != 1;
      d[i] = x->o->batch;
    }
    if (d[i] < 1 || d[i] > ONNX_DIM_MAX)
      return tetra_fail(x->err, TETRA_EINVAL, "input '%s': dimension %d is %lld, must be known and 1..%d", name, i,
                        (long long)d[i], ONNX_DIM_MAX);
  }
  return TETRA_OK;
}

static int start_input(struct onnx_reader *x) {
  struct onnx_tensor *t = &x->tensors[x->input];
  const Onnx__TypeProto *type = x->input_info->type;
  char name[TETRA_NAME_MAX];
  import_name(name, t->name);
  if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
    return tetra_fail(x->err, TETRA_EINVAL, "input '%s' is not a tensor", name);
  int64_t d[4];
  int rc = input_dims(x, type->tensor_type, d, &t->rank);
  if (rc) return rc;
  t->n = t->rank > 1 ? (int)d[0] : 1;
  t->c_ = (int)d[t->rank > 1 ? 1 : 0];
  t->h = t->rank == 4 ? (int)d[2] : 1;
  t->w = t->rank == 4 ? (int)d[3] : 1;
  t->linear = 1;
  x->m->input_nchw = 1;
  x->m->graph.input = -1;
  const int elem = type->tensor_type->elem_type;
  t->kind = ONNX_INPUT;
  if (elem == ONNX_FLOAT) return TETRA_OK;
  if (!onnx_is_code_type(elem))
    return tetra_fail(x->err, TETRA_EINVAL, "input '%s' has element type %d, must be float, (u)int8 or (u)int4", name,
                      elem);
  const struct tetra_desc desc = {t->n, t->h, t->w, t->c_, onnx_fmt(elem), 0, 1.0};
  struct onnx_view v;
  if ((rc = onnx_add_value(x, t->name, &desc, &x->m->graph.input))) return rc;
  onnx_view_whole(x, &v, x->m->graph.input);
  onnx_set_view(t, ONNX_CODES, &v, t);
  t->linear = 1;
  return TETRA_OK;
}

static int convert_node(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_converter *converters,
                        size_t count) {
  const char *op = onnx_op_type(n);
  int poisoned = 0, folded = 0, rc;
  size_t k = 0;
  if (!onnx_out(x, n, 0)) return onnx_refuse(x, n, "without its first output");
  for (int i = 0; i < n->n_in; i++) poisoned |= onnx_in(x, n, i) && onnx_in(x, n, i)->kind == ONNX_POISON;
  if (!poisoned && is_in_domain(n->p->domain, ONNX_STANDARD)) {
    if ((rc = onnx_fold(x, n, &folded)) || folded) return rc;
  }
  while (k < count && (strcmp(op, converters[k].op) || !is_in_domain(n->p->domain, converters[k].domain))) k++;
  if (k == count) return onnx_refuse(x, n, "the accelerator has no such operation");
  if (poisoned) return ONNX_REFUSED;
  for (int i = 0; i < converters[k].min_in; i++)
    if (!onnx_in(x, n, i)) return onnx_broken(x, n, "input %d is missing", i);
  return converters[k].convert(x, n);
}

int onnx_convert_nodes(struct onnx_reader *x, const struct onnx_converter *converters, size_t count) {
  for (int i = 0; i < x->n_nodes; i++) {
    if (!x->nodes[i].needed) continue;
    const int rc = convert_node(x, &x->nodes[i], converters, count);
    if (rc == ONNX_REFUSED)
      for (int k = 0; k < x->nodes[i].n_out; k++) {
        struct onnx_tensor *t = onnx_out(x, &x->nodes[i], k);
        if (t) t->kind = ONNX_POISON;
      }
    else if (rc)
      return rc;
  }
  return TETRA_OK;
}

/* The graph's output, as a value of its own. */
static int finish_output(struct onnx_reader *x) {
  struct onnx_tensor *t = &x->tensors[x->output];
  struct tetra_graph *g = &x->m->graph;
  if (t->kind == ONNX_POISON) return TETRA_OK; /* refused already */
  if (t->producer < 0) return tetra_fail(x->err, TETRA_EINVAL, "the network has no operations");
  const struct onnx_node *n = &x->nodes[t->producer];
  if (t->kind == ONNX_CONSTANT) return onnx_broken(x, n, "the network's output is a constant");
  if (t->kind == ONNX_REAL && t->pend)
    return onnx_refuse(x, n, "its result, the network's output, is never quantized: a QuantizeLinear must follow");
  if (t->flat && (t->h > 1 || t->w > 1)) return onnx_refuse(x, n, "the network's output must be no flattened plane");
  int rc = TETRA_OK, value = t->view.value;
  const int real = t->kind != ONNX_CODES;
  if (t->kind != ONNX_SOFTMAX && (rc = onnx_need_view(x, n, t, t->kind, 0))) return rc;
  value = t->view.value;
  /* A network of its input alone, or read with another scale than it is written with, is copied by an op. */
  if (g->values[value].producer < 0 || g->values[value].d.scale != t->view.scale) {
    const enum tetra_fmt f = g->values[value].d.fmt;
    const struct onnx_q q = {t->view.scale, t->view.zp, f, tetra_fmt_min(f), tetra_fmt_max(f), TETRA_HALF_EVEN};
    struct onnx_pend *p;
    if ((rc = onnx_pend_copy(x, n, t, &p)) || (rc = onnx_emit(x, n, p, &q, -INFINITY, INFINITY, t->name, &value)))
      return rc;
  }
  g->output = value;
  x->m->output_is_float = real;
  return TETRA_OK;
}

int onnx_start(struct onnx_reader *x, const Onnx__ModelProto *model) {
  int rc;
  x->proto = model->graph;
  if (x->o->batch < 1) return tetra_fail(x->err, TETRA_EINVAL, "batch %d, must be at least 1", x->o->batch);
  if ((rc = check_opsets(x, model)) || (rc = onnx_load(x))) return rc;
  return start_input(x);
}

static int read_model(struct onnx_reader *x, const Onnx__ModelProto *model) {
  int rc;
  if ((rc = onnx_start(x, model)) ||
      (rc = onnx_convert_nodes(x, quantized_ops, sizeof quantized_ops / sizeof *quantized_ops)))
    return rc;
  rc = finish_output(x);
  if (rc && rc != ONNX_REFUSED) return rc;
  if ((rc = import_verdict(x->report, x->err))) return rc;
  import_name(x->m->graph.name, model->graph->name && *model->graph->name ? model->graph->name : "onnx");
  return tetra_graph_check(&x->m->graph, x->err);
}

int tetra_import_onnx(const uint8_t *bytes, size_t size, const struct tetra_import_options *o, struct tetra_model *m,
                      struct tetra_import_report *report, struct tetra_error *err) {
  struct tetra_error own = {0}; /* where the caller does not ask, the reader still needs to know */
  memset(m, 0, sizeof *m);
  memset(report, 0, sizeof *report);
  struct onnx_reader x = {.o = o, .m = m, .report = report, .err = err ? err : &own};
  x.budget = 64 * size + ((size_t)64 << 20);
  struct onnx_message *msg;
  int rc = onnx_unpack(bytes, size, &msg, x.err);
  if (rc) return rc;
  rc = read_model(&x, onnx_model(msg));
  onnx_memory_free(&x);
  onnx_message_free(msg);
  if (rc) tetra_model_free(m);
  return rc;
}
