/* Records spans of the engines from what the RTL shows in each clock. */
#include "run/timeline/timeline.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t kNotBegun = UINT64_MAX;
static const uint32_t kNone = UINT32_MAX;

static uint32_t field(const struct timeline *t, uint32_t command, struct tetra_field f) {
  return tetra_cmd_get(&t->plan->cmds[command], f);
}

/* Beats that a LOAD reads. */
static uint32_t load_beats(const struct timeline *t, uint32_t c) {
  return field(t, c, TETRA_F_LOAD_BEATS) * field(t, c, TETRA_F_LOAD_COUNT);
}

static int is_pack(const struct timeline *t, uint32_t c) { return field(t, c, TETRA_F_OP) == TETRA_OP_PACK; }

static void add(struct timeline *t, const struct timeline_event *e) {
  if (t->n_events == t->room) {
    const size_t room = t->room == 0 ? 4096 : 2 * t->room;
    struct timeline_event *events = realloc(t->events, room * sizeof *events);
    if (events == NULL) {
      t->failed = 1;
      return;
    }
    t->events = events;
    t->room = room;
  }
  t->events[t->n_events++] = *e;
}

/* The window of the cycle under way; NULL: no memory. */
static struct timeline_traffic *traffic_now(struct timeline *t) {
  const size_t i = (size_t)(t->cycle / TIMELINE_WINDOW);
  if (i >= t->traffic_room) {
    const size_t room = t->traffic_room == 0 ? 1024 : 2 * t->traffic_room;
    struct timeline_traffic *traffic = realloc(t->traffic, room * sizeof *traffic);
    if (traffic == NULL) {
      t->failed = 1;
      return NULL;
    }
    t->traffic = traffic;
    t->traffic_room = room;
  }
  for (; t->n_traffic <= i; t->n_traffic++) t->traffic[t->n_traffic] = (struct timeline_traffic){0, 0};
  return &t->traffic[i];
}

/* Has the engine no command left? */
static int is_through(const struct timeline_engine *e) { return e->next == e->list->n; }

static uint32_t current(const struct timeline_engine *e) { return e->list->cmds[e->next]; }

static void start_engine(struct timeline_engine *e) {
  e->next = 0;
  e->begin = kNotBegun;
}

void timeline_rewind(struct timeline *t) {
  start_engine(&t->load);
  start_engine(&t->compute);
  start_engine(&t->drain);
  start_engine(&t->store);
  for (int i = 0; i < TIMELINE_TRACKS; i++) t->open[i].what = kNone;
  t->n_events = t->n_traffic = 0;
  t->cycle = t->layer_begin = 0;
  t->responses = 0;
  t->started = t->failed = 0;
}

int timeline_init(struct timeline *t, const struct tetra_graph *g, const struct tetra_plan *plan,
                  struct tetra_error *err) {
  memset(t, 0, sizeof *t);
  t->g = g;
  t->plan = plan;
  t->load.list = &t->labels.load;
  t->compute.list = &t->labels.compute;
  t->drain.list = t->store.list = &t->labels.store;
  const int rc = timeline_labels_init(&t->labels, g, plan, err);
  if (rc != TETRA_OK) return rc;
  t->store_events = malloc(((size_t)t->labels.store.n + 1) * sizeof *t->store_events);
  if (t->store_events == NULL) {
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a timeline of %u commands", plan->n_cmds);
  }
  timeline_rewind(t);
  return TETRA_OK;
}

void timeline_free(struct timeline *t) {
  timeline_labels_free(&t->labels);
  free(t->store_events);
  free(t->events);
  free(t->traffic);
  memset(t, 0, sizeof *t);
}

/* The engine's command under way begins now, if it has not. */
static int begin(const struct timeline *t, struct timeline_engine *e) {
  if (e->begin != kNotBegun || is_through(e)) return 0;
  e->begin = t->cycle;
  return 1;
}

/* It ended before cycle `end`. */
static void finish(struct timeline *t, struct timeline_engine *e, enum timeline_track track, uint64_t end) {
  if (is_through(e)) return;
  const struct timeline_event event = {
      .begin = e->begin == kNotBegun ? end : e->begin, .end = end, .what = current(e), .track = (uint8_t)track};
  add(t, &event);
  e->next++;
  e->begin = kNotBegun;
}

