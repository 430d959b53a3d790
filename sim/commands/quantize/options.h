/* The command line of `./sim quantize`. */
#ifndef TETRA_SIM_QUANTIZE_OPTIONS_H
#define TETRA_SIM_QUANTIZE_OPTIONS_H

#include "cli/settings.h"
#include "tetra/quantize_model.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define QUANTIZE_LIMIT 256 /* calibration images where --limit is not given: their tensors are in memory together */

struct quantize_options {
  const char *network, *calibrate, *bits, *out, *json; /* file names, borrowed from argv; NULL: not given */
  struct tetra_quantize_options how;
  struct sim_pixels pixels; /* what uint8 pixels mean */
  const char *method;       /* as given, NULL: not given */
  int limit, precision_given, no_search, help;
};

/* TETRA_EINVAL with a message that names the option, the value and what is accepted. */
TETRA_NODISCARD int quantize_options_parse(int argc, char **argv, struct quantize_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
