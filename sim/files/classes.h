/* Names of a network's classes. */
#ifndef TETRA_SIM_CLASSES_H
#define TETRA_SIM_CLASSES_H

#include <stddef.h>

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_classes {
  char *text;   /* the file; owned */
  char **names; /* of class 0, 1, ... in text; owned */
  int n;
};

/* Reads a text file with a name a line, that of class 0 first. Control characters become '?'. TETRA_EIO; TETRA_EINVAL:
 * no text, no UTF-8 (the line is named), or above 16 MiB; TETRA_ENOMEM. */
TETRA_NODISCARD int sim_classes_read(const char *path, struct sim_classes *c, struct tetra_error *err);
/* The same of such a text in memory. */
TETRA_NODISCARD int sim_classes_take(const char *text, struct sim_classes *c, struct tetra_error *err);
void sim_classes_free(struct sim_classes *c);
/* The name of class i; "" where the file has none. */
const char *sim_class_name(const struct sim_classes *c, int i);
/* "3", or with a name "3 'cat'", cut to the room there is. */
void sim_class_text(const struct sim_classes *c, int i, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
