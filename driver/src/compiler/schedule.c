/* Addresses, tokens and command order.
 *
 * Each buffer is a ring: segments take space in the order of their loads and give it back in the same order, when the
 * last command that reads them is through. A load waits for the count that frees its space, a COMPUTE for its operands'
 * loads and its accumulator buffer, a STORE for its sums, parameters and residual. In the command ring every wait names
 * a command that precedes it; loads come as early as that allows, so that they run ahead of the array.
 */
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* A load is put into the ring when what it waits for is at least this many COMPUTEs back (unless it is needed now):
 * otherwise loads that wait would stand in front of COMPUTEs that do not. */
enum { kComputesAhead = 2 };
/* Counts are compared modulo 2^16: older waits are replaced by one on a younger command. */
enum { kOldest = 16384 };

struct ring {
  uint32_t size, head;         /* next word to hand out, not reduced */
  uint32_t used;
  int32_t *live;               /* segments in order of allocation */
  int32_t first, count;
};

static uint32_t buffer_words(const struct tetra_caps *caps, int buf) {
  switch (buf) {
    case TETRA_BUF_ACT: return caps->act_words;
    case TETRA_BUF_WGT: return caps->wgt_words;
    case TETRA_BUF_RES: return caps->res_words;
    default: return caps->par_entries;
  }
}

/* Gives segment s its place; returns in *compute / *drain what must have completed before its first load may write. */
static int allocate(struct program *p, struct ring *r, int32_t index, int32_t *compute, int32_t *drain) {
  struct segment *s = &p->segments[index];
  if (s->words > r->size) return 0;
  while (r->used + s->words > r->size) {
    const struct segment *old = &p->segments[r->live[r->first++]];
    int32_t *wait = old->buf == TETRA_BUF_ACT || old->buf == TETRA_BUF_WGT ? compute : drain;
    if (old->last_use + 1 > *wait) *wait = old->last_use + 1;
    r->used -= old->words;
  }
  s->addr = r->head % r->size;
  r->head = (r->head + s->words) % r->size;
  r->used += s->words;
  r->live[r->count++] = index;
  return 1;
}

/* What a load waits for must not itself wait for that load: computes and stores below the wait need earlier loads only. */
static int waits_are_safe(const struct program *p, int32_t load) {
  const struct load_op *l = &p->loads[load];
  if (l->wait_compute > 0 && p->computes[l->wait_compute - 1].need_load > load) return 0;
  const int32_t stores = max_int(l->wait_drain, l->need_store);
  if (stores > 0 && (p->stores[stores - 1].need_load > load || stores > p->n_stores)) return 0;
  if (stores > 0 && p->stores[stores - 1].need_compute > 0 &&
      p->computes[p->stores[stores - 1].need_compute - 1].need_load > load)
    return 0;
  return 1;
}

/* Needs are counts of in-order engines, so a later command may as well have all that earlier ones needed. */
static void make_monotone(struct program *p) {
  int32_t need = 0;
  for (int32_t i = 0; i < p->n_computes; i++) {
    need = max_int(need, p->computes[i].need_load);
    p->computes[i].need_load = need;
  }
}

static int assign_addresses(struct program *p, struct tetra_error *err) {
  struct ring rings[4];
  int ok = 1;
  memset(rings, 0, sizeof rings);
  for (int b = 0; b < 4; b++) {
    rings[b].size = buffer_words(&p->caps, b);
    rings[b].live = malloc(((size_t)p->n_segments + 1) * sizeof *rings[b].live);
    if (!rings[b].live) ok = 0;
  }
  const char *what = ok ? NULL : "no memory to schedule the network";
  for (int32_t i = 0; i < p->n_loads && ok; i++) {
    struct load_op *l = &p->loads[i];
    if (p->segments[l->segment].first_load == i &&
        !allocate(p, &rings[p->segments[l->segment].buf], l->segment, &l->wait_compute, &l->wait_drain)) {
      ok = 0;
      what = "a tile does not fit into its buffer";
    } else if (!waits_are_safe(p, i)) {
      ok = 0;
      what = "tiles that are live together do not fit into a buffer";
    }
    if (!ok) tetra_fail(err, TETRA_ERANGE, "layer '%s': %s", p->g->ops[tetra_cmd_get(&l->cmd, TETRA_F_LAYER)].name, what);
  }
  for (int b = 0; b < 4; b++) free(rings[b].live);
  return ok ? TETRA_OK : TETRA_ERANGE;
}

