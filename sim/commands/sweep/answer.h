/* What goes between whoever hands points out and whoever answers them. Plain memory: all processes are one program. */
#ifndef TETRA_SIM_SWEEP_ANSWER_H
#define TETRA_SIM_SWEEP_ANSWER_H

#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sweep_status {
  SWEEP_TODO, /* not answered: there was no memory for it, or a file is gone; the sweep ends */
  SWEEP_DONE,
  SWEEP_REFUSED, /* cannot be built */
  SWEEP_FAILED   /* the RTL differs, or the process died */
};

enum sweep_kind {
  SWEEP_STOP,
  SWEEP_MODEL,    /* points in the cycle model */
  SWEEP_RTL,      /* a point on the RTL */
  SWEEP_ACCURACY, /* a network over the study's images: of the point that is named */
  /* To ranks only. */
  SWEEP_HERE,   /* who hands out is alive */
  SWEEP_FINISH, /* after SWEEP_STOP, when all have said farewell */
  SWEEP_LEAVE   /* the same, but somebody has not: MPI must not wait for all */
};

enum { SWEEP_UNIT = 16 }; /* points handed out at once, at most: what a dead process loses */

struct sweep_task {
  int32_t kind, n;
  int32_t points[SWEEP_UNIT];
};

struct sweep_layer {
  char name[TETRA_NAME_MAX];
  uint64_t cycles, busy, read_bytes, write_bytes, macs, compute_bound;
};

struct sweep_answer {
  int32_t kind; /* enum sweep_kind, of the task */
  int32_t point;
  int32_t status;   /* enum sweep_status */
  int32_t n_layers; /* of struct sweep_layer that follow it; 0: not recorded */
  uint32_t layers, commands;
  uint64_t cycles, compute_bound, memory_bound, macs;
  uint64_t read_bytes, write_bytes, command_bytes, constant_bytes;
  uint64_t classes[TETRA_TIMING_CLASSES]; /* they add up to cycles */
  double utilization, energy_pj;
  uint64_t rtl_cycles;        /* of SWEEP_RTL */
  int32_t images, top1, top5; /* of SWEEP_ACCURACY */
  char reason[400];
};

/* An answer to a task: answers, each with its layers behind it. Grows; owned. */
struct sweep_reply {
  char *bytes;
  size_t n, room;
};

#ifdef __cplusplus
}
#endif
#endif
