/* What a run found out: filled by run.c, printed by report.c and json.c. */
#ifndef TETRA_SIM_RESULTS_H
#define TETRA_SIM_RESULTS_H

#include <stdint.h>

#include "cli/options.h"
#include "tetra/graph.h"
#include "tetra/hw.h"
#include "tetra/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_match { SIM_UNCHECKED = -1, SIM_DIFFERENT = 0, SIM_EQUAL = 1 };

struct sim_layer {
  int done;        /* completed */
  uint64_t cycles; /* from the last write response of the layer that completed before it (the first: the doorbell) */
  uint64_t dram_bytes; /* its loads and stores, by the hardware's counters */
  uint64_t busy;       /* cycles in which the array took a pixel of it */
  enum sim_match match;
};

struct sim_results {
  const struct sim_options *o;
  const struct tetra_graph *g; /* what ran: the network or a part of it */
  const struct tetra_plan *plan;
  int first;                /* number of op 0 in the whole network */
  struct sim_layer *layers; /* one per op, in the network's order */
  int n_done;
  uint64_t cycles;                  /* sum of the layers' */
  uint64_t after_end;               /* cycles from the last write response to the end of the job */
  uint64_t counters[TETRA_CNT_NUM]; /* at the end; CNT_TAIL without after_end */
  uint64_t clocks;                  /* simulated, register accesses and reset included */
  double seconds;                   /* wall time of the simulation with its comparisons */
  enum sim_match match;             /* of all that was compared */
  int n_top;                        /* entries in top; 0 where the last op did not run */
  int top_class[5];
  double top_logit[5];
};

/* First and last of the counters that add up to the cycles. */
#define SIM_FIRST_CLASS TETRA_CNT_BUSY
#define SIM_LAST_CLASS TETRA_CNT_TAIL

const char *sim_kind_name(const struct tetra_graph *g, int op); /* "conv", "dense", "maxpool", "avgpool", "add" */
/* MACs / (cycles * peak MACs per cycle of the mode); 0 where the layer does none. */
double sim_utilization(const struct sim_results *r, int op);
/* The same over all completed layers: ideal cycles of each in its mode, added, over the total. */
double sim_total_utilization(const struct sim_results *r);
/* max(compute bound, DRAM bytes / bandwidth), cycles. */
uint64_t sim_memory_bound(const struct sim_results *r, int op);

#ifdef __cplusplus
}
#endif
#endif
