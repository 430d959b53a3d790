/* The softmax behind a network's last layer, which the host computes. */
#ifndef TETRA_SIM_SOFTMAX_H
#define TETRA_SIM_SOFTMAX_H

#include "run/output.h"
#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Probabilities of an image: p[r->classes]. `t` and `r` are what is in front of the softmax, in codes and in
 * real units. `single` is --tflite-rounding single. The codes of `t` may be overwritten. */
void sim_softmax(const struct tetra_model *m, int single, struct tetra_tensor *t, const struct sim_reals *r, int image,
                 double *p);

#ifdef __cplusplus
}
#endif
#endif
