/* How values are distributed, without images: from batch norms, from node to node (Nagel et al., "Data-Free
 * Quantization", arXiv 1906.04721, take means from them in the same way). */
#include "ptq/spread.h"

#include <math.h>

double quant_spread_mean(const struct quant_spread *s, int channel) {
  double sum = 0;
  for (int i = 0; i < SPREAD_POINTS; i++) sum += (double)s->points[channel * SPREAD_POINTS + i];
  return sum / SPREAD_POINTS;
}

double quant_spread_power(const struct quant_spread *s, int channel) {
  double sum = 0;
  for (int i = 0; i < SPREAD_POINTS; i++) {
    const double x = (double)s->points[channel * SPREAD_POINTS + i];
    sum += x * x;
  }
  return sum / SPREAD_POINTS;
}

static double variance(const struct quant_spread *s, int channel) {
  const double mean = quant_spread_mean(s, channel), v = quant_spread_power(s, channel) - mean * mean;
  return v > 0 ? v : 0;
}

/* The value below which a variable of Laplace's distribution of variance 1 is with probability p. Sums of layers have
 * longer tails than the normal distribution: pixels of an image are alike. */
static double quantile(double p) { return (p < 0.5 ? log(2 * p) : -log(2 - 2 * p)) / sqrt(2); }

struct table {
  double shape[SPREAD_POINTS]; /* of variance 1 */
  const struct tetra_float_graph *g;
  struct quant_spread *s;
};

static void set_shape(const struct table *t, int v, int channel, double mean, double sd) {
  float *to = t->s[v].points + (size_t)channel * SPREAD_POINTS;
  for (int i = 0; i < SPREAD_POINTS; i++) to[i] = (float)(mean + sd * t->shape[i]);
}

static void from_batchnorm(const struct table *t, int v) {
  const struct tetra_float_value *value = &t->g->values[v];
  for (int c = 0; c < value->c; c++) set_shape(t, v, c, value->mean[c], value->sd[c]);
}

/* Inputs of dense layers are features that come together, class by class: the deviation is between that of independent
 * ones and the largest possible. */
static void convolution(const struct table *t, const struct tetra_float_node *n) {
  const size_t k = tetra_window_elements(&n->win, n->cin);
  const int outputs = n->cout / n->groups;
  for (int o = 0; o < n->cout; o++) {
    double mean = n->bias[o], var = 0, all = 0;
    for (size_t i = 0; i < k; i++) {
      const double w = (double)n->w[(size_t)o * k + i];
      const int c = o / outputs * n->cin + (int)(i % (size_t)n->cin);
      mean += w * quant_spread_mean(&t->s[n->in[0]], c);
      var += w * w * variance(&t->s[n->in[0]], c);
      all += fabs(w) * sqrt(variance(&t->s[n->in[0]], c));
    }
    set_shape(t, n->out, o, mean, n->dense ? sqrt(sqrt(var) * all) : sqrt(var));
  }
}

static void sum(const struct table *t, const struct tetra_float_node *n) {
  const struct quant_spread *a = &t->s[n->in[0]], *b = &t->s[n->in[1]];
  for (int c = 0; c < t->g->values[n->out].c; c++)
    set_shape(t, n->out, c, quant_spread_mean(a, c) + quant_spread_mean(b, c), sqrt(variance(a, c) + variance(b, c)));
}

/* The largest of `count` independent values is below x with the count-th power of the probability that one is. */
static void largest(const struct table *t, const struct tetra_float_node *n) {
  const double count = n->win.kh * n->win.kw;
  for (int c = 0; c < t->g->values[n->out].c; c++)
    for (int i = 0; i < SPREAD_POINTS; i++) {
      const double p = pow((i + 0.5) / SPREAD_POINTS, 1 / count);
      const int from = (int)(p * SPREAD_POINTS);
      t->s[n->out].points[c * SPREAD_POINTS + i] =
          t->s[n->in[0]].points[c * SPREAD_POINTS + (from < SPREAD_POINTS ? from : SPREAD_POINTS - 1)];
    }
}

