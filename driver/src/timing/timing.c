/* The model's clock: cycles in which something begins, and jumps from one to the next. */
#include <stdlib.h>
#include <string.h>

#include "timing/engines/compute.h"
#include "timing/engines/drain.h"
#include "timing/engines/dram.h"
#include "timing/engines/fetch.h"
#include "timing/engines/flow.h"
#include "timing/engines/load.h"
#include "timing/engines/write.h"
#include "timing/skip/backlog.h"
#include "timing/skip/flow.h"
#include "timing/skip/repeat.h"
#include "tetra/ceil_div.h"

/* What happens in a cycle at its appointed time, decided from the registers as they are in it. */
struct events {
  int response, pack, compute, fire;
};

static struct events events_in(const struct machine *m, uint64_t now) {
  return (struct events){.response = write_response_cycle(m) == now,
                         .pack = load_pack_cycle(m) == now,
                         .compute = m->compute_ready && m->c_free <= now,
                         .fire = m->fire <= now};
}

static void take_events(struct machine *m, const struct events *e, uint64_t now) {
  if (e->response) write_response(m, now);
  if (e->pack) load_pack(m, now);
  if (e->compute) compute_take(m, now);
  if (e->fire) fetch_fire(m, now);
}

/* One cycle. First everything that is decided in it, from the registers as they are; then the clock edge. */
static void step(struct machine *m) {
  const int bus = dram_free(m), asks = fetch_asks(m);
  const int request = bus && asks, issue = bus && !asks && load_asks(m), begin = m->load_ready;
  const struct events e = events_in(m, m->t);
  count_idle(m, m->t + !e.compute);
  m->counted = m->t + 1;
  flow_cycle(m);
  if (request) dram_request(m, fetch_request(m), 1);
  if (issue) dram_request(m, load_issue(m), 0);
  if (begin) load_begin(m);
  take_events(m, &e, m->t);
  m->t++;
}

/* Cycles up to m->stop, as far as nothing begins in them; what is appointed for the last of them. */
static void pass(struct machine *m) {
  flow_pass(m);
  const uint64_t last = m->t - 1;
  if (last != m->event) return;
  const struct events e = events_in(m, last);
  count_idle(m, m->t); /* a COMPUTE that is taken now waited for the array: the cycle is not idle */
  take_events(m, &e, last);
}

/* After a change: which commands may begin now. */
static void find_ready_commands(struct machine *m) {
  m->woken = 0;
  m->load_ready = (uint8_t)load_begins(m);
  m->compute_ready = m->c_pushed != m->c_popped && !waiting(m, &compute_at(m, m->c_popped)->waits);
  m->store_ready = m->s_pushed != m->s_popped && !waiting(m, &store_at(m, m->s_popped)->waits);
  m->writing |= m->store_ready;
}

/* Sets m->stop: m->t where something begins in this cycle. */
static void next_event(struct machine *m) {
  m->fire = fetch_cycle(m);
  m->stop = m->t;
  if (m->load_ready || (dram_free(m) && (fetch_asks(m) || (load_asks(m) && !dram_load_continues(m))))) return;
  uint64_t event = sooner(sooner(m->fire, load_pack_cycle(m)), write_response_cycle(m));
  if (m->compute_ready) event = sooner(event, m->c_free);
  if (event <= m->t) return;
  m->event = kNever;
  m->stop = sooner(compute_count_cycle(m), write_room_cycle(m));
  event_at(m, event);
}

