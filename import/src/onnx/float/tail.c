/* The end of a network that nothing quantizes: logits, a last pool and dense layer. It becomes a float network whose
 * input is the graph's output, and which the host runs. */
#include <string.h>

#include "onnx/file/const.h"
#include "onnx/float/float_net.h"
#include "onnx/node.h"
#include "onnx/settle.h"
#include "onnx/float/tail.h"

static int is_one_of(const char *op, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!strcmp(op, list[i])) return 1;
  return 0;
}

static int quantizes(const char *op) {
  static const char *const quantizers[] = {"QuantizeLinear",        "Quant",    "QGemm",
                                           "DynamicQuantizeLinear", "IntQuant", "BipolarQuant"};
  return !strncmp(op, "QLinear", 7) || is_one_of(op, quantizers, sizeof quantizers / sizeof *quantizers);
}

/* Operations whose result needs a quantization before the accelerator can store it. Others, of what is dequantized, are
 * views of its codes. */
static int calculates(const char *op) {
  static const char *const ops[] = {"Conv",       "Gemm", "MatMul", "AveragePool", "GlobalAveragePool",
                                    "ReduceMean", "Add",  "Sub",    "Sum",         "BatchNormalization"};
  return is_one_of(op, ops, sizeof ops / sizeof *ops);
}

static int mark(struct onnx_reader *x) {
  char *quantized = tetra_arena_alloc(x->arena, (size_t)x->n_tensors + 1, 1); /* on the way to the output */
  if (!quantized) return tetra_arena_failed(x->arena);
  for (int i = x->n_nodes - 1; i >= 0; i--) {
    struct onnx_node *n = &x->nodes[i];
    n->in_tail = n->needed && !quantizes(onnx_op_type(n));
    for (int k = 0; k < n->n_out; k++)
      if (n->out[k] >= 0 && quantized[n->out[k]]) n->in_tail = 0;
    for (int k = 0; n->needed && !n->in_tail && k < n->n_in; k++)
      if (n->in[k] >= 0) quantized[n->in[k]] = 1;
  }
  return TETRA_OK;
}

static int takes(const struct onnx_reader *x, const struct onnx_node *n) {
  int reads_host = 0, reads_view = 0;
  for (int i = 0; i < n->n_in; i++) {
    const struct onnx_tensor *t = onnx_in(x, n, i);
    reads_host |= t && t->kind == ONNX_PLAIN;
    reads_view |= t && t->kind == ONNX_REAL;
  }
  return n->in_tail && (reads_host || (reads_view && calculates(onnx_op_type(n))));
}

static int begin(struct onnx_reader *x, const struct onnx_tensor *t, int value) {
  struct onnx_tail *tail = tetra_arena_alloc(x->arena, 1, sizeof *tail);
  struct tetra_float_graph *g = tetra_arena_alloc(x->arena, 1, sizeof *g);
  if (!tail || !g) return tetra_arena_failed(x->arena);
  *tail = (struct onnx_tail){t->view, t->flat, value};
  x->tail = tail;
  return onnx_float_begin(x, g, t);
}

static int is_same(const struct onnx_tail *tail, const struct onnx_tensor *t) {
  return tail->from.value == t->view.value && tail->from.scale == t->view.scale && tail->from.zp == t->view.zp &&
         tail->flat == t->flat;
}

/* Reals of a graph value become the host's input; all operands that do must be the same one. */
static int cut(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t) {
  int rc = onnx_need_view(x, n, t, ONNX_REAL, 0), value;
  if (rc) return rc;
  if (!x->tail) {
    if ((rc = onnx_output_value(x, n, t, &value)) || (rc = begin(x, t, value))) return rc;
  } else if (!is_same(x->tail, t)) {
    return onnx_refuse(x, n,
                       "the host would need a second tensor, '%s': insert a QuantizeLinear and a DequantizeLinear "
                       "behind it",
                       import_name_end(t->name));
  }
  t->kind = ONNX_PLAIN;
  t->linear = 0;
  t->view.value = x->floats->input;
  return TETRA_OK;
}

/* A dequantized constant as the numbers it means. */
static int make_float(struct onnx_reader *x, struct onnx_tensor *t) {
  struct onnx_const *c = tetra_arena_alloc(x->arena, 1, sizeof *c);
  double *v = tetra_arena_alloc(x->arena, t->c->count + 1, sizeof *v);
  if (!c || !v) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < t->c->count; i++) v[i] = onnx_tensor_real(t, i);
  *c = *t->c;
  c->type = ONNX_DOUBLE;
  c->storage = ONNX_DOUBLES;
  c->data = v;
  t->c = c;
  t->c_scale = t->c_zp = NULL;
  return TETRA_OK;
}

static int enter(struct onnx_reader *x, const struct onnx_node *n) {
  int rc = TETRA_OK;
  for (int i = 0; !rc && i < n->n_in; i++) {
    struct onnx_tensor *t = onnx_in(x, n, i);
    if (t && t->kind == ONNX_REAL) rc = cut(x, n, t);
    if (t && t->kind == ONNX_CONSTANT && t->c_scale) rc = make_float(x, t);
  }
  return rc;
}

const struct onnx_host onnx_tail_host = {&onnx_float_operations, mark, takes, enter};

int onnx_tail_finish(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  struct tetra_float_graph *g = x->floats;
  if (t->flat && (t->h > 1 || t->w > 1)) return onnx_refuse(x, n, "the network's output must be no flattened plane");
  struct tetra_float_node *last = &g->nodes[g->n_nodes - 1];
  g->output = t->view.value;
  if (last->kind == TETRA_FLOAT_SOFTMAX) { /* which is the output; the host has its own place for it */
    g->output = last->in[0];
    g->n_nodes--;
    g->n_values--;
    x->m->host_softmax = TETRA_SOFTMAX_FLOAT;
  }
  g->values[g->output].n_uses++;
  x->m->graph.output = x->tail->value;
  x->m->output_is_float = 1;
  x->m->tail = g;
  return TETRA_OK;
}
