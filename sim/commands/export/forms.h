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
/* Writes FOLDER/NAME.npy, one byte a code, and FOLDER/NAME.bin, the tensor's bytes. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_export_tensor(const char *folder, const char *name, const struct tetra_tensor *t,
                                      struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
