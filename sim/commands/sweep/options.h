/* The command line of `./sim sweep`. */
#ifndef TETRA_SIM_SWEEP_OPTIONS_H
#define TETRA_SIM_SWEEP_OPTIONS_H

#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sweep_options {
  const char *study, *results; /* files */
  const char *csv, *json;      /* NULL: none */
  double rtl;                  /* share of the points that the RTL confirms */
  unsigned jobs;
  int quiet, progress, help;
};

/* TETRA_EINVAL names the option, the value and what is accepted. */
TETRA_NODISCARD int sweep_options_parse(int argc, char **argv, struct sweep_options *o, struct tetra_error *err);
/* Prints the command's help. */
void sweep_options_help(void);

#ifdef __cplusplus
}
#endif
#endif
