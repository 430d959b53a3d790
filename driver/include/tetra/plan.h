/* The compiler: graph + capabilities -> tiling, memory plan and command stream. */
#ifndef TETRA_PLAN_H
#define TETRA_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/caps.h"
#include "tetra/device.h"
#include "tetra/graph.h"
#include "tetra/hw.h"
#include "tetra/layout.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One layer = one graph op; its index is the layer id in commands and in the completion log. */
struct tetra_plan_layer {
  int64_t macs;               /* multiply-accumulates, padding counted */
  uint32_t macs_per_cycle;    /* the array's peak in the layer's mode; 0 where it does no MACs (pools, adds) */
  int64_t compute_bound;      /* cycles: k-steps times max(pixels, n), summed over tiles (design's bound) */
  int64_t dram_bytes;         /* bytes its commands load and store */
  uint32_t first_cmd, n_cmds; /* commands of this layer (they may be interleaved with the next layer's loads) */
};

struct tetra_plan {
  struct tetra_caps caps;
  uint32_t base, limit;             /* lowest and highest byte address that the plan touches */
  uint32_t ring_addr, ring_entries; /* command ring: 64-byte entries, more than n_cmds of them */
  struct tetra_cmd *cmds;           /* n_cmds commands in dispatch order, ending with a SYNC whose tag is sync_tag */
  uint32_t n_cmds, sync_tag;
  uint32_t const_addr; /* weights, identity matrices and parameters, to be written before the run */
  uint8_t *const_data; /* NULL: a plan to be timed only */
  size_t const_bytes;
  struct tetra_placement *values; /* one per graph value; regions may share memory where lifetimes allow it */
  int n_values;
  struct tetra_plan_layer *layers; /* one per graph op */
  int n_layers;
};

struct tetra_compile_options {
  uint32_t dram_base; /* first byte of memory the plan may use, a multiple of 4096 */
  uint64_t dram_size; /* bytes from there, at most 2^32; what lies beyond 4 GiB is not used */
  int reuse_memory;   /* 1: activations share memory once their readers are done; 0: every value keeps its region */
  /* NULL, or a plan of the same network in other bits (tetra/nest.h) whose constants are and stay in memory: its
   * weights are used, and const_data has what else this plan needs. The memory given must not overlap those constants,
   * nor anything else of that plan that is still needed. */
  const struct tetra_plan *weights_of;
  /* 1: a plan for tetra_timing_run, which no hardware can run. The graph must be one that tetra_graph_check_cut
   * accepts, which is not asked again; no constants are made (const_data NULL, const_bytes as ever). Everything else is
   * the same, in a tenth of the time. Not with weights_of. */
  int timing_only;
};

/* {0x10000000, 1 GiB, 1}, the rest 0 */
void tetra_compile_defaults(struct tetra_compile_options *o);
/* Compiles *g for `caps` into *plan (freed by the caller with tetra_plan_free, also after an error). *g may be cut out
 * of a network: it is checked as by tetra_graph_check_cut. TETRA_EINVAL: NULL, a graph that is not well formed, memory
 * or capabilities out of range, or an op the hardware cannot run, which is named, or weights_of has other weights;
 * TETRA_ERANGE: what does not fit (address space, buffers, layers), or a graph that can overflow; TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_compile(const struct tetra_graph *g, const struct tetra_caps *caps,
                                  const struct tetra_compile_options *o, struct tetra_plan *plan,
                                  struct tetra_error *err);
/* Frees what the plan owns and zeroes it. NULL is ignored. */
void tetra_plan_free(struct tetra_plan *plan);

/* What tetra_device_run needs to know of it, which points to the plan's commands. */
static inline struct tetra_job tetra_plan_job(const struct tetra_plan *p) {
  const struct tetra_job job = {p->cmds, p->n_cmds, p->sync_tag, p->ring_addr, p->ring_entries, p->base, p->limit};
  return job;
}

/* Copies a tensor between its NHWC form and the plan's region for `value`. `region` is the memory of
 * plan->values[value], `bytes` long. read: padding channels are ignored; write: they are written as 0. */
void tetra_plan_write_value(const struct tetra_plan *plan, int value, const struct tetra_tensor *t, uint8_t *region);
void tetra_plan_read_value(const struct tetra_plan *plan, int value, struct tetra_tensor *t, const uint8_t *region);

#ifdef __cplusplus
}
#endif
#endif
