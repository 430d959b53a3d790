/* Channels of 4-bit activations made alike (the idea of Nagel et al., "Data-Free Quantization Through Weight
 * Equalization and Bias Correction", arXiv 1906.04721, section 4.1, for activations' ranges instead of weights').
 *
 * A tensor has one scale and sixteen codes; a channel whose values are small beside the others' has few of them. A
 * positive factor of a channel passes ReLUs, additions, pools and picks, so it moves from the weights that read the
 * channel to those that make it, and the network stays the same function. Channels that are added to each other have
 * one factor: they are found by union of (value, channel). */
#include "ptq/equalize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A channel of a value is element first[value] + channel. */
struct links {
  const struct tetra_float_graph *g;
  size_t *first; /* per value; the last one, n_values, is how many there are */
  size_t *up;    /* union by the lower number; a root is its own */
  char *fixed;   /* of roots: the factor is 1 */
  double *sum;   /* of roots: logarithms of its channels' bounds */
  int *n;        /* how many */
};

static size_t root_of(const struct links *l, int value, int channel) {
  size_t i = l->first[value] + (size_t)channel;
  while (l->up[i] != i) i = l->up[i] = l->up[l->up[i]];
  return i;
}

static void join(struct links *l, int v, int c, int w, int d) {
  const size_t a = root_of(l, v, c), b = root_of(l, w, d), low = a < b ? a : b, high = a < b ? b : a;
  l->up[high] = low;
  l->fixed[low] |= l->fixed[high];
}

static void fix(struct links *l, int v) {
  for (int c = 0; c < l->g->values[v].c; c++) l->fixed[root_of(l, v, c)] = 1;
}

/* Is what the node does to a channel the same in any unit? */
static int is_homogeneous(const struct tetra_float_node *n) {
  return n->kind != TETRA_FLOAT_CLAMP || ((n->lo == 0 || n->lo == -INFINITY) && n->hi == INFINITY);
}

static void link_node(struct links *l, const struct tetra_float_node *n) {
  if (n->kind == TETRA_FLOAT_CONV) return;
  if (n->kind == TETRA_FLOAT_SOFTMAX || !is_homogeneous(n)) {
    fix(l, n->in[0]);
    fix(l, n->out);
    return;
  }
  for (int c = 0; c < l->g->values[n->out].c - n->c_before - n->c_after; c++) {
    const int from = n->kind == TETRA_FLOAT_PICK ? n->picks.c.start + c * n->picks.c.step : c;
    join(l, n->out, n->c_before + c, n->in[0], from);
    if (n->in[1] >= 0) join(l, n->out, c, n->in[1], c);
  }
}

static int open_links(struct tetra_arena *arena, const struct tetra_float_graph *g, struct links *l) {
  l->g = g;
  l->first = tetra_arena_alloc(arena, (size_t)g->n_values + 1, sizeof *l->first);
  if (!l->first) return tetra_arena_failed(arena);
  for (int v = 0; v < g->n_values; v++) l->first[v + 1] = l->first[v] + (size_t)g->values[v].c;
  const size_t all = l->first[g->n_values];
  l->up = tetra_arena_alloc(arena, all, sizeof *l->up);
  l->fixed = tetra_arena_alloc(arena, all, sizeof *l->fixed);
  l->sum = tetra_arena_alloc(arena, all, sizeof *l->sum);
  l->n = tetra_arena_alloc(arena, all, sizeof *l->n);
  if (!l->up || !l->fixed || !l->sum || !l->n) return tetra_arena_failed(arena);
  for (size_t i = 0; i < all; i++) l->up[i] = i;
  fix(l, g->input);
  fix(l, g->output);
  for (int i = 0; i < g->n_nodes; i++) link_node(l, &g->nodes[i]);
  return TETRA_OK;
}

/* What a 4-bit tensor's channels tell of their factors: their own best bounds beside the tensor's mean. */
static void take_bounds(struct links *l, int v, const double *bound) {
  double mean = 0;
  int used = 0;
  for (int c = 0; c < l->g->values[v].c; c++) {
    if (!(bound[c] > QUANT_SMALLEST_BOUND)) continue; /* a channel of zeros has none */
    mean += log(bound[c]);
    used++;
  }
  for (int c = 0; c < l->g->values[v].c; c++) {
    if (!(bound[c] > QUANT_SMALLEST_BOUND)) continue;
    const size_t root = root_of(l, v, c);
    l->sum[root] += log(bound[c]) - mean / used;
    l->n[root]++;
  }
}

/* x: `pixels` times the value's channels. */
static int look(struct links *l, const struct quant_plan *p, int v, const float *x, size_t pixels,
                struct tetra_error *err) {
  enum { most = 1 << 20 }; /* values that tell a tensor's bounds well enough */
  const size_t c = (size_t)l->g->values[v].c, step = (pixels * c / most + 1) | 1;
  float *one = malloc((pixels / step + 1) * sizeof *one);
  double *bound = calloc(c, sizeof *bound);
  for (size_t k = 0; one && bound && k < c; k++) {
    size_t m = 0;
    for (size_t i = 0; i < pixels; i += step) one[m++] = x[i * c + k];
    bound[k] = (double)quant_bound(p->points[v][POINT_4].fmt, one, m, 1);
  }
  const int rc = one && bound ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for %zu channels", c);
  if (!rc) take_bounds(l, v, bound);
  free(one);
  free(bound);
  return rc;
}

