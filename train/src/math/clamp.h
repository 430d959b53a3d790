/* A clamp, forward and backward. */
#ifndef TRAIN_CLAMP_H
#define TRAIN_CLAMP_H

#include "tetra/float_graph.h"

/* y of x, which may be y. */
static inline void train_clamp(const struct tetra_float_node *n, const float *x, size_t count, float *y) {
  const float lo = (float)n->lo, hi = (float)n->hi;
  for (size_t j = 0; j < count; j++) y[j] = x[j] < lo ? lo : x[j] > hi ? hi : x[j];
}

/* The gradient of the input from that of its output y. */
static inline void train_unclamp(const struct tetra_float_node *n, const float *y, size_t count, float *gradient) {
  const float lo = (float)n->lo, hi = (float)n->hi;
  for (size_t j = 0; j < count; j++) gradient[j] = y[j] > lo && y[j] < hi ? gradient[j] : 0;
}

#endif
