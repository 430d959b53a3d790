/* The cycle model's machine as tests look into it: its registers, snapshots of it, what follows from it. */
#ifndef TETRA_TESTS_DRIVER_MACHINE_PROBE_H
#define TETRA_TESTS_DRIVER_MACHINE_PROBE_H

#include <stdint.h>

#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* At power-up; `plan` and `mem` must outlive it. Freed by probe_free. */
struct probe *probe_new(const struct tetra_plan *plan, const struct tetra_memory_params *mem);
struct probe *probe_copy(const struct probe *p);
void probe_free(struct probe *p);
uint64_t probe_now(const struct probe *p);
int probe_finished(const struct probe *p);

/* One cycle, or as many as may pass at once; how many passed. 0: it waits for ever. */
uint64_t probe_step(struct probe *p);
uint64_t probe_jump(struct probe *p);

/* Whether their snapshots are the same. */
int probe_same(struct probe *a, struct probe *b, uint32_t layer_a, uint32_t layer_b);
/* Segments whose addresses are not all out. */
int probe_segments(const struct probe *p);
/* Everything in it is so much later; the command to dispatch is the same number, less `commands`. */
void probe_move(struct probe *p, uint64_t cycles, uint32_t commands, uint64_t counts, uint32_t layers);

/* Registers that are in use now, the live entries of queues included. */
uint32_t probe_registers(struct probe *p);
const char *probe_register_name(const struct probe *p, uint32_t i);
/* Adds to one; a flag becomes what it was not. */
void probe_change(struct probe *p, uint32_t i, uint64_t by);

#ifdef __cplusplus
}
#endif
#endif
