/* The cycle model as a device: commands come out of memory as the hardware fetches them, and whoever owns the model is
 * told what happens in which cycle, burst by burst. tetra/timing.h times a plan that is known from the beginning.
 *
 * Time is counted in cycles from the reset on, 0 the first. A cycle is one in which the memory grants beats by the
 * bucket of tetra/memory.h: the device's own while it runs alone (tetra_timing_device_run), somebody else's where
 * several share one (tetra_timing_device_step). */
#ifndef TETRA_TIMING_DEVICE_H
#define TETRA_TIMING_DEVICE_H

#include <stdint.h>

#include "tetra/hw.h"
#include "tetra/memory.h"
#include "tetra/status.h"
#include "tetra/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A command and how many were dispatched since the reset before it. */
struct tetra_timing_command {
  struct tetra_cmd cmd;
  uint32_t index;
};

/* What happens; every function is needed. `latency`s are cycles, at least 1, from a read's address to its first beat,
 * or from a write's last beat to its response; data and responses come in the order of their bursts, so a burst may be
 * later than its own. A function that returns an int halts the device by 0: nothing follows. */
struct tetra_timing_hooks {
  void *arg;
  /* A read of so many commands from ring slot `slot` on goes out: fills to[]. Returns its latency. */
  uint32_t (*fetch)(void *arg, uint32_t slot, uint32_t commands, struct tetra_cmd *to);
  /* A command is about to be dispatched. */
  int (*dispatch)(void *arg, const struct tetra_cmd *c, uint32_t index);
  /* A burst of a LOAD is about to go out. Returns its latency; 0 halts. */
  uint32_t (*read)(void *arg, const struct tetra_timing_command *c, uint32_t addr, uint32_t beats);
  /* A LOAD's last beat is in, a PACK's last word is written. */
  void (*load)(void *arg, const struct tetra_timing_command *c);
  /* A COMPUTE's last sum is in. */
  void (*compute)(void *arg, const struct tetra_timing_command *c);
  /* A STORE begins to read what it needs. */
  void (*store)(void *arg, const struct tetra_timing_command *c);
  /* A burst of a STORE is about to go out. */
  int (*address)(void *arg, const struct tetra_timing_command *c, uint32_t addr, uint32_t beats);
  /* Its last beat is taken. Bursts come in the order of their addresses. Returns the latency of the response. */
  uint32_t (*write)(void *arg, const struct tetra_timing_command *c, uint32_t addr, uint32_t beats);
  /* A STORE's last response has come. Where it is its layer's last: the log's time, in cycles since reset. */
  void (*stored)(void *arg, const struct tetra_timing_command *c, uint64_t cycle);
  void (*sync)(void *arg, uint32_t tag);
};

struct tetra_timing_device;

/* An accelerator of n x n as after a reset. *hooks is copied; *mem's latency is not used. TETRA_EINVAL: NULL, or a size
 * or rate out of range; TETRA_ENOMEM. Freed by tetra_timing_device_free. */
TETRA_NODISCARD int tetra_timing_device_new(struct tetra_timing_device **d, uint32_t n,
                                            const struct tetra_memory_params *mem,
                                            const struct tetra_timing_hooks *hooks, struct tetra_error *err);
void tetra_timing_device_free(struct tetra_timing_device *d);
/* As tetra_timing_device_new left it: what is under way is forgotten. The bucket is full. */
void tetra_timing_device_reset(struct tetra_timing_device *d);
/* The ring: its address, and how many commands fit. Only while everything that was fetched is dispatched. */
void tetra_timing_device_ring(struct tetra_timing_device *d, uint32_t addr, uint32_t entries);
/* So many commands are in the ring since the reset: the doorbell. */
void tetra_timing_device_commands(struct tetra_timing_device *d, uint32_t commands);
/* 0: nothing is fetched or dispatched until it is 1 again. */
void tetra_timing_device_enable(struct tetra_timing_device *d, int enable);

/* At most so many cycles, alone on the memory; ends early where `stop` is not 0 after a cycle, after a halt, when all
 * work is done, and when nothing can go on any more. Returns how many passed. */
uint64_t tetra_timing_device_run(struct tetra_timing_device *d, uint64_t cycles, const int *stop);
/* Beats that could move in the cycle to come. */
struct tetra_grant tetra_timing_device_wants(const struct tetra_timing_device *d);
/* One cycle in which the memory grants these of them. */
void tetra_timing_device_step(struct tetra_timing_device *d, struct tetra_grant granted);
/* Cycles in which there is no work. */
void tetra_timing_device_rest(struct tetra_timing_device *d, uint64_t cycles);
/* Cycles with work in which nothing moves, where the state is TETRA_TIMING_WAITS. */
void tetra_timing_device_wait(struct tetra_timing_device *d, uint64_t cycles);
/* Another number whenever there was progress as the watchdog sees it: beats, responses, pixels, rows, dispatches. */
uint64_t tetra_timing_device_progress(const struct tetra_timing_device *d);
/* The bucket of the memory, for whoever takes turns between the two ways: as it is, and as it is from now on. */
struct tetra_bucket tetra_timing_device_bucket(const struct tetra_timing_device *d);
void tetra_timing_device_set_bucket(struct tetra_timing_device *d, const struct tetra_bucket *bucket);

enum tetra_timing_state {
  TETRA_TIMING_WORKS,
  TETRA_TIMING_IDLE,  /* every command in the ring has come to its end */
  TETRA_TIMING_WAITS, /* nothing moves any more: paused, or a wait that no command will end */
  TETRA_TIMING_HALTED /* by a hook */
};
enum tetra_timing_state tetra_timing_device_state(const struct tetra_timing_device *d);
uint64_t tetra_timing_device_now(const struct tetra_timing_device *d); /* cycles since reset */
uint32_t tetra_timing_device_dispatched(const struct tetra_timing_device *d);
/* The oldest command that waits for a token, else the next to dispatch. */
uint32_t tetra_timing_device_oldest(const struct tetra_timing_device *d);
/* Cycles so far by class, as the hardware's counters CNT_BUSY to CNT_TAIL; they add up to the cycles with work. Exact
 * where the device is idle. */
void tetra_timing_device_classes(const struct tetra_timing_device *d, uint64_t classes[TETRA_TIMING_CLASSES]);

#ifdef __cplusplus
}
#endif
#endif
