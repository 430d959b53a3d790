/* The command line of `./sim allocate`. */
#ifndef TETRA_SIM_ALLOCATE_OPTIONS_H
#define TETRA_SIM_ALLOCATE_OPTIONS_H

#include "cli/settings.h"
#include "tetra/precision.h"
#include "tetra/status.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a budget is of. */
enum allocate_resource { ALLOCATE_CYCLES, ALLOCATE_BYTES, ALLOCATE_RAM, ALLOCATE_FLASH, ALLOCATE_RESOURCES };
/* Its name on the command line; NULL past the last. */
const char *allocate_resource_name(int r);

enum allocate_sensitivity { ALLOCATE_KL, ALLOCATE_ORM, ALLOCATE_TRACE, ALLOCATE_MSE };
/* Its name on the command line; NULL past the last. */
const char *allocate_sensitivity_name(int s);

enum { ALLOCATE_CHOICES = 4, ALLOCATE_POINTS_MAX = 200 };

struct allocate_options {
  /* File names, borrowed from argv; NULL: not given. */
  const char *problem, *network, *calibrate, *out, *save_problem, *csv, *json, *plot;
  double limit[ALLOCATE_RESOURCES]; /* 0: none */
  enum allocate_sensitivity sensitivity;
  struct tetra_layer_bits choices[ALLOCATE_CHOICES]; /* without names */
  int n_choices;
  int images;    /* calibration images at most */
  int points;    /* of the front; 0: none */
  int samples;   /* of a trace */
  int tie;       /* layers that read the same tensor choose alike */
  int ceg;       /* images near which the answers are kept; 0: none */
  double work;   /* 10^9 multiply-accumulates of search and of bounds, an image */
  double radius; /* in the units of the images' numbers */
  double sure;   /* inputs where the dearest bits lead by less, in real values, may get another class */
  uint64_t seed;
  struct sim_pixels pixels;
  unsigned array;
  struct tetra_memory_params mem;
  int quiet, help;
};

/* TETRA_EINVAL with a message that names the option, the value and what is accepted. */
TETRA_NODISCARD int allocate_options_parse(int argc, char **argv, struct allocate_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
