/* Counts what the RTL does, and finds out for which layer from the engines' own order of commands. */
#include "run/energy/monitor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int make_list(struct monitor_list *l, const struct tetra_plan *plan, uint32_t op, uint32_t other,
                     struct tetra_error *err) {
  l->n = 0;
  l->cmds = malloc(((size_t)plan->n_cmds + 1) * sizeof *l->cmds);
  if (l->cmds == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory to count events of %u commands", plan->n_cmds);
  for (uint32_t i = 0; i < plan->n_cmds; i++) {
    const uint32_t is = tetra_cmd_get(&plan->cmds[i], TETRA_F_OP);
    if (is == op || is == other) l->cmds[l->n++] = i;
  }
  return TETRA_OK;
}

int monitor_init(struct monitor *m, const struct tetra_plan *plan, struct tetra_error *err) {
  memset(m, 0, sizeof *m);
  m->plan = plan;
  m->events = calloc((size_t)plan->n_layers + 1, sizeof *m->events);
  if (m->events == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory to count events of %d layers", plan->n_layers);
  int rc = make_list(&m->load, plan, TETRA_OP_LOAD, TETRA_OP_PACK, err);
  if (rc == TETRA_OK) rc = make_list(&m->compute, plan, TETRA_OP_COMPUTE, TETRA_OP_COMPUTE, err);
  if (rc == TETRA_OK) rc = make_list(&m->store, plan, TETRA_OP_STORE, TETRA_OP_STORE, err);
  return rc;
}

void monitor_free(struct monitor *m) {
  free(m->events);
  free(m->load.cmds);
  free(m->compute.cmds);
  free(m->store.cmds);
  memset(m, 0, sizeof *m);
}

void monitor_rewind(struct monitor *m) {
  struct monitor fresh = {
      .plan = m->plan, .events = m->events, .load = m->load, .compute = m->compute, .store = m->store};
  memset(fresh.events, 0, ((size_t)m->plan->n_layers + 1) * sizeof *fresh.events);
  *m = fresh;
}

/* A layer's row; of what belongs to no command a row that nobody reads, and a count that must stay 0. */
static uint64_t *row(struct monitor *m, uint32_t layer) {
  if (layer < (uint32_t)m->plan->n_layers) return m->events[layer];
  m->stray++;
  return m->events[m->plan->n_layers];
}

/* Command k of an engine. */
static uint64_t *row_of(struct monitor *m, const struct monitor_list *l, uint32_t k) {
  return row(m, k < l->n ? tetra_event_layer(m->plan, l->cmds[k]) : UINT32_MAX);
}

static const struct tetra_cmd *command(const struct monitor *m, const struct monitor_list *l, uint32_t k) {
  return &m->plan->cmds[l->cmds[k]];
}

/* A 16-bit count of the hardware, which this one follows. */
static void follow(uint32_t *count, uint16_t now) { *count += (uint16_t)(now - (uint16_t)*count); }

static void load_clock(struct monitor *m, const struct rtl_probe *p) {
  follow(&m->loads, p->done_load);
  if (!(p->act_write | p->wgt_write | p->res_write | p->par_write | p->load_beat | p->pack_read)) return;
  uint64_t *e = row_of(m, &m->load, m->loads);
  e[TETRA_EVENT_ACT_WRITE] += p->act_write;
  e[TETRA_EVENT_WGT_WRITE] += p->wgt_write;
  e[TETRA_EVENT_RES_WRITE] += p->res_write;
  e[TETRA_EVENT_PAR_WRITE] += p->par_write;
  e[TETRA_EVENT_RES_READ] += p->pack_read ? 2 : 0;
  e[TETRA_EVENT_DRAM_READ] += p->load_beat ? m->plan->caps.n : 0;
}

/* Rows of weights: the loader takes the next COMPUTE while those of the one before may still move, N rows a k-step. */
static void weight_clock(struct monitor *m, const struct rtl_probe *p) {
  if (p->wgt_read) {
    const uint32_t n = m->plan->caps.n;
    if (m->rows++ % n == 0) m->row_of = m->taken - 1;
    uint64_t *e = row_of(m, &m->compute, m->row_of);
    e[TETRA_EVENT_WGT_READ] += 2;
    e[TETRA_EVENT_WEIGHT] += n;
  }
  m->taken += p->compute_taken;
}

/* The last pixel of a COMPUTE was taken a clock ago; the hardware says for which layer. */
static void end_compute(struct monitor *m, const struct rtl_probe *p) {
  uint64_t *e = row(m, p->busy_layer);
  const uint64_t n = m->plan->caps.n;
  if (m->streamed < m->compute.n) {
    const struct tetra_cmd *c = command(m, &m->compute, m->streamed);
    const int wgt8 = (int)tetra_cmd_get(c, TETRA_F_COMP_WGT8);
    const uint64_t halves = wgt8 ? 1 : 2;
    e[tetra_event_mac((int)tetra_cmd_get(c, TETRA_F_COMP_ACT8), wgt8)] += m->pixels * n * n;
    e[TETRA_EVENT_ACC_READ] += m->pixels * halves;
    e[TETRA_EVENT_ACC_WRITE] += m->pixels * halves;
  }
  e[TETRA_EVENT_ACT_READ] += m->reads;
  m->streamed++;
  m->pixels = m->reads = 0;
}

static void compute_clock(struct monitor *m, const struct rtl_probe *p) {
  weight_clock(m, p);
  if (p->compute_end) end_compute(m, p);
  m->pixels += p->pixel;
  m->reads += p->act_read;
}

static void drain_clock(struct monitor *m, const struct rtl_probe *p) {
  follow(&m->drains, p->done_drain);
  if (!(p->drain_row | p->par_read | p->res_read | p->pool_word)) return;
  uint64_t *e = row_of(m, &m->store, m->drains);
  e[TETRA_EVENT_ACC_READ] += p->drain_row;
  e[TETRA_EVENT_REQUANT] += p->drain_row ? m->plan->caps.n : 0;
  e[TETRA_EVENT_PAR_READ] += p->par_read ? TETRA_PAR_BANKS : 0;
  e[TETRA_EVENT_RES_READ] += p->res_read;
  e[TETRA_EVENT_LINE_READ] += p->pool_word;
  e[TETRA_EVENT_LINE_WRITE] += p->pool_word && p->pool_close;
}

/* Words pass in the order of the STOREs. */
static void count_word(struct monitor *m, uint32_t *store, uint32_t *word, enum tetra_event event, uint64_t bytes) {
  uint64_t *e = row_of(m, &m->store, *store);
  e[event]++;
  e[TETRA_EVENT_DRAM_WRITE] += bytes;
  if (*store >= m->store.n || ++*word < tetra_cmd_store_beats(command(m, &m->store, *store))) return;
  *word = 0;
  ++*store;
}

void monitor_clock(struct monitor *m, const struct rtl_probe *p) {
  load_clock(m, p);
  compute_clock(m, p);
  drain_clock(m, p);
  if (p->out_word) count_word(m, &m->written, &m->words, TETRA_EVENT_OUT_WRITE, 0);
  if (p->write_beat) count_word(m, &m->sent, &m->beats, TETRA_EVENT_OUT_READ, m->plan->caps.n);
  if (!p->fetch_beat) return;
  const uint32_t beats = TETRA_CMD_BYTES / m->plan->caps.n, number = m->fetch_beats++ / beats;
  uint64_t *e = row(m, number < m->plan->n_cmds ? tetra_event_layer(m->plan, number) : UINT32_MAX);
  e[TETRA_EVENT_DRAM_COMMAND] += m->plan->caps.n;
  e[TETRA_EVENT_COMMAND] += m->fetch_beats % beats == 0;
}

int monitor_compare(const struct monitor *m, uint64_t (*expected)[TETRA_EVENTS], struct tetra_error *err) {
  for (int i = 0; i < m->plan->n_layers; i++) {
    for (int e = 0; e < TETRA_EVENTS; e++) {
      if (tetra_event_is_cycle((enum tetra_event)e) || m->events[i][e] == expected[i][e]) continue;
      return tetra_fail(err, TETRA_EDIFF, "layer %d: the RTL shows %" PRIu64 " of event %s, the cycle model %" PRIu64,
                        i, m->events[i][e], tetra_event_key(e), expected[i][e]);
    }
  }
  if (m->stray == 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EDIFF, "the RTL shows %" PRIu64 " events that belong to no command", m->stray);
}
