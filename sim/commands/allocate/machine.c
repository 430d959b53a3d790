/* A network's exact costs: from its bits to the cycle model. */
#include "commands/allocate/machine.h"

#include <stdlib.h>
#include <string.h>

#include "tetra/fuse.h"
#include "tetra/import_outline.h"
#include "tetra/plan.h"

enum { PARAMETER_BYTES = 16 }; /* an output channel's record: bias, two multipliers, shifts */

/* The layer that each op belongs to: its own, or the last one before it, or the first. */
static int layer_of(const struct allocate_machine *m, const struct tetra_op *op, int before) {
  for (int l = 0; op->kind == TETRA_CONV && l < m->n_layers; l++) {
    if (strcmp(m->layers[l].name, op->name) == 0) return l;
    /* A fused op's name begins with the convolution's. */
    const size_t n = strlen(m->layers[l].name);
    if (strncmp(m->layers[l].name, op->name, n) == 0 && op->name[n] == '+') return l;
  }
  return before;
}

static double value_bytes(const struct tetra_desc *d) {
  return (double)d->n * d->h * d->w * d->c * tetra_fmt_bits(d->fmt) / 8;
}

/* The last op that reads a value; n_ops for the network's output, which outlives them all. */
static void last_readers(const struct tetra_graph *g, int *last) {
  for (int v = 0; v < g->n_values; v++) last[v] = g->values[v].producer;
  for (int i = 0; i < g->n_ops; i++) {
    last[g->ops[i].input] = i;
    if (g->ops[i].residual >= 0) last[g->ops[i].residual] = i;
  }
  last[g->output] = g->n_ops;
}

static double alive_at(const struct tetra_graph *g, const int *last, int i) {
  double bytes = 0;
  for (int v = 0; v < g->n_values; v++) {
    if (g->values[v].producer <= i && last[v] >= i) bytes += value_bytes(&g->values[v].d);
  }
  return bytes;
}

static void add_ops(const struct allocate_machine *m, const struct tetra_graph *g, const struct tetra_timing *t,
                    const int *last, struct allocate_cost *cost) {
  int l = 0;
  for (int i = 0; i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    l = layer_of(m, op, l);
    const double alive = alive_at(g, last, i);
    double weights = 0;
    if (op->kind == TETRA_CONV) {
      weights = (double)tetra_op_array(op, g->values[op->input].d.c) * (1 + op->extra) * op->wbits / 8;
    }
    cost->layer[ALLOCATE_CYCLES][l] += (double)t->layers[i].cycles;
    cost->layer[ALLOCATE_BYTES][l] += weights;
    cost->layer[ALLOCATE_FLASH][l] += weights + (double)PARAMETER_BYTES * op->cout * op->n_outputs;
    if (alive > cost->layer[ALLOCATE_RAM][l]) cost->layer[ALLOCATE_RAM][l] = alive;
  }
  for (int k = 0; k < m->n_layers; k++) {
    for (int r = 0; r < ALLOCATE_RESOURCES; r++) {
      const double x = cost->layer[r][k];
      if (r != ALLOCATE_RAM) cost->total[r] += x;
      if (r == ALLOCATE_RAM && x > cost->total[r]) cost->total[r] = x;
    }
  }
}

static int measure(const struct allocate_machine *m, const struct tetra_graph *g, struct allocate_cost *cost,
                   struct tetra_error *err) {
  struct tetra_compile_options c;
  struct tetra_plan plan;
  struct tetra_timing t = {0};
  int *last = malloc((size_t)g->n_values * sizeof *last);
  double *block = calloc((size_t)ALLOCATE_RESOURCES * (size_t)m->n_layers, sizeof *block);
  tetra_compile_defaults(&c);
  c.timing_only = 1;
  memset(&plan, 0, sizeof plan);
  int rc = last == NULL || block == NULL
               ? tetra_fail(err, TETRA_ENOMEM, "no memory for the costs of %d layers", m->n_layers)
               : tetra_compile(g, &m->caps, &c, &plan, err);
  if (rc == TETRA_OK) rc = tetra_timing_run(&plan, &m->mem, TETRA_TIMING_FAST, &t, err);
  if (rc == TETRA_OK) {
    for (int r = 0; r < ALLOCATE_RESOURCES; r++) cost->layer[r] = block + (size_t)r * (size_t)m->n_layers;
    last_readers(g, last);
    add_ops(m, g, &t, last, cost);
  } else {
    free(block);
  }
  tetra_timing_free(&t);
  tetra_plan_free(&plan);
  free(last);
  return rc;
}

int allocate_evaluate(struct allocate_machine *m, const struct tetra_layer_bits *bits, struct allocate_cost *cost,
                      struct tetra_error *err) {
  struct tetra_import_options o;
  struct tetra_import_report refused;
  struct tetra_model model;
  struct tetra_fused gone = {0};
  uint8_t *onnx = NULL;
  size_t size = 0;
  memset(cost, 0, sizeof *cost);
  tetra_import_defaults(&o);
  int rc = tetra_study_shape(m->study, bits, &onnx, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_import_outline(onnx, size, &o, &model, &refused, err);
  free(onnx);
  tetra_import_report_free(&refused);
  if (rc == TETRA_OK) rc = tetra_fuse(&model.graph, &m->caps, &gone, err);
  if (rc == TETRA_OK) rc = measure(m, &model.graph, cost, err);
  tetra_fused_free(&gone);
  tetra_model_free(&model);
  m->evaluations++;
  return rc;
}

void allocate_cost_free(struct allocate_cost *cost) {
  free(cost->layer[0]);
  memset(cost, 0, sizeof *cost);
}
