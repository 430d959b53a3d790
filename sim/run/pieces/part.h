/* A run of consecutive ops of a network as a graph of its own: what is compiled and simulated. */
#ifndef TETRA_SIM_PART_H
#define TETRA_SIM_PART_H

#include "tetra/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_part {
  struct tetra_graph g;         /* borrows weights and parameters from the whole graph */
  int *whole;                   /* value of the whole graph, for each value of g */
  struct tetra_tensor *tensors; /* one per value of g, borrowing the data of the whole graph's tensors */
  int first;                    /* op 0 of g is this op of the whole graph */
};

/* Finds op `text`, a name or a number from 0, among g's. TETRA_EINVAL names `option` and what is accepted: no op has
 * the name, or several have. */
TETRA_NODISCARD int sim_part_find(const struct tetra_graph *g, const char *option, const char *text, int *op,
                                  struct tetra_error *err);
/* Finds A..B, or a single A. TETRA_EINVAL names what is wrong. */
TETRA_NODISCARD int sim_part_parse(const struct tetra_graph *g, const char *spec, int *first, int *last,
                                   struct tetra_error *err);
/* Ops first..last of g, which outlives the part. Values that they read and do not produce are the part's inputs
 * (producer -1). Freed by sim_part_free. */
TETRA_NODISCARD int sim_part_init(struct sim_part *p, const struct tetra_graph *g, int first, int last,
                                  struct tetra_error *err);
/* Lets p->tensors show the whole graph's tensors (indexed by its values), which outlive the part. */
void sim_part_bind(struct sim_part *p, const struct tetra_tensor *tensors);
void sim_part_free(struct sim_part *p);

#ifdef __cplusplus
}
#endif
#endif
