/* Weights of a conv in the weight buffer: pieces of whole channel blocks. */
#include <stdlib.h>

#include "compiler/program.h"

/* Small pieces free their space early, large ones are few commands: a share of the buffer, found with the cycle model.
 */
enum { kPieces = 24 };

int weights_init(struct weights *w, const struct program *p, int op, const struct constants *c) {
  const struct weight_shape s = weight_shape(p->g, p->caps.n, op);
  *w = (struct weights){.op = op, .base = c->weights, .kb = s.kb, .parts = s.wgt8 ? 2 : 1};
  w->kb_halfwords = (uint32_t)(s.kh * s.kw) * p->caps.n * (s.act8 ? 1u : 2u);
  w->chunk_kb = max_int(1, min_int(s.kb, (int)(p->caps.wgt_words / kPieces / w->kb_halfwords)));
  w->chunks = ceil_div(s.kb, w->chunk_kb);
  w->chunk_kb = ceil_div(s.kb, w->chunks);
  w->tiles = ceil_div(p->g->ops[op].cout, 2 * (int)p->caps.n);
  w->segment = malloc((size_t)(w->tiles * w->parts * w->chunks) * sizeof *w->segment);
  if (!w->segment) return TETRA_ENOMEM;
  weights_forget(w);
  return TETRA_OK;
}

void weights_free(struct weights *w) { free(w->segment); }

void weights_forget(struct weights *w) {
  for (int i = 0; i < w->tiles * w->parts * w->chunks; i++) w->segment[i] = -1;
}

int weights_parts(const struct weights *w, const struct program *p, int t) {
  const int n = (int)p->caps.n;
  return w->parts == 2 && p->g->ops[w->op].cout - t * 2 * n <= n ? 1 : w->parts;
}

uint32_t weights_tile_halfwords(const struct weights *w) {
  return (uint32_t)w->kb * w->kb_halfwords * (uint32_t)w->parts;
}

static int chunk_blocks(const struct weights *w, int chunk) {
  return min_int(w->chunk_kb, w->kb - chunk * w->chunk_kb);
}

/* One LOAD, or two where splits are wanted: the first of whole bursts' length. */
static void load_piece(struct program *p, int32_t segment, uint32_t addr, uint32_t halfwords) {
  uint32_t first = 0;
  if (p->splits > 0 && halfwords >= 2 * TETRA_BURST_BEATS) {
    p->splits--;
    first = halfwords / 2 / TETRA_BURST_BEATS * TETRA_BURST_BEATS;
    program_load(p, segment, 0, addr, first, 1, 0, 0);
  }
  program_load(p, segment, first, addr + first * p->caps.n, halfwords - first, 1, 0, 0);
}

int32_t weights_get(struct weights *w, struct program *p, int tile, int part, int chunk) {
  int32_t *s = &w->segment[(tile * w->parts + part) * w->chunks + chunk];
  if (*s >= 0) return *s;
  const uint32_t halfwords = (uint32_t)chunk_blocks(w, chunk) * w->kb_halfwords;
  const uint32_t before = (uint32_t)((tile * w->parts + part) * w->kb + chunk * w->chunk_kb) * w->kb_halfwords;
  *s = program_segment(p, TETRA_BUF_WGT, halfwords);
  load_piece(p, *s, w->base + before * p->caps.n, halfwords);
  return *s;
}

void weights_set(const struct weights *w, struct compute_op *c, int part, int chunk, int32_t segment) {
  c->wgt_segment = segment;
  c->wgt_offset = 0;
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_WGT8, w->parts == 2);
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_HALF, (uint32_t)part);
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_KB, (uint32_t)chunk_blocks(w, chunk));
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_FIRST, chunk == 0);
}
