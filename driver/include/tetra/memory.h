/* The DRAM at the accelerator's bus, as simulator and cycle model both take it to be: limits, what may be under way,
 * and the rule by which beats move. docs/cycle-model.md, "Memory".
 *
 * A bucket of bytes gains `bytes_per_cycle` a cycle and never holds more than one longest burst; a beat in either
 * direction costs its bytes. Where the bucket has less than two beats and both a read and a write beat could move, they
 * take turns. */
#ifndef TETRA_MEMORY_H
#define TETRA_MEMORY_H

#include <stdint.h>

#include "tetra/hw.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tetra_memory_limits {
  TETRA_MEMORY_MAX_RATE = 65536,    /* bytes a cycle */
  TETRA_MEMORY_MAX_LATENCY = 65535, /* cycles */
  TETRA_MEMORY_READS = 16,          /* read bursts in flight */
  TETRA_MEMORY_WRITES = 16,         /* write addresses ahead of their data */
  TETRA_MEMORY_RESPONSES = 64       /* write responses under way */
};

struct tetra_memory_params {
  uint32_t bytes_per_cycle; /* reads and writes together, 1..TETRA_MEMORY_MAX_RATE */
  uint32_t latency;         /* cycles, 1..TETRA_MEMORY_MAX_LATENCY: from a read address to its first data beat, from the
                               last write beat to its response */
};

/* TETRA_EINVAL where a parameter is out of range; the message names it and what is accepted. err may be NULL. */
TETRA_NODISCARD int tetra_memory_check(const struct tetra_memory_params *mem, struct tetra_error *err);

/* The token bucket, in bytes. */
struct tetra_bucket {
  int32_t tokens, rate, size;
  uint8_t write_turn; /* the next contended beat is a write's */
};

/* An empty one, for beats of `beat` bytes: as it is before the first clock. */
static inline struct tetra_bucket tetra_bucket_empty(uint32_t bytes_per_cycle, uint32_t beat) {
  const int32_t size = (int32_t)beat * TETRA_BURST_BEATS;
  const struct tetra_bucket b = {0, (int32_t)bytes_per_cycle, size, 0};
  return b;
}

struct tetra_grant {
  int read, write; /* 1: a beat moves */
};

/* One cycle: the bucket gains, and of the beats that could move in it (read, write: 0 or 1) those move that it pays
 * for.
 */
static inline struct tetra_grant tetra_bucket_grant(struct tetra_bucket *b, int32_t beat, int read, int write) {
  struct tetra_grant g = {read, write};
  int32_t tokens = b->tokens + b->rate;
  if (tokens > b->size) tokens = b->size;
  if (tokens < beat) {
    g.read = g.write = 0;
  } else if (read && write && tokens < 2 * beat) {
    g.read = !b->write_turn;
    g.write = b->write_turn;
    b->write_turn = !b->write_turn;
  }
  b->tokens = tokens - (g.read + g.write) * beat;
  return g;
}

/* Several ports on one memory: whose turn is next, and at each port which way's. */
enum { TETRA_MEMORY_PORTS = 8 };
struct tetra_turns {
  uint8_t port, write[TETRA_MEMORY_PORTS];
};

/* One cycle of a bucket that `ports` ports share: as tetra_bucket_grant for one of them. Where the bucket does not pay
 * for every beat that could move, the ports take turns, a beat each, and at each port reads and writes do. */
static inline void tetra_bucket_share(struct tetra_bucket *b, struct tetra_turns *turns, int32_t beat, int ports,
                                      const struct tetra_grant *wants, struct tetra_grant *grants) {
  int32_t tokens = b->tokens + b->rate, all = 0;
  if (tokens > b->size) tokens = b->size;
  for (int p = 0; p < ports; p++) {
    all += wants[p].read + wants[p].write;
    grants[p].read = grants[p].write = 0;
  }
  if (all * beat <= tokens) {
    for (int p = 0; p < ports; p++) grants[p] = wants[p];
    b->tokens = tokens - all * beat;
    return;
  }
  for (; tokens >= beat; tokens -= beat) {
    int p = turns->port % ports;
    while (wants[p].read + wants[p].write == grants[p].read + grants[p].write) p = (p + 1) % ports;
    const int read = wants[p].read && !grants[p].read, write = wants[p].write && !grants[p].write;
    const int takes_write = write && (!read || turns->write[p]);
    if (wants[p].read && wants[p].write) turns->write[p] = (uint8_t)!takes_write;
    grants[p].read |= !takes_write;
    grants[p].write |= takes_write;
    turns->port = (uint8_t)((p + 1) % ports);
  }
  b->tokens = tokens;
}

#ifdef __cplusplus
}
#endif
#endif
