/* From the table of reports to their writers. */
#include "report/files.h"

#include "report/writers.h"

int sim_reports_write(const struct sim_results *r, struct tetra_error *err) {
#define SIM_REPORT(name, help) sim_##name##_write,
  static int (*const writers[])(const char *, const struct sim_results *, struct tetra_error *) = {
#include "cli/reports.def"
  };
#undef SIM_REPORT
  int first = TETRA_OK;
  for (int i = 0; i < SIM_REPORTS; i++) {
    struct tetra_error why = {0, ""};
    if (r->o->reports[i] == NULL || writers[i](r->o->reports[i], r, &why) == TETRA_OK || first != TETRA_OK) continue;
    first = tetra_fail(err, why.code, "%s", why.msg);
  }
  return first;
}
