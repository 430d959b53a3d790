/* Bounds of every code of two networks, and of their difference, op by op. */
#include <stdlib.h>
#include <string.h>

#include "codes.h"
#include "ranges.h"
#include "sums.h"

static int same_desc(const struct tetra_desc *a, const struct tetra_desc *b) {
  return a->h == b->h && a->w == b->w && a->c == b->c;
}

static int same_op(const struct tetra_op *a, const struct tetra_op *b) {
  if (a->kind != b->kind || a->input != b->input || a->residual != b->residual || a->cout != b->cout) return 0;
  if (memcmp(&a->win, &b->win, sizeof a->win) != 0 || a->n_outputs != b->n_outputs) return 0;
  if (a->part_y0 != b->part_y0 || a->part_y1 != b->part_y1 || a->part_x0 != b->part_x0 || a->part_x1 != b->part_x1)
    return 0;
  if (a->kind == TETRA_CONV && (a->groups != b->groups || a->pool != b->pool)) return 0;
  if (a->pool && (a->pool_pad_top != b->pool_pad_top || a->pool_pad_left != b->pool_pad_left)) return 0;
  for (int o = 0; o < a->n_outputs; o++)
    if (a->output[o] != b->output[o]) return 0;
  return 1;
}

int tetra_equiv_same_graph(const struct tetra_graph *a, const struct tetra_graph *b) {
  if (a->n_ops != b->n_ops || a->n_values != b->n_values || a->input != b->input || a->output != b->output) return 0;
  for (int v = 0; v < a->n_values; v++)
    if (!same_desc(&a->values[v].d, &b->values[v].d)) return 0;
  for (int i = 0; i < a->n_ops; i++)
    if (!same_op(&a->ops[i], &b->ops[i])) return 0;
  return 1;
}

static size_t value_size(const struct tetra_desc *d) { return (size_t)d->h * (size_t)d->w * (size_t)d->c; }

/* An array of codes for every value of a graph; 0 without memory. */
static int values_open(const struct tetra_graph *g, int16_t ***p) {
  *p = calloc((size_t)g->n_values, sizeof **p);
  for (int v = 0; *p && v < g->n_values; v++)
    if (!((*p)[v] = malloc(value_size(&g->values[v].d) * sizeof(int16_t)))) return 0;
  return *p != NULL;
}

static void arrays_close(int16_t **p, int n) {
  for (int v = 0; p && v < n; v++) free(p[v]);
  free(p);
}

static int weights_open(const struct tetra_graph *g, int16_t ***w) {
  *w = calloc((size_t)g->n_ops + 1, sizeof **w);
  for (int i = 0; *w && i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    if (op->kind != TETRA_CONV) continue;
    const size_t n = tetra_op_array(op, g->values[op->input].d.c);
    int16_t *to = (*w)[i] = malloc(n * sizeof *to);
    if (!to) return 0;
    for (size_t k = 0; k < n; k++) to[k] = (int16_t)tetra_op_weight(op, n, k);
  }
  return *w != NULL;
}

/* Where weights are the same there is nothing. */
static int apart_open(struct tetra_bounds_net *b) {
  const struct tetra_graph *g = b->g[0];
  b->apart = calloc((size_t)g->n_ops + 1, sizeof *b->apart);
  for (int i = 0; b->apart && i < g->n_ops; i++) {
    if (!b->w[0][i]) continue;
    const size_t n = tetra_op_array(&g->ops[i], g->values[g->ops[i].input].d.c);
    if (!memcmp(b->w[0][i], b->w[1][i], n * sizeof **b->apart)) continue;
    if (!(b->apart[i] = malloc(n * sizeof **b->apart))) return 0;
    for (size_t k = 0; k < n; k++) b->apart[i][k] = (int16_t)(b->w[0][i][k] - b->w[1][i][k]);
  }
  return b->apart != NULL;
}

static int fill(struct tetra_equiv_bounds *p, const struct tetra_graph *const g[2]) {
  struct tetra_bounds_net *b = p->net = calloc(1, sizeof *b);
  if (!b) return 0;
  b->shared = tetra_equiv_same_graph(g[0], g[1]);
  for (int k = 0; k < 2; k++) {
    b->g[k] = g[k];
    if (!values_open(g[k], &p->lo[k]) || !values_open(g[k], &p->hi[k]) || !weights_open(g[k], &b->w[k])) return 0;
  }
  return !b->shared || (values_open(g[0], &p->dlo) && values_open(g[0], &p->dhi) && apart_open(b));
}

