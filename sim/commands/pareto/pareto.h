/* `./sim pareto`: the paper's accuracy-cost curve of ResNet-50 (arXiv 2105.03536) with the cost in cycles. */
#ifndef TETRA_SIM_PARETO_H
#define TETRA_SIM_PARETO_H

#include <stdint.h>
#include <stdio.h>

#include "tetra/caps.h"
#include "tetra/cost.h"
#include "tetra/status.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

enum pareto_series { PARETO_MOSTLY4, PARETO_ALL4, PARETO_ALL8, PARETO_BF16, PARETO_SERIES };
enum pareto_axis { PARETO_LINEAR, PARETO_QUADRATIC, PARETO_MEMORY, PARETO_CYCLES, PARETO_AXES };
enum { PARETO_WIDTHS = 9, PARETO_POINTS = PARETO_SERIES * PARETO_WIDTHS };

/* Cycles and DRAM bytes (loads and stores, without commands) of one image. */
struct pareto_run {
  uint64_t cycles, dram_bytes; /* cycles 0: not run */
};

/* One network. bf16 has the paper's linear cost only: the array does not run it. */
struct pareto_point {
  enum pareto_series series;
  double m;                 /* width multiplier */
  double top1;              /* ImageNet, %, as published */
  struct tetra_cost cost;   /* bf16: macs, weights and linear only */
  double axis[PARETO_AXES]; /* ratios to the 16-bit ResNet-50 of width 1, and cycles; NAN where there is none */
  struct pareto_run modelled, rtl;
  unsigned front; /* bit a: in the Pareto set under axis a */
};

struct pareto_options {
  const char *csv, *plot; /* file names; plot NULL: none */
  unsigned array, jobs;
  struct tetra_memory_params mem;
  double mhz;
  int quiet, help;
  unsigned char rtl[PARETO_POINTS]; /* points to run on the RTL, too */
};

/* Names as on the command line: "w4a4-init8-dense8", ..., "bf16"; "linear", ..., "cycles". */
const char *pareto_series_name(enum pareto_series s);
const char *pareto_axis_name(enum pareto_axis a);
/* tetra_precision of a series that the array runs; -1 for bf16. */
int pareto_series_precision(enum pareto_series s);

/* All points with published accuracies and costs, series by series, widths ascending; nothing run yet. */
void pareto_points(struct pareto_point points[PARETO_POINTS]);
/* Network options of a point that the array runs. */
void pareto_network(const struct pareto_point *p, struct tetra_network_options *o);

/* Cycle model of one point on hardware `caps`. TETRA_EINVAL, TETRA_ERANGE, TETRA_ENOMEM. */
int pareto_model(const struct pareto_point *p, const struct tetra_caps *caps, const struct tetra_memory_params *mem,
                 struct pareto_run *run, struct tetra_error *err);
/* The same on the RTL, every layer compared with the C model; TETRA_EHW where one differs. */
int pareto_rtl(const struct pareto_point *p, const struct pareto_options *o, struct pareto_run *run,
               struct tetra_error *err);

/* Sets axis[PARETO_CYCLES] from the modelled runs, and front: a point is in the set if none is as cheap and as accurate
 * and better in one of the two. */
void pareto_fronts(struct pareto_point points[PARETO_POINTS]);
/* One sentence: does "mostly 4-bit" stay optimal when the cost is cycles? Computed from the fronts. */
void pareto_verdict(const struct pareto_point points[PARETO_POINTS], char *text, size_t size);

void pareto_print(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out);
/* A line per point, keys in the first one; numbers of the C locale, empty where there is none. */
void pareto_csv(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o, FILE *out);
/* A gnuplot program that draws top-1 over linear cost and over cycles into `image` (.svg or .png). */
void pareto_plot_program(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o,
                         const char *image, FILE *out);
/* Has gnuplot draw o->plot. TETRA_EIO: gnuplot is missing or failed, or the file cannot be written. */
int pareto_plot(const struct pareto_point points[PARETO_POINTS], const struct pareto_options *o,
                struct tetra_error *err);

int pareto_options_parse(int argc, char **argv, struct pareto_options *o, struct tetra_error *err);
/* The whole command; argv[0] is "pareto". Returns the program's exit code. */
int pareto_main(int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
