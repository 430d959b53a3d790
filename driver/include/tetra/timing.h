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

/* The engines in one cycle, as the hardware's signals show them (a bit each unless it says otherwise). */
struct tetra_timing_clock {
  uint8_t stall_class;                        /* where this cycle goes: CNT_BUSY..CNT_TAIL */
  uint8_t pixel, compute_end;                 /* the array takes a pixel; a COMPUTE's last one was taken a cycle ago */
  uint8_t load_beat, pack_read;               /* the load engine takes a beat; PACK reads image rows */
  uint8_t load_wait, load_wait_store;         /* its next command waits for a token; for a STORE's */
  uint8_t drain_row, drain_stall;             /* a row of accumulators is read; held back by the write path */
  uint8_t write_beat;                         /* the memory takes a beat */
  uint16_t done_load, done_drain, done_store; /* completion counts */
};
typedef void (*tetra_timing_observer)(void *arg, const struct tetra_timing_clock *c);

/* tetra_timing_run that takes every cycle and shows each to an observer, from 0, the first that the hardware counts, to
 * out->total - 1. */
TETRA_NODISCARD int tetra_timing_watch(const struct tetra_plan *plan, const struct tetra_memory_params *mem,
                                       tetra_timing_observer observer, void *arg, struct tetra_timing *out,
                                       struct tetra_error *err);

/* SCALE-Sim's published formula for a weight-stationary array of n x n, one MAC per PE and cycle, without overlap
 * between folds: ceil(k/n) * ceil(c/n) * (2n + n + m - 2) for a GEMM of m rows, k terms and c columns. */
uint64_t tetra_scale_sim_ws(uint32_t n, uint64_t m, uint64_t k, uint64_t c);

#ifdef __cplusplus
}
#endif
#endif
