/* What tells one study from another. */
#ifndef TETRA_SIM_SWEEP_STUDY_HASH_H
#define TETRA_SIM_SWEEP_STUDY_HASH_H

#include "files/study/study.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SWEEP_HASH_CHARS = 17 };

/* Hexadecimal digits of the study's keys and values, its points as this program makes them, and the bytes of the
 * networks, with tensors that lie in files beside them, and bit maps that it names. TETRA_EIO names a file that cannot
 * be read; TETRA_ENOMEM. */
TETRA_NODISCARD int sweep_study_hash(const struct sim_study *s, char hash[SWEEP_HASH_CHARS], struct tetra_error *err);

/* The same of what the study's images and labels hold, "" where it has none. They are not part of what tells studies
 * apart, for cycles do not depend on them. As sweep_study_hash. */
TETRA_NODISCARD int sweep_data_hash(const struct sim_study *s, char hash[SWEEP_HASH_CHARS], struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
