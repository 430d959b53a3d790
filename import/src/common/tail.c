/* The end of a network that the host computes in float32. */
#include <stdlib.h>
#include <string.h>

#include "tetra/import.h"

static int run(const struct tetra_float_graph *g, const struct tetra_tensor *t, float **out, struct tetra_error *err) {
  const struct tetra_desc *d = &t->d;
  const size_t count = (size_t)d->n * (size_t)d->h * (size_t)d->w * (size_t)d->c;
  float *real = malloc(count * sizeof *real), *p = real;
  *out = NULL;
  if (!real) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu real values", count);
  for (int n = 0; n < d->n; n++)
    for (int y = 0; y < d->h; y++)
      for (int x = 0; x < d->w; x++)
        for (int c = 0; c < d->c; c++) *p++ = (float)((tetra_tensor_get(t, n, y, x, c) - d->zero_point) * d->scale);
  const int rc = tetra_float_run_graph(g, real, d->n, out, err);
  free(real);
  return rc;
}

int tetra_tail_run(const struct tetra_model *m, const struct tetra_tensor *t, float **out, struct tetra_error *err) {
  return run(m->tail, t, out, err);
}

const struct tetra_float_value *tetra_tail_value(const struct tetra_model *m, const char *name) {
  for (int v = 0; m->tail && v < m->tail->n_values; v++)
    if (m->tail->values[v].producer >= 0 && !strcmp(m->tail->values[v].name, name)) return &m->tail->values[v];
  return NULL;
}

int tetra_tail_run_to(const struct tetra_model *m, const char *name, const struct tetra_tensor *t, float **out,
                      struct tetra_error *err) {
  const struct tetra_float_value *v = tetra_tail_value(m, name);
  *out = NULL;
  if (!v) return tetra_fail(err, TETRA_EINVAL, "the host calculates no tensor '%s'", name);
  struct tetra_float_graph first = *m->tail; /* the nodes up to the one that gives it */
  first.n_nodes = v->producer + 1;
  return run(&first, t, out, err);
}

uint64_t tetra_tail_macs(const struct tetra_model *m) {
  uint64_t macs = 0;
  for (int i = 0; m->tail && i < m->tail->n_nodes; i++) {
    const struct tetra_float_node *n = &m->tail->nodes[i];
    const struct tetra_float_value *v = &m->tail->values[n->out];
    if (n->kind == TETRA_FLOAT_CONV) macs += tetra_float_size(v, 1) * tetra_window_elements(&n->win, n->cin);
  }
  return macs;
}
