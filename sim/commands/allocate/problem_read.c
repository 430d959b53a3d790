/* Allocation problems: reads their files. Every length and number is checked. */
#include <math.h>
#include <string.h>

#include "commands/allocate/problem.h"
#include "files/json_file.h"

#define WHAT "problem"

struct reader {
  const char *path;
  struct allocate_problem *a;
  struct tetra_error *err;
};

static int refuse(const struct reader *r, const char *what) {
  return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': %s", r->path, what);
}

static int read_number(const struct reader *r, const char *name, const cJSON *x, double *to) {
  if (cJSON_IsNumber(x) && fabs(x->valuedouble) <= TETRA_ALLOCATE_LARGEST) {
    *to = x->valuedouble;
    return TETRA_OK;
  }
  return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': %.60s has something else than a finite number up to %g", r->path,
                    name, TETRA_ALLOCATE_LARGEST);
}

/* [[one per choice] per layer] */
static int read_table(const struct reader *r, const char *name, const cJSON *rows, double *to) {
  const int layers = r->a->p.n_layers, choices = r->a->p.n_choices;
  int l = 0;
  if (!cJSON_IsArray(rows) || cJSON_GetArraySize(rows) != layers) {
    return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': %.60s has %d rows; %d are accepted, one for each layer",
                      r->path, name, cJSON_GetArraySize(rows), layers);
  }
  for (const cJSON *row = rows->child; row != NULL; row = row->next, l++) {
    if (!cJSON_IsArray(row) || cJSON_GetArraySize(row) != choices) {
      return tetra_fail(r->err, TETRA_EINVAL,
                        WHAT " '%s': layer %d of %.60s has %d numbers; %d are accepted, one for each choice", r->path,
                        l, name, cJSON_GetArraySize(row), choices);
    }
    for (const cJSON *x = row->child; x != NULL; x = x->next) {
      const int rc = read_number(r, name, x, to++);
      if (rc != TETRA_OK) return rc;
    }
  }
  return TETRA_OK;
}

static int read_choices(const struct reader *r, const cJSON *choices) {
  int i = 0;
  for (const cJSON *c = choices->child; c != NULL; c = c->next, i++) {
    if (!cJSON_IsString(c)) return refuse(r, "\"choices\" must be names");
    const int rc = allocate_problem_name(&r->a->choice_names[i], c->valuestring, r->err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}

static int read_costs(const struct reader *r, const cJSON *cost, const cJSON *budget, int limited, int *k) {
  struct allocate_problem *a = r->a;
  const size_t size = (size_t)a->p.n_layers * (size_t)a->p.n_choices;
  for (const cJSON *c = cost == NULL ? NULL : cost->child; c != NULL; c = c->next) {
    const cJSON *limit = budget == NULL ? NULL : cJSON_GetObjectItemCaseSensitive(budget, c->string);
    if ((limit != NULL) != limited) continue;
    int rc = allocate_problem_name(&a->cost_names[*k], c->string, r->err);
    if (rc == TETRA_OK) rc = read_table(r, c->string, c, a->cost + (size_t)*k * size);
    if (rc == TETRA_OK && limited) rc = read_number(r, c->string, limit, &a->limit[*k]);
    if (rc != TETRA_OK) return rc;
    ++*k;
  }
  return TETRA_OK;
}

static int check_budgets(const struct reader *r, const cJSON *cost, const cJSON *budget) {
  for (const cJSON *b = budget == NULL ? NULL : budget->child; b != NULL; b = b->next) {
    if (cost != NULL && cJSON_GetObjectItemCaseSensitive(cost, b->string) != NULL) continue;
    return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': budget \"%.60s\" has no \"cost\" of that name", r->path,
                      b->string);
  }
  return TETRA_OK;
}

/* Groups that share a layer are one. */
static int read_ties(const struct reader *r, const cJSON *ties) {
  int *tie = r->a->tie;
  const int n = r->a->p.n_layers;
  if (ties != NULL && !cJSON_IsArray(ties)) return refuse(r, "\"ties\" must be a list of lists of layers");
  for (const cJSON *group = ties == NULL ? NULL : ties->child; group != NULL; group = group->next) {
    if (!cJSON_IsArray(group)) return refuse(r, "\"ties\" must be a list of lists of layers");
    for (const cJSON *x = group->child; x != NULL; x = x->next) {
      if (!cJSON_IsNumber(x) || x->valuedouble < 0 || x->valuedouble >= n || floor(x->valuedouble) < x->valuedouble) {
        return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': \"ties\" has something else than a layer 0 to %d", r->path,
                          n - 1);
      }
      const int from = tie[(int)x->valuedouble], to = tie[(int)group->child->valuedouble];
      for (int l = 0; l < n; l++) {
        if (tie[l] == from) tie[l] = to;
      }
    }
  }
  return TETRA_OK;
}

