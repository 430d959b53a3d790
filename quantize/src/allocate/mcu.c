/* The published rule for the memories of microcontrollers. */
#include <stdlib.h>

#include "tetra/allocate.h"

enum { MOST_BITS = 8, LEAST_BITS = 4 };

/* Whose turn is it, the output's (passes forward) or the input's (passes backward)? The one of more bits, among equals
 * the one of more bytes, the output's among those. First and last layers have a neighbour on one side only. */
static int is_outputs_turn(const struct tetra_mcu_layer *l, int i, int n, const int *acts) {
  if (n == 1 || i == 0) return 1;
  if (i == n - 1) return 0;
  if (acts[i] != acts[i + 1]) return acts[i] < acts[i + 1];
  return l->inputs <= l->outputs;
}

/* Halves what belongs to this pass until the layer fits. 1: it fits; 0: the other pass must help; -1: nothing can. */
static int cut_layer(const struct tetra_mcu_layer *l, int i, int n, double ram, int forward, int *acts) {
  while (l->inputs * acts[i] + l->outputs * acts[i + 1] > 8 * ram) {
    const int outputs = is_outputs_turn(l, i, n, acts);
    int *bits = &acts[i + outputs];
    if (*bits <= LEAST_BITS) return -1;
    if (outputs != forward) return 0;
    *bits /= 2;
  }
  return 1;
}

/* Every pass that is not the last halves something, or the next one does: there are 2n bits to halve. */
static int cut_acts(const struct tetra_mcu_layer *layers, int n, double ram, int *acts) {
  for (int pass = 0; pass < 2 * n + 4; pass++) {
    const int forward = pass % 2 == 0;
    int all = 1;
    for (int k = 0; k < n; k++) {
      const int i = forward ? k : n - 1 - k, fits = cut_layer(&layers[i], i, n, ram, forward, acts);
      if (fits < 0) return 0;
      all &= fits;
    }
    if (all) return 1;
  }
  return 0;
}

static int cut_weights(const struct tetra_mcu_layer *layers, int n, double flash, int *weights) {
  for (;;) {
    double total = 0, parameters = 0, largest = 0;
    for (int i = 0; i < n; i++) {
      const double bytes = layers[i].weights * weights[i] / 8;
      total += bytes;
      parameters += layers[i].parameter_bytes;
      if (weights[i] > LEAST_BITS && bytes > largest) largest = bytes;
    }
    if (total + parameters <= flash) return 1;
    if (largest <= 0) return 0;
    int i = 0;
    while (weights[i] <= LEAST_BITS || layers[i].weights * weights[i] / 8 / total <= largest / total - 0.05) i++;
    weights[i] /= 2;
  }
}

int tetra_mcu_greedy(const struct tetra_mcu_layer *layers, int n, double ram, double flash, int *acts, int *weights) {
  for (int i = 0; i <= n; i++) acts[i] = MOST_BITS;
  for (int i = 0; i < n; i++) weights[i] = MOST_BITS;
  return cut_acts(layers, n, ram, acts) && cut_weights(layers, n, flash, weights);
}
