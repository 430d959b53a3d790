/* The command line of ./sim. */
#ifndef TETRA_SIM_OPTIONS_H
#define TETRA_SIM_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "tetra/network.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_action { SIM_RUN, SIM_LIST, SIM_HELP, SIM_VERSION };
enum sim_check { SIM_CHECK_LAYER, SIM_CHECK_FINAL, SIM_CHECK_NONE };

enum sim_backend { SIM_BACKEND_RTL, SIM_BACKEND_CMODEL, SIM_BACKEND_FAST };

enum sim_cycle_model { SIM_CYCLES_RTL, SIM_CYCLES_MODEL, SIM_CYCLES_COMPARE };

#define SIM_RUNS_MAX 8 /* networks, and precisions, of one command */

struct sim_options {
  enum sim_action action;
  const char *networks[SIM_RUNS_MAX]; /* every network is run in every precision */
  enum tetra_precision precisions[SIM_RUNS_MAX];
  int n_networks, n_precisions;
  unsigned jobs;                    /* runs at once */
  struct tetra_network_options net; /* of the run: network and precision are the first ones */
  const char *image, *layers, *trace, *trace_layer, *json, *timeline; /* borrowed from argv; NULL: not given */
  unsigned array;                                                     /* 4, 8, 16, 32 or 64 */
  enum sim_check check;
  uint32_t latency, bytes_per_cycle; /* bytes_per_cycle 0 until it is known to be the array's side */
  double stall, mhz;                 /* mhz 0: not given */
  int quiet;
  enum sim_cycle_model cycles; /* measured on the RTL, modelled only, or both beside each other */
  /* Networks from files, and many images (model_file_options.h). */
  int model; /* net.network is the name of a file, borrowed from argv */
  enum sim_backend backend;
  const char *labels;       /* borrowed from argv; NULL: not given */
  const char *builtin_only; /* the last option given that only built-in networks take; NULL: none */
  const char *rtl_only;     /* the first option given that says something of a simulation only; NULL: none */
  int limit;                /* images; 0: not given */
  int progress, tflite_single, normalize;
  float mean[3], std[3];  /* where `normalize` */
  const char *flip_layer; /* tests only: flip a weight bit of this layer in DRAM */
};

/* Parses; TETRA_EINVAL with a one-line message that names the value and what is accepted. */
int sim_options_parse(int argc, char **argv, struct sim_options *o, struct tetra_error *err);
/* Options of run i of n_networks * n_precisions, networks outermost. */
void sim_options_select(const struct sim_options *all, int i, struct sim_options *one);
void sim_options_help(FILE *out);
void sim_options_list(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
