/* Once-QAT: a supernet is trained once, and networks of every width and precision that it was trained for are slices of
 * it (docs/training.md has the rules). It is opened by tetra_train_resnet_open with method TETRA_TRAIN_ONCE, trained
 * and saved like any other network; tetra_train_export gives the file that is opened here. */
#ifndef TETRA_SUPERNET_H
#define TETRA_SUPERNET_H

#include "tetra/train.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TETRA_SUPERNET_WIDTHS = 8 }; /* most widths */

struct tetra_subnet {
  double width; /* as of tetra_train_resnet */
  enum tetra_precision precision;
};

/* A file of tetra_train_export, for steps and logits of up to `batch` images; threads as in tetra_train_options.
 * TETRA_EINVAL: it is none, or damaged; TETRA_ENOMEM. *t is NULL then. */
TETRA_NODISCARD int tetra_supernet_open(struct tetra_train **t, const uint8_t *bytes, size_t size, int batch,
                                        int threads, struct tetra_error *err);

/* How many subnets there are, 0: t is no supernet; which one k is. The widest come first, and of a width those of most
 * bits: 0 is the largest, the last one the smallest. */
int tetra_supernet_count(const struct tetra_train *t);
struct tetra_subnet tetra_supernet_subnet(const struct tetra_train *t, int k);

/* Subnet k, sliced out of the supernet as it is now: it has the first channels of every layer. The supernet owns it,
 * and its tensors: no other one's are there any more. Its batch norms have no statistics before
 * tetra_supernet_calibrate; then tetra_train_logits and tetra_train_export take it. */
struct tetra_train *tetra_supernet_slice(struct tetra_train *t, int k);
/* Statistics of the batch norms and the bound of the logits of a subnet: means over batches, of which this is number
 * `batch`, from 0 on, of n images. */
void tetra_supernet_calibrate(struct tetra_train *subnet, const float *images, int n, int batch);

#ifdef __cplusplus
}
#endif
#endif
