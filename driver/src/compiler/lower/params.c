/* Parameters of an op in the parameter buffer: pieces of a few channel tiles. */
#include <stdlib.h>

#include "compiler/program.h"

/* A piece is one LOAD, and its space is freed as a whole: a share of the buffer, found with the cycle model. */
enum { kPieces = 8 };

int params_entries(const struct tetra_op *op, uint32_t n) { return tetra_ceil_div(op->cout, (int)n) * op->n_outputs; }

int params_init(struct params *v, const struct program *p, int op, const struct constants *c, int shared_entries) {
  const struct tetra_op *o = &p->g->ops[op];
  const int all = (int)p->caps.par_entries;
  *v = (struct params){.base = c->params, .outputs = o->n_outputs, .last = -1};
  v->entries = params_entries(o, p->caps.n);
  v->keep = max_int(v->entries, shared_entries) <= all;
  v->each_tile = shared_entries > 0 && !v->keep; /* tiles of other ops come between, and the buffer frees in order */
  v->piece = v->each_tile ? 1 : max_int(1, all / kPieces / (2 * v->outputs));
  v->pieces = tetra_ceil_div(tetra_ceil_div(o->cout, 2 * (int)p->caps.n), v->piece);
  v->segment = malloc((size_t)v->pieces * sizeof *v->segment);
  if (!v->segment) return TETRA_ENOMEM;
  for (int i = 0; i < v->pieces; i++) v->segment[i] = -1;
  return TETRA_OK;
}

void params_free(struct params *v) { free(v->segment); }

struct tile_params params_get(struct params *v, struct program *p, int tile) {
  const int i = tile / v->piece, tile_entries = 2 * v->outputs, first = i * v->piece * tile_entries;
  if (!v->keep && v->last >= 0 && (i != v->last || v->each_tile)) v->segment[v->last] = -1;
  v->last = i;
  if (v->segment[i] < 0) {
    const uint32_t entries = (uint32_t)min_int(v->piece * tile_entries, v->entries - first);
    v->segment[i] = program_segment(p, TETRA_BUF_PAR, entries);
    const uint32_t addr = v->base + (uint32_t)first * kParamBeats * p->caps.n;
    program_load(p, v->segment[i], 0, addr, kParamBeats * entries, 1, 0, 0);
  }
  return (struct tile_params){v->segment[i], (uint32_t)(tile * tile_entries - first)};
}
