/* Calibration: the network runs in float and quantized side by side over all images, and each layer is decided with the
 * errors of those before it present. */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptq/quantizer.h"
#include "tetra/quantize.h"

/* What the images make of a value, while it is needed: in float, in the quantized network before its own quantization,
 * and after it. */
struct state {
  float *real, *sum, *points[N_POINTS];
  int uses; /* still to come */
};
struct run {
  struct tetra_arena *arena;
  struct quant_plan *p;
  int n;
  struct state *s; /* per value */
  struct tetra_quantize_report *report;
  int logits; /* value: the output, or what a softmax makes it of */
};

static void forget(struct state *s) {
  free(s->real);
  free(s->sum);
  for (int k = 0; k < N_POINTS; k++) free(s->points[k]);
  memset(s, 0, sizeof *s);
}

static struct tetra_quantized *report_item(struct run *r, const char *name, enum tetra_fmt fmt) {
  struct tetra_quantize_report *t = r->report;
  if (!(t->n_items & (t->n_items - 1))) {
    const size_t room = t->n_items ? 2 * (size_t)t->n_items : 1;
    struct tetra_quantized *grown = realloc(t->items, room * sizeof *grown);
    if (!grown) return NULL;
    t->items = grown;
  }
  struct tetra_quantized *q = &t->items[t->n_items++];
  memset(q, 0, sizeof *q);
  snprintf(q->name, sizeof q->name, "%s", name);
  q->fmt = fmt;
  return q;
}

static double snr(const float *x, const float *y, size_t n) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < n; i++) {
    const double e = (double)x[i] - (double)y[i];
    signal += (double)x[i] * (double)x[i];
    noise += e * e;
  }
  return noise > 0 ? 10 * log10(signal / noise) : INFINITY;
}

static int quantize_value(struct run *r, int v) {
  const size_t count = tetra_float_size(&r->p->g->values[v], r->n);
  struct state *s = &r->s[v];
  for (int k = 0; k < N_POINTS; k++) {
    struct quant_point *q = &r->p->points[v][k];
    if (!q->used) continue;
    struct tetra_quantized *item = report_item(r, r->p->g->values[v].name, q->fmt);
    s->points[k] = malloc(count * sizeof(float));
    if (!item || !s->points[k])
      return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for a quantized tensor of %zu values", count);
    q->bound = quant_bound(q->fmt, s->sum, count, r->p->o->search && k == POINT_4);
    q->scale = 1.0f / tetra_aqt_scale(q->fmt, q->bound);
    item->bound = (double)q->bound;
    item->saturated = (double)quant_fake(q, s->sum, count, s->points[k]) / (double)count;
    item->snr_db = snr(s->real, s->points[k], count);
    if (v == r->logits) r->report->output_snr_db = item->snr_db;
  }
  return TETRA_OK;
}

/* Second moments of the inputs of a group of node i as it will read them, over all pixels of all images, to m[k][k],
 * the upper half. rows and sum are scratch: [pixels][k] and [k][k]. */
static void group_moments(const struct run *r, int i, int group, const float *in, float *rows, float *sum, double *m) {
  const struct tetra_float_node *n = &r->p->g->nodes[i];
  const struct tetra_float_value *v = &r->p->g->values[n->in[0]], *out = &r->p->g->values[n->out];
  const int k = (int)tetra_window_elements(&n->win, n->cin), pixels = out->h * out->w;
  memset(sum, 0, (size_t)k * (size_t)k * sizeof *sum);
  for (int image = 0; image < r->n; image++) {
    tetra_float_im2col(v, n, group, in + (size_t)image * tetra_float_size(v, 1), out->h, out->w, rows);
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, k, pixels, 1.0f, rows, k, 1.0f, sum, k);
  }
  for (size_t j = 0; j < (size_t)k * (size_t)k; j++) m[j] = (double)sum[j];
}

/* Those of all groups, behind one another; NULL without memory. */
static double *second_moments(struct run *r, int i, const float *in) {
  const struct tetra_float_node *n = &r->p->g->nodes[i];
  const struct tetra_float_value *out = &r->p->g->values[n->out];
  const size_t k = tetra_window_elements(&n->win, n->cin), pixels = (size_t)out->h * (size_t)out->w;
  float *rows = malloc(k * pixels * sizeof *rows), *sum = malloc(k * k * sizeof *sum);
  double *m = malloc((size_t)n->groups * k * k * sizeof *m);
  for (int group = 0; rows && sum && m && group < n->groups; group++)
    group_moments(r, i, group, in, rows, sum, m + (size_t)group * k * k);
  const int ok = rows && sum;
  free(rows);
  free(sum);
  if (!ok) {
    free(m);
    m = NULL;
  }
  return m;
}

static int choose_weights(struct run *r, int i, const float *in) {
  const struct quant_plan *p = r->p;
  const struct tetra_float_node *n = &p->g->nodes[i];
  struct quant_weights *q = &r->p->weights[i];
  double *moments = NULL;
  if (p->o->search && q->bits == 4 && !(moments = second_moments(r, i, in)))
    return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory to choose the weights of '%s'", n->name);
  const int rc = quant_choose_weights(r->arena, r->p, i, moments);
  free(moments);
  if (rc) return rc;
  struct tetra_quantized *item = report_item(r, n->name, q->bits == 4 ? TETRA_S4 : TETRA_S8);
  if (!item) return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for the report");
  const size_t k = tetra_window_elements(&n->win, n->cin), count = k * (size_t)n->cout;
  size_t beyond = 0;
  const int top = (1 << (q->bits - 1)) - 1;
  for (size_t j = 0; j < count; j++) beyond += fabsf(n->w[j]) > ((float)top + 0.5f) * q->scale[j / k];
  for (int c = 0; c < n->cout; c++) item->bound += (double)q->scale[c] * top / n->cout;
  item->is_weights = 1;
  item->saturated = (double)beyond / (double)count;
  item->snr_db = snr(n->w, q->real, count);
  return TETRA_OK;
}

