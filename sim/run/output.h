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
/* The leading classes of image `image`. Classes are the channels of a result of one pixel, else all of its elements in
 * the order of rows, columns, channels. */
void sim_find_top(const struct tetra_tensor *t, int image, struct sim_top *top);

#ifdef __cplusplus
}
#endif
#endif
