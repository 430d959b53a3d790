/* One trained network and what is known of it. */
#ifndef TETRA_SIM_PARETO_TRAINED_POINT_H
#define TETRA_SIM_PARETO_TRAINED_POINT_H

/* What a network costs; energy in mJ, where there is a table of it. A float network has neither cycles nor the paper's
 * quadratic cost, as in the paper. */
enum pareto_cost {
  PARETO_BY_CYCLES,
  PARETO_BY_LINEAR,
  PARETO_BY_QUADRATIC,
  PARETO_BY_BYTES,
  PARETO_BY_ENERGY,
  PARETO_COSTS
};

struct pareto_trained {
  char name[256];            /* of its file in the folder */
  char series[40];           /* precision, "float" or "mixed" */
  double width;              /* NAN: not known */
  int images;                /* test images */
  double top1, train;        /* right answers of these, and of training images with the changes of training; 0..1 */
  double error;              /* standard error of top1 */
  double cost[PARETO_COSTS]; /* an image's; NAN: none */
  unsigned front;            /* bit c: no other one costs as little by c and is as accurate, and better in one */
  unsigned near;             /* bit c: not in the front, but by less than a standard error of the difference */
};

#endif