/* Adds to node i's bias what channel means of `sum` have lost against `real`, and corrects the sum (and `also`). */
static int correct_bias(struct run *r, int i, const float *real, float *sum) {
  const struct tetra_float_node *n = &r->p->g->nodes[i];
  struct quant_weights *q = &r->p->weights[i];
  const size_t c = (size_t)n->cout, pixels = tetra_float_size(&r->p->g->values[n->out], r->n) / c;
  double *lost = calloc(c, sizeof *lost);
  if (!lost) return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for biases");
  for (size_t j = 0; j < pixels * c; j++) lost[j % c] += (double)real[j] - (double)sum[j];
  for (size_t k = 0; k < c; k++) lost[k] = q->offset[k] + lost[k] / (double)pixels;
  double *before = malloc(c * sizeof *before);
  if (before) {
    memcpy(before, q->offset, c * sizeof *before);
    quant_set_bias(r->p, i, (double)r->p->points[n->in[0]][r->p->use[i][0]].scale, lost);
    for (size_t j = 0; j < pixels * c; j++) sum[j] += (float)(q->offset[j % c] - before[j % c]);
  }
  free(lost);
  free(before);
  return before ? TETRA_OK : tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for biases");
}

/* What node i reads in the quantized network. */
static const float *operand(const struct run *r, int i, int k) {
  const int v = r->p->g->nodes[i].in[k], use = r->p->use[i][k];
  return v < 0 ? NULL : use < 0 ? r->s[v].sum : r->s[v].points[use];
}

static int run_node(struct run *r, int i) {
  const struct tetra_float_graph *g = r->p->g;
  const struct tetra_float_node *n = &g->nodes[i];
  struct state *out = &r->s[n->out];
  const float *const real[2] = {r->s[n->in[0]].real, n->in[1] < 0 ? NULL : r->s[n->in[1]].real};
  const float *const quantized[2] = {operand(r, i, 0), operand(r, i, 1)};
  int rc = tetra_float_run(g, n, r->n, real, NULL, NULL, &out->real, r->arena->err);
  if (!rc && n->kind == TETRA_FLOAT_CONV) {
    if ((rc = choose_weights(r, i, quantized[0]))) return rc;
    quant_set_bias(r->p, i, (double)r->p->points[n->in[0]][r->p->use[i][0]].scale, n->bias);
    rc = tetra_float_run(g, n, r->n, quantized, r->p->weights[i].real, r->p->weights[i].offset, &out->sum,
                         r->arena->err);
    if (!rc && r->p->o->search) rc = correct_bias(r, i, out->real, out->sum);
  } else if (!rc) {
    rc = tetra_float_run(g, n, r->n, quantized, NULL, NULL, &out->sum, r->arena->err);
    /* The convolution inside a sum takes back the residual's lost means too. */
    for (int k = 0; !rc && k < 2 && n->kind == TETRA_FLOAT_ADD && r->p->o->search; k++) {
      const int from = g->values[n->in[k]].producer;
      if (r->p->use[i][k] < 0 && g->nodes[from].kind == TETRA_FLOAT_CONV)
        rc = correct_bias(r, from, out->real, out->sum);
    }
  }
  return rc ? rc : quantize_value(r, n->out);
}

static int run_nodes(struct run *r, const float *images) {
  const struct tetra_float_graph *g = r->p->g;
  const size_t size = tetra_float_size(&g->values[g->input], r->n) * sizeof(float);
  struct state *in = &r->s[g->input];
  in->real = malloc(size);
  in->sum = malloc(size);
  if (!in->real || !in->sum) return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for %d images", r->n);
  memcpy(in->real, images, size);
  memcpy(in->sum, images, size);
  int rc = quantize_value(r, g->input);
  for (int i = 0; !rc && i < g->n_nodes; i++) {
    const struct tetra_float_node *n = &g->nodes[i];
    if (n->kind == TETRA_FLOAT_SOFTMAX) break;
    rc = run_node(r, i);
    for (int k = 0; k < 2; k++)
      if (n->in[k] >= 0 && --r->s[n->in[k]].uses == 0) forget(&r->s[n->in[k]]);
  }
  return rc;
}

int quant_run(struct tetra_arena *arena, struct quant_plan *p, const float *images, int n,
              struct tetra_quantize_report *report) {
  const struct tetra_float_graph *g = p->g;
  struct run r = {arena, p, n, tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *r.s), report, g->output};
  const struct tetra_float_node *last = &g->nodes[g->values[g->output].producer];
  if (last->kind == TETRA_FLOAT_SOFTMAX) r.logits = last->in[0];
  if (!r.s) return tetra_arena_failed(arena);
  for (int v = 0; v < g->n_values; v++) r.s[v].uses = g->values[v].n_uses;
  const int rc = run_nodes(&r, images);
  for (int v = 0; v < g->n_values; v++) forget(&r.s[v]);
  return rc;
}
