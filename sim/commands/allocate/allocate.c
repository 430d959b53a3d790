/* Bits for layers: of a problem in a file, or of a network. */
#include "commands/allocate/allocate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "commands/allocate/options.h"
#include "commands/allocate/problem.h"

static int help(void) {
  fputs(
      "usage: sim allocate --problem FILE.json -o OUT.json\n"
      "Chooses for each layer so that the sum of sensitivities is least and every budget is kept, exactly.\n"
      "FILE has \"choices\", \"sensitivity\", \"cost\", \"ties\" and \"budget\" (docs/allocation.md).\n"
      "\n"
      "  -o, --output FILE        the choices; replaced only when everything has succeeded\n"
      "  --help\n"
      "\n"
      "Exit code: 0 good, 2 bad input, a budget that nothing fits, or no resources; then the files are as they were.\n",
      stdout);
  return SIM_EXIT_GOOD;
}

static int solve_file(const struct allocate_options *o, struct tetra_error *err) {
  struct allocate_problem a;
  struct tetra_allocation answer;
  int rc = allocate_problem_read(o->problem, &a, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_allocate(&a.p, 0, &answer, err);
  if (rc == TETRA_OK) {
    if (!answer.proved) {
      fprintf(stderr, "sim: warning: not proved to be the best after %" PRIu64 " nodes; none is below %.12g\n",
              answer.nodes, answer.bound);
    }
    rc = allocate_answer_write("-o", o->out, &a, &answer, err);
    tetra_allocation_free(&answer);
  }
  allocate_problem_free(&a);
  return rc;
}

int allocate_main(int argc, char **argv) {
  struct allocate_options o;
  struct tetra_error err = {0, ""};
  if (allocate_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  if (o.help) return help();
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "--problem", o.problem, 0);
  sim_paths_add(&paths, "-o", o.out, 1);
  if (sim_paths_check(&paths, &err) != TETRA_OK) return sim_complain(&err);
  if (sim_outfile_probe("-o", o.out, &err) != TETRA_OK) return sim_complain(&err);
  const int rc = solve_file(&o, &err);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
