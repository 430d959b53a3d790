/* The sweep: every point in the cycle model, some on the RTL, several at once; then the reports. */
#define _POSIX_C_SOURCE 200809L
#include "commands/pareto/pareto.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/jobs.h"
#include "base/outfile.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/hardware.h"
#include "cli/image_options.h"
#include "commands/pareto/front.h"
#include "commands/pareto/measure.h"
#include "commands/pareto/models.h"
#include "commands/pareto/options.h"
#include "commands/pareto/plot.h"
#include "commands/pareto/points.h"
#include "commands/pareto/report.h"
#include "commands/pareto/supernet.h"
#include "commands/pareto/trained.h"
#include "report/gnuplot.h"

/* What the processes that run points share; points[i] is written by one of them only. */
struct shared {
  struct pareto_run run[PARETO_POINTS];
  struct tetra_error err[PARETO_POINTS];
};

struct sweep {
  const struct pareto_options *o;
  const struct tetra_caps *caps;
  struct pareto_point *points;
  struct shared *shared;
  int todo[PARETO_POINTS], n, n_ended;
  int rtl;  /* on the RTL, else in the cycle model */
  int code; /* the worst so far */
};

static int work(void *arg, int k) {
  struct sweep *s = arg;
  const int i = s->todo[k];
  struct tetra_error *err = &s->shared->err[i];
  const int rc = s->rtl ? pareto_rtl(&s->points[i], s->o, &s->shared->run[i], err)
                        : pareto_modelled(&s->points[i], s->caps, s->o, &s->shared->run[i], err);
  if (rc == TETRA_OK) return SIM_EXIT_GOOD;
  return rc == TETRA_EDIFF || rc == TETRA_EHW || rc == TETRA_ETIMEOUT ? SIM_EXIT_DIFFERENT : SIM_EXIT_BAD_INPUT;
}

static void name(void *arg, int k, char *text, size_t size) {
  const struct sweep *s = arg;
  const struct pareto_point *p = &s->points[s->todo[k]];
  snprintf(text, size, "%s m = %g", pareto_series_name(p->series), p->m);
}

/* Progress goes to standard error, so that the table may go to a file. */
static void finished(void *arg, int k, int code) {
  struct sweep *s = arg;
  const int i = s->todo[k];
  s->n_ended++;
  if (code > s->code) s->code = code;
  if (s->o->quiet) return;
  if (s->rtl) {
    fprintf(stderr, "RTL %d of %d: %s m = %g, %" PRIu64 " cycles\n", s->n_ended, s->n,
            pareto_series_name(s->points[i].series), s->points[i].m, s->shared->run[i].cycles);
  } else if (isatty(STDERR_FILENO)) {
    fprintf(stderr, "\r%d of %d networks modelled%s", s->n_ended, s->n, s->n_ended == s->n ? "\r\033[K" : "");
  }
}

static void done(void *arg, int k, int code) {
  struct sweep *s = arg;
  const struct pareto_point *p = &s->points[s->todo[k]];
  if (code == SIM_EXIT_GOOD) return;
  fprintf(stderr, "sim: %s m = %g: %s\n", pareto_series_name(p->series), p->m,
          s->shared->err[s->todo[k]].code != TETRA_OK ? s->shared->err[s->todo[k]].msg : "its process died");
}

/* Runs the points that are wanted, in the cycle model or on the RTL. Returns an exit code. */
static int sweep(const struct pareto_options *o, const struct tetra_caps *caps, int rtl, struct pareto_point *points) {
  struct tetra_error err = {0, ""};
  struct sweep s = {.o = o, .caps = caps, .points = points, .rtl = rtl};
  for (int i = 0; i < PARETO_POINTS; i++) {
    if (points[i].series != PARETO_BF16 && (!rtl || o->rtl[i])) s.todo[s.n++] = i;
  }
  if (s.n == 0) return SIM_EXIT_GOOD;
  s.shared = sim_jobs_share(sizeof *s.shared);
  if (s.shared == NULL) {
    tetra_fail(&err, TETRA_ENOMEM, "no memory for the results");
    return sim_complain(&err);
  }
  const struct sim_jobs j = {
      .n = s.n, .at_once = (int)o->jobs, .work = work, .done = done, .finished = finished, .name = name, .arg = &s};
  if (sim_jobs_run(&j, &err) != TETRA_OK) s.code = sim_complain(&err);
  for (int k = 0; k < s.n; k++) {
    *(rtl ? &points[s.todo[k]].rtl : &points[s.todo[k]].modelled) = s.shared->run[s.todo[k]];
  }
  sim_jobs_unshare(s.shared, sizeof *s.shared);
  return s.code;
}

static int write_csv(const struct pareto_options *o, const struct pareto_point *points, struct tetra_error *err) {
  struct sim_outfile f;
  int rc = sim_outfile_open(&f, "--csv", o->csv, err);
  if (rc != TETRA_OK) return rc;
  pareto_csv(points, o, f.f);
  return sim_outfile_commit(&f, err);
}

