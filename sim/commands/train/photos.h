/* Photographs for `./sim train`: a folder with a folder of JPEG or PNG files for each class, as ImageNet's. */
#ifndef TETRA_SIM_TRAIN_PHOTOS_H
#define TETRA_SIM_TRAIN_PHOTOS_H

#include "tetra/status.h"
#include "tetra/train.h"

#ifdef __cplusplus
extern "C" {
#endif

struct train_photos {
  char **paths;   /* n, owned, by class and name */
  int *labels;    /* n, owned */
  char **classes; /* names of folders, sorted; owned */
  int n, n_classes;
};

/* Is there a folder of that name? */
int train_photos_is_folder(const char *path);
/* Lists the folder's files; class 0 is the folder whose name comes first. Files that begin with a dot are left out.
 * TETRA_EIO, TETRA_EINVAL: no class, or one without a file; TETRA_ENOMEM. Nothing is owned then. */
TETRA_NODISCARD int train_photos_list(const char *path, struct train_photos *p, struct tetra_error *err);
void train_photos_free(struct train_photos *p);
/* Reads photograph i and scales it to size x size: its middle as ./sim does, or the random part of an epoch
 * (tetra_train_part_of), turned round or not. rgb: [size][size][3]. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int train_photos_read(const struct train_photos *p, int i, int size, uint8_t *rgb,
                                      struct tetra_error *err);
TETRA_NODISCARD int train_photos_read_part(const struct train_photos *p, int i, int size, uint64_t seed, int epoch,
                                           uint8_t *rgb, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
