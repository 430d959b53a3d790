/* Lists of loads, COMPUTEs, STOREs and tiles that grow as ops are lowered, and what each of them needs. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for one more element; on failure the program is marked and the last element is reused. */
static void *grow(struct program *p, void *array, int32_t n, int32_t *cap, size_t size) {
  if (n < *cap) return array;
  const int32_t bigger = *cap ? *cap * 2 : 256;
  void *q = realloc(array, (size_t)bigger * size);
  if (!q) {
    p->failed = 1;
    return array;
  }
  *cap = bigger;
  return q;
}

int program_init(struct program *p, const struct tetra_graph *g, const struct tetra_caps *caps,
                 struct tetra_plan *plan) {
  memset(p, 0, sizeof *p);
  p->g = g;
  p->caps = *caps;
  p->plan = plan;
  const size_t values = (size_t)g->n_values, ops = (size_t)g->n_ops;
  p->written_from = malloc(values * sizeof *p->written_from);
  p->written_to = malloc(values * sizeof *p->written_to);
  p->reuse_after_op = malloc(values * sizeof *p->reuse_after_op);
  p->loads_after_op = calloc(ops, sizeof *p->loads_after_op);
  /* The first elements exist before anything is appended, so that a failing program never has an empty list. */
  p->segments = grow(p, NULL, 0, &p->cap_segments, sizeof *p->segments);
  p->loads = grow(p, NULL, 0, &p->cap_loads, sizeof *p->loads);
  p->computes = grow(p, NULL, 0, &p->cap_computes, sizeof *p->computes);
  p->stores = grow(p, NULL, 0, &p->cap_stores, sizeof *p->stores);
  p->tiles = grow(p, NULL, 0, &p->cap_tiles, sizeof *p->tiles);
  p->written = grow(p, NULL, 0, &p->cap_written, sizeof *p->written);
  if (!p->written_from || !p->written_to || !p->reuse_after_op || !p->loads_after_op || p->failed) return TETRA_ENOMEM;
  for (size_t v = 0; v < values; v++) p->written_from[v] = p->written_to[v] = p->reuse_after_op[v] = -1;
  return TETRA_OK;
}

void program_free(struct program *p) {
  free(p->segments);
  free(p->loads);
  free(p->computes);
  free(p->stores);
  free(p->tiles);
  free(p->written);
  free(p->written_from);
  free(p->written_to);
  free(p->loads_after_op);
  free(p->reuse_after_op);
  memset(p, 0, sizeof *p);
}

struct tetra_cmd program_command(const struct program *p, int op) {
  struct tetra_cmd c = {{0}};
  tetra_cmd_set(&c, TETRA_F_OP, (uint32_t)op);
  tetra_cmd_set(&c, TETRA_F_LAYER, (uint32_t)p->layer);
  return c;
}

int32_t program_segment(struct program *p, int buf, uint32_t words) {
  p->segments = grow(p, p->segments, p->n_segments, &p->cap_segments, sizeof *p->segments);
  if (p->failed) return 0;
  p->segments[p->n_segments] = (struct segment){.buf = buf, .words = words, .first_load = -1, .queue = buf};
  return p->n_segments++;
}

static int32_t add_load(struct program *p, const struct load_op *l) {
  p->loads = grow(p, p->loads, p->n_loads, &p->cap_loads, sizeof *p->loads);
  if (p->failed) return 0;
  struct segment *s = &p->segments[l->segment];
  if (s->first_load < 0) s->first_load = p->n_loads;
  s->loaded = ++p->n_queue[s->queue];
  p->loads[p->n_loads] = *l;
  p->loads[p->n_loads].queue = s->queue;
  p->loads[p->n_loads].tile = p->n_tiles;
  return p->n_loads++;
}

int32_t program_load(struct program *p, int32_t segment, uint32_t offset, uint32_t addr, uint32_t beats, uint32_t count,
                     uint32_t dst_stride, uint32_t addr_stride) {
  if (p->failed) return 0;
  struct load_op l = {.cmd = program_command(p, TETRA_OP_LOAD),
                      .segment = segment,
                      .offset = offset,
                      .pack_source = -1,
                      .beats = beats * count};
  if (count > 1 && dst_stride == beats && addr_stride == beats * p->caps.n) {
    beats *= count; /* one run: longer bursts. It fits a buffer (schedule.c), so the field holds it. */
    count = 1;
  }
  tetra_cmd_set(&l.cmd, TETRA_F_LOAD_DST, (uint32_t)p->segments[segment].buf);
  tetra_cmd_set(&l.cmd, TETRA_F_LOAD_ADDR, addr);
  tetra_cmd_set(&l.cmd, TETRA_F_LOAD_BEATS, beats);
  tetra_cmd_set(&l.cmd, TETRA_F_LOAD_COUNT, count);
  tetra_cmd_set(&l.cmd, TETRA_F_LOAD_DST_STRIDE, count > 1 ? dst_stride : 0);
  tetra_cmd_set(&l.cmd, TETRA_F_LOAD_ADDR_STRIDE, count > 1 ? addr_stride : 0);
  p->plan->layers[p->layer].dram_bytes += (int64_t)beats * count * p->caps.n;
  return add_load(p, &l);
}

void program_narrow(struct program *p, uint32_t narrow) {
  if (!p->failed) tetra_cmd_set(&p->loads[p->n_loads - 1].cmd, TETRA_F_LOAD_NARROW, narrow);
}

