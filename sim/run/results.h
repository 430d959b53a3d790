/* What a run found out, measured on the RTL or modelled: all that any report is made from. */
#ifndef TETRA_SIM_RESULTS_H
#define TETRA_SIM_RESULTS_H

#include <stdint.h>

#include "cli/settings.h"
#include "files/source.h"
#include "run/outcome.h"
#include "run/traffic.h"
#include "tetra/graph.h"
#include "tetra/hw.h"
#include "tetra/plan.h"
#include "tetra/timing.h"

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
  int has_causes;                        /* a timeline was recorded */
  uint64_t causes[TETRA_TIMING_CLASSES]; /* its cycles by cause, CNT_BUSY to CNT_TAIL; they add up to them */
};

/* A piece of the network that ran apart, on an accelerator of its own (--segments, --sample). */
struct sim_piece {
  int first, last;               /* ops of sim_results.g */
  int done;                      /* ran to its end */
  uint64_t cycles, model_cycles; /* by the RTL, and by the cycle model of just this piece */
  uint64_t clocks;               /* simulated so far, register accesses and reset included */
  double user_seconds;           /* processor time of its process */
};

struct monitor;
struct timeline;
struct sim_energy;

/* Pointers are borrowed, but for those that say so, and `layers`. */
struct sim_results {
  const struct sim_options *o;
  const struct sim_source *source; /* NULL: a built-in network's shapes without weights */
  const struct tetra_graph *g;     /* what ran: the network or a part of it */
  const struct tetra_plan *plan;
  int first;                /* number of op 0 in the whole network */
  struct sim_layer *layers; /* one per op, in the network's order */
  uint64_t *modelled;       /* the cycle model's cycles of each op, owned; NULL: not asked for */
  struct sim_piece *pieces; /* owned; NULL: it ran as a whole. Else `modelled` is of all of g in one run */
  int n_pieces;
  uint64_t (*traffic)[SIM_TRAFFIC_KINDS]; /* bytes of each op by kind; owned */
  const struct timeline *timeline;        /* of the run; NULL: none was recorded */
  struct sim_energy *energy;              /* owned; NULL: not asked for */
  int from_model;                         /* layers hold the cycle model's answer, not a simulation's */
  int n_done;
  uint64_t cycles;                  /* sum of the layers' */
  uint64_t after_end;               /* cycles from the last write response to the end of the job */
  uint64_t counters[TETRA_CNT_NUM]; /* at the end; CNT_TAIL without after_end */
  uint64_t clocks;                  /* simulated, register accesses and reset included */
  double seconds;                   /* wall time of the simulation with its comparisons, so far while it runs */
  double build_s, c_model_s;        /* wall time of building the network and of the C model */
  enum sim_match match;             /* of all that was compared */
  struct sim_top top;               /* of the first image; n 0 where the last op did not run */
  int *predictions;                 /* the class of each image of the batch; owned */
  int n_predictions;                /* 0 where the last op did not run */
  int has_softmax;                  /* the network has one behind its last layer, for the host */
  double probability[SIM_TOP];      /* of `top`, where it has */
};

/* First and last of the counters that add up to the cycles. */
#define SIM_FIRST_CLASS TETRA_CNT_BUSY
#define SIM_LAST_CLASS TETRA_CNT_TAIL

/* Nothing has run yet. TETRA_ENOMEM. Freed by sim_results_free. */
TETRA_NODISCARD int sim_results_init(struct sim_results *r, const struct sim_options *o,
                                     const struct sim_source *source, const struct tetra_graph *g,
                                     const struct tetra_plan *plan, int first, struct tetra_error *err);
void sim_results_free(struct sim_results *r);
/* Forgets an earlier run. */
void sim_results_rewind(struct sim_results *r);
/* The cycle model's answer in the place of a run's. */
void sim_results_take_timing(struct sim_results *r, const struct tetra_timing *t);
/* The events that the RTL showed, times an energy table's prices; TETRA_EDIFF where the plan's commands should have
 * given others. There is a table. */
TETRA_NODISCARD int sim_results_take_energy(struct sim_results *r, const struct monitor *m, struct tetra_error *err);
/* pJ of all layers that are done, of `source`, or of all where it is TETRA_SOURCES. There is a table. */
double sim_results_pj(const struct sim_results *r, int source);
/* The cycle model's cycles beside what there is. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_results_add_model(struct sim_results *r, const struct tetra_timing *t, struct tetra_error *err);

/* Of ops first..last in one run of the whole; `modelled` is there. */
uint64_t sim_one_run_cycles(const struct sim_results *r, int first, int last);
/* Of a piece's layers; unchecked where none of them was compared, or not all ran and none differs. */
enum sim_match sim_piece_match(const struct sim_results *r, const struct sim_piece *p);
/* The images that ran at once. */
TETRA_NODISCARD int sim_batch(const struct sim_results *r);
const char *sim_kind_name(const struct tetra_graph *g,
                          int op); /* "conv", "gconv" (in groups), "dwconv" (a group an input
                                    * channel), "dense", "maxpool", "avgpool", "add" */
/* MACs / (cycles * peak MACs per cycle of the mode); 0 where the layer does none. */
double sim_utilization(const struct sim_results *r, int op);

/* Cycles that a layer takes at least: in the array (where it does no multiplications: the cycles in which it was busy
 * there), and to move its bytes. */
struct sim_bounds {
  uint64_t array, bus;
};
struct sim_bounds sim_bounds(const struct sim_results *r, int op);
/* The larger one. */
uint64_t sim_bound(struct sim_bounds b);
/* max(the plan's compute bound, DRAM bytes / bandwidth), cycles. */
uint64_t sim_memory_bound(const struct sim_results *r, int op);
/* Share of the work that is done, by the plan's bounds, 0..1. */
double sim_share_done(const struct sim_results *r);

/* Over all completed layers. */
struct sim_totals {
  uint64_t cycles; /* sum of the layers' */
  uint64_t macs, dram_bytes;
  uint64_t compute_bound; /* the plan's */
  uint64_t memory_bound;  /* of each layer sim_memory_bound */
  uint64_t bound;         /* of each layer the larger of sim_bounds */
  double utilization;     /* ideal cycles of each layer in its mode, over all cycles */
  int grouped;            /* layers that convolve in groups */
  double grouped_best;    /* their utilization where the array never waits */
};
struct sim_totals sim_totals(const struct sim_results *r);
/* Did all that was to run run to its end? Else counters tell of less than the layers do. */
int sim_is_complete(const struct sim_results *r);

#ifdef __cplusplus
}
#endif
#endif
