/* Steady flow with the write side at work: until one of a few counters runs out, nothing begins or ends, and rows,
 * words and beats move by the same few rules. stream.h, backlog.h and walk.h are three ways over such a stretch. */
#ifndef TETRA_TIMING_STEADY_H
#define TETRA_TIMING_STEADY_H

#include "timing/engines/dram.h"
#include "timing/engines/write.h"

/* Cycles of a backlog that are looked at at once: a word's bits. */
enum { kBacklogMost = 64 };

/* A stretch of steady flow: what may move in it, at most. Of beats and words, with the last something begins or ends,
 * so with it the stretch does; at least one may move. Rows: those before one with which a segment begins or ends. */
struct steady {
  uint32_t cycles, reads, writes, data, rows;
  uint32_t ended;             /* moved: cycles before the one in which the memory's burst ended, if it did */
  uint32_t read, run, paired; /* beats come in; the drain runs; two rows make a word */
  uint32_t apart;             /* a row takes two cycles: only stream.h knows how to pass those */
  uint64_t words;             /* rows from now on, by bit, that let a word out; repeats every four */
};

/* The stretch that begins now, up to m->stop. Returns 0 where this cycle may not be steady. `one_cycle`: it is one
 * cycle long at most, since a LOAD's next burst goes out in the one after it. */
int steady_find(struct machine *m, struct steady *c, int one_cycle);
/* So much of it has moved. `paired`: as in the stretch. (Inline: as a function it is 2 % of the model's instructions.)
 */
static inline void steady_moved(struct machine *m, const struct steady *moved, int paired) {
  const uint64_t begin = m->t;
  m->t += moved->cycles;
  if (moved->data < m->data_beats) {
    m->data_beats -= moved->data;
  } else if (moved->data != 0) {
    const uint32_t more = moved->data - m->data_beats;
    write_data(m, m->data_beats);
    if (more != 0) write_data(m, more);
  }
  if (moved->writes > m->mem_beats) {
    const uint32_t more = moved->writes - m->mem_beats;
    write_memory(m, m->mem_beats, begin + moved->ended);
    write_memory(m, more, m->t - 1);
  } else if (moved->writes != 0) {
    write_memory(m, moved->writes, begin + moved->ended);
  }
  if (moved->reads != 0) dram_beats(m, moved->reads, m->t - 1);
  const uint32_t halves = m->d_half + moved->rows, pixels = paired ? halves >> 1 : moved->rows;
  if (paired) m->d_half = halves & 1;
  m->p_odd_x ^= pixels & 1;
  m->d_pix -= pixels;
  m->d_seg -= pixels;
}

/* Write beats of the burst after the memory's: they may move with those, in at most kBacklogMost cycles after its end,
 * where nothing follows from that end before those are over. */
static inline uint32_t steady_more_writes(const struct machine *m) {
  const uint32_t next = m->b_written + 1;
  return next == m->b_issued || m->latency < kBacklogMost ? 0 : m->b_beats[next % kResponses];
}

#endif
