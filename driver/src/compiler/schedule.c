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
#include "tokens.h"

/* A load is put into the ring when what it waits for is at least this many COMPUTEs back (unless it is needed now):
 * otherwise loads that wait would stand in front of COMPUTEs that do not. */
enum { kComputesAhead = 2, kStoresAhead = 2 };
/* Found with the cycle model over networks, precisions and array sizes. Loads for the running tile and so many after it
 * come as early as they can, later ones only into free bus time; of which no more than this is saved up (beats). */
enum { kTilesAhead = 1, kMostCredit = 1280 };
struct ring {
  uint32_t size, head; /* next word to hand out, not reduced */
  uint32_t used;
  int32_t *live; /* segments in order of allocation */
  int32_t first, count;
};

static uint32_t buffer_words(const struct tetra_caps *caps, int buf) {
  switch (buf) {
    case TETRA_BUF_ACT:
      return caps->act_words;
    case TETRA_BUF_WGT:
      return caps->wgt_words;
    case TETRA_BUF_RES:
      return caps->res_words;
    default:
      return caps->par_entries;
  }
}

/* Gives segment s its place; returns in *compute / *drain what must have completed before its first load may write. */
static int allocate(struct program *p, struct ring *r, int32_t index, int32_t *compute, int32_t *drain) {
  struct segment *s = &p->segments[index];
  if (s->words > r->size) return 0;
  while (r->used + s->words > r->size) {
    const struct segment *old = &p->segments[r->live[r->first++]];
    *compute = max_int(*compute, old->last_compute);
    *drain = max_int(*drain, old->last_drain);
    r->used -= old->words;
  }
  s->addr = r->head % r->size;
  r->head = (r->head + s->words) % r->size;
  r->used += s->words;
  r->live[r->count++] = index;
  return 1;
}

static int assign_addresses(struct program *p, struct tetra_error *err) {
  struct ring rings[4];
  int rc = TETRA_OK;
  memset(rings, 0, sizeof rings);
  for (int b = 0; b < 4; b++) {
    rings[b].size = buffer_words(&p->caps, b);
    rings[b].live = malloc(((size_t)p->n_segments + 1) * sizeof *rings[b].live);
    if (!rings[b].live) rc = TETRA_ENOMEM;
  }
  if (rc != TETRA_OK) tetra_fail(err, rc, "no memory to schedule the network");
  for (int32_t i = 0; i < p->n_loads && rc == TETRA_OK; i++) {
    struct load_op *l = &p->loads[i];
    const struct segment *s = &p->segments[l->segment];
    if (s->first_load != i || allocate(p, &rings[s->buf], l->segment, &l->wait_compute, &l->wait_drain)) continue;
    rc = tetra_fail(err, TETRA_ERANGE, "layer '%s': a tile of %u %s does not fit into its buffer of %u",
                    p->g->ops[tetra_cmd_get(&l->cmd, TETRA_F_LAYER)].name, s->words,
                    s->buf == TETRA_BUF_PAR ? "parameter entries" : "words", rings[s->buf].size);
  }
  for (int b = 0; b < 4; b++) free(rings[b].live);
  return rc;
}

