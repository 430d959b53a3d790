/* Trace events as JSON. */
#include "report/timeline_json.h"

#include <inttypes.h>
#include <string.h>

#include "base/outfile.h"
#include "report/timeline_counters.h"
#include "tetra/device.h"

static const char *const kTracks[TIMELINE_TRACKS] = {"layer",          "compute", "array stalls",    "load",
                                                     "load waits for", "drain",   "drain held back", "store"};
static const char *const kBuffers[] = {"activations", "weights", "residual or image rows", "parameters"};

static void string(const char *text, FILE *out) {
  fputc('"', out);
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
      fprintf(out, "\\%c", c);
    } else if (c < 0x20) {
      fprintf(out, "\\u%04x", c);
    } else {
      fputc(c, out);
    }
  }
  fputc('"', out);
}

static void thread(int track, FILE *out) {
  fprintf(out, "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}},\n", track + 1,
          kTracks[track]);
  fprintf(out, "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%d}},\n",
          track + 1, track + 1);
}

const char *sim_timeline_track(enum timeline_track track) { return kTracks[track]; }

void sim_timeline_event_name(const struct timeline *t, const struct timeline_event *e, char *text, size_t size) {
  switch (e->track) {
    case TIMELINE_LAYER:
      snprintf(text, size, "%s", e->what < (uint32_t)t->g->n_ops ? t->g->ops[e->what].name : "?");
      break;
    case TIMELINE_STALL:
      snprintf(text, size, "%s", tetra_counter_name(e->what));
      break;
    case TIMELINE_LOAD_WAIT:
      snprintf(text, size, "%s", e->what ? "an earlier store" : "room in a buffer");
      break;
    case TIMELINE_DRAIN_STALL:
      snprintf(text, size, "write path full");
      break;
    default:
      timeline_name(&t->labels, e->what, text, size);
      break;
  }
}

static const char *load_kind(const struct tetra_cmd *c) {
  return tetra_cmd_get(c, TETRA_F_OP) == TETRA_OP_PACK ? "pack" : kBuffers[tetra_cmd_get(c, TETRA_F_LOAD_DST)];
}

/* What a command's event says beside its name. */
static void arguments(const struct timeline *t, const struct timeline_event *e, FILE *out) {
  const struct tetra_cmd *c = &t->plan->cmds[e->what];
  fprintf(out, ",\"args\":{\"command\":%" PRIu32, e->what);
  if (e->track == TIMELINE_LOAD) fprintf(out, ",\"what\":\"%s\"", load_kind(c));
  if (e->track == TIMELINE_STORE) fprintf(out, ",\"response\":%" PRIu64, e->response);
  if (e->track == TIMELINE_COMPUTE) {
    fprintf(out, ",\"ksteps\":%u,\"pixels\":%u",
            (unsigned)(tetra_cmd_get(c, TETRA_F_COMP_KB) * tetra_cmd_get(c, TETRA_F_COMP_KH) *
                       tetra_cmd_get(c, TETRA_F_COMP_KW)),
            (unsigned)(tetra_cmd_get(c, TETRA_F_COMP_OY) * tetra_cmd_get(c, TETRA_F_COMP_OX)));
  }
  fputs("}", out);
}

static int is_command(int track) {
  return track == TIMELINE_COMPUTE || track == TIMELINE_LOAD || track == TIMELINE_DRAIN || track == TIMELINE_STORE;
}

static void event(const struct timeline *t, const struct timeline_event *e, FILE *out) {
  char text[TETRA_NAME_MAX + 32];
  sim_timeline_event_name(t, e, text, sizeof text);
  fprintf(out, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%" PRIu64 ",\"dur\":%" PRIu64 ",\"name\":", e->track + 1,
          e->begin, e->end - e->begin);
  string(text, out);
  if (is_command(e->track)) arguments(t, e, out);
  fputs("}", out);
}

int sim_timeline_json(const struct timeline *t, FILE *out, struct tetra_error *err) {
  fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"unit\":\"1 us shown is 1 cycle\"},\"traceEvents\":[\n", out);
  for (int i = 0; i < TIMELINE_TRACKS; i++) thread(i, out);
  fputs("{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":", out);
  string(t->g->name, out);
  fputs("}}", out);
  for (size_t i = 0; i < t->n_events; i++) event(t, &t->events[i], out);
  int rc = sim_timeline_arrows(t, out, err);
  if (rc == TETRA_OK) rc = sim_timeline_counters(t, out, err);
  fputs("\n]}\n", out);
  return rc;
}

int sim_timeline_write(const struct timeline *t, const char *path, struct tetra_error *err) {
  struct sim_outfile f;
  int rc = sim_outfile_open(&f, "--timeline", path, err);
  if (rc != TETRA_OK) return rc;
  rc = sim_timeline_json(t, f.f, err);
  if (rc == TETRA_OK) return sim_outfile_commit(&f, err);
  sim_outfile_discard(&f);
  return rc;
}
