/* Reads studies: JSON files whose keys docs/sweep.md has. */
#ifndef TETRA_SIM_STUDY_READ_H
#define TETRA_SIM_STUDY_READ_H

#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a study, and looks into the files that it names: networks for their batch, images and labels for being there.
 * `most` bounds how many combinations are looked at (SIM_STUDY_PRODUCT). TETRA_EIO, TETRA_EINVAL with a message that
 * names file, key and what is accepted, TETRA_ENOMEM: everything is released. */
TETRA_NODISCARD int sim_study_read(const char *path, long long most, struct sim_study *s, struct tetra_error *err);
/* The same of a text of `size` bytes, without a look into any file; `path` is for messages, and for the folder that
 * names of files begin at. */
TETRA_NODISCARD int sim_study_parse(const char *path, const char *text, size_t size, long long most,
                                    struct sim_study *s, struct tetra_error *err);
void sim_study_free(struct sim_study *s);

#ifdef __cplusplus
}
#endif
#endif
