/* The lists of `./sim train --method once`. */
#ifndef TETRA_SIM_TRAIN_ONCE_OPTIONS_H
#define TETRA_SIM_TRAIN_ONCE_OPTIONS_H

#include "tetra/supernet.h"

#ifdef __cplusplus
extern "C" {
#endif

struct train_once_options {
  double widths[TETRA_SUPERNET_WIDTHS];
  enum tetra_precision precisions[TETRA_PRECISION_COUNT];
  int n_widths, n_precisions; /* 0: not given */
};

/* "0.5,0.75,1"; "w4a4,w8a8". TETRA_EINVAL names what is accepted. */
TETRA_NODISCARD int train_once_parse_widths(const char *text, struct train_once_options *o, struct tetra_error *err);
TETRA_NODISCARD int train_once_parse_precisions(const char *text, struct train_once_options *o,
                                                struct tetra_error *err);
/* What was not given: widths 0.5, 0.75 and 1, and w8a8, w4a4-init8-dense8 and w4a4. */
void train_once_default(struct train_once_options *o);

#ifdef __cplusplus
}
#endif
#endif
