/* The user's own networks: accuracy from the fast path, cycles from the cycle model. */
#define _POSIX_C_SOURCE 200809L
#include "commands/pareto/models.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/jobs.h"
#include "base/outfile.h"
#include "base/status.h"
#include "cli/hardware.h"
#include "cli/options.h"
#include "commands/pareto/measure.h"
#include "commands/pareto/models_report.h"
#include "files/source.h"
#include "run/runner.h"

enum { MOST_MODELS = 1000, MOST_ARGUMENTS = 24 };

/* The command line of one network's run, as a user would give it. */
struct line {
  char *argv[MOST_ARGUMENTS];
  int argc;
  char numbers[4][24];
};

static void put(struct line *l, const char *option, const char *value) {
  if (value == NULL) return;
  l->argv[l->argc++] = (char *)(uintptr_t)option;
  l->argv[l->argc++] = (char *)(uintptr_t)value;
}

static const char *number(struct line *l, int i, unsigned v) {
  snprintf(l->numbers[i], sizeof l->numbers[i], "%u", v);
  return l->numbers[i];
}

/* The machine's options, which both runs have. */
static void begin(struct line *l, const struct pareto_options *o, const char *path) {
  memset(l, 0, sizeof *l); /* a NULL ends the arguments */
  put(l, "sim", path);
  put(l, "--array", number(l, 0, o->array));
  put(l, "--dram-latency", number(l, 1, o->mem.latency));
  put(l, "--dram-bytes-per-cycle", number(l, 2, o->mem.bytes_per_cycle));
}

