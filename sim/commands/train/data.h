/* The images and labels that `./sim train` reads. */
#ifndef TETRA_SIM_TRAIN_DATA_H
#define TETRA_SIM_TRAIN_DATA_H

#include "commands/train/options.h"
#include "commands/train/photos.h"

#ifdef __cplusplus
extern "C" {
#endif

struct train_set {
  int n, h, w, c;
  uint8_t *pixels;            /* [n][h][w][c], owned; NULL: numbers, or photos */
  float *numbers;             /* the same, owned */
  struct train_photos photos; /* n > 0: read one at a time, scaled to h x w */
  int *labels;                /* n, owned */
  int classes;                /* one more than the largest label */
};

/* How training changes an image: by where it is. */
struct train_change {
  uint64_t seed;
  int epoch;
  int margin; /* most pixels that an image is moved by; photographs are cut out otherwise */
};

/* Reads the first `limit` images (0: all) and their labels. TETRA_EINVAL names what does not fit: shapes, counts,
 * numbers that are not finite; TETRA_EIO, TETRA_ENOMEM. Nothing is owned then. */
TETRA_NODISCARD int train_set_read(const struct train_files *f, const struct sim_pixels *pixels, int limit,
                                   struct train_set *s, struct tetra_error *err);
void train_set_free(struct train_set *s);
/* Image i as the network reads it, changed (NULL: as it is); what lies outside is black. Fails for photographs only:
 * TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int train_set_image(const struct train_set *s, const struct sim_pixels *pixels, int i,
                                    const struct train_change *change, float *x, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
