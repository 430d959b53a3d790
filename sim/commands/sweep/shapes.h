/* Networks as points' accelerators run them, kept for the next point that shares them. */
#ifndef TETRA_SIM_SWEEP_SHAPES_H
#define TETRA_SIM_SWEEP_SHAPES_H

#include "commands/sweep/line.h"
#include "files/source.h"
#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SWEEP_SHAPES_KEPT = 8 };

/* A network as an accelerator runs it. A plan's timing depends on no weight, so that networks of files have none here.
 */
struct sweep_shape {
  struct sim_point key;   /* the axes that it depends on; the others are 0 */
  int pool_cols;          /* of built-in networks */
  unsigned long used;     /* when last; 0: free */
  int from_source;        /* else g */
  struct sweep_line line; /* what `source` borrows from */
  struct sim_options o;
  struct sim_source source;
  struct tetra_graph g;
};

/* A file's network as it was read, before anything was fused for an accelerator. */
struct sweep_import {
  struct sim_point key;
  int is_there, rc; /* of key: read, or refused with err */
  struct tetra_error err;
  struct sweep_line line;
  struct sim_options o;
  struct sim_source source;
};

/* {.s = study} is empty. */
struct sweep_shapes {
  const struct sim_study *s; /* borrowed */
  struct sweep_shape kept[SWEEP_SHAPES_KEPT];
  struct sweep_import import;
  unsigned long now;
};

/* The network of that point; of built-in ones with pool_cols (tetra/network.h). *g stays until sweep_shapes_free, or
 * until SWEEP_SHAPES_KEPT others have been asked for. TETRA_ENOMEM, and as sim_source_open. */
TETRA_NODISCARD int sweep_shapes_find(struct sweep_shapes *all, const struct sim_point *p, int pool_cols,
                                      const struct tetra_graph **g, struct tetra_error *err);
void sweep_shapes_free(struct sweep_shapes *all);

#ifdef __cplusplus
}
#endif
#endif
