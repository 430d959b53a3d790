/* A network's output: its tensor and the classes that lead. */
#ifndef TETRA_SIM_OUTPUT_H
#define TETRA_SIM_OUTPUT_H

#include "run/outcome.h"
#include "run/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Value v of the part, which has a place in DRAM, as it is there now; *t is freed by the caller. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_read_value(struct sim_session *s, int v, struct tetra_tensor *t, struct tetra_error *err);
/* The part's output after sim_simulate, from DRAM; *t is freed by the caller. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_read_output(struct sim_session *s, struct tetra_tensor *t, struct tetra_error *err);
/* What a network gives in real units, for each image `classes` numbers in the order of rows, columns, channels. */
struct sim_reals {
  double *v; /* [images][classes], freed by the caller */
  int classes;
};
/* Of t, an output tensor: (code - zero point) * scale, and where `tail`, a model with one, is not NULL, what its tail
 * makes of that. TETRA_ENOMEM. */
TETRA_NODISCARD int sim_find_reals(const struct tetra_model *tail, const struct tetra_tensor *t, struct sim_reals *r,
                                   struct tetra_error *err);
/* The model whose tail follows the session's output; NULL: none, or a part of the network runs that ends before it. */
const struct tetra_model *sim_session_tail(const struct sim_session *s);
/* The leading ones of image `image`. */
void sim_find_top(const struct sim_reals *r, int image, struct sim_top *top);

#ifdef __cplusplus
}
#endif
#endif
