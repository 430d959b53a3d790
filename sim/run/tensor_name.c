/* Finds a tensor by its name, and the names that are like one that does not exist. */
#include "run/tensor_name.h"

#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

enum { SHOWN = 3 };

static int least(int a, int b) { return a < b ? a : b; }

static int is_name(const char *candidate, const char *name, int length) {
  return tetra_is_name(candidate, name, (size_t)length);
}

/* Of a name that has the text in it: none. */
static int difference(const char *text, int length, const char *name) {
  char cut[TETRA_NAME_MAX];
  snprintf(cut, sizeof cut, "%.*s", length, text);
  return strstr(name, cut) != NULL ? 0 : sim_spelling_distance(text, length, name, (int)strlen(name));
}

struct close_names {
  const char *name[SHOWN]; /* the closest first */
  int difference[SHOWN], n;
};

static void offer(struct close_names *c, const char *name, int difference) {
  int at = c->n;
  for (int k = 0; k < c->n; k++) {
    if (strcmp(c->name[k], name) == 0) return; /* a layer and its output often have one name */
  }
  while (at > 0 && c->difference[at - 1] > difference) at--;
  if (at == SHOWN) return;
  if (c->n < SHOWN) c->n++;
  for (int k = c->n - 1; k > at; k--) {
    c->name[k] = c->name[k - 1];
    c->difference[k] = c->difference[k - 1];
  }
  c->name[at] = name;
  c->difference[at] = difference;
}

int sim_tensor_is_there(const struct tetra_graph *g, const char *name, int length) {
  for (int v = 0; v < g->n_values; v++)
    if (is_name(g->values[v].name, name, length)) return 1;
  for (int i = 0; i < g->n_ops; i++)
    if (is_name(g->ops[i].name, name, length)) return 1;
  return 0;
}

static int refuse(const struct tetra_graph *g, const struct tetra_model *m, const char *text, int length,
                  struct tetra_error *err) {
  struct close_names c = {.n = 0};
  char names[SHOWN * (TETRA_NAME_MAX + 4)] = "";
  for (int v = 0; v < g->n_values; v++) offer(&c, g->values[v].name, difference(text, length, g->values[v].name));
  for (int i = 0; i < g->n_ops; i++) offer(&c, g->ops[i].name, difference(text, length, g->ops[i].name));
  for (int i = 0; i < m->n_names; i++)
    if (m->names[i].exact &&
        (m->names[i].in_tail || sim_tensor_is_there(g, m->names[i].value, (int)strlen(m->names[i].value))))
      offer(&c, m->names[i].name, difference(text, length, m->names[i].name));
  size_t used = 0;
  for (int k = 0; k < c.n; k++) {
    used += (size_t)snprintf(names + used, sizeof names - used, "%s'%s'", k == 0 ? "" : ", ", c.name[k]);
  }
  return tetra_fail(err, TETRA_EINVAL, "--output-layer: no tensor '%.*s' among those that run; the closest are %s",
                    least(length, 60), text, names);
}

int sim_tensor_find(const struct tetra_graph *g, const struct tetra_model *m, const char *name, int length, int *value,
                    struct tetra_error *err) {
  int found = 0;
  for (int v = 0; v < g->n_values; v++) {
    if (!is_name(g->values[v].name, name, length)) continue;
    *value = v;
    found++;
  }
  const int is_value = found != 0;
  for (int i = 0; i < g->n_ops && !is_value; i++) {
    if (!is_name(g->ops[i].name, name, length)) continue;
    *value = g->ops[i].output[0];
    found++;
  }
  if (found == 1) return TETRA_OK;
  if (found == 0) return refuse(g, m, name, length, err);
  return tetra_fail(err, TETRA_EINVAL,
                    "--output-layer: %d %s are called '%.*s'; a name of one is accepted, and --dump-tensors writes all",
                    found, is_value ? "tensors" : "layers", least(length, 60), name);
}
