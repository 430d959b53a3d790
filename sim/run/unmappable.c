/* Every op on its own through the compiler, to name all that it refuses. */
#include "run/unmappable.h"

#include <string.h>

#include "run/part.h"
#include "tetra/plan.h"

void sim_list_unmappable(const struct tetra_graph *g, const struct tetra_caps *caps, const struct sim_notes *notes) {
  struct tetra_compile_options c;
  struct tetra_error first = {0, ""};
  int n = 0;
  if (notes->line == NULL) return;
  tetra_compile_defaults(&c);
  for (int i = 0; i < g->n_ops; i++) {
    struct sim_part part;
    struct tetra_plan plan;
    struct tetra_error err = {0, ""};
    memset(&plan, 0, sizeof plan);
    if (sim_part_init(&part, g, i, i, &err) == TETRA_OK && tetra_compile(&part.g, caps, &c, &plan, &err) != TETRA_OK) {
      if (n == 0) first = err; /* which is the line of an only one */
      if (n == 1) notes->line(notes->arg, first.msg);
      if (n >= 1) notes->line(notes->arg, err.msg);
      n++;
    }
    tetra_plan_free(&plan);
    sim_part_free(&part);
  }
}
