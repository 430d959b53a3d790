/* What a point of a study has: one value of each axis. */
#ifndef TETRA_SIM_STUDY_AXES_H
#define TETRA_SIM_STUDY_AXES_H

#include "cli/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From the outermost loop of a cross product to the innermost: neighbouring points share a network, then a plan. */
enum sim_axis {
  SIM_AXIS_NETWORK,
  SIM_AXIS_BITS,
  SIM_AXIS_PRECISION,
  SIM_AXIS_WIDTH,
  SIM_AXIS_SIZE,
  SIM_AXIS_BATCH,
  SIM_AXIS_ARRAY,
#define SIM_BUFFER(name, option, caps, in_kib, least, most, build, help) SIM_AXIS_##name,
#include "cli/buffers.def"
#undef SIM_BUFFER
  SIM_AXIS_RATE,
  SIM_AXIS_LATENCY,
  SIM_AXES
};

enum sim_axis_kind {
  SIM_AXIS_NAME,  /* values are texts; a point has the number of one */
  SIM_AXIS_WHOLE, /* whole numbers */
  SIM_AXIS_POWER, /* powers of two */
  SIM_AXIS_REAL
};

struct sim_axis_row {
  const char *key;    /* in the study: the option's name without "--", and "network" */
  const char *column; /* in the results file and in constraints: the same with "_" */
  enum sim_axis_kind kind;
  double least, most;
  double usual; /* where nothing is said; 0: follows from the array or the network, or there is none */
};
/* By enum sim_axis. */
extern const struct sim_axis_row sim_axes[SIM_AXES];

/* Values by axis. Names: the number of the text in struct sim_study, -1 none. 0 where the axis says nothing of the
 * point (width, size of networks from files). */
struct sim_point {
  double v[SIM_AXES];
};

#ifdef __cplusplus
}
#endif
#endif
