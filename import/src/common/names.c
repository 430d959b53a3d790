/* The names that a network's file has for tensors. */
#include <stdlib.h>
#include <string.h>

#include "common/names.h"
#include "common/report.h"

int import_add_name(struct tetra_model *m, const char *name, const struct tetra_tensor_name *t,
                    struct tetra_error *err) {
  if (!(m->n_names & (m->n_names - 1))) { /* full at every power of two */
    const size_t room = m->n_names ? 2 * (size_t)m->n_names : 1;
    struct tetra_tensor_name *grown = realloc(m->names, room * sizeof *grown);
    if (!grown) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu names", room);
    m->names = grown;
  }
  m->names[m->n_names] = *t;
  import_name(m->names[m->n_names++].name, name);
  return TETRA_OK;
}

int tetra_is_name(const char *name, const char *text, size_t length) {
  const size_t n = strlen(name);
  if (n == length && !memcmp(name, text, n)) return 1;
  /* Of a long one, whose end is all that is kept. */
  return n == TETRA_NAME_MAX - 1 && length > n && !memcmp(name, "...", 3) &&
         !memcmp(name + 3, text + length - (n - 3), n - 3);
}

const struct tetra_tensor_name *tetra_model_find(const struct tetra_model *m, const char *text, size_t length) {
  const struct tetra_tensor_name *near = NULL;
  for (int i = 0; i < m->n_names; i++) {
    if (!tetra_is_name(m->names[i].name, text, length)) continue;
    if (m->names[i].exact) return &m->names[i];
    if (!near) near = &m->names[i];
  }
  return near;
}
