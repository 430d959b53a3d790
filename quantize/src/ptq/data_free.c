/* Quantization without an image: bounds and means from batch norms, weights by a method that needs no inputs. */
#include <math.h>
#include <string.h>

#include "ptq/equalize.h"
#include "ptq/quantizer.h"
#include "ptq/spread.h"
#include "tetra/quantize.h"

struct without {
  struct tetra_arena *arena;
  struct quant_plan *p;
  struct quant_spread *s; /* per value */
  struct tetra_quantize_report *report;
};

/* Averages of planes, and what dense layers make of them, have short tails. */
static int is_average(const struct tetra_float_graph *g, int v) {
  const int i = g->values[v].producer;
  if (i < 0) return 0;
  const struct tetra_float_node *n = &g->nodes[i];
  if (n->kind == TETRA_FLOAT_FLATTEN) return is_average(g, n->in[0]);
  return n->kind == TETRA_FLOAT_AVGPOOL || (n->kind == TETRA_FLOAT_CONV && n->dense);
}

/* 8 bits reach twelve deviations of every channel, four of an average, or the end of what is certain; 4 bits are
 * clipped at the least squared error of the distribution. */
static float bound_of(const struct without *w, int v, const struct quant_point *q) {
  const int channels = w->p->g->values[v].c, certain = v == w->p->g->input;
  const double reach = is_average(w->p->g, v) ? 4 : 12;
  const float *points = w->s[v].points;
  const size_t n = (size_t)channels * SPREAD_POINTS;
  if (tetra_fmt_bits(q->fmt) == 4 && w->p->o->method != TETRA_METHOD_MAX)
    return 1.15f * quant_bound(q->fmt, points, n, 1);
  double most = (double)quant_bound(q->fmt, points, n, 0);
  for (int c = 0; !certain && c < channels; c++) {
    const double mean = quant_spread_mean(&w->s[v], c), power = quant_spread_power(&w->s[v], c);
    most = fmax(most, fabs(mean) + reach * sqrt(fmax(0, power - mean * mean)));
  }
  return (float)most;
}

static int decide_value(const struct without *w, int v) {
  const size_t n = (size_t)w->p->g->values[v].c * SPREAD_POINTS;
  for (int k = 0; k < N_POINTS; k++) {
    struct quant_point *q = &w->p->points[v][k];
    if (!q->used) continue;
    struct tetra_quantized *item = quant_report_item(w->report, w->p->g->values[v].name, q->fmt);
    float *scratch = tetra_arena_alloc(w->arena, n, sizeof *scratch);
    if (!item) return tetra_fail(w->arena->err, TETRA_ENOMEM, "no memory for the report");
    if (!scratch) return tetra_arena_failed(w->arena);
    q->bound = bound_of(w, v, q);
    q->scale = 1.0f / tetra_aqt_scale(q->fmt, q->bound);
    item->bound = (double)q->bound;
    item->snr_db = NAN;
    item->saturated = (double)quant_fake(q, w->s[v].points, n, scratch) / (double)n;
  }
  return TETRA_OK;
}

static int decide_weights(const struct without *w, int i) {
  const struct tetra_float_node *n = &w->p->g->nodes[i];
  const int c = w->p->g->values[n->in[0]].c, outputs = w->p->g->values[n->out].c;
  double *mean = tetra_arena_alloc(w->arena, 2 * (size_t)c, sizeof *mean), most = 0;
  if (!mean) return tetra_arena_failed(w->arena);
  for (int k = 0; k < c; k++) {
    mean[k] = quant_spread_mean(&w->s[n->in[0]], k);
    mean[c + k] = quant_spread_power(&w->s[n->in[0]], k);
  }
  for (int o = 0; o < outputs; o++) most = fmax(most, 4 * sqrt(quant_spread_power(&w->s[n->out], o)));
  const struct quant_inputs inputs = {.mean = mean, .power = mean + c, .most = most};
  const int rc = quant_choose_weights(w->arena, w->p, i, &inputs);
  return rc ? rc : quant_report_weights(w->p, i, w->report, w->arena->err);
}

int quant_run_data_free(struct tetra_arena *arena, struct quant_plan *p, struct tetra_quantize_report *report) {
  const struct tetra_float_graph *g = p->g;
  struct without w = {arena, p, NULL, report};
  int rc = quant_spreads(arena, g, p->o->image_low, p->o->image_high, &w.s);
  if (!rc && quant_equalizes(p->o)) {
    rc = quant_equalize_spreads(arena, p, w.s);
    if (!rc) rc = quant_spreads(arena, g, p->o->image_low, p->o->image_high, &w.s);
  }
  report->output_snr_db = NAN;
  if (!rc) rc = decide_value(&w, g->input);
  for (int i = 0; !rc && i < g->n_nodes && g->nodes[i].kind != TETRA_FLOAT_SOFTMAX; i++) {
    if (g->nodes[i].kind == TETRA_FLOAT_CONV) rc = decide_weights(&w, i);
    if (!rc) rc = decide_value(&w, g->nodes[i].out);
  }
  return rc;
}
