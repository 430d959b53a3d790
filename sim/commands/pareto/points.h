/* The points of the paper's figure (arXiv 2105.03536): published accuracies, costs, and room for what is measured. */
#ifndef TETRA_SIM_PARETO_POINTS_H
#define TETRA_SIM_PARETO_POINTS_H

#include <stdint.h>

#include "tetra/cost.h"

#ifdef __cplusplus
extern "C" {
#endif

enum pareto_series { PARETO_MOSTLY4, PARETO_ALL4, PARETO_ALL8, PARETO_BF16, PARETO_SERIES };
enum pareto_axis { PARETO_LINEAR, PARETO_QUADRATIC, PARETO_MEMORY, PARETO_CYCLES, PARETO_ENERGY, PARETO_AXES };
enum { PARETO_WIDTHS = 9, PARETO_POINTS = PARETO_SERIES * PARETO_WIDTHS };

/* Cycles, DRAM bytes (loads and stores, without commands) and energy of one image. */
struct pareto_run {
  uint64_t cycles, dram_bytes; /* cycles 0: not run */
  double mj;                   /* millijoules, 0 where there is no energy table */
};

/* One network. bf16 has the paper's linear cost only: the array does not run it. */
struct pareto_point {
  enum pareto_series series;
  double m;                 /* width multiplier */
  double top1;              /* ImageNet, %, as published */
  struct tetra_cost cost;   /* bf16: macs, weights and linear only */
  double axis[PARETO_AXES]; /* ratios to the 16-bit ResNet-50 of width 1, cycles, mJ; NAN where there is none */
  struct pareto_run modelled, rtl;
  unsigned front; /* bit a: in the Pareto set under axis a */
};

/* Names as on the command line: "w4a4-init8-dense8", ..., "bf16"; "linear", ..., "energy". */
const char *pareto_series_name(enum pareto_series s);
const char *pareto_axis_name(enum pareto_axis a);
/* tetra_precision of a series that the array runs; -1 for bf16. */
TETRA_NODISCARD int pareto_series_precision(enum pareto_series s);

/* All points with published accuracies, series by series, widths ascending; no costs, nothing run yet. */
void pareto_points(struct pareto_point points[PARETO_POINTS]);
/* Fills in what the paper's cost model says about each. */
TETRA_NODISCARD int pareto_add_costs(struct pareto_point points[PARETO_POINTS], struct tetra_error *err);
/* Network options of a point that the array runs. */
void pareto_network(const struct pareto_point *p, struct tetra_network_options *o);

#ifdef __cplusplus
}
#endif
#endif