int32_t program_pack(struct program *p, const struct tetra_cmd *cmd, int32_t segment, int32_t rows_segment,
                     uint32_t cycles) {
  if (p->failed) return 0;
  const struct load_op l = {.cmd = *cmd, .segment = segment, .pack_source = rows_segment, .beats = cycles};
  return add_load(p, &l);
}

void program_depend(struct program *p, int32_t i, int value, int img0, int img1, int row0, int row1, int blk0,
                    int blk1) {
  if (p->failed || p->g->values[value].producer < 0) return;
  struct load_op *l = &p->loads[i];
  int64_t covered = 0;
  for (int32_t r = max_int(0, p->written_from[value]); r < p->written_to[value]; r++) {
    const struct written *w = &p->written[r];
    const int m = min_int(w->img1, img1) - max_int(w->img0, img0), y = min_int(w->row1, row1) - max_int(w->row0, row0);
    const int b = min_int(w->blk1, blk1) - max_int(w->blk0, blk0);
    if (w->value != value || m <= 0 || y <= 0 || b <= 0) continue;
    covered += (int64_t)m * y * b * w->cols;
    if (w->store + 1 > l->need_store) l->need_store = w->store + 1;
  }
  /* Every word must have been written by a STORE that is already there. */
  if (covered != (int64_t)(img1 - img0) * (row1 - row0) * (blk1 - blk0) * p->g->values[value].d.w) p->uncovered = 1;
}

void program_record(struct program *p, int value, const struct pixels *px, int blk0, int blk1) {
  p->written = grow(p, p->written, p->n_written, &p->cap_written, sizeof *p->written);
  if (p->failed) return;
  if (p->written_from[value] < 0) p->written_from[value] = p->n_written;
  p->written[p->n_written++] = (struct written){.value = value,
                                                .store = p->n_stores,
                                                .img0 = px->img0,
                                                .img1 = px->img1,
                                                .row0 = px->y0,
                                                .row1 = px->y1,
                                                .blk0 = blk0,
                                                .blk1 = blk1,
                                                .cols = px->x1 - px->x0};
  p->written_to[value] = p->n_written;
}

void program_begin_tile(struct program *p) {
  p->tiles = grow(p, p->tiles, p->n_tiles, &p->cap_tiles, sizeof *p->tiles);
  if (p->failed) return;
  p->tiles[p->n_tiles] = (struct tile_op){.first_compute = p->n_computes};
}

void program_use(struct program *p, int32_t segment) {
  struct segment *s = &p->segments[segment];
  s->last_compute = p->n_computes + 1;
  if (s->loaded > p->next_need_load[s->queue]) p->next_need_load[s->queue] = s->loaded;
}

void program_compute(struct program *p, const struct compute_op *c) {
  p->computes = grow(p, p->computes, p->n_computes, &p->cap_computes, sizeof *p->computes);
  if (p->failed) return;
  struct compute_op *d = &p->computes[p->n_computes];
  *d = *c;
  tetra_cmd_set(&d->cmd, TETRA_F_COMP_ACC_BUF, (uint32_t)(p->n_tiles & 1));
  d->need_drain = max_int(0, p->n_tiles - 1); /* the tile before last had this buffer */
  program_use(p, c->act_segment);
  program_use(p, c->wgt_segment);
  memcpy(d->need_load, p->next_need_load, sizeof d->need_load);
  memset(p->next_need_load, 0, sizeof p->next_need_load);
  const uint32_t pixels = tetra_cmd_get(&d->cmd, TETRA_F_COMP_OY) * tetra_cmd_get(&d->cmd, TETRA_F_COMP_OX);
  const uint32_t steps = tetra_cmd_get(&d->cmd, TETRA_F_COMP_KB) * tetra_cmd_get(&d->cmd, TETRA_F_COMP_KH) *
                         tetra_cmd_get(&d->cmd, TETRA_F_COMP_KW);
  const int hold = tetra_cmd_get(&d->cmd, TETRA_F_COMP_HOLD) != 0;
  d->cycles = steps * (hold || pixels > p->caps.n ? pixels : p->caps.n);
  p->n_computes++;
  p->tiles[p->n_tiles].n_computes++;
}

void program_end_tile(struct program *p, const struct store_op *s) {
  p->stores = grow(p, p->stores, p->n_stores, &p->cap_stores, sizeof *p->stores);
  if (p->failed) return;
  struct store_op *d = &p->stores[p->n_stores];
  *d = *s;
  tetra_cmd_set(&d->cmd, TETRA_F_STORE_ACC_BUF, (uint32_t)(p->n_tiles & 1));
  d->need_compute = p->n_computes;
  const int32_t segments[2] = {s->res_segment, s->par.segment};
  for (int i = 0; i < 2; i++) {
    if (segments[i] < 0) continue;
    struct segment *q = &p->segments[segments[i]];
    q->last_drain = p->n_stores + 1;
    if (q->loaded > d->need_load[q->queue]) d->need_load[q->queue] = q->loaded;
  }
  p->n_stores++;
  p->n_tiles++;
}

void program_want_splits(struct program *p) {
  const int commands = p->n_loads + p->n_computes + p->n_stores, over = commands % TETRA_FETCH_BURST;
  p->splits = over == 0 ? 0 : TETRA_FETCH_BURST - over;
}