static void set_addresses(struct program *p) {
  for (int32_t i = 0; i < p->n_loads; i++) {
    struct load_op *l = &p->loads[i];
    const struct segment *s = &p->segments[l->segment];
    if (l->pack_source >= 0) {
      tetra_cmd_set(&l->cmd, TETRA_F_PACK_SRC, p->segments[l->pack_source].addr);
      tetra_cmd_set(&l->cmd, TETRA_F_PACK_DST_ADDR, s->addr + l->offset);
    } else {
      const uint32_t unit = s->buf == TETRA_BUF_PAR ? 16 : 1;
      tetra_cmd_set(&l->cmd, TETRA_F_LOAD_DST_ADDR, s->addr * unit + l->offset);
    }
  }
  for (int32_t i = 0; i < p->n_computes; i++) {
    struct compute_op *c = &p->computes[i];
    tetra_cmd_set(&c->cmd, TETRA_F_COMP_ACT_BASE, p->segments[c->act_segment].addr + (uint32_t)c->act_offset);
    tetra_cmd_set(&c->cmd, TETRA_F_COMP_WGT_BASE, p->segments[c->wgt_segment].addr + c->wgt_offset);
  }
  for (int32_t i = 0; i < p->n_stores; i++) {
    struct store_op *s = &p->stores[i];
    if (s->res_segment >= 0) tetra_cmd_set(&s->cmd, TETRA_F_STORE_RES_BASE, p->segments[s->res_segment].addr);
    if (s->par_segment[0] >= 0) tetra_cmd_set(&s->cmd, TETRA_F_STORE_OUT0_PAR, p->segments[s->par_segment[0]].addr);
    if (s->par_segment[1] >= 0) tetra_cmd_set(&s->cmd, TETRA_F_STORE_OUT1_PAR, p->segments[s->par_segment[1]].addr);
  }
}

/* Commands emitted so far, by engine. */
struct merge {
  struct program *p;
  int32_t loads, computes, stores;
};

static void set_wait(struct tetra_cmd *cmd, int engine, int32_t count, int32_t emitted) {
  static const struct tetra_field kFields[4] = {{1, 0, 16}, {1, 16, 16}, {2, 0, 16}, {2, 16, 16}};
  if (count <= 0) return;
  if (count < emitted - kOldest) count = emitted - kOldest;
  tetra_cmd_set(cmd, TETRA_F_WAIT_EN, tetra_cmd_get(cmd, TETRA_F_WAIT_EN) | 1u << engine);
  tetra_cmd_set(cmd, kFields[engine], (uint32_t)count);
}

static void emit(struct merge *m, struct tetra_cmd *cmd, int32_t load, int32_t compute, int32_t drain, int32_t store) {
  struct tetra_plan *plan = m->p->plan;
  set_wait(cmd, 0, load, m->loads);
  set_wait(cmd, 1, compute, m->computes);
  set_wait(cmd, 2, drain, m->stores);
  set_wait(cmd, 3, store, m->stores);
  struct tetra_plan_layer *layer = &plan->layers[tetra_cmd_get(cmd, TETRA_F_LAYER)];
  if (layer->n_cmds++ == 0) layer->first_cmd = plan->n_cmds;
  plan->cmds[plan->n_cmds++] = *cmd;
}

static void emit_load(struct merge *m) {
  struct load_op *l = &m->p->loads[m->loads];
  emit(m, &l->cmd, 0, l->wait_compute, l->wait_drain, l->need_store);
  m->loads++;
}

/* Loads that may come now without waiting for what is not in the ring, or only just. */
static void emit_loads_ahead(struct merge *m) {
  while (m->loads < m->p->n_loads) {
    const struct load_op *l = &m->p->loads[m->loads];
    if (l->wait_compute > max_int(0, m->computes - kComputesAhead) || l->wait_drain > m->stores ||
        l->need_store > m->stores)
      return;
    emit_load(m);
  }
}

static void emit_tile(struct merge *m, int32_t t) {
  struct program *p = m->p;
  const struct tile_op *tile = &p->tiles[t];
  for (int32_t i = tile->first_compute; i < tile->first_compute + tile->n_computes; i++) {
    struct compute_op *c = &p->computes[i];
    while (m->loads < c->need_load) emit_load(m);
    emit_loads_ahead(m);
    emit(m, &c->cmd, c->need_load, 0, c->need_drain, 0);
    m->computes++;
  }
  struct store_op *s = &p->stores[t];
  while (m->loads < s->need_load) emit_load(m);
  emit(m, &s->cmd, s->need_load, s->need_compute, 0, 0);
  m->stores++;
}

static void mark_last_stores(struct program *p) {
  for (int32_t i = 0; i < p->n_stores; i++) {
    const uint32_t layer = tetra_cmd_get(&p->stores[i].cmd, TETRA_F_LAYER);
    const int last = i + 1 == p->n_stores || tetra_cmd_get(&p->stores[i + 1].cmd, TETRA_F_LAYER) != layer;
    tetra_cmd_set(&p->stores[i].cmd, TETRA_F_STORE_LAST, (uint32_t)last);
  }
}

int schedule(struct program *p, struct tetra_error *err) {
  struct tetra_plan *plan = p->plan;
  make_monotone(p);
  const int rc = assign_addresses(p, err);
  if (rc != TETRA_OK) return rc;
  set_addresses(p);
  mark_last_stores(p);
  const size_t n = (size_t)p->n_loads + (size_t)p->n_computes + (size_t)p->n_stores + 1;
  plan->cmds = calloc(n, sizeof *plan->cmds);
  if (!plan->cmds) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu commands", n);
  struct merge m = {.p = p};
  for (int32_t t = 0; t < p->n_tiles; t++) emit_tile(&m, t);
  struct tetra_cmd *sync = &plan->cmds[plan->n_cmds++];
  plan->sync_tag = 1;
  tetra_cmd_set(sync, TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(sync, TETRA_F_SYNC_TAG, plan->sync_tag);
  return TETRA_OK;
}