/* Point by point; what a node leaves away or adds is 0. Averages as well, as if a plane were all one value. */
static void pointwise(const struct table *t, const struct tetra_float_node *n) {
  const int c = t->g->values[n->out].c, c_in = t->g->values[n->in[0]].c;
  for (int o = 0; o < c; o++)
    for (int i = 0; i < SPREAD_POINTS; i++) {
      const int from = o - n->c_before;
      float x = from >= 0 && from < c_in ? t->s[n->in[0]].points[from * SPREAD_POINTS + i] : 0;
      if (n->kind == TETRA_FLOAT_CLAMP) x = fminf(fmaxf(x, (float)n->lo), (float)n->hi);
      if (n->kind == TETRA_FLOAT_AFFINE) {
        const int mirrored = n->w[o] < 0 ? SPREAD_POINTS - 1 - i : i;
        x = t->s[n->in[0]].points[o * SPREAD_POINTS + mirrored] * n->w[o] + (float)n->bias[o];
      }
      t->s[n->out].points[o * SPREAD_POINTS + i] = x;
    }
}

static void node(const struct table *t, const struct tetra_float_node *n) {
  if (t->g->values[n->out].mean)
    from_batchnorm(t, n->out);
  else if (n->kind == TETRA_FLOAT_CONV)
    convolution(t, n);
  else if (n->kind == TETRA_FLOAT_ADD)
    sum(t, n);
  else if (n->kind == TETRA_FLOAT_MAXPOOL)
    largest(t, n);
  else
    pointwise(t, n);
}

/* Dense layers have none, and convolutions whose sums go on to an addition or a factor need none. */
static int needs_batchnorm(const struct tetra_float_graph *g, const struct tetra_float_node *n) {
  if (n->kind != TETRA_FLOAT_CONV || n->dense || n->out == g->output || g->values[n->out].mean) return 0;
  for (int i = 0; i < g->n_nodes; i++) {
    const struct tetra_float_node *m = &g->nodes[i];
    const int reads = m->in[0] == n->out || m->in[1] == n->out;
    if (reads && (m->kind == TETRA_FLOAT_ADD || m->kind == TETRA_FLOAT_AFFINE)) return 0;
  }
  return 1;
}

static int check(const struct tetra_float_graph *g, struct tetra_error *err) {
  int any = 0;
  for (int v = 0; v < g->n_values; v++) any |= g->values[v].mean != NULL;
  for (int i = 0; i < g->n_nodes; i++)
    if (!any || needs_batchnorm(g, &g->nodes[i]))
      return tetra_fail(err, TETRA_EINVAL,
                        "no batch norm behind '%s', which data-free quantization reads ranges from; give images "
                        "(--calibrate), or export the network with its batch norms",
                        g->nodes[i].name);
  return TETRA_OK;
}

int quant_spreads(struct tetra_arena *arena, const struct tetra_float_graph *g, const float *low, const float *high,
                  struct quant_spread **spreads) {
  struct table t = {.g = g, .s = tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *t.s)};
  const int rc = check(g, arena->err);
  if (rc) return rc;
  for (int v = 0; t.s && v < g->n_values; v++) {
    t.s[v].points = tetra_arena_alloc(arena, (size_t)g->values[v].c * SPREAD_POINTS, sizeof(float));
    if (!t.s[v].points) return tetra_arena_failed(arena);
  }
  if (!t.s) return tetra_arena_failed(arena);
  for (int i = 0; i < SPREAD_POINTS; i++) t.shape[i] = quantile((i + 0.5) / SPREAD_POINTS);
  for (int c = 0; c < g->values[g->input].c; c++)
    for (int i = 0; i < SPREAD_POINTS; i++)
      t.s[g->input].points[c * SPREAD_POINTS + i] =
          low[c % 3] + (high[c % 3] - low[c % 3]) * (float)i / (SPREAD_POINTS - 1);
  for (int i = 0; i < g->n_nodes && g->nodes[i].kind != TETRA_FLOAT_SOFTMAX; i++) node(&t, &g->nodes[i]);
  *spreads = t.s;
  return TETRA_OK;
}