/* A channel becomes this much smaller: a power of how far it reaches, as weights that read it grow by as much and share
 * a scale with others. Exponent and limit were chosen on images that judge nothing (docs/quantization.md). */
static double factor(const struct links *l, int v, int c) {
  const double exponent = 0.6, limit = 8;
  const size_t root = root_of(l, v, c);
  if (l->fixed[root] || l->n[root] == 0) return 1;
  return fmin(fmax(exp(exponent * l->sum[root] / l->n[root]), 1 / limit), limit);
}

/* The node, for inputs and outputs in the channels' new units. */
static void rescale_node(const struct links *l, struct tetra_float_node *n) {
  if (n->kind != TETRA_FLOAT_CONV && n->kind != TETRA_FLOAT_AFFINE) return;
  const size_t k = n->kind == TETRA_FLOAT_AFFINE ? 0 : tetra_window_elements(&n->win, n->cin);
  const int c = n->kind == TETRA_FLOAT_AFFINE ? l->g->values[n->out].c : n->cout, outputs = c / n->groups;
  for (int o = 0; o < c; o++) {
    const double out = factor(l, n->out, o);
    n->bias[o] /= out;
    for (size_t i = 0; i < k; i++) {
      const double in = factor(l, n->in[0], o / outputs * n->cin + (int)(i % (size_t)n->cin));
      float *w = &n->w[(size_t)o * k + i];
      *w = (float)((double)*w * in / out);
    }
  }
}

static void rescale(const struct links *l, struct tetra_float_graph *g) {
  for (int i = 0; i < g->n_nodes; i++) rescale_node(l, &g->nodes[i]);
  for (int v = 0; v < g->n_values; v++)
    for (int c = 0; g->values[v].mean && c < g->values[v].c; c++) {
      g->values[v].mean[c] /= factor(l, v, c);
      g->values[v].sd[c] /= factor(l, v, c);
    }
}

/* All values in float, one after another. */
static int look_at_all(struct links *l, const struct quant_plan *p, const float *images, int n,
                       struct tetra_error *err) {
  const struct tetra_float_graph *g = l->g;
  float **x = calloc((size_t)g->n_values, sizeof *x);
  int *uses = calloc((size_t)g->n_values, sizeof *uses);
  int rc = x && uses ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  for (int i = 0; !rc && i < g->n_nodes && g->nodes[i].kind != TETRA_FLOAT_SOFTMAX; i++) {
    const struct tetra_float_node *node = &g->nodes[i];
    const float *in[2] = {NULL, NULL};
    for (int k = 0; k < 2 && node->in[k] >= 0; k++) in[k] = node->in[k] == g->input ? images : x[node->in[k]];
    rc = tetra_float_run(g, node, n, in, NULL, NULL, &x[node->out], err);
    if (!rc && p->points[node->out][POINT_4].used) {
      const struct tetra_float_value *value = &g->values[node->out];
      rc = look(l, p, node->out, x[node->out], tetra_float_size(value, n) / (size_t)value->c, err);
    }
    for (int k = 0; k < 2 && node->in[k] >= 0; k++)
      if (++uses[node->in[k]] == g->values[node->in[k]].n_uses) {
        free(x[node->in[k]]);
        x[node->in[k]] = NULL;
      }
  }
  for (int v = 0; x && v < g->n_values; v++) free(x[v]);
  free(x);
  free(uses);
  return rc;
}

int quant_equalize(struct tetra_arena *arena, struct quant_plan *p, const float *images, int n) {
  struct links l = {0};
  int rc = open_links(arena, p->g, &l);
  if (!rc) rc = look_at_all(&l, p, images, n, arena->err);
  if (!rc) rescale(&l, p->g);
  return rc;
}

int quant_equalize_spreads(struct tetra_arena *arena, struct quant_plan *p, const struct quant_spread *s) {
  struct links l = {0};
  double *bound;
  int rc = open_links(arena, p->g, &l);
  for (int v = 0; !rc && v < p->g->n_values; v++) {
    if (!p->points[v][POINT_4].used) continue;
    bound = tetra_arena_alloc(arena, (size_t)p->g->values[v].c, sizeof *bound);
    if (!bound) return tetra_arena_failed(arena);
    for (int c = 0; c < p->g->values[v].c; c++)
      bound[c] =
          (double)quant_bound(p->points[v][POINT_4].fmt, s[v].points + (size_t)c * SPREAD_POINTS, SPREAD_POINTS, 1);
    take_bounds(&l, v, bound);
  }
  if (!rc) rescale(&l, p->g);
  return rc;
}
