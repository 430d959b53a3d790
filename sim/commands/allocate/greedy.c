/* The published rule for microcontrollers, on a network. */
#include "commands/allocate/greedy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETER_BYTES = 16 }; /* an output channel */

static int choice_of(const struct allocate_options *o, int weights, int acts) {
  for (int c = 0; c < o->n_choices; c++) {
    if (o->choices[c].weights == weights && o->choices[c].acts == acts) return c;
  }
  return -1;
}

static int translate(const struct allocate_options *o, int n, const int *weights, const int *acts, int *choice) {
  for (int l = 0; l < n; l++) {
    choice[l] = choice_of(o, weights[l], acts[l]);
    if (choice[l] < 0) return 0;
  }
  return 1;
}

int allocate_greedy(struct allocate_costs *s, struct allocate_point *p, int *found, struct tetra_error *err) {
  const struct allocate_machine *m = s->machine;
  const struct allocate_options *o = s->o;
  const size_t n = (size_t)m->n_layers;
  struct tetra_mcu_layer *chain = calloc(n, sizeof *chain);
  int *bits = calloc(2 * n + 1, sizeof *bits);
  *found = 0;
  memset(p, 0, sizeof *p);
  p->choice = calloc(n, sizeof *p->choice);
  int rc = TETRA_OK;
  if (chain == NULL || bits == NULL || p->choice == NULL) {
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory for a chain of %zu layers", n);
  } else {
    for (size_t l = 0; l < n; l++) {
      const struct tetra_study_layer *layer = &m->layers[l];
      chain[l] = (struct tetra_mcu_layer){layer->inputs, layer->outputs, layer->weights,
                                          (double)PARAMETER_BYTES * layer->channels};
    }
    const double ram = o->limit[ALLOCATE_RAM] > 0 ? o->limit[ALLOCATE_RAM] : INFINITY,
                 flash = o->limit[ALLOCATE_FLASH] > 0 ? o->limit[ALLOCATE_FLASH] : INFINITY;
    *found = tetra_mcu_greedy(chain, (int)n, ram, flash, bits, bits + n + 1) &&
             translate(o, (int)n, bits + n + 1, bits, p->choice);
    if (*found) rc = allocate_costs_judge(s, p, err);
  }
  free(chain);
  free(bits);
  if (rc != TETRA_OK || !*found) allocate_point_free(p);
  return rc;
}
