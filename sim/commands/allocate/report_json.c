/* What `./sim allocate` writes for programs. */
#include <cjson/cJSON.h>

#include "base/outfile.h"
#include "commands/allocate/report.h"
#include "report/json_parts.h"

static int add(cJSON *to, const char *key, cJSON *item) {
  if (item == NULL) return 0;
  const int ok = key == NULL ? cJSON_AddItemToArray(to, item) : cJSON_AddItemToObject(to, key, item);
  if (!ok) cJSON_Delete(item);
  return ok;
}

/* {"cycles": ..., ...}; resources of 0 are left out where `given`. */
static int add_resources(cJSON *to, const char *key, const double *x, int given) {
  cJSON *o = cJSON_CreateObject();
  int ok = add(to, key, o);
  for (int k = 0; ok && k < ALLOCATE_RESOURCES; k++) {
    if (!given || x[k] > 0) ok = add(o, allocate_resource_name(k), cJSON_CreateNumber(x[k]));
  }
  return ok;
}

static cJSON *point(const struct allocate_result *r, const struct allocate_point *p) {
  cJSON *o = cJSON_CreateObject(), *bits = cJSON_CreateArray();
  int ok = o != NULL && add(o, "objective", cJSON_CreateNumber(p->objective)) &&
           add_resources(o, "exact", p->exact, 0) && add_resources(o, "predicted", p->predicted, 0);
  ok = o != NULL && add(o, "bits", bits) && ok;
  for (int l = 0; ok && l < r->costs->a.p.n_layers; l++) {
    ok = add(bits, NULL, cJSON_CreateString(r->costs->a.choice_names[p->choice[l]]));
  }
  if (ok) return o;
  cJSON_Delete(o);
  return NULL;
}

static cJSON *layer(const struct allocate_result *r, int l) {
  const struct allocate_problem *a = &r->costs->a;
  const size_t at = (size_t)l * (size_t)a->p.n_choices;
  cJSON *o = cJSON_CreateObject();
  const int ok = o != NULL && add(o, "name", cJSON_CreateString(r->costs->machine->layers[l].name)) &&
                 add(o, "bits", cJSON_CreateString(a->choice_names[r->best.choice[l]])) &&
                 add(o, "sensitivity", cJSON_CreateDoubleArray(a->sensitivity + at, a->p.n_choices));
  if (ok) return o;
  cJSON_Delete(o);
  return NULL;
}

static int fill(cJSON *root, const struct allocate_result *r) {
  const struct allocate_problem *a = &r->costs->a;
  cJSON *layers = cJSON_CreateArray(), *front = cJSON_CreateArray();
  int ok = add(root, "network", cJSON_CreateString(r->o->network)) &&
           add(root, "sensitivity", cJSON_CreateString(allocate_sensitivity_name((int)r->o->sensitivity))) &&
           add(root, "choices", cJSON_CreateStringArray((const char *const *)a->choice_names, a->p.n_choices)) &&
           add_resources(root, "budget", r->o->limit, 1) && add(root, "chosen", point(r, &r->best));
  ok = ok && add(root, "rule", r->greedy.choice != NULL ? point(r, &r->greedy) : cJSON_CreateNull());
  ok = add(root, "layers", layers) && ok;
  ok = add(root, "front", front) && ok;
  for (int l = 0; ok && l < a->p.n_layers; l++) ok = add(layers, NULL, layer(r, l));
  for (int i = 0; ok && i < r->front.n; i++) ok = add(front, NULL, point(r, &r->front.points[i]));
  return ok;
}

int allocate_json(const struct allocate_result *r, const char *path, struct tetra_error *err) {
  cJSON *root = sim_json_document("allocate", 1);
  char *text = root != NULL && fill(root, r) ? cJSON_Print(root) : NULL;
  const int rc = text == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for --json '%s'", path)
                              : sim_outfile_text("--json", path, text, err);
  cJSON_free(text);
  cJSON_Delete(root);
  return rc;
}