static int help(void) {
  fputs(
      "usage: sim pareto [options]\n"
      "       sim pareto --trained FOLDER [options]\n"
      "       sim pareto --supernet FILE --data IMAGES.npy --labels LABELS.npy --test IMAGES.npy --test-labels "
      "LABELS.npy\n"
      "       sim pareto --models 'nets/*.onnx' --input IMAGES.npy --labels LABELS.npy [options]\n"
      "The accuracy-cost curve of ResNet-50 (arXiv 2105.03536) in cycles or millijoules of the accelerator: nine\n"
      "widths, three precisions; published top-1, the paper's costs, cycles and DRAM bytes from the cycle model, the\n"
      "Pareto sets.\n"
      "\n"
      "  --models PATTERN         your own networks instead: accuracy over the images, cycles from the cycle model\n"
      "  --input IMAGES           of those, as of ./sim; --labels, too, is needed\n"
      "  --labels LABELS          their classes\n" SIM_LAYOUT_HELP SIM_PIXELS_HELP
      "  --limit N                the first N images only\n"
      "  --trained FOLDER         networks that ./sim train trained, with its --json reports beside them: accuracy "
      "and\n"
      "                           standard error from these; cycles, the paper's costs, bytes; which are optimal\n"
      "  --supernet FILE          of ./sim train --method once: all networks that are slices of it\n"
      "  --data IMAGES            of training, which they have their statistics from; their classes by --labels, the\n"
      "                           first 10,000 or --limit\n"
      "  --test IMAGES            what accuracy is measured on\n"
      "  --test-labels LABELS     their classes\n"
      "  --offsets, --test-offsets FILE   as of ./sim train\n"
      "  --augment N|none         how --data is changed for statistics: as in training (4)\n"
      "  --subnets FOLDER         their files\n"
      "  --csv FILE               table for programs (pareto.csv)\n"
      "  --plot FILE.svg|.png     top-1 over cost, by gnuplot (pareto.svg)\n"
      "  --no-plot                none\n"
      "  --rtl M:PRECISION,...    runs these points on the RTL, too, every layer compared with the C "
      "model\n" SIM_MACHINE_HELP
      "  --mhz F                  a clock, to give frames per second (the energy table's, or 1000)\n"
      "  --energy TABLE.json      millijoules of an image, too, with this table's costs (docs/silicon.md)\n"
      "  --cost cycles|energy     the cost of the figure, of the verdict and of your own networks (cycles)\n"
      "  --jobs N                 points at once (the number of processors)\n"
      "  --quiet                  no progress\n"
      "  --help\n"
      "\n"
      "Exit code: 0 good, 1 the RTL differs from the C model or stopped, 2 bad input, no resources or no gnuplot.\n",
      stdout);
  return SIM_EXIT_GOOD;
}

static int run(const struct pareto_options *o) {
  struct pareto_point points[PARETO_POINTS];
  struct tetra_error err = {0, ""};
  const struct tetra_caps caps = sim_build_caps(o->array);
  struct sim_paths paths = {.n = 0};
  sim_paths_add(&paths, "--input", o->input, 0);
  sim_paths_add(&paths, "--labels", o->labels, 0);
  sim_paths_add(&paths, "--energy", o->energy, 0);
  sim_paths_add(&paths, "--supernet", o->supernet, 0);
  sim_paths_add(&paths, "--data", o->data.images, 0);
  sim_paths_add(&paths, "--test", o->test.images, 0);
  sim_paths_add(&paths, "--test-labels", o->test.labels, 0);
  sim_paths_add(&paths, "--csv", o->csv, 1);
  sim_paths_add(&paths, "--plot", o->plot, 1);
  if (sim_paths_check(&paths, &err) != TETRA_OK) return sim_complain(&err);
  if (sim_outfile_probe("--csv", o->csv, &err) != TETRA_OK) return sim_complain(&err);
  if (o->plot != NULL && sim_outfile_probe("--plot", o->plot, &err) != TETRA_OK) return sim_complain(&err);
  if (o->plot != NULL) sim_gnuplot_note();
  if (o->models != NULL) return pareto_models(o);
  if (o->trained != NULL) return pareto_of_trained(o);
  if (o->supernet != NULL) return pareto_of_supernet(o);
  pareto_points(points);
  if (pareto_add_costs(points, &err) != TETRA_OK) return sim_complain(&err);
  int code = sweep(o, &caps, 0, points);
  if (code == SIM_EXIT_GOOD) code = sweep(o, &caps, 1, points);
  if (code != SIM_EXIT_GOOD) return code;
  pareto_fronts(points);
  pareto_print(points, o, stdout);
  if (write_csv(o, points, &err) != TETRA_OK) return sim_complain(&err);
  if (o->plot != NULL && pareto_plot(points, o, &err) != TETRA_OK) return sim_complain(&err);
  printf("written: %s%s%s\n", o->csv, o->plot != NULL ? ", " : "", o->plot != NULL ? o->plot : "");
  return SIM_EXIT_GOOD;
}

int pareto_main(int argc, char **argv) {
  struct pareto_options o;
  struct tetra_error err = {0, ""};
  if (pareto_options_parse(argc, argv, &o, &err) != TETRA_OK) return sim_complain(&err);
  return o.help ? help() : run(&o);
}
