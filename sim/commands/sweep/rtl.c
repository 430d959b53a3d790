/* Points on the RTL, where this program has it. */
#include "commands/sweep/rtl.h"

#include <string.h>

#include "cli/hardware.h"
#include "commands/sweep/line.h"
#include "machine/rtl_model.h"
#include "run/session.h"

int sweep_has_rtl(const struct sim_point *p) {
  const unsigned n = (unsigned)p->v[SIM_AXIS_ARRAY];
  const struct tetra_caps caps = sim_study_caps(p), built = sim_build_caps(n);
  int k = 0;
  while (rtl_model_size(k) != 0 && rtl_model_size(k) != n) k++;
  return rtl_model_size(k) == n && memcmp(&caps, &built, sizeof caps) == 0;
}

int sweep_rtl(const struct sim_study *s, const struct sim_point *p, uint64_t *cycles, struct tetra_error *err) {
  struct sweep_line line;
  struct sim_options o;
  struct sim_session session;
  int rc = sweep_line_read(s, p, SWEEP_LINE_RTL, &line, &o, err);
  if (rc == TETRA_OK) rc = sim_setup(&session, &o, NULL, err);
  if (rc == TETRA_OK) {
    rc = sim_simulate(&session, err);
    if (rc == TETRA_OK && session.r.match != SIM_EQUAL) rc = tetra_fail(err, TETRA_EHW, "the RTL was not compared");
    *cycles = session.r.cycles;
    sim_teardown(&session);
  }
  sweep_line_free(&line);
  return rc;
}
