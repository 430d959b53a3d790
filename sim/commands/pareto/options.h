/* The command line of `./sim pareto`. */
#ifndef TETRA_SIM_PARETO_OPTIONS_H
#define TETRA_SIM_PARETO_OPTIONS_H

#include "cli/settings.h"
#include "commands/pareto/points.h"
#include "commands/train/options.h"
#include "tetra/status.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

enum pareto_by { PARETO_OVER_CYCLES, PARETO_OVER_ENERGY };

struct pareto_options {
  const char *csv, *plot;        /* file names; plot NULL: none */
  const char *models;            /* a pattern of file names: the user's own networks; NULL: the paper's */
  const char *trained;           /* a folder of networks that ./sim train trained, with its reports; NULL: none */
  const char *supernet;          /* a file of ./sim train --method once; NULL: none */
  const char *subnets;           /* a folder for its subnets' files; NULL: none */
  struct train_files data, test; /* of a supernet */
  int augment;                   /* pixels that data is moved by for statistics; -1: not changed */
  const char *input, *labels;    /* of those: as of ./sim; NULL: not given */
  struct sim_pixels pixels;
  int limit; /* images, of a supernet those of data; 0: all, 10,000 of data */
  unsigned array, jobs;
  struct tetra_memory_params mem;
  double mhz;
  const char *energy; /* an energy table; NULL: energy is not asked for */
  enum pareto_by by;  /* the cost of the figure, the verdict and the Pareto set of own networks */
  int quiet, help;
  unsigned char rtl[PARETO_POINTS]; /* points to run on the RTL, too */
};

/* TETRA_EINVAL names the option, the value and what is accepted. */
TETRA_NODISCARD int pareto_options_parse(int argc, char **argv, struct pareto_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
