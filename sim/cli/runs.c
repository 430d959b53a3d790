/* Every network in every precision, one after another or in processes of their own. */
#include "cli/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jobs.h"
#include "tetra/threads.h"
#include "base/status.h"
#include "cli/options.h"

struct runs {
  const struct sim_options *all;
  int (*run)(const struct sim_options *one);
  int n, at_once, n_good, worst;
};

char *sim_runs_file(const char *path, const struct sim_options *one) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  const char *name = slash == NULL ? path : slash + 1;
  const size_t stem = dot == NULL || dot <= name ? strlen(path) : (size_t)(dot - path);
  const char *precision = tetra_precision_name(one->net.precision);
  const size_t size = strlen(path) + strlen(one->net.network) + strlen(precision) + 3;
  char *out = malloc(size);
  if (out != NULL) {
    snprintf(out, size, "%.*s-%s-%s%s", (int)stem, path, one->net.network, precision, path + stem);
  }
  return out;
}

enum { FILES_MAX = SIM_REPORTS + 4 + SIM_TENSOR_FILES_MAX };

/* The files that a run writes, each with a name of its own. */
static const char **output(struct sim_options *o, int i) {
  if (i < SIM_REPORTS) return &o->reports[i];
  if (i == SIM_REPORTS) return &o->timeline;
  if (i == SIM_REPORTS + 1) return &o->export_plan;
  if (i == SIM_REPORTS + 2) return &o->vectors;
  if (i == SIM_REPORTS + 3) return &o->dump_tensors;
  const int tensor = i - SIM_REPORTS - 4;
  return tensor < o->n_tensors ? &o->tensors[tensor].path : NULL;
}

static int work(void *arg, int i) {
  const struct runs *r = arg;
  struct sim_options one;
  sim_options_select(r->all, i, &one);
  if (r->n > 1 && r->at_once > 1) { /* what there is is shared out here and not once more */
    const int share = tetra_usable_processors() / r->at_once;
    one.jobs = 1;
    one.net.threads = share < 1 ? 1 : share;
  }
  if (r->n == 1) return r->run(&one);
  char *names[FILES_MAX] = {NULL};
  int code = SIM_EXIT_GOOD;
  for (int k = 0; output(&one, k) != NULL; k++) {
    if (*output(&one, k) == NULL) continue;
    names[k] = sim_runs_file(*output(&one, k), &one);
    if (names[k] == NULL) code = SIM_EXIT_BAD_INPUT;
    *output(&one, k) = names[k];
  }
  if (code == SIM_EXIT_GOOD) code = r->run(&one);
  for (int k = 0; k < FILES_MAX; k++) free(names[k]);
  return code;
}

static void name(void *arg, int i, char *text, size_t size) {
  const struct runs *r = arg;
  struct sim_options one;
  sim_options_select(r->all, i, &one);
  snprintf(text, size, "%s %s", one.net.network, tetra_precision_name(one.net.precision));
}

static void done(void *arg, int i, int code) {
  struct runs *r = arg;
  r->n_good += code == SIM_EXIT_GOOD;
  if (code > r->worst) r->worst = code;
  if (i + 1 < r->n) puts("");
  fflush(stdout);
}

int sim_runs(const struct sim_options *all, int (*run)(const struct sim_options *one), struct tetra_error *err) {
  struct runs r = {.all = all, .run = run, .n = all->n_networks * all->n_precisions};
  r.at_once = all->jobs == 0 ? 1 : (int)all->jobs < r.n ? (int)all->jobs : r.n;
  if (r.n == 1) return work(&r, 0);
  if (r.at_once == 1) {
    for (int i = 0; i < r.n; i++) done(&r, i, work(&r, i));
  } else {
    const struct sim_jobs j = {.n = r.n, .at_once = r.at_once, .work = work, .done = done, .name = name, .arg = &r};
    if (sim_jobs_run(&j, err) != TETRA_OK) return SIM_EXIT_BAD_INPUT;
  }
  const char *what = all->cycles == SIM_CYCLES_MODEL ? "modelled" : "without a difference";
  printf("\nruns     %d of %d %s\n", r.n_good, r.n, what);
  return r.worst;
}
