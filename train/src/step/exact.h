/* Evaluation of a quantized network as it is exported, free of float's rounding. */
#ifndef TRAIN_EXACT_H
#define TRAIN_EXACT_H

#include "state.h"

/* As tetra_train_logits. Bounds are frozen, steps have begun. The tensors' memory (train_x, train_grad) is used for
 * value->exact: [n][h][w][c], what is in front of every quantizer. */
void train_exact_logits(struct tetra_train *t, const float *images, int n, int quantized_logits, float *logits);
/* After it: the codes of one image at point k of value v, as the exported network has them: whole numbers, as many as
 * the value has elements. */
void train_exact_codes(const struct tetra_train *t, int v, int k, int image, double *codes);

#endif
