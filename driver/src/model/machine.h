/* The accelerator's control state, cycle by cycle. Internal to the cycle model.
 *
 * A member is a register of the hardware: it shows what it holds in the cycle under way, and `step` writes what the
 * clock edge at the end of that cycle would. Counts and queues stand for their contents. */
#ifndef TETRA_MODEL_MACHINE_H
#define TETRA_MODEL_MACHINE_H

#include <stdint.h>
#include <string.h>

#include "tetra/timing.h"

/* What the hardware is made of; each number has its counterpart in rtl/ or in the memory model. */
enum {
  kFetchSlots = 16,   /* tetra_fetch: Depth, commands */
  kFetchBurst = 4,    /* tetra_fetch: MaxBurst, commands */
  kLoadQueue = 16,    /* tetra_load: u_queue */
  kDataQueue = 8,     /* tetra_load: u_data_queue */
  kLoadBursts = 15,   /* tetra_load: bursts in flight */
  kLoadBeats = 512,   /* tetra_load: beats in flight */
  kPackTail = 4,      /* tetra_pack: from the last window request to done */
  kQueue = 8,         /* tetra_top: QueueDepth of compute and store */
  kRequant = 7,       /* tetra_drain to u_words: issue to push */
  kDrainMargin = 16,  /* tetra_drain: Margin, free words */
  kDescs = 8,         /* tetra_write: u_desc */
  kLens = 16,         /* tetra_write: u_len */
  kResponses = 16,    /* tetra_write: u_resp */
  kWords = 256,       /* tetra_write: u_words */
  kWordsOut = 4,      /* tetra_sfifo: u_out */
  kBurstBeats = 64,   /* tetra_burst */
  kPage = 4096,       /* AXI: no burst crosses it */
  kMemReads = 16,     /* memory: reads in flight */
  kMemWrites = 16,    /* memory: write addresses ahead of their data */
  kMemResponses = 64, /* memory: responses */
  kDoneRing = 16      /* COMPUTEs between their last pixel and their count: at most 2n + 3 cycles' worth */
};
/* tetra_core, n the array's side: from the cycle after a COMPUTE's last pixel to its count, to an array empty for
 * another mode, to an idle core. */
static inline uint32_t cycles_to_count(uint32_t n) { return 2 * n + 2; }
static inline uint32_t cycles_to_empty(uint32_t n) { return 2 * n; }
static inline uint32_t cycles_to_idle(uint32_t n) { return 2 * n + 4; }

/* Completion counts, in the order of the commands' wait fields. */
enum { kLoad, kCompute, kDrain, kStore, kEngines };

struct waits {
  uint16_t count[kEngines];
  uint16_t enable[kEngines]; /* 0xffff or 0 */
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
  uint16_t layer;
};

struct store_cmd {
  struct waits waits;
  uint32_t pixels, seg, seg_stride;
  uint32_t addr[2], half_stride[2];
  uint8_t bits4[2], two_out, halves2, residual, layer_last;
  uint16_t layer;
};

/* The plan's commands by engine. */
struct model_code {
  uint8_t *op; /* by command, in ring order */
  struct load_cmd *loads;
  struct compute_cmd *computes;
  struct store_cmd *stores;
  uint32_t n_cmds, n_loads, n_computes, n_stores;
};

int model_decode(const struct tetra_plan *plan, struct model_code *p, struct tetra_timing *out,
                 struct tetra_error *err);
void model_code_free(struct model_code *p);

struct mem_read {
  uint64_t due;
  uint32_t beats; /* left */
  uint8_t fetch;
};

struct segment {
  uint32_t addr;
  uint16_t beats;
  uint8_t last; /* of its STORE */
};

struct machine {
  const struct model_code *p;
  uint32_t n, beat_shift;
  uint64_t t; /* cycle under way */
  uint16_t done[kEngines];
  uint8_t woken;       /* a count, a queue or an engine changed: commands that waited may begin */
  uint8_t fetch_stuck; /* nothing moves in fetch until a queue has room or data arrive */

  /* memory */
  int64_t tokens, rate, bucket; /* bytes */
  uint32_t latency;
  uint8_t r_valid, write_turn;
  uint32_t reads_head, n_reads, writes_head, n_writes, resps_head, n_resps;
  struct mem_read reads[kMemReads];
  uint8_t writes[kMemWrites]; /* beats left */
  uint64_t resps[kMemResponses];

