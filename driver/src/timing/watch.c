/* Shows an observer of the model each cycle as the hardware's signals would. */
#include "timing/watch.h"

#include <string.h>

#include "timing/engines/drain.h"
#include "timing/engines/idle.h"
#include "timing/engines/load.h"

static uint16_t count(const struct machine *m, int engine) { return (uint16_t)(m->done >> 16 * engine); }

/* Does the array take a pixel of it in cycle t? */
static int takes_pixel(const struct watched_compute *c, uint64_t t) {
  if (t <= c->times.first || t >= c->times.end) return 0;
  return c->hold || (t - c->times.first - 1) % c->times.step < c->pixels;
}

/* The array: a pixel, an end, and where the cycle goes while it has a COMPUTE. */
static void watch_array(struct watch *w, struct machine *m) {
  struct tetra_timing_clock *now = &w->now;
  int empties = 0;
  while (w->oldest != w->newest && w->computes[w->oldest % kDoneRing].times.end <= m->t) {
    now->compute_end = 1;
    w->oldest++;
  }
  for (uint32_t i = w->oldest; i != w->newest; i++) {
    const struct watched_compute *c = &w->computes[i % kDoneRing];
    now->pixel |= (uint8_t)takes_pixel(c, m->t);
    empties |= c->times.empties <= m->t && m->t < c->times.first;
  }
  now->stall_class = (uint8_t)(now->pixel        ? TETRA_CNT_BUSY
                               : empties         ? TETRA_CNT_MODE
                               : m->t < m->c_end ? TETRA_CNT_FILL
                                                 : idle_class(m));
}

void watch_before(struct watch *w, struct machine *m) {
  struct tetra_timing_clock *now = &w->now;
  memset(now, 0, sizeof *now);
  watch_array(w, m);
  const uint64_t waits = m->l_pushed != m->l_popped && !m->l_active ? waiting(m, &load_at(m, m->l_popped)->waits) : 0;
  now->load_wait = waits != 0;
  now->load_wait_store = (waits & lane(kStore)) != 0;
  now->pack_read = m->pack_busy && load_pack_reads(m);
  now->drain_row = m->writing && drain_issues(m);
  now->drain_stall =
      m->d_run && (m->words > kWords - kDrainMargin || (m->ds_n == kDescs && drain_starts_segment(m, drain_cmd(m))));
  now->done_load = count(m, kLoad);
  now->done_drain = count(m, kDrain);
  now->done_store = count(m, kStore);
  w->expects_read = m->l_begun != m->l_done && !m->l_pack;
  w->expects_write = m->b_issued != m->b_written;
  w->l_left = m->l_left;
  w->l_done = m->l_done;
  w->mem_beats = m->mem_beats;
  w->b_written = m->b_written;
  if (m->compute_ready && m->c_free <= m->t) { /* taken in this cycle */
    const struct compute_cmd *c = compute_at(m, m->c_popped);
    w->computes[w->newest++ % kDoneRing] = (struct watched_compute){compute_times(m, c, m->t), c->pixels, c->hold};
    if (!now->pixel && now->stall_class != TETRA_CNT_MODE) now->stall_class = TETRA_CNT_FILL;
  }
}

void watch_after(struct watch *w, const struct machine *m) {
  w->now.load_beat = w->expects_read && (m->l_done != w->l_done || m->l_left != w->l_left);
  w->now.write_beat = w->expects_write && (m->b_written != w->b_written || m->mem_beats != w->mem_beats);
  w->observer(w->arg, &w->now);
}
