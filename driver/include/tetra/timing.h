/* The cycle model: predicts from a compiled plan when the accelerator completes each layer, without simulating it.
 *
 * It follows the hardware's control (docs/cycle-model.md): command fetch and queues, load engine,
 * PACK, weight loader and streamer, drain, write engine, read/write arbitration and token bucket of the memory. Data
 * never matter to timing, so none are looked at. The memory is the simulator's, without random stalls. */
#ifndef TETRA_TIMING_H
#define TETRA_TIMING_H

#include <stdint.h>

#include "tetra/memory.h"
#include "tetra/plan.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tetra_timing_layer {
  uint64_t completion; /* cycle of its last write response as the completion log stamps it; the doorbell is 0 */
  uint64_t cycles;     /* since the layer that completed before it (the first: since the doorbell) */
  uint64_t busy;       /* cycles in which the array takes a pixel of it */
  uint64_t read_bytes, write_bytes; /* of its LOADs and STOREs */
};

/* Where a cycle goes, seen from the array: the hardware's counters CNT_BUSY to CNT_TAIL, in that order. */
enum { TETRA_TIMING_CLASSES = TETRA_CNT_TAIL - TETRA_CNT_BUSY + 1 };

struct tetra_timing {
  struct tetra_timing_layer *layers; /* one per plan layer; owned */
  int n_layers;
  uint64_t cycles;                        /* completion of the last layer */
  uint64_t total;                         /* the hardware's cycle counter at the end: until the last SYNC is through */
  uint64_t classes[TETRA_TIMING_CLASSES]; /* add up to total */
  uint64_t repeated;                      /* cycles of total that are repetitions of earlier ones (FAST only) */
};

/* How to run; for tests and for looking at the model itself. */
enum tetra_timing_mode {
  TETRA_TIMING_FAST,       /* jumps over cycles in which nothing begins or ends, and over repeated blocks of layers */
  TETRA_TIMING_EVERY_CYCLE /* takes every cycle one by one: the same result, slower; checks the jumps */
};

/* Fills *out for a run of `plan` from reset with a full token bucket. Freed with tetra_timing_free, also after an
 * error. TETRA_EINVAL: NULL, an empty plan, a memory parameter out of range, a command that the hardware would refuse,
 * or a plan that waits forever (the message names the command); TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_timing_run(const struct tetra_plan *plan, const struct tetra_memory_params *mem,
                                     enum tetra_timing_mode mode, struct tetra_timing *out, struct tetra_error *err);
void tetra_timing_free(struct tetra_timing *t);

/* SCALE-Sim's published formula for a weight-stationary array of n x n, one MAC per PE and cycle, without overlap
 * between folds: ceil(k/n) * ceil(c/n) * (2n + n + m - 2) for a GEMM of m rows, k terms and c columns. */
uint64_t tetra_scale_sim_ws(uint32_t n, uint64_t m, uint64_t k, uint64_t c);

#ifdef __cplusplus
}
#endif
#endif
