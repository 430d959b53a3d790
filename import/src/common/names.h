/* The names that a network's file has for tensors. Private to the library. */
#ifndef TETRA_IMPORT_NAMES_H
#define TETRA_IMPORT_NAMES_H

#include "tetra/import.h"

/* Adds *t under that name, which is cut as all names are. TETRA_ENOMEM. */
TETRA_NODISCARD int import_add_name(struct tetra_model *m, const char *name, const struct tetra_tensor_name *t,
                                    struct tetra_error *err);

#endif