static void set_addresses(struct program *p) {
  for (int32_t i = 0; i < p->n_loads; i++) {
    struct load_op *l = &p->loads[i];
    const struct segment *s = &p->segments[l->segment];
    if (l->pack_source >= 0) {
      tetra_cmd_set(&l->cmd, TETRA_F_PACK_SRC, p->segments[l->pack_source].addr);
      tetra_cmd_set(&l->cmd, TETRA_F_PACK_DST_ADDR, s->addr + l->offset);
    } else {
      const uint32_t unit = s->buf == TETRA_BUF_PAR ? kParamBeats : 1;
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
    const uint32_t par = p->segments[s->par.segment].addr + s->par.offset;
    const uint32_t second = par + 1 + tetra_cmd_get(&s->cmd, TETRA_F_STORE_HALVES2);
    tetra_cmd_set(&s->cmd, TETRA_F_STORE_OUT0_PAR, par % p->caps.par_entries);
    if (tetra_cmd_get(&s->cmd, TETRA_F_STORE_TWO_OUT))
      tetra_cmd_set(&s->cmd, TETRA_F_STORE_OUT1_PAR, second % p->caps.par_entries);
  }
}

/* Commands emitted so far, by engine, and the loads still to come, by queue. */
struct merge {
  struct program *p;
  struct tokens tokens;
  int32_t loads, computes, stores;
  int32_t *order[kQueues]; /* load indices */
  int32_t next[kQueues];
  int64_t credit; /* bus beats that the array's time so far would have allowed, beyond those used */
  int32_t tile;
  int32_t stuck; /* a load that waits for a command that can only come after it; -1: none */
};

static void emit(struct merge *m, int engine, struct tetra_cmd *cmd, const int32_t counts[TOKENS]) {
  struct tetra_plan *plan = m->p->plan;
  tokens_emit(&m->tokens, engine, counts, cmd);
  struct tetra_plan_layer *layer = &plan->layers[tetra_cmd_get(cmd, TETRA_F_LAYER)];
  if (layer->n_cmds++ == 0) layer->first_cmd = plan->n_cmds;
  plan->cmds[plan->n_cmds++] = *cmd;
}

/* The next load of a queue, or NULL. */
static struct load_op *head(const struct merge *m, int q) {
  return m->next[q] < m->p->n_queue[q] ? &m->p->loads[m->order[q][m->next[q]]] : NULL;
}

static void emit_load(struct merge *m, int q) {
  struct load_op *l = head(m, q);
  if (l->wait_compute > m->computes || l->wait_drain > m->stores || l->need_store > m->stores) {
    if (m->stuck < 0) m->stuck = m->order[q][m->next[q]];
  }
  l->position = m->loads;
  m->next[q]++;
  m->credit -= l->beats;
  emit(m, ENGINE_LOAD, &l->cmd, (const int32_t[TOKENS]){0, l->wait_compute, l->wait_drain, l->need_store});
  m->loads++;
}

/* Loads that may come now: they do not wait for what is not in the ring yet, or only just, and are needed soon or find
 * the bus free. The one that was lowered first goes first. */
static void emit_loads_ahead(struct merge *m) {
  for (;;) {
    int best = -1;
    for (int q = 0; q < kQueues; q++) {
      const struct load_op *l = head(m, q);
      if (!l || l->wait_compute > max_int(0, m->computes - kComputesAhead) ||
          l->wait_drain > max_int(0, m->stores - kStoresAhead) || l->need_store > max_int(0, m->stores - kStoresAhead))
        continue;
      if (l->tile > m->tile + kTilesAhead && m->credit <= 0) continue;
      if (best < 0 || m->order[q][m->next[q]] < m->order[best][m->next[best]]) best = q;
    }
    if (best < 0) return;
    emit_load(m, best);
  }
}

/* Emits what is needed, in the order of lowering; returns the count of the load engine that has it all. */
static int32_t emit_needed(struct merge *m, const int32_t need[kQueues]) {
  for (;;) {
    int best = -1;
    for (int q = 0; q < kQueues; q++)
      if (m->next[q] < need[q] && (best < 0 || m->order[q][m->next[q]] < m->order[best][m->next[best]])) best = q;
    if (best < 0) break;
    emit_load(m, best);
  }
  int32_t count = 0;
  for (int q = 0; q < kQueues; q++)
    if (need[q] > 0) count = max_int(count, m->p->loads[m->order[q][need[q] - 1]].position + 1);
  return count;
}

static void emit_tile(struct merge *m, int32_t t) {
  struct program *p = m->p;
  const struct tile_op *tile = &p->tiles[t];
  m->tile = t;
  for (int32_t i = tile->first_compute; i < tile->first_compute + tile->n_computes; i++) {
    struct compute_op *c = &p->computes[i];
    const int32_t loads = emit_needed(m, c->need_load);
    emit_loads_ahead(m);
    emit(m, ENGINE_COMPUTE, &c->cmd, (const int32_t[TOKENS]){loads, 0, c->need_drain, 0});
    m->computes++;
    m->credit += c->cycles;
    if (m->credit > kMostCredit) m->credit = kMostCredit;
  }
  struct store_op *s = &p->stores[t];
  const int32_t loads = emit_needed(m, s->need_load);
  emit(m, ENGINE_STORE, &s->cmd, (const int32_t[TOKENS]){loads, s->need_compute, 0, 0});
  m->stores++;
  m->credit -= s->beats;
}

static int merge(struct program *p, struct tetra_error *err) {
  struct merge m = {.p = p, .stuck = -1};
  int32_t *all = malloc(((size_t)p->n_loads + 1) * sizeof *all);
  const int rc = tokens_init(&m.tokens, (const int32_t[ENGINES]){p->n_loads, p->n_computes, p->n_stores});
  if (!all || rc != TETRA_OK) {
    tokens_free(&m.tokens);
    free(all);
    return tetra_fail(err, TETRA_ENOMEM, "no memory to schedule the network");
  }
  int32_t filled[kQueues] = {0}, from = 0;
  for (int q = 0; q < kQueues; from += p->n_queue[q++]) m.order[q] = all + from;
  for (int32_t i = 0; i < p->n_loads; i++) m.order[p->loads[i].queue][filled[p->loads[i].queue]++] = i;
  for (int32_t t = 0; t < p->n_tiles; t++) emit_tile(&m, t);
  tokens_free(&m.tokens);
  free(all);
  if (m.stuck < 0) return TETRA_OK;
  return tetra_fail(err, TETRA_ERANGE, "layer '%s': tiles that are live together do not fit into a buffer",
                    p->g->ops[tetra_cmd_get(&p->loads[m.stuck].cmd, TETRA_F_LAYER)].name);
}

/* The layers of an interleave alternate, so a layer's last STORE is found from the end. */
static void mark_last_stores(struct program *p) {
  for (int i = 0; i < p->plan->n_layers; i++) p->plan->layers[i].n_cmds = 0;
  for (int32_t i = p->n_stores - 1; i >= 0; i--) {
    struct tetra_cmd *c = &p->stores[i].cmd;
    uint32_t *seen = &p->plan->layers[tetra_cmd_get(c, TETRA_F_LAYER)].n_cmds;
    tetra_cmd_set(c, TETRA_F_STORE_LAST, *seen == 0);
    *seen = 1;
  }
  for (int i = 0; i < p->plan->n_layers; i++) p->plan->layers[i].n_cmds = 0;
}

int schedule(struct program *p, struct tetra_error *err) {
  struct tetra_plan *plan = p->plan;
  int rc = assign_addresses(p, err);
  if (rc != TETRA_OK) return rc;
  set_addresses(p);
  mark_last_stores(p);
  const size_t n = (size_t)p->n_loads + (size_t)p->n_computes + (size_t)p->n_stores + 1;
  plan->cmds = calloc(n, sizeof *plan->cmds);
  if (!plan->cmds) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu commands", n);
  rc = merge(p, err);
  if (rc != TETRA_OK) return rc;
  struct tetra_cmd *sync = &plan->cmds[plan->n_cmds++];
  plan->sync_tag = 1;
  tetra_cmd_set(sync, TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(sync, TETRA_F_SYNC_TAG, plan->sync_tag);
  return TETRA_OK;
}
