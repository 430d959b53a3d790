/* A float network under study. Private to the library. */
#ifndef TETRA_STUDY_PRIVATE_H
#define TETRA_STUDY_PRIVATE_H

#include "ptq/quantizer.h"
#include "tetra/study.h"

/* A layer: what the codes of 8 and 4 bits of its input mean, and the scales of its 4-bit weights. */
struct study_input {
  struct quant_point point[N_POINTS];
  float *scale; /* [cout] */
};

struct tetra_study {
  struct tetra_arena arena;
  struct tetra_error own; /* the arena's, where the caller has none */
  struct tetra_float_graph g;
  const float *images;
  int n, batch;       /* images, of which so many are in memory at once */
  int n_layers, last; /* value: the logits */
  int *node;          /* of each layer */
  struct tetra_study_layer *layers;
  struct study_input *inputs; /* of each layer, once it is calibrated */
  int calibrated;
};

/* Some images, and what the float network makes of them. */
struct study_batch {
  const struct tetra_study *s;
  int first, n;
  float **real;  /* per value: n of it; the input's are the caller's */
  float **other; /* per value: what a change has made of it, while it runs; NULL: nothing */
};

/* batch.c: all values of images first.. in float. TETRA_ENOMEM. Closed also after an error. */
TETRA_NODISCARD int study_batch_open(struct study_batch *b, const struct tetra_study *s, int first, int n,
                                     struct tetra_error *err);
void study_batch_close(struct study_batch *b);
/* batch.c: the logits where `node` reads x (NULL: as it is) and has weights w (NULL: its own), and everything else is
 * float. Its channels' means are made what they were where `centre`. *out is the batch's, until its next use; layer_out
 * (may be NULL): the node's own result, likewise. */
TETRA_NODISCARD int study_batch_change(struct study_batch *b, int node, const float *x, const float *w, int centre,
                                       const float **out, const float **layer_out, struct tetra_error *err);

/* weights.c: the best scales of 4-bit weights, to scale[cout]. TETRA_ENOMEM. */
TETRA_NODISCARD int study_scales(const struct tetra_float_node *node, float *scale);
/* weights.c: what `bits` make of a layer's weights, to out (as many): nearest codes, 4-bit ones at these scales, 8-bit
 * ones at those of the largest magnitudes. TETRA_ENOMEM. */
TETRA_NODISCARD int study_weights(const struct tetra_float_node *node, int bits, const float *scale, float *out);

/* calibrate.c: bounds of every layer's input, over all images. TETRA_ENOMEM. */
TETRA_NODISCARD int study_calibrate(struct tetra_study *s, struct tetra_error *err);

/* What each kind is measured by; out is [layers][choices], zeroed. */
struct study_task {
  struct tetra_study *s;
  const struct tetra_layer_bits *choices;
  int n_choices, samples;
  uint64_t seed;
  const struct tetra_study_progress *progress;
  double *out;
  struct tetra_error *err;
};
TETRA_NODISCARD int study_measure(const struct study_task *t, int mse);
TETRA_NODISCARD int study_trace(const struct study_task *t);
TETRA_NODISCARD int study_orm(const struct study_task *t);
static inline void study_tell(const struct study_task *t, double done) {
  if (t->progress && t->progress->tell) t->progress->tell(t->progress->arg, done);
}

#endif
