/* The accelerator's control state, cycle by cycle. Internal to the cycle model.
 *
 * The engines are headers of inline functions, which timing.c and the files of skip/ take in: the engines change each
 * other's registers several times a cycle, and as units of their own (measured with noinline) they cost 30 to 56 % of
 * the model's speed. The jumps over many cycles (skip/) are units: each is called once for many cycles.
 *
 * A member is a register of the hardware: it shows what it holds in the cycle under way, and what changes in a cycle is
 * written when the cycle's decisions are made, as by the clock edge at its end. Counts and queues stand for their
 * contents. Where the hardware hands something on after a fixed number of cycles whatever else happens, the model keeps
 * the cycle of its arrival instead of the stages on the way. */
#ifndef TETRA_TIMING_MACHINE_H
#define TETRA_TIMING_MACHINE_H

#include <stdint.h>
#include <string.h>

#include "tetra/hw.h"
#include "tetra/timing.h"
#include "tetra/timing_device.h"

/* What the hardware is made of; each number has its counterpart in rtl/ or in the memory model. */
enum {
  kFetchSlots = 16,                /* tetra_fetch: Depth, commands */
  kFetchBurst = TETRA_FETCH_BURST, /* tetra_fetch, commands */
  kFetchStages = 3,                /* tetra_fetch: from a command's last beat to its dispatch: read, check, dispatch */
  kLoadQueue = 16,                 /* tetra_load: u_queue */
  kDataQueue = 8,                  /* tetra_load: u_data_queue */
  kLoadBursts = 15,                /* tetra_load: bursts in flight */
  kLoadBeats = 512,                /* tetra_load: beats in flight */
  kPackTail = 4,                   /* tetra_pack: from the last window request to done */
  kQueue = 8,                      /* tetra_top: QueueDepth of compute and store */
  kRequant = 10,                   /* tetra_drain to u_words: issue to push */
  kDrainMargin = 16,               /* tetra_drain: Margin, free words */
  kDescs = 8,                      /* tetra_write: u_desc */
  kResponses = 16, /* tetra_write: u_resp; u_len is as deep, and so is what the memory takes: neither fills first */
  kWords = 256,    /* tetra_write: u_words */
  kWordsOut = 4,   /* tetra_sfifo: u_out */
  kBurstBeats = TETRA_BURST_BEATS,
  kPage = TETRA_PAGE_BYTES,
  kMostCycles = 4096, /* of a pass; fills the bucket at any rate */
  kMaxBeat = 64,      /* bytes, largest array */
  kMemReads = TETRA_MEMORY_READS,
  kDoneRing = 16 /* COMPUTEs between their last pixel and their count: at most 2n + 4 cycles' worth */
};
/* tetra_core, n the array's side: from the cycle after a COMPUTE's last pixel to its count, to an array empty for
 * another mode, to an idle core. */
static inline uint32_t cycles_to_count(uint32_t n) { return 2 * n + 3; }
static inline uint32_t cycles_to_empty(uint32_t n) { return 2 * n + 1; }
static inline uint32_t cycles_to_idle(uint32_t n) { return 2 * n + 5; }

/* Rings, powers of two: at least what the queues above let be under way at once. */
enum {
  kReadRing = 32,   /* kMemReads and the address register */
  kLoadRing = 32,   /* kLoadQueue + kDataQueue + 1 */
  kComputeRing = 8, /* kQueue */
  kStoreRing = 64,  /* kQueue + 1 + kDescs + kResponses */
  kCountRing = 32   /* COMPUTEs until their count: kQueue + kDoneRing */
};

static const uint64_t kNever = UINT64_MAX;

/* Completion counts, in the order of the commands' wait fields. */
enum { kLoad, kCompute, kDrain, kStore, kEngines };

/* Four 16-bit lanes, by engine. */
struct waits {
  uint64_t count;
  uint64_t enable; /* the sign bits of the lanes that count */
};

struct load_cmd { /* LOAD, PACK */
  struct waits waits;
  uint32_t addr, beats, rows, stride; /* LOAD */
  uint32_t total;                     /* LOAD: beats; PACK: cycles of its window requests, pauses included */
  uint32_t window;                    /* PACK: requests a pixel; LOAD: 0 */
};

struct compute_cmd {
  struct waits waits;
  uint32_t steps, pixels;
  uint8_t mode, hold; /* operand formats as one number */
};

