/* The model's clock: one cycle, and jumps over cycles in which nothing begins or ends. */
#include <stdlib.h>
#include <string.h>

#include "compute.h"
#include "drain.h"
#include "dram.h"
#include "fetch.h"
#include "flow.h"
#include "load.h"
#include "write.h"

static const uint64_t kNever = UINT64_MAX;

static int core_idle(const struct machine *m) {
  return m->t >= m->c_free && (m->c_end == 0 || m->t >= m->c_end + cycles_to_idle(m->n)) && !m->d_active &&
         !drain_in_flight(m);
}

static int engines_idle(const struct machine *m) {
  return m->l_pushed == m->l_popped && m->l_begun == m->l_done && !m->l_active && m->c_pushed == m->c_popped &&
         m->s_pushed == m->s_popped && core_idle(m) && write_idle(m);
}

static int at_sync(const struct machine *m) { return m->d_valid && m->p->op[m->dispatched] == TETRA_OP_SYNC; }

/* A COMPUTE is not there, or waits: why, as the hardware's counters see it. */
static int idle_class(const struct machine *m) {
  if (m->c_pushed == m->c_popped) return fetch_compute_ahead(m) ? TETRA_CNT_WAIT_CMD : TETRA_CNT_TAIL;
  const struct waits *w = &m->p->computes[m->c_popped].waits;
  if (!waiting(m, w)) return TETRA_CNT_WAIT_CMD;
  if (waiting_for(m, w, kDrain)) return TETRA_CNT_WAIT_DRAIN;
  const int load_waits =
      m->l_pushed != m->l_popped && !m->l_active && waiting_for(m, &m->p->loads[m->l_popped].waits, kStore);
  return load_waits ? TETRA_CNT_WAIT_DEP : TETRA_CNT_WAIT_LOAD;
}

/* The cycles from m->t to `end`, all like m->t, in which the array has no command. */
static void count_idle(struct machine *m, uint64_t end) {
  const uint64_t from = m->t > m->c_end ? m->t : m->c_end;
  if (from < end) m->out->classes[idle_class(m) - TETRA_CNT_BUSY] += end - from;
}

/* What a cycle was. */
enum cycle {
  kEvent, /* something began or ended */
  kFlow,  /* rows, words and beats moved, and all goes on as it is */
  kQuiet  /* nothing moved, but perhaps read beats within a burst */
};

/* The write side of a cycle: drain and write engine. `take`: the drain is given its next command. */
static int step_writes(struct machine *m, const struct bus *bus, int row, int take) {
  const struct write_fire f = write_look(m, bus->aw_ready, bus->w_ready);
  const int event = take | m->aw_valid | f.address | drain_turns(m, row) | write_turns(m, f, bus->w_ready);
  if (bus->w_ready) dram_take_write(m);
  write_clock(m, f, bus->aw_ready, bus->w_ready);
  drain_clock(m, row, take);
  return event;
}

/* Fetch in this cycle, unless it is known to stand still. */
static int step_fetch(struct machine *m, int wants, int request, int beat) {
  if (m->fetch_stuck && !beat) return 0;
  const int fire = fetch_fires(m, at_sync(m) && engines_idle(m));
  const int moved = fetch_clock(m, request, beat, fire);
  m->fetch_stuck = !moved && !wants && !at_sync(m);
  m->woken |= (uint8_t)fire;
  return moved;
}

/* One cycle. First everything that happens in it, from the registers as they are; then the clock edge. */
static enum cycle step(struct machine *m) {
  int event = compute_count(m);
  const int woken = m->woken | event | (m->t == m->c_free);
  m->woken = 0;
  event |= m->n_reads != 0 && m->reads[m->reads_head].due == m->t;
  const struct bus bus = dram_offer(m);
  const int fetch_beat = m->r_valid && m->reads[m->reads_head].fetch;
  const int load_beat = m->r_valid && !fetch_beat && load_takes(m);
  const int ar_free = !m->ar_valid || bus.ar_ready;
  const int fetch_wants = fetch_asks(m), fetch_request = fetch_wants && ar_free;
  const int issue = !fetch_wants && ar_free && load_asks(m);
  const int begin = woken && load_begins(m);
  const int compute = woken && compute_takes(m);
  const int row = drain_issues(m);
  const int store = (m->d_active ? row && drain_last_row(m) : woken) && drain_has_next(m);
  const int flow = m->d_active | (m->pipe_any != 0) | write_moves(m);
  const uint32_t beats = fetch_request ? m->fetch_want << (6 - m->beat_shift) : issue ? m->l_burst : 0;

