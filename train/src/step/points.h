/* Between a value and those that read it. */
#ifndef TRAIN_POINTS_H
#define TRAIN_POINTS_H

#include "state.h"

/* Follows the ranges of value v's elements in a training step before bounds are frozen. */
void train_follow(struct tetra_train *t, int v, int n);
/* high and low of one batch, which counts `fresh`; infinite: it had no element other than 0. */
void train_average_range(struct train_value *v, float fresh, double high, double low);
/* Bounds of value v's points from the averages. */
void train_set_bounds(struct tetra_train *t, int v);
/* Scales of learned steps, from the parameters. */
void train_use_steps(struct tetra_train *t);
/* The first step of value v, which a supernet learns: from its mean magnitude in this batch (LSQ's rule), for the
 * fewest bits that any subnet reads it with. Its points are on from here on. */
void train_begin_step(struct tetra_train *t, int v, int n);
/* That rule: a step of codes of TRAIN_MOST_BITS bits, for numbers of mean magnitude `mean`. */
float train_first_step(double mean, enum tetra_fmt fewest);
/* The quantizer through which node i reads operand k; NULL: as it is. */
const struct train_quantizer *train_quantizer_of(const struct tetra_train *t, int i, int k);
/* Adds to the gradient of operand k of node i, for `count` floats at `offset` of a piece: gradient, which is changed,
 * through the operand's quantizer. */
void train_add_gradient(struct tetra_train *t, int i, int k, int piece, size_t offset, size_t count, float *gradient);
/* After all pieces of node i have added. */
void train_gradient_added(struct tetra_train *t, int i, int k);

#endif
