/* Decisions of others than the quantizer in this library, written as it writes its own; and its own, for others. */
#include <stdlib.h>
#include <string.h>

#include "ptq/quantizer.h"
#include "tetra/quantize_plan.h"
#include "verify.h"

static int allocate(struct tetra_arena *arena, const struct tetra_float_graph *g, struct tetra_plan *plan) {
  plan->points = tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *plan->points);
  plan->use = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *plan->use);
  plan->layers = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *plan->layers);
  return plan->points && plan->use && plan->layers ? TETRA_OK : tetra_arena_failed(arena);
}

static int take(struct tetra_arena *arena, const struct quant_plan *from, struct tetra_plan *plan) {
  const struct tetra_float_graph *g = from->g;
  plan->g = from->g;
  const int rc = allocate(arena, g, plan);
  if (rc) return rc;
  for (int v = 0; v < g->n_values; v++)
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      plan->points[v][k] =
          (struct tetra_plan_point){from->points[v][k].used, from->points[v][k].fmt, from->points[v][k].scale};
  memcpy(plan->use, from->use, (size_t)g->n_nodes * sizeof *plan->use);
  for (int i = 0; i < g->n_nodes; i++) {
    const struct quant_weights *w = &from->weights[i];
    plan->layers[i] = (struct tetra_plan_layer){w->bits, w->codes, w->scale, w->offset};
  }
  return TETRA_OK;
}

int tetra_plan_place(struct tetra_arena *arena, struct tetra_float_graph *g, const struct tetra_quantize_options *o,
                     struct tetra_plan *plan) {
  struct quant_plan p = {.g = g, .o = o};
  const int rc = quant_place(arena, &p);
  return rc ? rc : take(arena, &p, plan);
}

int tetra_plan_decide(struct tetra_arena *arena, struct tetra_float_graph *g, const float *images, int n,
                      const struct tetra_quantize_options *o, struct tetra_plan *plan) {
  struct quant_plan p = {.g = g, .o = o};
  struct tetra_quantize_report report = {NULL, 0, 0};
  int rc = quant_place(arena, &p);
  if (!rc) rc = quant_run(arena, &p, images, n, &report);
  tetra_quantize_report_free(&report);
  return rc ? rc : take(arena, &p, plan);
}

int tetra_plan_write(struct tetra_arena *arena, const struct tetra_plan *plan, uint8_t **bytes, size_t *size) {
  const struct tetra_float_graph *g = plan->g;
  struct tetra_quantize_options o;
  tetra_quantize_defaults(&o);
  struct quant_plan p = {.g = plan->g, .o = &o, .use = plan->use};
  struct tetra_import_report refused = {NULL, 0};
  p.points = tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *p.points);
  p.weights = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *p.weights);
  *bytes = NULL;
  if (!p.points || !p.weights) return tetra_arena_failed(arena);
  for (int v = 0; v < g->n_values; v++)
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      p.points[v][k] = (struct quant_point){
          .used = plan->points[v][k].used, .fmt = plan->points[v][k].fmt, .scale = plan->points[v][k].scale};
  for (int i = 0; i < g->n_nodes; i++) {
    const struct tetra_plan_layer *l = &plan->layers[i];
    p.weights[i] = (struct quant_weights){.bits = l->bits, .codes = l->codes, .scale = l->scale, .offset = l->bias};
  }
  int rc = quant_write(&p, bytes, size, arena->err);
  if (!rc) rc = quant_verify(*bytes, *size, &refused, arena->err);
  tetra_import_report_free(&refused);
  if (rc) {
    free(*bytes);
    *bytes = NULL;
  }
  return rc;
}

/* What was written must be read again, as a float network. */
static int verify_float(struct tetra_arena *arena, const uint8_t *bytes, size_t size) {
  struct tetra_import_report refused = {NULL, 0};
  struct tetra_arena read = {.err = arena->err};
  struct tetra_float_graph g;
  const int rc = tetra_import_float(bytes, size, &read, &g, &refused);
  tetra_import_report_free(&refused);
  tetra_arena_free(&read);
  return rc;
}

int tetra_float_write(struct tetra_arena *arena, struct tetra_float_graph *g, struct tetra_bn *const *norms,
                      uint8_t **bytes, size_t *size) {
  struct tetra_quantize_options o;
  tetra_quantize_defaults(&o);
  struct quant_plan p = {.g = g, .o = &o};
  p.points = tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *p.points);
  p.use = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *p.use);
  p.weights = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *p.weights);
  *bytes = NULL;
  if (!p.points || !p.use || !p.weights) return tetra_arena_failed(arena);
  for (int i = 0; i < g->n_nodes; i++) {
    p.use[i][0] = p.use[i][1] = -1;
    p.weights[i].norm = norms[i];
    p.weights[i].offset = g->nodes[i].bias;
  }
  int rc = quant_write(&p, bytes, size, arena->err);
  if (!rc) rc = verify_float(arena, *bytes, *size);
  if (rc) {
    free(*bytes);
    *bytes = NULL;
  }
  return rc;
}
