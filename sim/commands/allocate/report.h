/* What `./sim allocate` says of a network. */
#ifndef TETRA_SIM_ALLOCATE_REPORT_H
#define TETRA_SIM_ALLOCATE_REPORT_H

#include <stdio.h>

#include "commands/allocate/front.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All that was found out. */
struct allocate_result {
  const struct allocate_options *o;
  const struct allocate_costs *costs;
  struct allocate_point best, greedy; /* greedy.choice NULL: no budget of RAM or flash, or the rule finds nothing */
  int has_greedy;                     /* it was tried */
  struct allocate_front front;
};

/* Bits a layer, costs, the front. */
void allocate_print(const struct allocate_result *r, FILE *out);
/* The front, a line a point, keys in the first one. */
void allocate_csv(const struct allocate_result *r, FILE *out);
/* Everything. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_json(const struct allocate_result *r, const char *path, struct tetra_error *err);
/* A gnuplot program that draws the front into `image` (.svg or .png). */
void allocate_plot_program(const struct allocate_result *r, const char *image, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
