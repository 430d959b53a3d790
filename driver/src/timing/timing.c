/* A plan through the model, from power-up to its last SYNC. */
#include <stdlib.h>
#include <string.h>

#include "timing/engines/clock.h"
#include "timing/skip/repeat.h"
#include "timing/watch.h"
#include "tetra/ceil_div.h"

/* A cycle that somebody looks at, or not (NULL). */
static void step_watched(struct machine *m, struct watch *w) {
  if (w != NULL) watch_before(w, m);
  step(m);
  if (w != NULL) watch_after(w, m);
}

/* Until the SYNC is through. Returns 0 where that never happens. `r`: NULL where no repetitions are passed. */
static int run(struct machine *m, enum tetra_timing_mode mode, struct repeat *r, struct watch *w) {
  uint32_t place = repeat_next(r, m->plan);
  while (!m->finished) {
    if (m->dispatched == place) {
      repeat_pass(r, m);
      place = repeat_next(r, m->plan);
    }
    begin_cycle(m);
    if (waits_for_ever(m)) return 0;
    if (mode == TETRA_TIMING_FAST && m->stop > m->t) {
      pass(m);
    } else {
      step_watched(m, w);
    }
  }
  return 1;
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
  count_array(m, m->t, m->out->classes);
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

static int run_plan(const struct tetra_plan *plan, const struct tetra_memory_params *mem, enum tetra_timing_mode mode,
                    struct watch *w, struct tetra_timing *out, struct tetra_error *err) {
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
  run(&m, mode, r, w);
  repeat_free(r);
  return finish(&m, err);
}

int tetra_timing_run(const struct tetra_plan *plan, const struct tetra_memory_params *mem, enum tetra_timing_mode mode,
                     struct tetra_timing *out, struct tetra_error *err) {
  return run_plan(plan, mem, mode, NULL, out, err);
}

int tetra_timing_watch(const struct tetra_plan *plan, const struct tetra_memory_params *mem,
                       tetra_timing_observer observer, void *arg, struct tetra_timing *out, struct tetra_error *err) {
  if (observer == NULL) return tetra_fail(err, TETRA_EINVAL, "tetra_timing_watch needs an observer; it is NULL");
  struct watch w = {.observer = observer, .arg = arg};
  return run_plan(plan, mem, TETRA_TIMING_EVERY_CYCLE, &w, out, err);
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
