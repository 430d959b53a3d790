/* Passes cycles between beginnings and ends of commands together: read beats in closed form, and with the write side at
 * work stretches of steady flow. */
#include "timing/skip/flow.h"

#include "tetra/ceil_div.h"
#include "timing/engines/flow.h"
#include "timing/skip/backlog.h"
#include "timing/skip/stream.h"
#include "timing/skip/walk.h"

/* Cycles from now on in which `beats` read beats come with nothing else on the bus, the last in the last of them. Where
 * the rate is below a beat a cycle: one a cycle while the bucket lasts, then as many as the rate pays for. */
static uint64_t flow_read_cycles(const struct machine *m, uint32_t beats, int32_t tokens) {
  if (m->bucket.rate >= m->beat) return beats;
  const int32_t unpaid = (int32_t)beats * m->beat - tokens;
  const uint32_t paid = unpaid <= 0 ? 0 : (uint32_t)tetra_ceil_div(unpaid, m->bucket.rate);
  return paid > beats ? paid : beats;
}

/* The read beats that come in as many cycles. */
static uint32_t flow_beats_in(const struct machine *m, uint32_t cycles, int32_t tokens) {
  if (m->bucket.rate >= m->beat) return cycles;
  const uint32_t paid = (uint32_t)(tokens + (int32_t)cycles * m->bucket.rate) >> m->beat_shift;
  return paid < cycles ? paid : cycles;
}

/* Read beats with nothing else on the bus, until something may begin or end. */
static void flow_read_beats(struct machine *m, uint64_t stop) {
  /* The bucket can overflow in the first cycle, where it is near its top, or in all of them alike. */
  const int32_t top = m->bucket.size - (m->bucket.rate < m->beat ? m->bucket.rate : m->beat);
  int32_t tokens = m->bucket.tokens;
  if (m->bucket.rate < m->beat && tokens > top) tokens = top;
  uint32_t beats = dram_steady_beats(m);
  uint64_t cycles = flow_read_cycles(m, beats, tokens);
  if (cycles > stop - m->t) {
    cycles = stop - m->t;
    beats = flow_beats_in(m, (uint32_t)cycles, tokens);
  }
  tokens += (int32_t)cycles * m->bucket.rate - (int32_t)beats * m->beat;
  m->bucket.tokens = m->bucket.rate >= m->beat && tokens > top ? top : tokens;
  m->t += cycles;
  if (beats != 0) dram_beats(m, beats, m->t - 1);
}

/* The write side rests. `one_cycle`: a LOAD's next burst goes out in the cycle after this one. */
static void flow_reads(struct machine *m, int one_cycle) {
  const uint64_t stop = one_cycle ? m->t + 1 : m->stop;
  const int takes = m->r_head != m->r_tail && (dram_head(m)->fetch || load_takes(m));
  const uint64_t due = m->r_head == m->r_tail || (m->r_valid && !takes) ? kNever : dram_head(m)->due;
  if (due > m->t) {
    const uint64_t end = sooner(due, stop);
    dram_rest(m, end - m->t);
    m->t = end;
  } else if (takes && !m->r_valid) {
    flow_read_beats(m, stop);
  } else {
    flow_cycle(m);
    m->t++;
  }
}

/* The write side is at work; `one_cycle` as above. */
static void flow_writes(struct machine *m, int one_cycle) {
  struct steady c;
  if (steady_find(m, &c, one_cycle)) {
    if (c.apart              ? stream_applies(m) && stream_pass(m, &c)
        : backlog_applies(m) ? backlog_pass(m, &c)
                             : (stream_applies(m) && stream_pass(m, &c)) || walk_pass(m, &c))
      return;
  }
  flow_cycle(m);
  m->t++;
}

void flow_pass(struct machine *m) {
  while (m->t < m->stop && !m->woken) {
    int one_cycle = dram_load_continues(m);
    if (one_cycle) {
      dram_request(m, load_issue(m), 0);
      one_cycle = dram_load_continues(m);
      if (!one_cycle && load_asks(m)) stop_at(m, m->t + 1);
    }
    if (m->writing) {
      flow_writes(m, one_cycle);
    } else {
      flow_reads(m, one_cycle);
    }
  }
}
