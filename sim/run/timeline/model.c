/* Shows a timeline the cycles of the model in place of the RTL's. */
#include "run/timeline/model.h"

static void show(void *arg, const struct tetra_timing_clock *c) {
  const struct rtl_probe p = {.busy = 1,
                              .stall_class = c->stall_class,
                              .pixel = c->pixel,
                              .compute_end = c->compute_end,
                              .load_beat = c->load_beat,
                              .pack_read = c->pack_read,
                              .load_wait = c->load_wait,
                              .load_wait_store = c->load_wait_store,
                              .drain_row = c->drain_row,
                              .drain_stall = c->drain_stall,
                              .write_beat = c->write_beat,
                              .done_load = c->done_load,
                              .done_drain = c->done_drain,
                              .done_store = c->done_store};
  timeline_clock(arg, &p);
}

int timeline_model(struct timeline *t, const struct tetra_memory_params *mem, struct tetra_timing *out,
                   struct tetra_error *err) {
  timeline_rewind(t);
  const int rc = tetra_timing_watch(t->plan, mem, show, t, out, err);
  return rc == TETRA_OK ? timeline_end(t, err) : rc;
}
