/* ResNets for small images as graphs. */
#ifndef TRAIN_RESNET_H
#define TRAIN_RESNET_H

#include "tetra/arena.h"
#include "tetra/float_graph.h"
#include "tetra/train.h"

/* A graph without weights, in the arena. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int train_resnet_graph(struct tetra_arena *arena, const struct tetra_train_resnet *r,
                                       struct tetra_float_graph *g);

#endif
