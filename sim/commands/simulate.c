/* A run of one network on the RTL, with its reports. */
#include "commands/simulate.h"

#include "base/notes.h"
#include "base/status.h"
#include "cli/outputs.h"
#include "commands/cycle_model.h"
#include "report/files.h"
#include "report/text.h"
#include "report/timeline_json.h"
#include "run/output.h"
#include "run/session.h"

static int write_timeline(struct sim_session *s, struct tetra_error *err) {
  const int rc = timeline_end(&s->timeline, err); /* of a run that failed, too */
  return rc == TETRA_OK ? sim_timeline_write(&s->timeline, s->o->timeline, err) : rc;
}

/* JSON and the page have the cycle model's cycles beside the RTL's wherever the model knows the memory. */
static int wants_model(const struct sim_options *o) {
  const int wanted = o->reports[SIM_REPORT_json] != NULL || o->reports[SIM_REPORT_html] != NULL;
  return o->cycles == SIM_CYCLES_COMPARE || (wanted && o->stall == 0);
}

/* Also what a run that failed has found out is written. */
static int simulate(struct sim_session *s, const struct sim_text *text) {
  const struct sim_options *o = s->o;
  struct tetra_error err = {0, ""};
  int code = SIM_EXIT_GOOD;
  sim_text_header(text, &s->r);
  const int rc = sim_simulate(s, &err);
  sim_text_clear(text);
  if (rc == TETRA_OK) {
    sim_text_totals(&s->r);
    if (sim_capture_deliver(s->capture, &err) != TETRA_OK) code = sim_complain(&err);
    if (wants_model(o) && sim_cycle_model_compare(&s->r, &err) != TETRA_OK) code = sim_complain(&err);
  } else {
    sim_complain(&err);
    code = rc == TETRA_ENOMEM || rc == TETRA_EIO ? SIM_EXIT_BAD_INPUT : SIM_EXIT_DIFFERENT;
  }
  if (o->timeline != NULL && write_timeline(s, &err) != TETRA_OK) code = sim_complain(&err);
  if (sim_reports_write(&s->r, &err) != TETRA_OK) code = sim_complain(&err);
  return code;
}

int sim_simulate_run(const struct sim_options *o) {
  struct tetra_error err = {0, ""};
  struct sim_session s;
  struct sim_text text;
  sim_text_begin(&text, o);
  const struct sim_observer observer = sim_text_observer(&text);
  if (sim_outputs_check(o, &err) != TETRA_OK || sim_setup(&s, o, &observer, &err) != TETRA_OK)
    return sim_complain(&err);
  struct sim_capture capture;
  s.capture_count = sim_session_images(&s);
  int code = SIM_EXIT_BAD_INPUT;
  const struct sim_captured of = {&s.part.g, &s.plan, &s.source.m, sim_session_tail(&s)};
  if (sim_capture_open(&capture, o, &of, s.capture_count, &err) == TETRA_OK) {
    s.capture = &capture;
    sim_source_note_names(&s.source, &(struct sim_notes){sim_note, NULL});
    code = simulate(&s, &text);
    sim_capture_close(&capture);
  } else {
    sim_complain(&err);
  }
  sim_teardown(&s);
  return code;
}