struct store_cmd {
  struct waits waits;
  uint32_t pixels, seg, seg_stride;
  uint32_t addr[2], half_stride[2];
  uint8_t bits4[2], two_out, halves2, residual, layer_last;
  uint8_t pool_pad_x, pool_odd_y, pool_top, pool_end;
  uint16_t pool_beats; /* 0: no pool; else `seg` is the pixels of a row */
  uint16_t layer;
};

struct mem_read {
  uint64_t due;   /* cycle of its first beat, at the earliest */
  uint32_t beats; /* left */
  uint32_t fetch; /* of commands, not of a LOAD */
};

struct segment {
  uint32_t addr;
  uint16_t beats;
  uint8_t last; /* of its STORE */
};

/* Cycles, by bit, in which the token bucket grants a write or a read beat, and in which it has one for two. */
struct grants {
  uint64_t writes, reads, turns;
};

/* What a device (timing_device.h) keeps beside its machine: whom it tells, the commands that are under way. */
struct told {
  struct tetra_timing_hooks hooks;
  struct tetra_cmd fetched[kFetchSlots];
  struct tetra_timing_command load[kLoadRing], compute[kCountRing], store[kStoreRing];
  uint32_t counted;   /* COMPUTEs */
  uint32_t addressed; /* STOREs whose last burst's address is out */
  uint32_t burst_addr[kResponses];
  uint32_t read_latency[kReadRing]; /* of requests, where memory has one for each */
  uint8_t disabled;                 /* nothing is fetched or dispatched */
  uint8_t halted;                   /* by a hook */
};

struct machine {
  uint64_t t;     /* cycle under way */
  uint64_t stop;  /* cycles before this one may pass together */
  uint64_t fire;  /* the next command leaves, as things stand */
  uint64_t event; /* that, a response, a PACK's end or a COMPUTE's taking: done after the flow of its cycle (pass) */
  uint64_t done;  /* completion counts, 16-bit lanes */
  uint8_t woken;  /* a count or a queue changed: commands that waited may begin */
  uint8_t load_ready, compute_ready, store_ready; /* the next command is there and need not wait */
  uint8_t writing;                                /* drain or write engine have work */

  /* memory */
  uint8_t r_valid;
  struct tetra_bucket bucket;
  int32_t beat; /* bytes */
  uint32_t beat_shift, latency;
  uint32_t r_head, r_tail; /* bursts, from the address register on */
  struct mem_read reads[kReadRing];

  /* fetch */
  uint32_t fetch_next;             /* next command to request */
  uint32_t fetch_want, fetch_used; /* commands */
  uint32_t fetch_beat, cmd_beats;  /* of a command: beats that came, all */
  uint32_t arrived, c_arrived;     /* commands, COMPUTEs that came in so far */
  uint32_t dispatched;             /* commands that left */
  uint64_t fired;                  /* from this cycle on the next may */
  uint64_t ready[kFetchSlots];     /* from this cycle on a command that came may be dispatched */
  uint8_t op[kFetchSlots];
  uint8_t finished; /* the SYNC is through */
  uint8_t illegal;  /* the command to dispatch is not one that the hardware completes */

  /* load: commands pushed to the queue, begun or issued by the address side, handed to the data side, completed */
  uint32_t l_pushed, l_popped, l_begun, l_done;
  uint32_t l_beats, l_rows, l_addr, l_row_addr, l_burst; /* burst: beats of the next one */
  uint32_t l_flight, l_bursts;
  uint32_t l_left; /* beats that the data side's head still expects */
  uint8_t l_active;
  uint8_t l_pack;    /* the data side's head is a PACK */
  uint8_t pack_busy; /* that has begun */
  uint64_t pack_start, pack_end;
  struct load_cmd loads[kLoadRing];

  /* compute */
  uint32_t c_pushed, c_popped;
  uint64_t c_free;        /* from this cycle on a command may be taken */
  uint64_t c_loader;      /* from this cycle on its weights may start to move */
  uint64_t c_end;         /* the cycle after the last pixel of the commands so far; 0: there were none */
  uint64_t c_mode_cycles; /* waiting for the array to empty before a change of mode */
  uint8_t c_mode;
  uint32_t c_done_head, c_done_n;
  uint64_t c_done[kDoneRing];
  struct compute_cmd computes[kComputeRing];

