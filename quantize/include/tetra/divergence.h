/* How far the class probabilities of two networks are apart. */
#ifndef TETRA_DIVERGENCE_H
#define TETRA_DIVERGENCE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The Kullback-Leibler divergence of softmax(other) from softmax(real), in nats: sum p ln(p / q), added up over n
 * images. Both are logits, [n][classes]. 0 where there is no class. */
double tetra_softmax_divergence(const float *real, const float *other, int n, size_t classes);

#ifdef __cplusplus
}
#endif
#endif