  if (!compute) count_idle(m, m->t + 1);
  event |= m->ar_valid | compute | bus.b_valid;
  event |= step_fetch(m, fetch_wants, fetch_request, fetch_beat);
  if (flow | store) event |= step_writes(m, &bus, row, store);
  if (bus.b_valid) write_response(m);
  const int last = (fetch_beat || load_beat) && dram_take_read(m);
  dram_addresses(m, &bus, beats, fetch_request);
  if (compute) compute_take(m);
  event |= load_clock(m, issue, begin, load_beat, load_beat && last);
  m->t++;
  return event ? kEvent : flow ? kFlow : kQuiet;
}

static uint64_t sooner(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* The next cycle in which something begins by itself, from this one on. */
static uint64_t next_event(const struct machine *m) {
  uint64_t e = kNever;
  if (m->c_done_n != 0) e = sooner(e, m->c_done[m->c_done_head]);
  if (m->c_pushed != m->c_popped && m->c_free >= m->t) e = sooner(e, m->c_free);
  if (m->n_resps != 0) e = sooner(e, m->resps[m->resps_head]);
  if (m->n_reads != 0 && m->reads[m->reads_head].due >= m->t) e = sooner(e, m->reads[m->reads_head].due);
  if (m->pack_busy) e = sooner(e, m->pack_start + m->p->loads[m->l_done].total + kPackTail);
  if (at_sync(m)) {
    if (m->c_free >= m->t) e = sooner(e, m->c_free);
    if (m->c_end != 0 && m->c_end + cycles_to_idle(m->n) >= m->t) e = sooner(e, m->c_end + cycles_to_idle(m->n));
  }
  return e;
}

/* Jumps at most `cycles`, with read beats flowing as the token bucket lets them. */
static uint64_t read_flow(struct machine *m, uint64_t cycles) {
  const int64_t beat = (int64_t)1 << m->beat_shift;
  const uint64_t most = flow_read_room(m);
  uint64_t beats;
  if (load_asks(m) || (m->rate < beat && m->tokens + m->rate > m->bucket)) return 0;
  if (m->rate >= beat) {
    if (cycles > most) cycles = most;
    if (cycles == 0) return 0;
    beats = cycles;
    m->tokens += (int64_t)cycles * (m->rate - beat);
    if (m->tokens > m->bucket - beat) m->tokens = m->bucket - beat;
  } else {
    /* One beat a cycle while the bucket lasts, then as many as the rate pays for. */
    const int64_t paid = ((int64_t)(most + 1) * beat - 1 - m->tokens) / m->rate;
    const uint64_t limit = paid > (int64_t)most ? (uint64_t)paid : most;
    if (cycles > limit) cycles = limit;
    if (cycles == 0) return 0;
    beats = (uint64_t)(m->tokens + (int64_t)cycles * m->rate) >> m->beat_shift;
    if (beats > cycles) beats = cycles;
    m->tokens += (int64_t)cycles * m->rate - (int64_t)beats * beat;
  }
  m->reads[m->reads_head].beats -= (uint32_t)beats;
  m->l_left -= (uint32_t)beats;
  m->l_flight -= (uint32_t)beats;
  return cycles;
}

/* After a cycle in which nothing moved but read beats: the cycles that follow and are like it. */
static void jump(struct machine *m, uint64_t event) {
  const int flowing = m->n_reads != 0 && m->reads[m->reads_head].due < m->t && !m->r_valid;
  uint64_t cycles = event - m->t;
  if (flowing) {
    if (m->reads[m->reads_head].fetch || !load_takes(m)) return;
    cycles = read_flow(m, cycles);
  } else {
    const uint64_t full = (uint64_t)((m->bucket - m->tokens + m->rate - 1) / m->rate);
    m->tokens = cycles >= full ? m->bucket : m->tokens + (int64_t)cycles * m->rate;
  }
  m->t += cycles;
}

/* Cycles from `start` to now have passed, all like the first. */
static void count_passed(struct machine *m, uint64_t start) {
  const uint64_t end = m->t;
  m->t = start;
  count_idle(m, end);
  m->t = end;
}

/* Until the SYNC is through. Returns 0 where that never happens. */
static int run(struct machine *m, enum tetra_timing_mode mode) {
  while (!m->finished) {
    const enum cycle was = step(m);
    if (was == kEvent || m->finished) continue;
    const uint64_t event = next_event(m), start = m->t;
    if (was == kQuiet && event == kNever && m->n_reads == 0) return 0;
    if (mode == TETRA_TIMING_EVERY_CYCLE) continue;
    if (was == kQuiet) jump(m, event);
    if (was == kFlow) flow_pass(m, event);
    count_passed(m, start);
  }
  return 1;
}

/* What count_idle does not see: cycles in which the array has a command. */
static void count_array(struct machine *m) {
  uint64_t *c = m->out->classes, other = m->c_mode_cycles;
  c[TETRA_CNT_MODE - TETRA_CNT_BUSY] = m->c_mode_cycles;
  for (int i = 0; i < m->out->n_layers; i++) c[0] += m->out->layers[i].busy;
  for (int i = TETRA_CNT_WAIT_LOAD; i <= TETRA_CNT_TAIL; i++) other += c[i - TETRA_CNT_BUSY];
  c[TETRA_CNT_FILL - TETRA_CNT_BUSY] = m->out->total - c[0] - other;
}

static int check_memory(const struct tetra_memory_params *mem, struct tetra_error *err) {
  if (mem->bytes_per_cycle < 1 || mem->bytes_per_cycle > 65536) {
    return tetra_fail(err, TETRA_EINVAL, "%u DRAM bytes per cycle: 1..65536 are accepted", mem->bytes_per_cycle);
  }
  if (mem->latency < 1 || mem->latency > 65535) {
    return tetra_fail(err, TETRA_EINVAL, "DRAM latency %u: 1..65535 cycles are accepted", mem->latency);
  }
  return TETRA_OK;
}

static void power_up(struct machine *m, const struct tetra_plan *plan, const struct tetra_memory_params *mem) {
  m->n = plan->caps.n;
  while (1u << m->beat_shift < m->n) m->beat_shift++;
  m->rate = mem->bytes_per_cycle;
  m->latency = mem->latency;
  m->tokens = m->bucket = (int64_t)m->n * kBurstBeats;
  m->ring_addr = plan->ring_addr;
  fetch_plan_request(m);
}

/* Layers in the order in which they completed. */
static void add_up(struct tetra_timing *out, const struct model_code *p) {
  uint64_t before = 0;
  for (uint32_t i = 0; i < p->n_stores; i++) {
    if (!p->stores[i].layer_last) continue;
    struct tetra_timing_layer *l = &out->layers[p->stores[i].layer];
    l->cycles = l->completion - before;
    before = l->completion;
  }
  out->cycles = before;
}

int tetra_timing_run(const struct tetra_plan *plan, const struct tetra_memory_params *mem, enum tetra_timing_mode mode,
                     struct tetra_timing *out, struct tetra_error *err) {
  memset(out, 0, sizeof *out);
  int rc = check_memory(mem, err);
  if (rc != TETRA_OK) return rc;
  out->n_layers = plan->n_layers;
  out->layers = calloc((size_t)plan->n_layers + 1, sizeof *out->layers);
  if (out->layers == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory to model %d layers", plan->n_layers);
  struct model_code p;
  rc = model_decode(plan, &p, out, err);
  if (rc == TETRA_OK) {
    struct machine m = {.p = &p, .out = out};
    power_up(&m, plan, mem);
    if (!run(&m, mode)) {
      rc = tetra_fail(err, TETRA_EINVAL, "the plan waits forever, with %u of %u commands dispatched", m.dispatched,
                      p.n_cmds);
    }
    out->total = m.t;
    count_array(&m);
    add_up(out, &p);
  }
  model_code_free(&p);
  return rc;
}

void tetra_timing_free(struct tetra_timing *t) {
  free(t->layers);
  memset(t, 0, sizeof *t);
}

uint64_t tetra_scale_sim_ws(uint32_t n, uint64_t m, uint64_t k, uint64_t c) {
  const uint64_t folds = (k + n - 1) / n * ((c + n - 1) / n);
  return folds * (3 * (uint64_t)n + m - 2);
}