/* Spans of equal `what`; kNone: nothing. */
static void span(struct timeline *t, enum timeline_track track, uint32_t what) {
  struct timeline_event *e = &t->open[track];
  if (e->what == what) return;
  if (e->what != kNone) {
    e->end = t->cycle;
    add(t, e);
  }
  *e = (struct timeline_event){.begin = t->cycle, .what = what, .track = (uint8_t)track};
}

/* Data arrive in command order, so that beats can be counted off; a PACK ends with the engine's count. */
static void load_clock(struct timeline *t, const struct rtl_probe *p) {
  struct timeline_engine *e = &t->load;
  if (!is_through(e) && is_pack(t, current(e)) && p->done_load == (uint16_t)(e->next + 1)) {
    finish(t, e, TIMELINE_LOAD, t->cycle);
  }
  if (p->load_beat) {
    if (begin(t, e)) e->beats = load_beats(t, current(e));
    if (--e->beats == 0) finish(t, e, TIMELINE_LOAD, t->cycle + 1);
  } else if (p->pack_read) {
    begin(t, e);
  }
  span(t, TIMELINE_LOAD_WAIT, p->load_wait ? p->load_wait_store : kNone);
}

/* compute_end and done_drain show an end one cycle later. */
static void compute_clock(struct timeline *t, const struct rtl_probe *p) {
  if (p->compute_end) finish(t, &t->compute, TIMELINE_COMPUTE, t->cycle);
  if (p->pixel) begin(t, &t->compute);
  span(t, TIMELINE_STALL, p->busy && p->stall_class != TETRA_CNT_BUSY ? p->stall_class : kNone);
}

static void drain_clock(struct timeline *t, const struct rtl_probe *p) {
  if (p->done_drain != (uint16_t)t->drain.next) finish(t, &t->drain, TIMELINE_DRAIN, t->cycle);
  if (p->drain_row) begin(t, &t->drain);
  span(t, TIMELINE_DRAIN_STALL, p->drain_stall ? 0 : kNone);
}

/* The last response of STORE k; a layer's last STORE completes the layer. The log stamps it one cycle after the count
 * changes. */
static void response(struct timeline *t) {
  if (t->responses == t->store.next) return;
  struct timeline_event *e = &t->events[t->store_events[t->responses++]];
  e->response = t->cycle;
  if (!field(t, e->what, TETRA_F_STORE_LAST)) return;
  const struct timeline_event layer = {.begin = t->layer_begin,
                                       .end = t->cycle,
                                       .what = (uint32_t)t->labels.commands[e->what].layer,
                                       .track = TIMELINE_LAYER};
  t->layer_begin = t->cycle;
  add(t, &layer);
}

static void store_clock(struct timeline *t, const struct rtl_probe *p) {
  struct timeline_engine *e = &t->store;
  if (p->done_store != (uint16_t)t->responses) response(t);
  if (!p->write_beat) return;
  if (begin(t, e)) e->beats = tetra_cmd_store_beats(&t->plan->cmds[current(e)]);
  if (--e->beats != 0) return;
  t->store_events[e->next] = t->n_events;
  finish(t, e, TIMELINE_STORE, t->cycle + 1);
}

void timeline_clock(void *self, const struct rtl_probe *p) {
  struct timeline *t = self;
  if (!t->started && !p->busy) return;
  t->started = 1;
  if (t->failed) return;
  struct timeline_traffic *traffic = traffic_now(t);
  if (traffic == NULL) return;
  traffic->loads = (uint8_t)(traffic->loads + (p->load_beat != 0));
  traffic->stores = (uint8_t)(traffic->stores + (p->write_beat != 0));
  load_clock(t, p);
  compute_clock(t, p);
  drain_clock(t, p);
  store_clock(t, p);
  t->cycle++;
}

int timeline_end(struct timeline *t, struct tetra_error *err) {
  for (int i = 0; i < TIMELINE_TRACKS; i++) span(t, (enum timeline_track)i, kNone);
  return t->failed ? tetra_fail(err, TETRA_ENOMEM, "no memory for the timeline's %zu events", t->n_events) : TETRA_OK;
}
