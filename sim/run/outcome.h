/* What one image gave, in a run over many. */
#ifndef TETRA_SIM_OUTCOME_H
#define TETRA_SIM_OUTCOME_H

#include <stdint.h>

#define SIM_TOP 5

/* The largest logits of an image, the lower class first among equals. */
struct sim_top {
  int n;                 /* entries */
  int cls[SIM_TOP];      /* -1 past the last */
  double logit[SIM_TOP]; /* in real units */
};

struct sim_outcome {
  int image;
  struct sim_top top;
  int has_softmax;             /* the network has one behind its last layer, for the host */
  double probability[SIM_TOP]; /* of `top`, where it has */
  int compared;                /* RTL = C was checked, and holds */
  uint64_t cycles;             /* of the accelerator, this image's share of its batch's; 0 without RTL */
};

#endif
