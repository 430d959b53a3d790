/* A convolution with its batch norm over a batch. */
#ifndef TRAIN_LAYER_H
#define TRAIN_LAYER_H

#include "state.h"

/* This step's weights, quantized, in the order in which they are read. */
void train_layer_prepare(struct tetra_train *t, int i);
/* For n images. `training`: with statistics of the batch, else the running ones. */
void train_layer_forward(struct tetra_train *t, int i, int n, int training);
/* From the gradient of its output to those of parameters and input. `training` as in the forward pass: where not,
 * running statistics are constants. */
void train_layer_backward(struct tetra_train *t, int i, int n, int training);

#endif
