/* Standard output is the report's alone where it is asked for as a file: text moves to standard error. */
#define _POSIX_C_SOURCE 200809L
#include "cli/answers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/outputs.h"

int sim_answers_redirect(struct sim_options *o, struct tetra_error *err) {
  int chosen = -1;
  for (int i = 0; i < SIM_REPORTS; i++) {
    if (o->reports[i] == NULL || strcmp(o->reports[i], "-") != 0) continue;
    if (chosen >= 0 || o->n_networks * o->n_precisions > 1) {
      return tetra_fail(err, TETRA_EINVAL,
                        "%s -: the standard output takes one report of one run; file names are accepted",
                        sim_report_option((enum sim_report)i));
    }
    chosen = i;
  }
  if (chosen < 0) return TETRA_OK;
  const int fd = dup(STDOUT_FILENO);
  if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
    return tetra_fail(err, TETRA_EIO, "cannot write to the standard output: %s", strerror(errno));
  snprintf(o->stdout_name, sizeof o->stdout_name, "/dev/fd/%d", fd);
  o->reports[chosen] = o->stdout_name;
  return TETRA_OK;
}
