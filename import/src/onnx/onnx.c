/* The ONNX reader: from a file's bytes to a graph that is proven to run. */
#include <stdlib.h>
#include <string.h>

#include "onnx/ops/conv.h"
#include "onnx/float/float_net.h"
#include "onnx/ops/gemm.h"
#include "onnx/file/metadata.h"
#include "onnx/names.h"
#include "onnx/node.h"
#include "onnx/ops/pick.h"
#include "onnx/ops/pointwise.h"
#include "onnx/ops/pool.h"
#include "onnx/file/proto.h"
#include "onnx/ops/quant.h"
#include "onnx/settle.h"
#include "onnx/ops/shape.h"
#include "onnx/float/tail.h"
#include "onnx/walk.h"
#include "tetra/import_outline.h"

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
    {ONNX_STANDARD, "GlobalMaxPool", onnx_global_maxpool, 1},
    {ONNX_STANDARD, "AveragePool", onnx_avgpool, 1},
    {ONNX_STANDARD, "GlobalAveragePool", onnx_global_avgpool, 1},
    {ONNX_STANDARD, "ReduceMean", onnx_reduce_mean, 1},
    {ONNX_STANDARD, "ReduceMax", onnx_reduce_max, 1},
    {ONNX_STANDARD, "Add", onnx_add, 2},
    {ONNX_STANDARD, "Sum", onnx_sum, 1},
    {ONNX_STANDARD, "Sub", onnx_sub, 2},
    {ONNX_STANDARD, "Neg", onnx_neg, 1},
    {ONNX_STANDARD, "Min", onnx_min, 1},
    {ONNX_STANDARD, "Max", onnx_max, 1},
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
    {ONNX_MICROSOFT, "QLinearMul", onnx_qlinear_mul, 7},
    {ONNX_MICROSOFT, "QLinearAveragePool", onnx_qlinear_avgpool, 4},
    {ONNX_MICROSOFT, "QLinearGlobalAveragePool", onnx_qlinear_global_avgpool, 4},
    {ONNX_MICROSOFT, "QGemm", onnx_qgemm, 5},
    {ONNX_MICROSOFT, "QuantizeLinear", onnx_quantize_linear, 2},
    {ONNX_MICROSOFT, "DequantizeLinear", onnx_dequantize_linear, 2},
    {ONNX_QONNX, "Quant", onnx_quant, 4},
    {ONNX_QONNX, "BipolarQuant", onnx_bipolar_quant, 2},
    {ONNX_QONNX, "IntQuant", onnx_quant, 4}, /* its name since QONNX 1.0 */
};
/* The graph's output, as a value of its own. */
static int finish_output(struct onnx_reader *x) {
  struct onnx_tensor *t = &x->tensors[x->output];
  struct tetra_graph *g = &x->m->graph;
  if (t->kind == ONNX_POISON) return TETRA_OK; /* refused already */
  if (t->producer < 0) return tetra_fail(x->arena->err, TETRA_EINVAL, "the network has no operations");
  const struct onnx_node *n = &x->nodes[t->producer];
  int rc = onnx_settle_pool(x, n, t);
  if (rc) return rc;
  if (t->kind == ONNX_CONSTANT) return onnx_broken(x, n, "the network's output is a constant");
  if (t->kind == ONNX_REAL && t->deferred)
    return onnx_refuse(x, n, "its result, the network's output, is never quantized: a QuantizeLinear must follow");
  if (t->kind == ONNX_PLAIN) return onnx_tail_finish(x, n, t);
  if (t->flat && (t->h > 1 || t->w > 1)) return onnx_refuse(x, n, "the network's output must be no flattened plane");
  const int real = t->kind != ONNX_CODES;
  if (t->kind != ONNX_SOFTMAX && (rc = onnx_need_view(x, n, t, t->kind, 0))) return rc;
  if ((rc = onnx_output_value(x, n, t, &g->output))) return rc;
  x->m->output_is_float = real;
  return TETRA_OK;
}

/* A network with weights of which nothing is quantized: not its operations are wrong, it is a float network. */
static int need_quantized(const struct onnx_reader *x) {
  static const char *const quantizing[] = {"Quant",           "QLinear",     "QGemm",         "DequantizeLinear",
                                           "DynamicQuantize", "ConvInteger", "MatMulInteger", "IntQuant",
                                           "BipolarQuant"};
  static const char *const weighted[] = {"Conv", "Gemm", "MatMul"};
  int has_weights = 0;
  for (int i = 0; i < x->n_nodes; i++) {
    const char *op = onnx_op_type(&x->nodes[i]);
    if (!x->nodes[i].needed) continue;
    for (size_t k = 0; k < sizeof quantizing / sizeof *quantizing; k++)
      if (!strncmp(op, quantizing[k], strlen(quantizing[k]))) return TETRA_OK;
    for (size_t k = 0; k < sizeof weighted / sizeof *weighted; k++) has_weights |= !strcmp(op, weighted[k]);
  }
  if (!has_weights || x->tensors[x->input].kind != ONNX_INPUT) return TETRA_OK;
  return tetra_fail(x->arena->err, TETRA_EINVAL,
                    "a float network: ./sim quantize FILE --calibrate IMAGES -o FILE.tetra.onnx makes a quantized one");
}

static int read_model(struct onnx_reader *x, const Onnx__ModelProto *model) {
  static const struct onnx_operations operations = {quantized_ops, sizeof quantized_ops / sizeof *quantized_ops};
  int rc;
  if ((rc = onnx_start(x, model)) || (rc = need_quantized(x)) ||
      (rc = onnx_convert_nodes(x, &operations, &onnx_tail_host)))
    return rc;
  rc = finish_output(x);
  if (rc && rc != ONNX_REFUSED) return rc;
  if ((rc = import_verdict(x->report, x->arena->err))) return rc;
  import_name(x->m->graph.name, model->graph->name && *model->graph->name ? model->graph->name : "onnx");
  rc = (x->outline ? tetra_graph_check_outline : tetra_graph_check)(&x->m->graph, x->arena->err);
  if (rc || (rc = onnx_read_metadata(x, model))) return rc;
  return onnx_name_tensors(x);
}

static int import(const uint8_t *bytes, size_t size, const struct tetra_import_options *o, int outline,
                  struct tetra_model *m, struct tetra_import_report *report, struct tetra_error *err) {
  struct tetra_error own = {0}; /* where the caller does not ask, the reader still needs to know */
  memset(m, 0, sizeof *m);
  memset(report, 0, sizeof *report);
  struct tetra_arena arena = {.err = err ? err : &own, .budget = onnx_budget(size)};
  struct onnx_reader x = {.o = o, .m = m, .report = report, .arena = &arena, .outline = outline};
  struct onnx_message *msg;
  int rc = onnx_unpack(bytes, size, &msg, arena.err);
  if (rc) return rc;
  rc = read_model(&x, onnx_model(msg));
  arena.err = NULL;
  m->memory = arena;
  if (!m->tail && !m->n_steps && !m->n_nested) tetra_arena_free(&m->memory);
  onnx_message_free(msg);
  if (rc) tetra_model_free(m);
  return rc;
}

int tetra_import_onnx(const uint8_t *bytes, size_t size, const struct tetra_import_options *o, struct tetra_model *m,
                      struct tetra_import_report *report, struct tetra_error *err) {
  return import(bytes, size, o, 0, m, report, err);
}

int tetra_import_outline(const uint8_t *bytes, size_t size, const struct tetra_import_options *o, struct tetra_model *m,
                         struct tetra_import_report *report, struct tetra_error *err) {
  return import(bytes, size, o, 1, m, report, err);
}
