/* Which choice for which layer, under budgets: the smallest sum of sensitivities whose costs fit, exactly.
 *
 * The problem is a multiple-choice knapsack with one or several budgets. It is solved by branch and bound; the bound is
 * the Lagrangian dual, which for this problem is as good as its linear relaxation. */
#ifndef TETRA_ALLOCATE_H
#define TETRA_ALLOCATE_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TETRA_ALLOCATE_LAYERS = 1024, TETRA_ALLOCATE_CHOICES = 64, TETRA_ALLOCATE_BUDGETS = 256 }; /* most of each */
#define TETRA_ALLOCATE_LARGEST 1e30 /* of the magnitudes of all numbers */

/* Arrays are the caller's, row by row; numbers are finite and at most TETRA_ALLOCATE_LARGEST in magnitude. */
struct tetra_allocate_problem {
  int n_layers, n_choices, n_budgets;
  const double *sensitivity;       /* [n_layers][n_choices] */
  const double *cost;              /* [n_budgets][n_layers][n_choices] */
  const double *limit;             /* [n_budgets]; the sum of a budget's costs may not exceed it */
  const char *const *budget_names; /* [n_budgets], for messages */
  const int *tie; /* [n_layers]: layers with the same number, any in 0..n_layers-1, choose alike; NULL: none do */
};

struct tetra_allocation {
  int *choice;      /* [n_layers]; owned */
  double *used;     /* [n_budgets]; owned: the sum of the costs, layer by layer */
  double objective; /* the sum of the sensitivities, layer by layer */
  double bound;     /* no solution is better than this; the objective itself where `proved` */
  int proved;       /* optimal, to 1e-11 of the sum of the largest sensitivities */
  uint64_t nodes;   /* of the search tree */
};

/* The best allocation, or where `most_nodes` (0: a hundred million) did not suffice the best found, not `proved`.
 * TETRA_EINVAL: numbers out of range; TETRA_ERANGE: no choice fits, the message says which budget is too small and how
 * small it may be; TETRA_ENOMEM; nothing is owned then. */
TETRA_NODISCARD int tetra_allocate(const struct tetra_allocate_problem *p, uint64_t most_nodes,
                                   struct tetra_allocation *a, struct tetra_error *err);
void tetra_allocation_free(struct tetra_allocation *a);

/* A layer of a chain, as the memories of a microcontroller see it. */
struct tetra_mcu_layer {
  double inputs, outputs; /* elements of its activations; what it puts out is what the next one reads */
  double weights;         /* elements */
  double parameter_bytes; /* biases, multipliers and the like: do not depend on the bits */
};
/* The rule that was published for microcontrollers (Rusci, Capotondi, Benini: "Memory-Driven Mixed Low Precision
 * Quantization", arXiv 1905.13082), with bits of 8 and 4. Activations: each layer's input and output fit `ram` bytes
 * together; passes forward and backward halve the bits of outputs, inputs, whichever has more bits, among equals more
 * bytes. Weights: while they exceed `flash` bytes with the parameters, the bits are halved of the first layer whose
 * share of the bytes is within 0.05 of the largest share. acts: [n + 1], of layer i's input at i, of the last one's
 * output behind them; weights: [n]. The network's
 * input keeps 8 bits, and so does its output where there are two layers or more. Returns 1, or 0 where the rule finds
 * nothing that fits. n >= 1. */
TETRA_NODISCARD int tetra_mcu_greedy(const struct tetra_mcu_layer *layers, int n, double ram, double flash, int *acts,
                                     int *weights);

#ifdef __cplusplus
}
#endif
#endif
