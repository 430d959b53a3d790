/* The softmax behind a network's last layer, which the host computes. */
#ifndef TETRA_SIM_SOFTMAX_H
#define TETRA_SIM_SOFTMAX_H

#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Probabilities of the first image of `t`, the codes in front of the softmax: p[h * w * c], in the order of rows,
 * columns, channels. `single` is --tflite-rounding single. The codes of `t` may be overwritten. */
void sim_softmax(const struct tetra_model *m, int single, struct tetra_tensor *t, double *p);

#ifdef __cplusplus
}
#endif
#endif
