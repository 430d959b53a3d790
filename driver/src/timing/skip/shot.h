/* A picture of the machine from which time and progress are taken out: two moments whose pictures are the same are
 * followed by the same cycles, as long as the commands are. Every member of struct machine that later cycles depend on
 * is in it. */
#ifndef TETRA_MODEL_SHOT_H
#define TETRA_MODEL_SHOT_H

#include "timing/engines/machine.h"

/* More than all queues at their fullest. */
enum { kShotWords = 2048 };

struct shot {
  uint32_t n; /* words; 0: no picture */
  uint64_t hash;
  uint64_t word[kShotWords];
};

/* `layer`: what layer ids are counted from. */
void shot_take(struct machine *m, uint32_t layer, struct shot *s);
int shot_same(const struct shot *a, const struct shot *b);
/* Moves everything in the machine that names a time by `cycles`, a command by `commands` (completion counts by
 * `counts`, in 16-bit lanes), a layer by `layers`. */
void shot_move(struct machine *m, uint64_t cycles, uint32_t commands, uint64_t counts, uint32_t layers);

#endif
