/* One of the user's networks and what was measured of it. */
#ifndef TETRA_SIM_PARETO_MODEL_H
#define TETRA_SIM_PARETO_MODEL_H

#include "commands/pareto/points.h"

/* One network from a file. */
struct pareto_model {
  const char *path;  /* borrowed */
  int right, images; /* the class of the largest output is the label */
  struct pareto_run modelled;
  int front; /* no other one is as cheap and as accurate, and better in one of the two */
};

#endif
