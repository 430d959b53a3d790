/* What a study says of images and labels. */
#ifndef TETRA_SIM_STUDY_IMAGES_H
#define TETRA_SIM_STUDY_IMAGES_H

#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads "accuracy" (NULL: there is none) into s->images. `where` begins messages. TETRA_EINVAL names all that is wrong
 * with its texts and numbers at once; TETRA_ENOMEM. */
TETRA_NODISCARD int sim_study_images_read(const char *where, const cJSON *item, struct sim_study *s,
                                          struct tetra_error *err);
/* Of a study with its points: are there images and labels, and a network to run over them? Only the first labels are
 * looked at. TETRA_EINVAL names all that is wrong at once. */
TETRA_NODISCARD int sim_study_images_check(const char *where, const struct sim_study *s, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
