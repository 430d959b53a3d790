/* Writes table and figure. */
#include "commands/pareto/files.h"

#include "base/outfile.h"
#include "report/gnuplot.h"

int pareto_write_files(const struct pareto_options *o, void (*csv)(const void *arg, FILE *out),
                       void (*draw)(const void *arg, const char *image, FILE *out), const void *arg,
                       struct tetra_error *err) {
  struct sim_outfile file;
  int rc = sim_outfile_open(&file, "--csv", o->csv, err);
  if (rc != TETRA_OK) return rc;
  csv(arg, file.f);
  rc = sim_outfile_commit(&file, err);
  if (rc == TETRA_OK && o->plot != NULL) rc = sim_gnuplot("--plot", o->plot, draw, arg, err);
  if (rc == TETRA_OK) printf("written: %s%s%s\n", o->csv, o->plot != NULL ? ", " : "", o->plot != NULL ? o->plot : "");
  return rc;
}
