/* `./sim pareto --trained`: the paper's figure of networks that `./sim train` trained. */
#ifndef TETRA_SIM_PARETO_TRAINED_H
#define TETRA_SIM_PARETO_TRAINED_H

#include "commands/pareto/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a network costs. A float network has neither cycles nor the paper's quadratic cost, as in the paper. */
enum pareto_cost { PARETO_BY_CYCLES, PARETO_BY_LINEAR, PARETO_BY_QUADRATIC, PARETO_BY_BYTES, PARETO_COSTS };

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

/* Sets front and near. */
void pareto_trained_fronts(struct pareto_trained *t, int n);
/* Reads every report of `./sim train --json` in the folder o->trained and the network that it names, in the same
 * folder; prints the table and the verdict, writes o->csv and o->plot. Returns an exit code. */
int pareto_of_trained(const struct pareto_options *o);

#ifdef __cplusplus
}
#endif
#endif
