/* The forms in which a stored plan and vectors are written. */
#ifndef TETRA_SIM_EXPORT_FORMS_H
#define TETRA_SIM_EXPORT_FORMS_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/status.h"
#include "tetra/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Does the name ask for a C array? */
int sim_export_is_c(const char *path);
/* The header beside a C array: the same name, ending with .h. Freed by the caller; NULL: no memory. */
char *sim_export_header(const char *path);
/* Writes the bytes as they are, or as an array of words in C with its header. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_export_plan(const char *path, const uint8_t *bytes, size_t size, struct tetra_error *err);
/* The files of --vectors: of each tensor its .npy and behind it its .bin. */
enum { SIM_EXPORT_INPUT = 0, SIM_EXPORT_OUTPUT = 2, SIM_EXPORT_VECTORS = 4 };
/* File i of them in `folder`. Freed by the caller; NULL: no memory. */
char *sim_export_vector(const char *folder, int i);
/* Writes the .npy `first`, one byte a code, and its .bin, the tensor's bytes. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_export_tensor(const char *folder, int first, const struct tetra_tensor *t,
                                      struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