int tetra_equiv_bounds_open(struct tetra_equiv_bounds **p, const struct tetra_graph *a, const struct tetra_graph *b,
                            struct tetra_error *err) {
  const struct tetra_graph *const g[2] = {a, b};
  *p = calloc(1, sizeof **p);
  if (*p && fill(*p, g)) return TETRA_OK;
  tetra_equiv_bounds_close(*p);
  *p = NULL;
  return tetra_fail(err, TETRA_ENOMEM, "no memory for bounds of two networks of %d and %d tensors", a->n_values,
                    b->n_values);
}

void tetra_equiv_bounds_close(struct tetra_equiv_bounds *p) {
  if (!p) return;
  struct tetra_bounds_net *b = p->net;
  for (int k = 0; b && k < 2 && b->g[k]; k++) {
    arrays_close(p->lo[k], b->g[k]->n_values);
    arrays_close(p->hi[k], b->g[k]->n_values);
    arrays_close(b->w[k], b->g[k]->n_ops);
  }
  if (b && b->shared) {
    arrays_close(p->dlo, b->g[0]->n_values);
    arrays_close(p->dhi, b->g[0]->n_values);
    arrays_close(b->apart, b->g[0]->n_ops);
  }
  free(b);
  free(p);
}

/* One element's outputs in the networks from..to. */
static void element(struct tetra_equiv_bounds *p, int i, int from, int to, int64_t e, int channel,
                    const struct sums *s) {
  const struct tetra_op *op[2] = {&p->net->g[0]->ops[i], &p->net->g[1]->ops[i]};
  const int shared = p->net->shared;
  struct channel c[2];
  struct range dres = {0, 0};
  for (int o = 0; o < op[from]->n_outputs; o++) {
    const int v = op[from]->output[o];
    for (int k = from; k <= to; k++) {
      const int r = op[k]->residual, zero = r < 0 ? 0 : p->net->g[k]->values[r].d.zero_point;
      c[k] = (struct channel){&op[k]->rq[o], channel, op[k]->res_form, s->net[k], {0, 0}};
      if (r >= 0) c[k].res = (struct range){p->lo[k][r][e] - zero, p->hi[k][r][e] - zero};
      if (r >= 0 && shared)
        dres = k == 0 ? (struct range){p->dlo[r][e] - zero, p->dhi[r][e] - zero}
                      : (struct range){dres.lo + zero, dres.hi + zero};
      const struct range y = bounds_codes(&c[k]);
      p->lo[k][v][e] = (int16_t)y.lo;
      p->hi[k][v][e] = (int16_t)y.hi;
    }
    if (!shared) continue;
    const struct range d = bounds_difference(c, s->d, dres);
    p->dlo[v][e] = (int16_t)d.lo;
    p->dhi[v][e] = (int16_t)d.hi;
  }
}

static void run_op(struct tetra_equiv_bounds *p, int i, int from, int to) {
  const struct tetra_graph *g = p->net->g[from];
  const struct tetra_op *op = &g->ops[i];
  const struct tetra_desc *out = &g->values[op->output[0]].d;
  const int part = tetra_op_is_part(op);
  const int y0 = part ? op->part_y0 : 0, y1 = part ? op->part_y1 : out->h;
  const int x0 = part ? op->part_x0 : 0, x1 = part ? op->part_x1 : out->w;
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      for (int c = 0; c < out->c; c++) {
        struct sums s;
        bounds_sums(p, i, from, to, y, x, c, &s);
        element(p, i, from, to, ((int64_t)y * out->w + x) * out->c + c, c, &s);
      }
}

void tetra_equiv_bounds_run(struct tetra_equiv_bounds *p) {
  if (p->net->shared) {
    for (int i = 0; i < p->net->g[0]->n_ops; i++) run_op(p, i, 0, 1);
    return;
  }
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < p->net->g[k]->n_ops; i++) run_op(p, i, k, k);
}
