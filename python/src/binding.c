/* Command lines from Python. */
#include "binding.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

int binding_options_open(struct binding_options *b, int argc, const char *const *argv, struct tetra_error *err) {
  memset(b, 0, sizeof *b);
  b->argv = calloc((size_t)argc + 1, sizeof *b->argv);
  if (b->argv == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the options");
  for (; b->argc < argc; b->argc++) {
    b->argv[b->argc] = strdup(argv[b->argc]);
    if (b->argv[b->argc] == NULL) {
      binding_options_close(b);
      return tetra_fail(err, TETRA_ENOMEM, "no memory for the options");
    }
  }
  int rc = sim_options_parse(b->argc, b->argv, &b->o, err);
  if (rc == TETRA_OK && b->o.action != SIM_RUN)
    rc = tetra_fail(err, TETRA_EINVAL, "--list, --help and --version have no meaning here");
  if (rc == TETRA_OK && b->o.n_networks * b->o.n_precisions != 1)
    rc = tetra_fail(err, TETRA_EINVAL, "one network in one precision is accepted");
  if (rc != TETRA_OK) binding_options_close(b);
  return rc;
}

/* getopt reorders argv, but it stays the same texts. */
void binding_options_close(struct binding_options *b) {
  for (int i = 0; i < b->argc; i++) free(b->argv[i]);
  free(b->argv);
  memset(b, 0, sizeof *b);
}

void tetra_py_free(char *text) { free(text); }
