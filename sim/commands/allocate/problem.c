/* Allocation problems: memory, names, sums, and the files that are written. */
#include "commands/allocate/problem.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"

int allocate_problem_init(struct allocate_problem *a, int layers, int choices, int costs, struct tetra_error *err) {
  const size_t size = (size_t)layers * (size_t)choices, k = (size_t)costs;
  *a = (struct allocate_problem){.n_costs = costs};
  a->choice_names = calloc((size_t)choices, sizeof *a->choice_names);
  a->cost_names = calloc(k + 1, sizeof *a->cost_names);
  a->sensitivity = calloc(size, sizeof *a->sensitivity);
  a->cost = calloc(k * size + 1, sizeof *a->cost);
  a->limit = calloc(k + 1, sizeof *a->limit);
  a->tie = calloc((size_t)layers, sizeof *a->tie);
  a->p = (struct tetra_allocate_problem){.n_layers = layers, .n_choices = choices};
  if (a->choice_names == NULL || a->cost_names == NULL || a->sensitivity == NULL || a->cost == NULL ||
      a->limit == NULL || a->tie == NULL) {
    allocate_problem_free(a);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a problem of %d layers and %d choices", layers, choices);
  }
  for (int l = 0; l < layers; l++) a->tie[l] = l;
  a->p.sensitivity = a->sensitivity;
  a->p.cost = a->cost;
  a->p.limit = a->limit;
  a->p.budget_names = (const char *const *)a->cost_names;
  a->p.tie = a->tie;
  return TETRA_OK;
}

void allocate_problem_free(struct allocate_problem *a) {
  for (int i = 0; a->choice_names != NULL && i < a->p.n_choices; i++) free(a->choice_names[i]);
  for (int i = 0; a->cost_names != NULL && i < a->n_costs; i++) free(a->cost_names[i]);
  free(a->choice_names);
  free(a->cost_names);
  free(a->sensitivity);
  free(a->cost);
  free(a->limit);
  free(a->tie);
  *a = (struct allocate_problem){.n_costs = 0};
}

int allocate_problem_name(char **name, const char *text, struct tetra_error *err) {
  free(*name);
  *name = malloc(strlen(text) + 1);
  if (*name == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a name");
  memcpy(*name, text, strlen(text) + 1);
  return TETRA_OK;
}

double allocate_problem_used(const struct allocate_problem *a, int k, const int *choice) {
  const double *cost = a->cost + (size_t)k * (size_t)a->p.n_layers * (size_t)a->p.n_choices;
  double sum = 0;
  for (int l = 0; l < a->p.n_layers; l++) sum += cost[(size_t)l * (size_t)a->p.n_choices + (size_t)choice[l]];
  return sum;
}

static int add(cJSON *to, const char *key, cJSON *item) {
  if (item == NULL) return 0;
  const int ok = key == NULL ? cJSON_AddItemToArray(to, item) : cJSON_AddItemToObject(to, key, item);
  if (!ok) cJSON_Delete(item);
  return ok;
}

/* [[one per choice] per layer] */
static cJSON *table(const struct allocate_problem *a, const double *x) {
  cJSON *rows = cJSON_CreateArray();
  for (int l = 0; rows != NULL && l < a->p.n_layers; l++) {
    if (add(rows, NULL, cJSON_CreateDoubleArray(x + (size_t)l * (size_t)a->p.n_choices, a->p.n_choices))) continue;
    cJSON_Delete(rows);
    rows = NULL;
  }
  return rows;
}

/* Groups of two layers and more. */
static cJSON *ties(const struct allocate_problem *a) {
  cJSON *groups = cJSON_CreateArray();
  int ok = groups != NULL;
  for (int l = 0; ok && l < a->p.n_layers; l++) {
    int first = 1, n = 0;
    for (int e = 0; e < a->p.n_layers; e++) {
      if (a->tie[e] != a->tie[l]) continue;
      first &= e >= l;
      n++;
    }
    if (!first || n < 2) continue;
    cJSON *group = cJSON_CreateArray();
    ok = add(groups, NULL, group);
    for (int e = l; ok && e < a->p.n_layers; e++) {
      if (a->tie[e] == a->tie[l]) ok = add(group, NULL, cJSON_CreateNumber(e));
    }
  }
  if (ok) return groups;
  cJSON_Delete(groups);
  return NULL;
}

static int fill(cJSON *root, const struct allocate_problem *a) {
  const size_t size = (size_t)a->p.n_layers * (size_t)a->p.n_choices;
  int ok = add(root, "choices", cJSON_CreateStringArray((const char *const *)a->choice_names, a->p.n_choices));
  ok = ok && add(root, "sensitivity", table(a, a->sensitivity));
  cJSON *cost = cJSON_CreateObject(), *budget = cJSON_CreateObject();
  ok = add(root, "cost", cost) && add(root, "ties", ties(a)) && add(root, "budget", budget) && ok;
  for (int k = 0; ok && k < a->n_costs; k++) {
    ok = add(cost, a->cost_names[k], table(a, a->cost + (size_t)k * size));
    if (k < a->p.n_budgets) ok = ok && add(budget, a->cost_names[k], cJSON_CreateNumber(a->limit[k]));
  }
  return ok;
}

/* Writes the object, if it could be built, and frees it. */
static int write(const char *option, const char *path, cJSON *root, int ok, struct tetra_error *err) {
  char *text = ok ? cJSON_PrintUnformatted(root) : NULL;
  const int rc = text == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %s '%s'", option, path)
                              : sim_outfile_text(option, path, text, err);
  cJSON_free(text);
  cJSON_Delete(root);
  return rc;
}

int allocate_problem_write(const char *option, const char *path, const struct allocate_problem *a,
                           struct tetra_error *err) {
  cJSON *root = cJSON_CreateObject();
  return write(option, path, root, root != NULL && fill(root, a), err);
}

int allocate_answer_write(const char *option, const char *path, const struct allocate_problem *a,
                          const struct tetra_allocation *answer, struct tetra_error *err) {
  cJSON *root = cJSON_CreateObject(), *cost = cJSON_CreateObject();
  int ok = root != NULL && add(root, "choice", cJSON_CreateIntArray(answer->choice, a->p.n_layers));
  ok = ok && add(root, "objective", cJSON_CreateNumber(answer->objective));
  ok = root != NULL && add(root, "cost", cost) && ok;
  for (int k = 0; ok && k < a->n_costs; k++) {
    ok = add(cost, a->cost_names[k], cJSON_CreateNumber(allocate_problem_used(a, k, answer->choice)));
  }
  return write(option, path, root, ok, err);
}
