/* Trained networks: accuracy from the reports of their training, costs from the networks. */
#define _GNU_SOURCE
#include "commands/pareto/trained.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/hardware.h"
#include "commands/pareto/measure.h"
#include "commands/pareto/trained_report.h"
#include "files/json_file.h"
#include "tetra/arena.h"
#include "tetra/fuse.h"
#include "tetra/import.h"

enum { FLOAT_BITS = 16 }; /* the paper counts its float networks as bfloat16 */

static const char kWhat[] = "report";

static double number(const cJSON *o, const char *key) {
  const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
  return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

static const char *text(const cJSON *o, const char *key) {
  const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
  return cJSON_IsString(v) ? v->valuestring : NULL;
}

/* Accuracies of the epoch whose network was written. TETRA_EINVAL: there are none. */
static int read_accuracy(const char *path, const cJSON *root, struct pareto_trained *t, struct tetra_error *err) {
  const double epoch = number(root, "exported_epoch"), images = number(root, "test_images");
  const cJSON *epochs = cJSON_GetObjectItemCaseSensitive(root, "epochs");
  const cJSON *e = epoch >= 1 && epoch <= 1e6 ? cJSON_GetArrayItem(epochs, (int)epoch - 1) : NULL;
  t->top1 = number(e, "test_accuracy");
  t->train = number(e, "accuracy");
  if (!(images >= 1 && images <= 1e9) || !(t->top1 >= 0 && t->top1 <= 1) || !(t->train >= 0 && t->train <= 1))
    return tetra_fail(err, TETRA_EINVAL,
                      "%s '%s' has no accuracy on test images; ./sim train --test writes it into reports", kWhat, path);
  t->images = (int)images;
  t->error = sqrt(t->top1 * (1 - t->top1) / images);
  return TETRA_OK;
}

/* What the report says of the network. *is_train 0: it is one of something else. */
static int read_report(const char *path, struct pareto_trained *t, int *is_train, struct tetra_error *err) {
  cJSON *root;
  int rc = sim_json_read(kWhat, path, &root, err);
  if (rc != TETRA_OK) return rc;
  const char *schema = text(root, "schema"), *out = text(root, "output"), *method = text(root, "method"),
             *precision = text(root, "precision");
  *is_train = schema != NULL && strcmp(schema, "tetra-train-1") == 0 &&
              (method == NULL || strcmp(method, "once") != 0); /* supernets have a figure of their own */
  if (*is_train && (out == NULL || method == NULL))
    rc = tetra_fail(err, TETRA_EINVAL, "%s '%s' names no network: its training was interrupted; take it away", kWhat,
                    path);
  if (*is_train && rc == TETRA_OK) {
    const char *slash = strrchr(out, '/');
    snprintf(t->name, sizeof t->name, "%s", slash != NULL ? slash + 1 : out);
    snprintf(t->series, sizeof t->series, "%s",
             strcmp(method, "float") == 0 ? "float"
             : precision != NULL          ? precision
                                          : "mixed");
    t->width = number(root, "width");
    rc = read_accuracy(path, root, t, err);
  }
  cJSON_Delete(root);
  return rc;
}

static void float_costs(const struct tetra_float_graph *g, struct pareto_trained *t) {
  double macs = 0, weights = 0;
  for (int i = 0; i < g->n_nodes; i++) {
    const struct tetra_float_node *n = &g->nodes[i];
    if (n->kind != TETRA_FLOAT_CONV) continue;
    const double w = (double)n->cout * (double)tetra_window_elements(&n->win, n->cin);
    macs += w * g->values[n->out].h * g->values[n->out].w;
    weights += w;
  }
  t->cost[PARETO_BY_LINEAR] = macs * FLOAT_BITS;
  t->cost[PARETO_BY_BYTES] = weights * FLOAT_BITS / 8;
}

static int measure_float(const uint8_t *bytes, size_t size, struct pareto_trained *t, struct tetra_error *err) {
  struct tetra_error own = {0, ""};
  struct tetra_arena arena = {.err = &own};
  struct tetra_float_graph g;
  struct tetra_import_report refused = {NULL, 0};
  const int rc = tetra_import_float(bytes, size, &arena, &g, &refused);
  if (rc == TETRA_OK) float_costs(&g, t);
  tetra_import_report_free(&refused);
  tetra_arena_free(&arena);
  return rc == TETRA_OK ? rc : tetra_fail(err, rc, "'%s': %s", t->name, own.msg);
}

int pareto_trained_costs(const struct pareto_options *o, const uint8_t *bytes, size_t size, struct pareto_trained *t,
                         struct tetra_error *err) {
  struct tetra_import_options options;
  struct tetra_import_report refused = {NULL, 0};
  struct tetra_error why = {0, ""};
  struct tetra_model m;
  struct tetra_fused fused;
  struct pareto_run run;
  struct tetra_cost cost;
  const struct tetra_caps caps = sim_build_caps(o->array);
  tetra_import_defaults(&options);
  int rc = tetra_import_onnx(bytes, size, &options, &m, &refused, &why);
  tetra_import_report_free(&refused);
  if (rc != TETRA_OK) return tetra_fail(err, rc, "'%s': %s", t->name, why.msg);
  tetra_cost_graph(&m.graph, &cost);
  rc = tetra_fuse(&m.graph, &caps, &fused, err);
  tetra_fused_free(&fused);
  if (rc == TETRA_OK) rc = pareto_graph_modelled(&m.graph, &caps, o, &run, err);
  tetra_model_free(&m);
  if (rc != TETRA_OK) return rc;
  t->cost[PARETO_BY_CYCLES] = (double)run.cycles;
  t->cost[PARETO_BY_LINEAR] = (double)cost.linear;
  t->cost[PARETO_BY_QUADRATIC] = (double)cost.quadratic;
  t->cost[PARETO_BY_BYTES] = (double)cost.memory / 8;
  t->cost[PARETO_BY_ENERGY] = o->energy != NULL ? run.mj : NAN;
  return TETRA_OK;
}

/* The network that lies in the same folder. */
static int measure(const struct pareto_options *o, struct pareto_trained *t, struct tetra_error *err) {
  char path[4096];
  uint8_t *bytes;
  size_t size;
  snprintf(path, sizeof path, "%s/%s", o->trained, t->name);
  for (int c = 0; c < PARETO_COSTS; c++) t->cost[c] = NAN;
  int rc = tetra_import_read(path, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = strcmp(t->series, "float") == 0 ? measure_float(bytes, size, t, err)
                                       : pareto_trained_costs(o, bytes, size, t, err);
  free(bytes);
  return rc;
}

/* Does network a do away with b? */
static int beats(const struct pareto_trained *a, const struct pareto_trained *b, int c) {
  return a->cost[c] <= b->cost[c] && a->top1 >= b->top1 && (a->cost[c] < b->cost[c] || a->top1 > b->top1);
}

void pareto_trained_fronts(struct pareto_trained *t, int n) {
  for (int i = 0; i < n; i++) {
    t[i].front = t[i].near = 0;
    for (int c = 0; c < PARETO_COSTS; c++) {
      int beaten = 0, clearly = 0;
      for (int k = 0; k < n; k++) {
        if (!beats(&t[k], &t[i], c)) continue; /* never, where there is no such cost */
        beaten = 1;
        clearly |= t[k].top1 - t[i].top1 >= hypot(t[k].error, t[i].error);
      }
      if (isnan(t[i].cost[c])) continue;
      t[i].front |= (unsigned)!beaten << c;
      t[i].near |= (unsigned)(beaten && !clearly) << c;
    }
  }
}

/* Names that end in .json. */
static int is_json(const struct dirent *e) {
  const size_t n = strlen(e->d_name);
  return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

static int read_all(const struct pareto_options *o, struct dirent *const *files, int n_files, struct pareto_trained *t,
                    int *n, struct tetra_error *err) {
  char path[4096];
  *n = 0;
  for (int i = 0; i < n_files; i++) {
    int is_train = 0;
    snprintf(path, sizeof path, "%s/%s", o->trained, files[i]->d_name);
    int rc = read_report(path, &t[*n], &is_train, err);
    if (rc == TETRA_OK && is_train) rc = measure(o, &t[(*n)++], err);
    if (rc != TETRA_OK) return rc;
  }
  if (*n > 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "--trained '%s': no report of a training is there, as ./sim train --json writes them", o->trained);
}

static int run(const struct pareto_options *o, struct dirent *const *files, int n_files, struct tetra_error *err) {
  int n;
  struct pareto_trained *t = calloc((size_t)n_files + 1, sizeof *t);
  if (t == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d networks", n_files);
  int rc = read_all(o, files, n_files, t, &n, err);
  if (rc == TETRA_OK) {
    pareto_trained_fronts(t, n);
    rc = pareto_trained_report(t, n, o, err);
  }
  free(t);
  return rc;
}

int pareto_of_trained(const struct pareto_options *o) {
  struct tetra_error err = {0, ""};
  struct dirent **files = NULL;
  const int n = scandir(o->trained, &files, is_json, alphasort);
  if (n < 0) {
    snprintf(err.msg, sizeof err.msg, "--trained: cannot read the folder '%.200s': %s", o->trained, strerror(errno));
    return sim_complain(&err);
  }
  const int rc = run(o, files, n, &err);
  for (int i = 0; i < n; i++) free(files[i]);
  free(files);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
