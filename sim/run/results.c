#include "run/results.h"

const char *sim_kind_name(const struct tetra_graph *g, int i) {
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *d = &g->values[op->input].d;
  switch (op->kind) {
    case TETRA_MAXPOOL:
      return "maxpool";
    case TETRA_AVGPOOL:
      return "avgpool";
    case TETRA_ADD:
      return "add";
    default:
      return op->kh == 1 && op->kw == 1 && d->h == 1 && d->w == 1 ? "dense" : "conv";
  }
}

/* Cycles at the mode's peak. */
static double ideal_cycles(const struct sim_results *r, int op) {
  const struct tetra_plan_layer *p = &r->plan->layers[op];
  return p->macs_per_cycle == 0 ? 0 : (double)p->macs / p->macs_per_cycle;
}

double sim_utilization(const struct sim_results *r, int op) {
  return r->layers[op].cycles == 0 ? 0 : ideal_cycles(r, op) / (double)r->layers[op].cycles;
}

double sim_total_utilization(const struct sim_results *r) {
  double ideal = 0;
  for (int i = 0; i < r->g->n_ops; i++) {
    if (r->layers[i].done) ideal += ideal_cycles(r, i);
  }
  return r->cycles == 0 ? 0 : ideal / (double)r->cycles;
}

uint64_t sim_memory_bound(const struct sim_results *r, int op) {
  const uint64_t compute = (uint64_t)r->plan->layers[op].compute_bound;
  const uint64_t memory = (r->layers[op].dram_bytes + r->o->bytes_per_cycle - 1) / r->o->bytes_per_cycle;
  return compute > memory ? compute : memory;
}
