/* Calibration images out of nothing but a float network: images whose statistics in front of every batch norm are those
 * that it keeps of its training images (Q-ASR: "Integer-Only Zero-Shot Quantization for Efficient Speech Recognition",
 * arXiv 2103.16827; docs/training.md has the loss). */
#ifndef TETRA_SYNTHESIZE_H
#define TETRA_SYNTHESIZE_H

#include "tetra/import.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_synthesis {
  int images, batch; /* how many; how many share their statistics */
  int steps;         /* of Adam, for each batch */
  double rate;       /* of Adam at first; a tenth whenever the loss has not fallen for 25 steps, at least 1e-4 */
  uint64_t seed;
  int threads; /* 0: as many as there are processors; results do not depend on it */
  /* Called after every step of a batch, before the first with step 0; NULL: not. */
  void (*progress)(void *context, int first_image, int step, double loss);
  void *context;
};
struct tetra_synthesized {
  float *images; /* [images][h][w][c], normalized as the network wants them; owned */
  int h, w, c;
  double first_loss, last_loss; /* means over the batches */
};

/* 64 images in one batch, 200 steps, rate 0.05, seed 1. */
void tetra_synthesis_defaults(struct tetra_synthesis *o);
/* `bytes`: an ONNX file or .npz with batch norms. TETRA_EINVAL: without batch norms, or `refused` as of
 * tetra_import_float; TETRA_ENOMEM. Nothing is owned then. */
TETRA_NODISCARD int tetra_synthesize(const uint8_t *bytes, size_t size, const struct tetra_synthesis *o,
                                     struct tetra_synthesized *s, struct tetra_import_report *refused,
                                     struct tetra_error *err);
void tetra_synthesized_free(struct tetra_synthesized *s);

#ifdef __cplusplus
}
#endif
#endif
