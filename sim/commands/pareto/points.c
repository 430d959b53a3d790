/* The published points and what the paper's cost model says about them. */
#include "commands/pareto/points.h"

#include <math.h>
#include <string.h>

static const double kWidths[PARETO_WIDTHS] = {0.5, 0.62, 0.75, 0.87, 1.0, 1.25, 1.5, 1.75, 2.0};

/* ImageNet top-1 of ResNet-50 by width, %. m = 1: the configuration README of the paper's library (AQT), for bf16, all
 * 8-bit and mostly 4-bit; all others: points of the paper's cost-accuracy figures, kept in the public history of the
 * AQT repository (commit 613bdeb). */
static const struct {
  int precision; /* -1: bf16 */
  double top1[PARETO_WIDTHS];
} kSeries[PARETO_SERIES] = {
    [PARETO_MOSTLY4] = {TETRA_W4A4_INIT8_DENSE8, {73.21, 74.87, 76.28, 76.58, 77.09, 77.64, 77.78, 77.92, 77.96}},
    [PARETO_ALL4] = {TETRA_W4A4, {72.43, 74.11, 75.18, 75.96, 76.46, 77.20, 77.34, 77.25, 77.40}},
    [PARETO_ALL8] = {TETRA_W8A8, {74.44, 75.52, 76.44, 77.17, 77.43, 77.79, 77.94, 78.04, 78.05}},
    [PARETO_BF16] = {-1, {73.89, 75.31, 75.90, 76.25, 76.65, 77.09, 77.43, 77.39, 77.68}},
};

static const char *const kAxes[PARETO_AXES] = {"linear", "quadratic", "memory", "cycles", "energy"};

const char *pareto_series_name(enum pareto_series s) {
  return s == PARETO_BF16 ? "bf16" : tetra_precision_name((enum tetra_precision)kSeries[s].precision);
}
const char *pareto_axis_name(enum pareto_axis a) { return kAxes[a]; }
int pareto_series_precision(enum pareto_series s) { return kSeries[s].precision; }

void pareto_network(const struct pareto_point *p, struct tetra_network_options *o) {
  tetra_network_defaults(o);
  o->network = "resnet50";
  o->width = p->m;
  if (p->series != PARETO_BF16) o->precision = (enum tetra_precision)kSeries[p->series].precision;
}

/* The linear cost of 16 bits is 16 a multiply whatever the layer; everything else is left out. */
static void use_16_bits(struct tetra_cost *cost) {
  *cost = (struct tetra_cost){.macs = cost->macs, .weights = cost->weights, .linear = 16 * cost->macs};
}

static int fill_costs(struct pareto_point *p, struct tetra_error *err) {
  struct tetra_network_options o;
  double ratios[3];
  pareto_network(p, &o);
  const int rc = tetra_cost_network(&o, &p->cost, err);
  if (rc != TETRA_OK) return rc;
  if (p->series == PARETO_BF16) use_16_bits(&p->cost);
  tetra_cost_ratios(&p->cost, ratios);
  p->axis[PARETO_LINEAR] = ratios[1];
  if (p->series == PARETO_BF16) return TETRA_OK;
  p->axis[PARETO_QUADRATIC] = ratios[0];
  p->axis[PARETO_MEMORY] = ratios[2];
  return TETRA_OK;
}

void pareto_points(struct pareto_point points[PARETO_POINTS]) {
  memset(points, 0, PARETO_POINTS * sizeof *points);
  for (int i = 0; i < PARETO_POINTS; i++) {
    points[i].series = (enum pareto_series)(i / PARETO_WIDTHS);
    points[i].m = kWidths[i % PARETO_WIDTHS];
    points[i].top1 = kSeries[points[i].series].top1[i % PARETO_WIDTHS];
    for (int a = 0; a < PARETO_AXES; a++) points[i].axis[a] = NAN;
  }
}

int pareto_add_costs(struct pareto_point points[PARETO_POINTS], struct tetra_error *err) {
  for (int i = 0; i < PARETO_POINTS; i++) {
    const int rc = fill_costs(&points[i], err);
    if (rc != TETRA_OK) return rc;
  }
  return TETRA_OK;
}
