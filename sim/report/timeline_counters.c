/* Counters of a trace: traffic on the bus, and how full the buffers are. */
#include "report/timeline_counters.h"

#include <inttypes.h>
#include <stdlib.h>

#include "run/timeline/fill.h"

static const char *const kBuffers[TIMELINE_BUFFERS] = {"activation buffer", "weight buffer", "residual buffer",
                                                       "parameter buffer"};

static void counter(FILE *out, uint64_t cycle, const char *name) {
  fprintf(out, ",\n{\"ph\":\"C\",\"pid\":1,\"ts\":%" PRIu64 ",\"name\":\"%s\",\"args\":", cycle, name);
}

/* Only where it changes; zero at the end. */
static void traffic(const struct timeline *t, FILE *out) {
  struct timeline_traffic before = {0, 0};
  for (size_t i = 0; i <= t->n_traffic; i++) {
    const struct timeline_traffic none = {0, 0}, *now = i < t->n_traffic ? &t->traffic[i] : &none;
    if (now->loads == before.loads && now->stores == before.stores) continue;
    const double bytes = (double)t->plan->caps.n / TIMELINE_WINDOW;
    counter(out, (uint64_t)i * TIMELINE_WINDOW, "DRAM bytes a cycle");
    fprintf(out, "{\"loads\":%.10g,\"stores\":%.10g}}", bytes * now->loads, bytes * now->stores);
    before = *now;
  }
}

/* When a command ends, and which. */
struct end {
  uint64_t cycle;
  uint32_t command;
};

static int compare(const void *a, const void *b) {
  const struct end *x = a, *y = b;
  if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
  return x->command < y->command ? -1 : x->command > y->command;
}

/* Ends of LOADs, PACKs, COMPUTEs and drains, in order of time. */
static size_t list_ends(const struct timeline *t, struct end *ends) {
  size_t n = 0;
  for (size_t i = 0; i < t->n_events; i++) {
    const struct timeline_event *e = &t->events[i];
    if (e->track != TIMELINE_LOAD && e->track != TIMELINE_COMPUTE && e->track != TIMELINE_DRAIN) continue;
    ends[n++] = (struct end){e->end, e->what};
  }
  qsort(ends, n, sizeof *ends, compare);
  return n;
}

static void fill(const struct timeline *t, const struct timeline_fill *f, const struct end *ends, size_t n, int buffer,
                 FILE *out) {
  int64_t words = 0, before = 0;
  for (size_t i = 0; i < n; i++) {
    words += f->change[ends[i].command][buffer];
    if ((i + 1 < n && ends[i + 1].cycle == ends[i].cycle) || words == before) continue;
    counter(out, ends[i].cycle, kBuffers[buffer]);
    fprintf(out, "{\"bytes\":%" PRId64 "}}", words * t->plan->caps.n);
    before = words;
  }
}

int sim_timeline_counters(const struct timeline *t, FILE *out, struct tetra_error *err) {
  struct timeline_fill f = {NULL};
  struct end *ends = malloc((t->n_events + 1) * sizeof *ends);
  int rc = ends == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %zu events of a timeline", t->n_events)
                        : timeline_fill_init(&f, t->plan, err);
  if (rc == TETRA_OK) {
    const size_t n = list_ends(t, ends);
    traffic(t, out);
    for (int b = 0; b < TIMELINE_BUFFERS; b++) fill(t, &f, ends, n, b, out);
  }
  timeline_fill_free(&f);
  free(ends);
  return rc;
}
