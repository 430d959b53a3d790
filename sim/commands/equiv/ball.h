/* All images within a radius of one, as codes of both networks. */
#ifndef TETRA_SIM_EQUIV_BALL_H
#define TETRA_SIM_EQUIV_BALL_H

#include "commands/equiv/options.h"
#include "files/source_data.h"
#include "tetra/equiv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Elements in the networks' order, [h][w][c]; choices rise with the numbers of the file that they stand for. */
struct equiv_ball {
  int n_choices, room;
  int *first, *centre; /* owned, as all arrays here */
  int16_t *code[2];
  double *number; /* of each choice: a number of the file's type */
  struct tetra_ball b;
};

/* Around the item of *s that was read last. Of uint8 and int8 every number within the radius is a choice; of float32
 * one for each pair of codes that the numbers within the radius give. Fails where a number is not finite. */
TETRA_NODISCARD int equiv_ball_open(struct equiv_ball *ball, const struct sim_data *s, const struct tetra_model m[2],
                                    const struct equiv_options *o, struct tetra_error *err);
void equiv_ball_close(struct equiv_ball *ball);

#ifdef __cplusplus
}
#endif
#endif
