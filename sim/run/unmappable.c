/* Every op on its own through the compiler, to name all that it refuses. */
#include "run/unmappable.h"

#include <string.h>

#include "run/pieces/part.h"
#include "tetra/plan.h"

/* Why op i alone cannot run; 1: it cannot. */
static int refuses(const struct tetra_graph *g, int i, const struct tetra_caps *caps, struct tetra_error *err) {
  struct tetra_compile_options c;
  struct sim_part part;
  struct tetra_plan plan;
  tetra_compile_defaults(&c);
  memset(&plan, 0, sizeof plan);
  const int refused =
      sim_part_init(&part, g, i, i, err) == TETRA_OK && tetra_compile(&part.g, caps, &c, &plan, err) != TETRA_OK;
  tetra_plan_free(&plan);
  sim_part_free(&part);
  return refused;
}

void sim_list_unmappable(const struct tetra_graph *g, const struct tetra_caps *caps, const char *path,
                         const struct sim_notes *notes, struct tetra_error *err) {
  const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
  const struct tetra_error why = *err;
  struct tetra_error first = {0, ""};
  int n = 0;
  for (int i = 0; i < g->n_ops; i++) {
    struct tetra_error e = {0, ""};
    if (!refuses(g, i, caps, &e)) continue;
    if (n == 0) first = e;
    if (notes->line != NULL && n == 1) notes->line(notes->arg, first.msg);
    if (notes->line != NULL && n >= 1) notes->line(notes->arg, e.msg);
    n++;
  }
  if (n > 1)
    tetra_fail(err, why.code, "%s: %d layers do not fit the accelerator", name, n);
  else
    tetra_fail(err, why.code, "%s: %s", name, why.msg);
}
