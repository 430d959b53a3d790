/* What the machine holds, with time and progress taken out: two moments with the same snapshot are followed by the same
 * cycles, as long as the commands are. Every member of struct machine that later cycles depend on is in it. */
#ifndef TETRA_TIMING_SNAPSHOT_H
#define TETRA_TIMING_SNAPSHOT_H

#include "timing/engines/machine.h"

/* More than all queues at their fullest. */
enum { kSnapshotWords = 2048 };

struct snapshot {
  uint32_t n; /* words; 0: none */
  uint64_t hash;
  uint64_t word[kSnapshotWords];
};

/* `layer`: what layer ids are counted from. */
void snapshot_take(struct machine *m, uint32_t layer, struct snapshot *s);
TETRA_NODISCARD int snapshot_same(const struct snapshot *a, const struct snapshot *b);
/* Moves everything in the machine that names a time by `cycles`, a command by `commands` (completion counts by
 * `counts`, in 16-bit lanes), a layer by `layers`. */
void snapshot_move(struct machine *m, uint64_t cycles, uint32_t commands, uint64_t counts, uint32_t layers);

#endif
