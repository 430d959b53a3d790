/* The allocation problem as the search works on it. Private to the library. */
#ifndef TETRA_ALLOCATE_CORE_H
#define TETRA_ALLOCATE_CORE_H

#include <stdint.h>

#include "tetra/allocate.h"

/* Layers that choose alike are one item; budgets are measured in units of what choices differ by. */
struct alloc_core {
  const struct tetra_allocate_problem *p;
  int n, c, m;      /* items, choices, budgets */
  int *item;        /* [p->n_layers]: the item that a layer belongs to */
  double *value;    /* [n][c] */
  double *cost;     /* [n][c][m]: above the cheapest choice of the item */
  double *room;     /* [m]: what the limits leave above the cheapest choices, and a little for rounding: for bounds */
  double tolerance; /* differences of objectives that do not count */
  /* The best so far. */
  int found;
  double best;
  int *choice; /* [n] */
  /* Scratch of the bound: [n], [m]. */
  int *pick, *repair;
  double *used, *slope, *trial;
};

/* Branch and bound. */
struct alloc_search {
  struct alloc_core k;
  uint64_t *allowed; /* [n + 1][n]: a bit a choice that is left, of each depth of the tree */
  double *lambda;    /* [n + 1][m]: prices of the budgets */
  double *least;     /* [m]: scratch */
  uint64_t nodes, most_nodes;
  double open; /* the least bound of what was given up */
};

/* problem.c: from a checked problem; everything is freed by alloc_close, also after an error. TETRA_ENOMEM. */
TETRA_NODISCARD int alloc_open(struct alloc_search *s, const struct tetra_allocate_problem *p, struct tetra_error *err);
void alloc_close(struct alloc_search *s);

/* search.c: finds the best below the node of this depth; 0 is the root. */
void alloc_visit(struct alloc_search *s, int depth);

/* bound.c: lower bound over the choices that `allowed` leaves each item (a bit each, at least one), the multipliers
 * lambda (m, >= 0) being improved from what they are in about `rounds` steps. Takes every solution that it meets. */
double alloc_bound(struct alloc_core *k, const uint64_t *allowed, double *lambda, int rounds);
/* value + lambda * cost of choice c of item i. */
double alloc_priced(const struct alloc_core *k, const double *lambda, int i, int c);
/* Is it within the budgets, and better than the best? Then it is the best. pick: [n]. */
void alloc_offer(struct alloc_core *k, const int *pick);

#endif
