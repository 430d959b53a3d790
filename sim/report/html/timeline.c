/* Draws what each engine did in a few thousand cycles. */
#include "report/html/timeline.h"

#include <inttypes.h>

#include "report/html/svg.h"
#include "report/timeline_json.h"
#include "run/timeline/timeline.h"
#include "tetra/device.h"

#define EXCERPT 4000 /* cycles */
#define EVENTS 4000  /* drawn at most */
#define ROW 24

struct page_excerpt page_choose_excerpt(const struct sim_results *r) {
  const struct timeline *t = r->timeline;
  uint64_t at = 0, lost = 0, end = 0;
  for (size_t i = 0; i < t->n_events; i++) {
    const struct timeline_event *e = &t->events[i];
    if (e->track != TIMELINE_LAYER) continue;
    const struct sim_layer *l = &r->layers[e->what];
    const uint64_t idle = l->cycles - l->causes[0];
    if (e->begin != 0 && idle > lost) {
      lost = idle;
      at = e->begin;
    }
    end = e->end;
  }
  struct page_excerpt x = {at > EXCERPT / 4 ? at - EXCERPT / 4 : 0, 0};
  if (x.begin + EXCERPT > end) x.begin = end > EXCERPT ? end - EXCERPT : 0;
  x.end = x.begin + EXCERPT < end ? x.begin + EXCERPT : end;
  if (x.end == x.begin) x.end = x.begin + 1;
  return x;
}

/* Areas of engines have a layer's colour, of stalls a cause's; the others' waits are grey. */
static int colour_of(const struct timeline *t, const struct timeline_event *e) {
  switch (e->track) {
    case TIMELINE_LAYER:
      return (int)(e->what % 7);
    case TIMELINE_STALL:
      return (int)(e->what - TETRA_CNT_BUSY);
    case TIMELINE_LOAD_WAIT:
    case TIMELINE_DRAIN_STALL:
      return 7;
    default:
      return (int)(t->labels.commands[e->what].layer % 7);
  }
}

static void draw_event(const struct svg *s, const struct timeline *t, const struct timeline_event *e) {
  char name[TETRA_NAME_MAX + 32], text[TETRA_NAME_MAX + 100], class_name[8];
  const double x0 = svg_x(s, (double)e->begin), x1 = svg_x(s, (double)e->end);
  const double y = s->top + ROW * e->track + 2;
  sim_timeline_event_name(t, e, name, sizeof name);
  snprintf(text, sizeof text, "%s: cycles %" PRIu64 " to %" PRIu64, name, e->begin, e->end);
  snprintf(class_name, sizeof class_name, "c%d", colour_of(t, e));
  svg_hover(s, text);
  svg_rect(s, x0, y, x1 - x0 > 0.4 ? x1 - x0 : 0.4, ROW - 4, class_name);
  svg_hover_end(s);
}

void page_timeline(FILE *f, const struct sim_results *r, struct page_excerpt e) {
  const struct timeline *t = r->timeline;
  struct svg s;
  svg_begin(&s, f, NULL, "what each engine did, over cycles", 1120, 48 + ROW * TIMELINE_TRACKS);
  s.left = 100;
  svg_axis_x(&s, (struct svg_scale){(double)e.begin, (double)e.end, 0}, "cycle");
  for (int k = 0; k < TIMELINE_TRACKS; k++)
    svg_text(&s, s.left - 6, s.top + ROW * k + 16, "end", sim_timeline_track((enum timeline_track)k));
  int drawn = 0;
  for (size_t i = 0; i < t->n_events && drawn < EVENTS; i++) {
    if (t->events[i].end <= e.begin || t->events[i].begin >= e.end) continue;
    draw_event(&s, t, &t->events[i]);
    drawn++;
  }
  svg_end(&s);
}
