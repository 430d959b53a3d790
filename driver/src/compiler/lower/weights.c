/* Weights of a conv in the weight buffer: pieces of whole channel blocks. */
#include <stdlib.h>

#include "compiler/program.h"

/* Small pieces free their space early, large ones are few commands: a share of the buffer, found with the cycle model.
 */
enum { kPieces = 24 };

void weights_measure(struct weights *w, const struct program *p, int op) {
  const struct tetra_caps *caps = &p->caps;
  *w = (struct weights){.shape = weight_shape(p->g, caps->n, op),
                        .stored = weight_stored(p->g, caps->n, op),
                        .loads = weight_narrows(p->g, op) ? 2 : 1,
                        .extra = &p->extra[op]};
  const struct weight_shape *s = &w->shape;
  w->parts = s->wgt8 ? 2 : 1;
  for (int i = 0; i < weight_slices(s); i++)
    w->kb = max_int(w->kb, weight_blocks(s, i).end - weight_blocks(s, i).first);
  w->kb_halfwords = (uint32_t)(s->kh * s->kw) * caps->n * (s->act8 ? 1u : 2u);
  w->chunk_kb = max_int(1, min_int(w->kb, (int)(caps->wgt_words / kPieces / w->kb_halfwords)));
  w->chunks = tetra_ceil_div(w->kb, w->chunk_kb);
  w->chunk_kb = tetra_ceil_div(w->kb, w->chunks);
  w->tiles = tetra_ceil_div(s->cout, 2 * (int)caps->n);
}

int weights_init(struct weights *w, const struct program *p, int op, const struct constants *c) {
  weights_measure(w, p, op);
  w->base = c->weights;
  w->segment = malloc((size_t)(w->tiles * w->parts * w->chunks + w->extra->n_pieces) * sizeof *w->segment);
  if (!w->segment) return TETRA_ENOMEM;
  weights_forget(w);
  return TETRA_OK;
}

void weights_free(struct weights *w) { free(w->segment); }

void weights_forget(struct weights *w) {
  for (int i = 0; i < w->tiles * w->parts * w->chunks + w->extra->n_pieces; i++) w->segment[i] = -1;
}

int weights_parts(const struct weights *w, int tile) {
  return min_int(w->parts, weight_slices(&w->shape) - tile * w->parts);
}

int weights_chunks(const struct weights *w, int tile, int part) {
  const struct blocks b = weight_blocks(&w->shape, tile * w->parts + part);
  return tetra_ceil_div(b.end - b.first, w->chunk_kb);
}

struct blocks weights_chunk(const struct weights *w, int tile, int part, int chunk) {
  const struct blocks b = weight_blocks(&w->shape, tile * w->parts + part);
  const int first = b.first + chunk * w->chunk_kb;
  return (struct blocks){first, min_int(b.end, first + w->chunk_kb)};
}

struct blocks weights_input(const struct weights *w, int ct0, int ct1) {
  const int last = min_int(ct1 * w->parts, weight_slices(&w->shape)) - 1;
  return (struct blocks){weight_blocks(&w->shape, ct0 * w->parts).first, weight_blocks(&w->shape, last).end};
}

uint32_t weights_tile_halfwords(const struct weights *w) {
  return (uint32_t)w->kb * w->kb_halfwords * (uint32_t)w->parts +
         (uint32_t)w->extra->tile_steps * w->extra->step_halfwords;
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

/* Address of a piece of a slice. */
static uint32_t piece_addr(const struct weights *w, const struct program *p, int slice, int chunk) {
  const int64_t blocks = weight_blocks_before(&w->stored, slice) + chunk * w->chunk_kb;
  return w->base + (uint32_t)blocks * w->kb_halfwords * p->caps.n;
}

int32_t weights_get(struct weights *w, struct program *p, int tile, int part, int chunk) {
  int32_t *s = &w->segment[(tile * w->parts + part) * w->chunks + chunk];
  if (*s >= 0) return *s;
  const struct blocks b = weights_chunk(w, tile, part, chunk);
  const uint32_t halfwords = (uint32_t)(b.end - b.first) * w->kb_halfwords;
  *s = program_segment(p, TETRA_BUF_WGT, halfwords);
  if (w->loads == 1) {
    load_piece(p, *s, piece_addr(w, p, tile * w->parts + part, chunk), halfwords);
    return *s;
  }
  /* The tile's first half into the low halves of bytes, which clears the high ones, then its second into those. */
  for (int half = 0; half < min_int(2, weight_slices(&w->stored) - 2 * tile); half++) {
    program_load(p, *s, 0, piece_addr(w, p, 2 * tile + half, chunk), halfwords, 1, 0, 0);
    program_narrow(p, half ? TETRA_NARROW_HIGH : TETRA_NARROW_LOW);
  }
  return *s;
}

void weights_set(const struct weights *w, struct compute_op *c, int tile, int part, int chunk, int32_t segment) {
  const struct blocks b = weights_chunk(w, tile, part, chunk);
  c->wgt_segment = segment;
  c->wgt_offset = 0;
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_WGT8, w->parts == 2);
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_HALF, (uint32_t)part);
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_KB, (uint32_t)(b.end - b.first));
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_FIRST, chunk == 0);
}

struct blocks weights_runs(const struct weights *w, int tile, int part) {
  const int slice = tile * w->parts + part;
  if (w->extra->n_runs == 0) return (struct blocks){0, 0};
  return (struct blocks){w->extra->slice_run[slice], w->extra->slice_run[slice + 1]};
}

int32_t weights_get_run(struct weights *w, struct program *p, int run) {
  const struct extra *x = w->extra;
  const struct extra_piece *piece = &x->pieces[x->runs[run].piece];
  int32_t *s = &w->segment[w->tiles * w->parts * w->chunks + x->runs[run].piece];
  if (*s >= 0) return *s;
  const uint32_t first_array = (uint32_t)weight_blocks_before(&w->shape, weight_slices(&w->shape)) * w->kb_halfwords;
  const uint32_t before = first_array + (uint32_t)piece->before * x->step_halfwords;
  *s = program_segment(p, TETRA_BUF_WGT, (uint32_t)piece->steps * x->step_halfwords);
  load_piece(p, *s, w->base + before * p->caps.n, (uint32_t)piece->steps * x->step_halfwords);
  return *s;
}

void weights_set_run(const struct weights *w, struct compute_op *c, int part, int run, int32_t segment) {
  const struct extra_run *r = &w->extra->runs[run];
  c->wgt_segment = segment;
  c->wgt_offset = (uint32_t)r->before * w->extra->step_halfwords;
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_WGT8, 1);
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_HALF, (uint32_t)part);
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_KB, (uint32_t)(r->blocks.end - r->blocks.first));
  tetra_cmd_set(&c->cmd, TETRA_F_COMP_FIRST, 0);
}
