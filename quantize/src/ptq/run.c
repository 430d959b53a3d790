/* Calibration: the network runs in float and quantized side by side over all images, and each layer is decided with the
 * errors of those before it present. */
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

/* Are bounds clipped and lost means taken back? */
static int searches(const struct run *r) { return r->p->o->method != TETRA_METHOD_MAX; }

static int choose_bound(struct run *r, int v, int k, size_t count) {
  const struct tetra_float_graph *g = r->p->g;
  struct quant_point *q = &r->p->points[v][k];
  const int search = searches(r) && k == POINT_4;
  float bound = 0;
  int rc = TETRA_OK;
  if (search && v == g->input)
    rc = quant_image_bound(g, q, r->s[v].real, r->n, &bound, r->arena->err);
  else
    bound = quant_bound(q->fmt, r->s[v].sum, count, search);
  q->bound = bound;
  return rc;
}

static int quantize_value(struct run *r, int v) {
  const size_t count = tetra_float_size(&r->p->g->values[v], r->n);
  struct state *s = &r->s[v];
  for (int k = 0; k < N_POINTS; k++) {
    struct quant_point *q = &r->p->points[v][k];
    if (!q->used) continue;
    struct tetra_quantized *item = quant_report_item(r->report, r->p->g->values[v].name, q->fmt);
    s->points[k] = malloc(count * sizeof(float));
    if (!item || !s->points[k])
      return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for a quantized tensor of %zu values", count);
    const int rc = choose_bound(r, v, k, count);
    if (rc) return rc;
    q->scale = 1.0f / tetra_aqt_scale(q->fmt, q->bound);
    item->bound = (double)q->bound;
    item->saturated = (double)quant_fake(q, s->sum, count, s->points[k]) / (double)count;
    item->snr_db = quant_snr(s->real, s->points[k], count);
    if (v == r->logits) r->report->output_snr_db = item->snr_db;
  }
  return TETRA_OK;
}

/* What node i reads in the quantized network. */
static const float *operand(const struct run *r, int i, int k) {
  const int v = r->p->g->nodes[i].in[k], use = r->p->use[i][k];
  return v < 0 ? NULL : use < 0 ? r->s[v].sum : r->s[v].points[use];
}

/* The addition that reads the sums of value v, and nothing else does; -1 where there is none. */
static int open_addition(const struct quant_plan *p, int v) {
  const struct tetra_float_graph *g = p->g;
  if (g->values[v].n_uses != 1) return -1;
  for (int i = 0; i < g->n_nodes; i++)
    for (int k = 0; g->nodes[i].kind == TETRA_FLOAT_ADD && k < 2; k++)
      if (g->nodes[i].in[k] == v) return p->use[i][k] < 0 && g->nodes[i].in[!k] != v ? i : -1;
  return -1;
}

static float largest(const float *x, size_t n) {
  float max = 0;
  for (size_t i = 0; i < n; i++) max = fmaxf(max, fabsf(x[i]));
  return max;
}

/* What node i's sums shall be: the float network's, and where they are added to a residual that is quantized already,
 * what that has lost. *made is to be freed. */
static int wanted_sums(struct run *r, int i, const float **wanted, float **made) {
  const struct tetra_float_graph *g = r->p->g;
  const int v = g->nodes[i].out, add = open_addition(r->p, v);
  const size_t count = tetra_float_size(&g->values[v], r->n);
  *wanted = r->s[v].real;
  *made = NULL;
  if (add < 0) return TETRA_OK;
  const int k = g->nodes[add].in[0] == v;
  const float *real = r->s[g->nodes[add].in[k]].real, *quantized = operand(r, add, k);
  if (!real || !quantized) return TETRA_OK;
  float *sums = malloc(count * sizeof *sums);
  if (!sums) return tetra_fail(r->arena->err, TETRA_ENOMEM, "no memory for the sums of '%s'", g->nodes[i].name);
  for (size_t j = 0; j < count; j++) sums[j] = r->s[v].real[j] + (real[j] - quantized[j]);
  *wanted = *made = sums;
  return TETRA_OK;
}

static int choose_codes(struct run *r, int i, const float *in) {
  const struct tetra_float_node *n = &r->p->g->nodes[i];
  const float *wanted;
  float *made;
  int rc = wanted_sums(r, i, &wanted, &made);
  if (rc) return rc;
  const struct quant_inputs inputs = {
      .sight = {r->n, r->s[n->in[0]].real, in, wanted},
      .most = (double)largest(wanted, tetra_float_size(&r->p->g->values[n->out], r->n))};
  rc = quant_choose_weights(r->arena, r->p, i, &inputs);
  free(made);
  return rc;
}

static int run_node(struct run *r, int i) {
  const struct tetra_float_graph *g = r->p->g;
  const struct tetra_float_node *n = &g->nodes[i];
  struct state *out = &r->s[n->out];
  const float *const real[2] = {r->s[n->in[0]].real, n->in[1] < 0 ? NULL : r->s[n->in[1]].real};
  const float *const quantized[2] = {operand(r, i, 0), operand(r, i, 1)};
  int rc = tetra_float_run(g, n, r->n, real, NULL, NULL, &out->real, r->arena->err);
  if (!rc && n->kind == TETRA_FLOAT_CONV) {
    rc = choose_codes(r, i, quantized[0]);
    if (!rc) rc = quant_report_weights(r->p, i, r->report, r->arena->err);
    if (rc) return rc;
    rc = tetra_float_run(g, n, r->n, quantized, r->p->weights[i].real, r->p->weights[i].offset, &out->sum,
                         r->arena->err);
  } else if (!rc) {
    rc = tetra_float_run(g, n, r->n, quantized, NULL, NULL, &out->sum, r->arena->err);
  }
  return rc ? rc : quantize_value(r, n->out);
}

/* Multiplications of node i, about: the network twice, and for a convolution moments and what is solved with them. */
static double work(const struct run *r, int i) {
  const struct tetra_float_graph *g = r->p->g;
  const struct tetra_float_node *n = &g->nodes[i];
  const double sums = (double)tetra_float_size(&g->values[n->out], r->n);
  if (n->kind != TETRA_FLOAT_CONV) return sums;
  const double k = (double)tetra_window_elements(&n->win, n->cin), rows = sums / n->cout;
  return 2 * sums * k + k * k * (fmin(rows, 1 << 16) / 2 * n->groups + 3 * k + 2 * n->cout);
}

static void tell(const struct run *r, int last) {
  const struct tetra_quantize_options *o = r->p->o;
  double done = 0, all = 0;
  for (int i = 0; o->progress && i < r->p->g->n_nodes; i++) {
    all += work(r, i);
    if (i <= last) done += work(r, i);
  }
  if (o->progress) o->progress(o->context, done / all);
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
    tell(r, i);
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