/* Until the SYNC is through. Returns 0 where that never happens. `r`: NULL where no repetitions are passed. */
static int run(struct machine *m, enum tetra_timing_mode mode, struct repeat *r) {
  uint32_t place = repeat_next(r, m->plan);
  while (!m->finished) {
    if (m->dispatched == place) {
      repeat_pass(r, m);
      place = repeat_next(r, m->plan);
    }
    if (compute_count_cycle(m) == m->t) compute_count(m);
    if (m->woken) find_ready_commands(m);
    next_event(m);
    if (m->stop == kNever && !m->writing && m->r_head == m->r_tail && !load_asks(m)) return 0;
    if (mode == TETRA_TIMING_FAST && m->stop > m->t) {
      pass(m);
    } else {
      step(m);
    }
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

static void power_up(struct machine *m, const struct tetra_plan *plan, const struct tetra_memory_params *mem,
                     struct tetra_timing *out) {
  memset(m, 0, sizeof *m);
  m->plan = plan;
  m->out = out;
  m->n = plan->caps.n;
  while (1u << m->beat_shift < m->n) m->beat_shift++;
  m->beat = 1 << m->beat_shift;
  m->cmd_beats = TETRA_CMD_BYTES >> m->beat_shift;
  m->bucket = tetra_bucket_empty(mem->bytes_per_cycle, m->n);
  m->bucket.tokens = m->bucket.size; /* full since long before the doorbell */
  m->latency = mem->latency;
  backlog_tables(m);
  fetch_plan_request(m);
}

static int finish(struct machine *m, struct tetra_error *err) {
  const uint32_t i = m->dispatched;
  if (m->illegal) {
    return tetra_fail(err, TETRA_EINVAL, "command %u (operation %u) is not one that the hardware completes", i,
                      tetra_cmd_get(&m->plan->cmds[i], TETRA_F_OP));
  }
  if (!m->finished) {
    return tetra_fail(err, TETRA_EINVAL, "the plan waits forever, with %u of %u commands dispatched", i,
                      m->plan->n_cmds);
  }
  m->out->total = m->t;
  m->out->cycles = m->completed;
  count_array(m);
  return TETRA_OK;
}

static int check_plan(const struct tetra_plan *plan, struct tetra_error *err) {
  if (plan == NULL || plan->cmds == NULL || plan->n_cmds == 0)
    return tetra_fail(err, TETRA_EINVAL, "tetra_timing_run needs a plan with commands");
  if (plan->n_layers < 0 || (plan->n_layers > 0 && plan->layers == NULL))
    return tetra_fail(err, TETRA_EINVAL, "tetra_timing_run: a plan of %d layers without them", plan->n_layers);
  if (!tetra_caps_good_n(plan->caps.n))
    return tetra_fail(err, TETRA_EINVAL, "tetra_timing_run: a plan for an array of size %u", plan->caps.n);
  return TETRA_OK;
}

int tetra_timing_run(const struct tetra_plan *plan, const struct tetra_memory_params *mem, enum tetra_timing_mode mode,
                     struct tetra_timing *out, struct tetra_error *err) {
  if (out == NULL) return tetra_fail(err, TETRA_EINVAL, "tetra_timing_run needs a result to fill; it is NULL");
  memset(out, 0, sizeof *out);
  int rc = check_plan(plan, err);
  if (rc == TETRA_OK) rc = tetra_memory_check(mem, err);
  if (rc != TETRA_OK) return rc;
  out->n_layers = plan->n_layers;
  out->layers = calloc((size_t)plan->n_layers + 1, sizeof *out->layers);
  if (out->layers == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory to model %d layers", plan->n_layers);
  struct machine m;
  power_up(&m, plan, mem, out);
  struct repeat *r = mode == TETRA_TIMING_FAST ? repeat_new(plan) : NULL;
  run(&m, mode, r);
  repeat_free(r);
  return finish(&m, err);
}

void tetra_timing_free(struct tetra_timing *t) {
  if (t == NULL) return;
  free(t->layers);
  memset(t, 0, sizeof *t);
}

uint64_t tetra_scale_sim_ws(uint32_t n, uint64_t m, uint64_t k, uint64_t c) {
  const uint64_t folds = tetra_ceil_div_size(k, n) * tetra_ceil_div_size(c, n);
  return folds * (3 * (uint64_t)n + m - 2);
}