static int is_object_or_nothing(const cJSON *x) { return x == NULL || cJSON_IsObject(x); }

static int read_problem(struct reader *r, const cJSON *root) {
  static const char *const keys[] = {"choices", "sensitivity", "cost", "ties", "budget", NULL};
  int rc = sim_json_keys(WHAT, r->path, root, keys, r->err);
  if (rc != TETRA_OK) return rc;
  const cJSON *choices = cJSON_GetObjectItemCaseSensitive(root, "choices"),
              *rows = cJSON_GetObjectItemCaseSensitive(root, "sensitivity"),
              *cost = cJSON_GetObjectItemCaseSensitive(root, "cost"),
              *budget = cJSON_GetObjectItemCaseSensitive(root, "budget");
  const int n_choices = cJSON_GetArraySize(choices), n_layers = cJSON_GetArraySize(rows);
  if (!cJSON_IsArray(choices) || n_choices < 1 || n_choices > TETRA_ALLOCATE_CHOICES) {
    return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': \"choices\" must be a list of 1 to %d names", r->path,
                      TETRA_ALLOCATE_CHOICES);
  }
  if (!cJSON_IsArray(rows) || n_layers < 1 || n_layers > TETRA_ALLOCATE_LAYERS) {
    return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': \"sensitivity\" must be a list of 1 to %d layers", r->path,
                      TETRA_ALLOCATE_LAYERS);
  }
  if (!is_object_or_nothing(cost) || !is_object_or_nothing(budget)) {
    return refuse(r, "\"cost\" and \"budget\" must be objects");
  }
  const int n_costs = cost == NULL ? 0 : cJSON_GetArraySize(cost);
  if (n_costs > TETRA_ALLOCATE_BUDGETS) {
    return tetra_fail(r->err, TETRA_EINVAL, WHAT " '%s': %d costs; %d are accepted", r->path, n_costs,
                      TETRA_ALLOCATE_BUDGETS);
  }
  rc = allocate_problem_init(r->a, n_layers, n_choices, n_costs, r->err);
  if (rc == TETRA_OK && cost != NULL) rc = sim_json_unique(WHAT, r->path, cost, r->err);
  if (rc == TETRA_OK && budget != NULL) rc = sim_json_unique(WHAT, r->path, budget, r->err);
  if (rc == TETRA_OK) rc = read_choices(r, choices);
  if (rc == TETRA_OK) rc = read_table(r, "\"sensitivity\"", rows, r->a->sensitivity);
  if (rc == TETRA_OK) rc = check_budgets(r, cost, budget);
  int k = 0;
  if (rc == TETRA_OK) rc = read_costs(r, cost, budget, 1, &k);
  r->a->p.n_budgets = k;
  if (rc == TETRA_OK) rc = read_costs(r, cost, budget, 0, &k);
  if (rc == TETRA_OK) rc = read_ties(r, cJSON_GetObjectItemCaseSensitive(root, "ties"));
  return rc;
}

int allocate_problem_read(const char *path, struct allocate_problem *a, struct tetra_error *err) {
  struct reader r = {path, a, err};
  cJSON *root;
  *a = (struct allocate_problem){.n_costs = 0};
  int rc = sim_json_read(WHAT, path, &root, err);
  if (rc != TETRA_OK) return rc;
  rc = read_problem(&r, root);
  cJSON_Delete(root);
  if (rc != TETRA_OK) allocate_problem_free(a);
  return rc;
}
