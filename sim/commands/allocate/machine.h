/* What a network with given bits costs on the accelerator, exactly. */
#ifndef TETRA_SIM_ALLOCATE_MACHINE_H
#define TETRA_SIM_ALLOCATE_MACHINE_H

#include "commands/allocate/options.h"
#include "tetra/caps.h"
#include "tetra/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Costs of one image. Those of a layer include what follows it up to the next layer with weights; the first one's what
 * is before it, too. */
struct allocate_cost {
  double total[ALLOCATE_RESOURCES];  /* cycles of the cycle model; bytes of weights; the most bytes of activations alive
                                        at once; bytes of weights and parameters (16 an output channel and output) */
  double *layer[ALLOCATE_RESOURCES]; /* [layers]; of ram the most alive at once; owned as one block by layer[0] */
};

struct allocate_machine {
  const struct tetra_study *study;
  int n_layers;
  const struct tetra_study_layer *layers;
  struct tetra_caps caps;
  struct tetra_memory_params mem;
  long evaluations;
};

/* Fills *cost for these bits, one a layer: quantizes without weights, imports, fuses, compiles, runs the cycle model.
 * TETRA_EINVAL, TETRA_ERANGE: the hardware cannot run it; TETRA_ENOMEM. Freed by the caller after TETRA_OK. */
TETRA_NODISCARD int allocate_evaluate(struct allocate_machine *m, const struct tetra_layer_bits *bits,
                                      struct allocate_cost *cost, struct tetra_error *err);
void allocate_cost_free(struct allocate_cost *cost);

#ifdef __cplusplus
}
#endif
#endif