  /* drain */
  uint32_t s_pushed, s_popped, stores_done;
  uint8_t d_active, d_run, d_out, d_half;
  uint8_t d_rest; /* cycles until the requantizer has taken all of the last row: none is issued */
  uint32_t d_pix, d_seg, d_addr, d_half_addr;
  uint8_t p_first_col, p_odd_x, p_first_row, p_odd_y; /* tetra_pool_seq */
  uint32_t pipe; /* bit k: a word comes out of the requantizer k cycles from now, or now (0) */
  struct store_cmd stores[kStoreRing];

  /* write: words in SRAM, on their way out of it, in the output FIFO */
  uint32_t words, words_rd, words_out;
  uint8_t w_valid, seg_begun;
  uint32_t ds_head, ds_n;
  uint32_t seg_addr, seg_left;
  uint32_t b_issued, b_data, b_written, b_done; /* bursts: addresses, data sent, data taken, responses */
  uint32_t data_beats, mem_beats;               /* of the bursts under way: left to send, to be taken */
  struct segment ds[kDescs];
  uint8_t b_beats[kResponses], b_last[kResponses]; /* last: of its STORE */
  uint64_t b_due[kResponses];                      /* response */
  uint32_t stores_written;                         /* STOREs whose last burst's data are taken */
  uint64_t store_due[kResponses];                  /* their last response */

  struct grants grants[3][kMaxBeat]; /* by tokens: where only writes wait; where both do, by turn */

  /* results */
  uint64_t counted;   /* cycles before this one are in the classes */
  uint64_t completed; /* last layer */
  uint32_t n;
  uint32_t cmd_mask;          /* of a command's number: where it is in plan->cmds */
  uint32_t ring_size;         /* commands; 0: more than there are */
  struct tetra_grant granted; /* in this cycle, where others share the memory */
  uint8_t grants_given;
  struct told *told; /* NULL: a plan is timed, nobody is told */
  const struct tetra_plan *plan;
  struct tetra_timing *out;
};

/* Command i of those in the ring. */
static inline const struct tetra_cmd *command_at(const struct machine *m, uint32_t i) {
  return &m->plan->cmds[i & m->cmd_mask];
}

static inline uint64_t sooner(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Something may begin in cycle `when`. */
static inline void stop_at(struct machine *m, uint64_t when) { m->stop = sooner(m->stop, when); }

/* Something leaves, ends or is taken in cycle `when`: what else is decided in that cycle does not depend on it. */
static inline void event_at(struct machine *m, uint64_t when) {
  m->event = sooner(m->event, when);
  if (when != kNever) stop_at(m, when + 1);
}

static inline uint64_t lane(int engine) { return (uint64_t)0xffff << 16 * engine; }

static inline void count_done(struct machine *m, int engine) {
  m->done = (m->done & ~lane(engine)) | ((m->done + ((uint64_t)1 << 16 * engine)) & lane(engine));
  m->woken = 1;
}

/* Sums of 16-bit lanes. */
static inline uint64_t add_lanes(uint64_t a, uint64_t b) {
  const uint64_t low = 0x7fff7fff7fff7fffu;
  return ((a & low) + (b & low)) ^ ((a ^ b) & ~low);
}

/* Sign bits of the 16-bit lanes in which x - y is negative (rtl/control/tetra_token.sv). */
static inline uint64_t negative_lanes(uint64_t x, uint64_t y) {
  const uint64_t sign = 0x8000800080008000u;
  return (((x | sign) - (y & ~sign)) ^ ((x ^ ~y) & sign)) & sign;
}

/* The lanes in which `w` waits. */
static inline uint64_t waiting(const struct machine *m, const struct waits *w) {
  return negative_lanes(m->done, w->count) & w->enable;
}

/* Beats of the next burst of a run (rtl/memory/tetra_burst.sv). */
static inline uint32_t burst_beats(const struct machine *m, uint32_t addr, uint32_t left) {
  const uint32_t room = (kPage - addr % kPage) >> m->beat_shift;
  const uint32_t most = room < kBurstBeats ? room : kBurstBeats;
  return left < most ? left : most;
}

static inline struct load_cmd *load_at(struct machine *m, uint32_t i) { return &m->loads[i % kLoadRing]; }
static inline struct compute_cmd *compute_at(struct machine *m, uint32_t i) { return &m->computes[i % kComputeRing]; }
static inline struct store_cmd *store_at(struct machine *m, uint32_t i) { return &m->stores[i % kStoreRing]; }

/* Hands command m->dispatched to its engine's queue. Returns 0 where the hardware would not complete it. */
int model_dispatch(struct machine *m);

#endif
