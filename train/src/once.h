/* A supernet: its subnets, and a step that trains several of them. */
#ifndef TRAIN_ONCE_H
#define TRAIN_ONCE_H

#include "state.h"
#include "tetra/supernet.h"

/* Of a step: the largest subnet, the smallest one, and this many others by chance. */
enum { TRAIN_ONCE_OTHERS = 2 };

struct train_once {
  struct tetra_train_resnet resnet; /* but for its width */
  int n, n_widths;
  struct tetra_subnet *subnets; /* n, in the order of tetra_supernet_subnet */
  struct tetra_train **net;     /* n, owned */
  float *said;                  /* logits of the largest subnet in this step */
};

/* Without networks; what `o` says is checked. TETRA_EINVAL, TETRA_ENOMEM; *once is NULL then. */
TETRA_NODISCARD int train_once_new(struct train_once **once, const struct tetra_train_resnet *r,
                                   const struct tetra_train_options *o, struct tetra_error *err);
/* Its networks are closed already. NULL is accepted. */
void train_once_free(struct train_once *once);
/* First steps of weights; how few bits values are read with. All networks are there. */
void train_once_begin(struct tetra_train *t);
/* As train_gradients, summed over the step's subnets; the result is the largest one's. */
TETRA_NODISCARD int train_once_gradients(struct tetra_train *t, const struct tetra_train_batch *b,
                                         struct tetra_train_result *r, struct tetra_error *err);
/* As tetra_train_export. */
TETRA_NODISCARD int train_once_write(const struct tetra_train *t, uint8_t **bytes, size_t *size,
                                     struct tetra_error *err);

#endif
