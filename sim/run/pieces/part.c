/* Cuts consecutive ops out of a graph. */
#include "run/pieces/part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first op named by `text` (of `length` characters), from op `from` on; -1 if there is none. */
static int find_name(const struct tetra_graph *g, int from, const char *text, size_t length) {
  for (int i = from; i < g->n_ops; i++) {
    if (strlen(g->ops[i].name) == length && memcmp(g->ops[i].name, text, length) == 0) return i;
  }
  return -1;
}

/* Op named by `text` (of `length` characters), or numbered by it; -1 if there is none. */
static int find_op(const struct tetra_graph *g, const char *text, size_t length) {
  const int named = find_name(g, 0, text, length);
  if (named >= 0) return named;
  char number[9];
  if (length == 0 || length >= sizeof number) return -1;
  memcpy(number, text, length);
  number[length] = '\0';
  if (strspn(number, "0123456789") != length) return -1;
  const long i = strtol(number, NULL, 10);
  return i < g->n_ops ? (int)i : -1;
}

static int find_or_fail(const struct tetra_graph *g, const char *option, const char *text, size_t length, int *op,
                        struct tetra_error *err) {
  *op = find_op(g, text, length);
  const int other = *op < 0 ? -1 : find_name(g, *op + 1, text, length);
  if (other >= 0)
    return tetra_fail(err, TETRA_EINVAL, "--%s: layers %d and %d are both called '%.*s'; a number is accepted", option,
                      *op, other, (int)(length > 60 ? 60 : length), text);
  if (*op >= 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL, "--%s: no layer '%.*s' in %s; accepted are 0..%d or a name, %s to %s", option,
                    (int)(length > 60 ? 60 : length), text, g->name, g->n_ops - 1, g->ops[0].name,
                    g->ops[g->n_ops - 1].name);
}

int sim_part_find(const struct tetra_graph *g, const char *option, const char *text, int *op, struct tetra_error *err) {
  return find_or_fail(g, option, text, strlen(text), op, err);
}

int sim_part_parse(const struct tetra_graph *g, const char *spec, int *first, int *last, struct tetra_error *err) {
  const char *dots = strstr(spec, "..");
  const char *b = dots == NULL ? spec : dots + 2;
  int rc = find_or_fail(g, "layers", spec, dots == NULL ? strlen(spec) : (size_t)(dots - spec), first, err);
  if (rc == TETRA_OK) rc = find_or_fail(g, "layers", b, strlen(b), last, err);
  if (rc == TETRA_OK && *last < *first) {
    rc = tetra_fail(err, TETRA_EINVAL, "--layers: '%.60s' ends before it begins; A..B with A not after B is accepted",
                    spec);
  }
  return rc;
}

/* The part's index of the whole graph's value v, added where it is new; -1: no memory. */
static int take_value(struct sim_part *p, const struct tetra_graph *g, int v) {
  for (int i = 0; i < p->g.n_values; i++) {
    if (p->whole[i] == v) return i;
  }
  const int i = tetra_graph_add_value(&p->g, g->values[v].name, &g->values[v].d);
  if (i < 0) return -1;
  p->g.values[i].producer = -1;
  p->whole[i] = v;
  return i;
}

static int take_op(struct sim_part *p, const struct tetra_graph *g, int i) {
  struct tetra_op op = g->ops[i];
  op.input = take_value(p, g, op.input);
  if (op.residual >= 0) {
    op.residual = take_value(p, g, op.residual);
    if (op.residual < 0) return -1;
  }
  for (int o = 0; o < op.n_outputs; o++) {
    op.output[o] = take_value(p, g, op.output[o]);
    if (op.output[o] < 0) return -1;
  }
  const int added = op.input < 0 ? -1 : tetra_graph_add_op(&p->g, &op);
  if (added < 0) return -1;
  for (int o = 0; o < op.n_outputs; o++) p->g.values[op.output[o]].producer = added;
  return 0;
}

int sim_part_init(struct sim_part *p, const struct tetra_graph *g, int first, int last, struct tetra_error *err) {
  memset(p, 0, sizeof *p);
  p->first = first;
  memcpy(p->g.name, g->name, sizeof p->g.name);
  p->whole = malloc((size_t)g->n_values * sizeof *p->whole);
  p->tensors = calloc((size_t)g->n_values, sizeof *p->tensors);
  int rc = p->whole == NULL || p->tensors == NULL ? -1 : 0;
  for (int i = first; rc == 0 && i <= last; i++) rc = take_op(p, g, i);
  if (rc != 0) {
    sim_part_free(p);
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a graph of %d layers", last - first + 1);
  }
  p->g.input = p->g.ops[0].input;
  p->g.output = p->g.ops[p->g.n_ops - 1].output[0];
  return TETRA_OK;
}

void sim_part_bind(struct sim_part *p, const struct tetra_tensor *tensors) {
  for (int v = 0; v < p->g.n_values; v++) p->tensors[v] = tensors[p->whole[v]];
}

void sim_part_free(struct sim_part *p) {
  /* Weights and parameters belong to the whole graph. */
  free(p->g.ops);
  free(p->g.values);
  free(p->whole);
  free(p->tensors);
  memset(p, 0, sizeof *p);
}