  /* read address register */
  uint8_t ar_valid, ar_fetch, ar_beats;

  /* fetch */
  uint32_t ring_addr, fetch_next; /* next command to request */
  uint32_t fetch_want, fetch_used;
  uint32_t fetch_beat, fetch_count;
  uint8_t v_valid, d_valid;
  uint32_t dispatched;         /* commands that left it: the one in d is this */
  uint32_t arrived, c_arrived; /* commands, COMPUTEs that came in so far */

  /* load: commands pushed to the queue, begun or issued by the address side, handed to the data side, completed */
  uint32_t l_pushed, l_popped, l_begun, l_done;
  uint8_t l_active;
  uint32_t l_beats, l_rows, l_addr, l_row_addr, l_burst; /* burst: beats of the next one */
  uint32_t l_flight, l_bursts;
  uint32_t l_left; /* beats that the data side's head still expects */
  uint8_t pack_busy;
  uint64_t pack_start; /* cycle of its start */

  /* compute */
  uint32_t c_pushed, c_popped;
  uint64_t c_free;        /* from this cycle on a command may be taken */
  uint64_t c_loader;      /* from this cycle on its weights may start to move */
  uint64_t c_end;         /* the cycle after the last pixel of the commands so far; 0: there were none */
  uint64_t c_mode_cycles; /* waiting for the array to empty before a change of mode */
  uint8_t c_mode;
  uint32_t c_done_head, c_done_n;
  uint64_t c_done[kDoneRing];

  /* drain */
  uint32_t s_pushed, s_popped, stores_done;
  uint8_t d_active, d_run, d_out, d_half;
  uint32_t d_pix, d_seg, d_addr, d_half_addr;
  uint32_t pipe_any, pipe_word; /* bit k: a row (that completes a word) was issued k cycles ago */

  /* write */
  uint32_t ds_head, ds_n;
  struct segment ds[kDescs];
  uint8_t aw_valid, aw_beats, seg_begun;
  uint32_t seg_addr, seg_left;
  uint32_t len_head, len_n;
  uint8_t len[kLens];
  uint32_t rs_head, rs_n;
  uint8_t rs_last[kResponses];
  uint32_t words, words_rd, words_out; /* in SRAM, on their way out of it, in the output FIFO */
  uint8_t w_valid;
  uint32_t w_beat;

  /* results */
  struct tetra_timing *out;
  uint8_t finished; /* the SYNC is through */
};

/* Bit 15 of each 16-bit lane in which x - y is negative (rtl/tetra_token.sv). */
static inline uint64_t negative_lanes(uint64_t x, uint64_t y) {
  const uint64_t sign = 0x8000800080008000u;
  return (((x | sign) - (y & ~sign)) ^ ((x ^ ~y) & sign)) & sign;
}

static inline int waiting(const struct machine *m, const struct waits *w) {
  uint64_t done, count, enable;
  memcpy(&done, m->done, sizeof done);
  memcpy(&count, w->count, sizeof count);
  memcpy(&enable, w->enable, sizeof enable);
  return (negative_lanes(done, count) & enable) != 0;
}

static inline int waiting_for(const struct machine *m, const struct waits *w, int engine) {
  return w->enable[engine] != 0 && (int16_t)(uint16_t)(m->done[engine] - w->count[engine]) < 0;
}

/* Beats of the next burst of a run (rtl/tetra_burst.sv). */
static inline uint32_t burst_beats(const struct machine *m, uint32_t addr, uint32_t left) {
  const uint32_t room = (kPage - addr % kPage) >> m->beat_shift;
  const uint32_t most = room < kBurstBeats ? room : kBurstBeats;
  return left < most ? left : most;
}

/* PACK reads the residual buffer in this cycle: in all but every (window + 1)th cycle after its start. */
static inline int pack_reads(const struct machine *m) {
  if (!m->pack_busy) return 0;
  const struct load_cmd *c = &m->p->loads[m->l_done];
  const uint64_t k = m->t - m->pack_start;
  return k <= c->total && k % (c->window + 1) != 0;
}

#endif