static int count_right(struct sim_runner *r, const int *labels, int n, struct pareto_model *m,
                       struct tetra_error *err) {
  struct sim_outcome *out = malloc((size_t)r->batch * sizeof *out);
  if (out == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d answers", r->batch);
  int rc = TETRA_OK;
  for (int first = 0; rc == TETRA_OK && first < n; first += r->batch) {
    const int count = n - first < r->batch ? n - first : r->batch;
    rc = sim_runner_run(r, first, count, out, err);
    for (int i = 0; rc == TETRA_OK && i < count; i++) m->right += out[i].top.cls[0] == labels[first + i];
  }
  free(out);
  return rc;
}

static int measure_accuracy(const struct pareto_options *o, struct pareto_model *m, struct tetra_error *err) {
  struct sim_options so;
  struct sim_runner r;
  struct line l;
  int *labels = NULL;
  begin(&l, o, m->path);
  put(&l, "--input", o->input);
  put(&l, "--labels", o->labels);
  put(&l, "--backend", "fast");
  put(&l, "--jobs", "1");
  int rc = sim_options_parse(l.argc, l.argv, &so, err);
  if (rc != TETRA_OK) return rc;
  so.pixels = o->pixels;
  so.limit = o->limit;
  so.quiet = 1;
  so.net.threads = 1; /* other processes run other networks */
  memset(&r, 0, sizeof r);
  rc = sim_runner_open(&r, &so, NULL, err);
  if (rc != TETRA_OK) return rc;
  m->images = so.limit != 0 && so.limit < r.source->n ? so.limit : r.source->n;
  rc = sim_labels_read(o->labels, m->images, sim_source_classes(r.source), &labels, err);
  if (rc == TETRA_OK) rc = count_right(&r, labels, m->images, m, err);
  free(labels);
  sim_runner_close(&r);
  return rc;
}

static int measure_cycles(const struct pareto_options *o, struct pareto_model *m, struct tetra_error *err) {
  struct sim_options so;
  struct sim_source source;
  struct line l;
  begin(&l, o, m->path);
  l.argv[l.argc++] = (char *)(uintptr_t) "--model";
  int rc = sim_options_parse(l.argc, l.argv, &so, err);
  if (rc == TETRA_OK) rc = sim_source_open(&source, &so, 1, &(struct sim_notes){sim_note, NULL}, err);
  if (rc != TETRA_OK) return rc;
  const struct tetra_caps caps = sim_hardware_caps(&so);
  rc = pareto_graph_modelled(&source.m.graph, &caps, o, &m->modelled, err);
  sim_source_close(&source);
  return rc;
}

struct work {
  const struct pareto_options *o;
  const glob_t *files;
  struct pareto_model *models; /* shared by the processes; files[i] is written by one of them only */
  struct tetra_error *err;     /* likewise */
  int n, n_ended, code;
};

static int work(void *arg, int i) {
  struct work *w = arg;
  struct pareto_model *m = &w->models[i];
  m->path = w->files->gl_pathv[i];
  int rc = measure_accuracy(w->o, m, &w->err[i]);
  if (rc == TETRA_OK) rc = measure_cycles(w->o, m, &w->err[i]);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : SIM_EXIT_BAD_INPUT;
}

static void name(void *arg, int i, char *text, size_t size) {
  snprintf(text, size, "%s", ((struct work *)arg)->files->gl_pathv[i]);
}

static void finished(void *arg, int i, int code) {
  struct work *w = arg;
  (void)i;
  w->n_ended++;
  if (code > w->code) w->code = code;
  if (w->o->quiet || !isatty(STDERR_FILENO)) return;
  fprintf(stderr, "\r%d of %d networks%s", w->n_ended, w->n, w->n_ended == w->n ? "\r\033[K" : "");
}

static void done(void *arg, int i, int code) {
  struct work *w = arg;
  if (code == SIM_EXIT_GOOD) return;
  fprintf(stderr, "sim: %s: %s\n", w->files->gl_pathv[i],
          w->err[i].code != TETRA_OK ? w->err[i].msg : "its process died");
}

static int run(const struct pareto_options *o, const glob_t *files, struct work *w, struct tetra_error *err) {
  const size_t n = files->gl_pathc;
  *w = (struct work){.o = o, .files = files, .n = (int)n};
  w->models = sim_jobs_share(n * sizeof *w->models);
  w->err = sim_jobs_share(n * sizeof *w->err);
  if (w->models == NULL || w->err == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu networks", n);
  const struct sim_jobs j = {
      .n = w->n, .at_once = (int)o->jobs, .work = work, .done = done, .finished = finished, .name = name, .arg = w};
  return sim_jobs_run(&j, err);
}

static int is_beaten(const struct pareto_options *o, const struct pareto_model *m, const struct pareto_model *by) {
  const double mine = pareto_model_cost(o, m), its = pareto_model_cost(o, by);
  return by->right >= m->right && its <= mine && (by->right > m->right || its < mine);
}

/* The files that the pattern names, sorted by name. */
static int find_files(const char *pattern, glob_t *files, struct tetra_error *err) {
  const int rc = glob(pattern, GLOB_ERR, NULL, files);
  if (rc == 0 && files->gl_pathc <= MOST_MODELS) return TETRA_OK;
  const size_t found = rc == 0 ? files->gl_pathc : 0;
  globfree(files);
  if (found > 0) {
    return tetra_fail(err, TETRA_EINVAL, "--models: '%.100s' names %zu files; at most %d are accepted", pattern, found,
                      MOST_MODELS);
  }
  return tetra_fail(err, TETRA_EINVAL,
                    "--models: no file is named '%.100s'; a pattern such as 'nets/*.onnx' is accepted", pattern);
}

int pareto_models(const struct pareto_options *o) {
  struct tetra_error err = {0, ""};
  struct work w;
  glob_t files;
  if (find_files(o->models, &files, &err) != TETRA_OK) return sim_complain(&err);
  int rc = run(o, &files, &w, &err);
  int code = rc == TETRA_OK ? w.code : sim_complain(&err);
  for (int i = 0; code == SIM_EXIT_GOOD && i < w.n; i++) {
    w.models[i].path = files.gl_pathv[i];
    w.models[i].front = 1;
    for (int k = 0; k < w.n; k++) w.models[i].front &= !is_beaten(o, &w.models[i], &w.models[k]);
  }
  if (code == SIM_EXIT_GOOD && pareto_models_report(w.models, w.n, o, &err) != TETRA_OK) code = sim_complain(&err);
  if (w.models != NULL) sim_jobs_unshare(w.models, (size_t)w.n * sizeof *w.models);
  if (w.err != NULL) sim_jobs_unshare(w.err, (size_t)w.n * sizeof *w.err);
  globfree(&files);
  return code;
}
