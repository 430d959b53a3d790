/* Command fetch and dispatch (rtl/tetra_fetch.sv). */
#ifndef TETRA_MODEL_FETCH_H
#define TETRA_MODEL_FETCH_H

#include "machine.h"

/* Commands of the next request; 0 where none are left. */
static inline void fetch_plan_request(struct machine *m) {
  const uint32_t left = m->p->n_cmds - m->fetch_next;
  const uint32_t room = 64 - ((m->ring_addr / TETRA_CMD_BYTES + m->fetch_next) & 63);
  m->fetch_want = kFetchBurst;
  if (left < m->fetch_want) m->fetch_want = left;
  if (room < m->fetch_want) m->fetch_want = room;
}

/* It asks for the bus (whether or not it gets it). */
static inline int fetch_asks(const struct machine *m) {
  return m->fetch_want != 0 && m->fetch_want + m->fetch_used <= kFetchSlots;
}

/* The command waiting for dispatch leaves in this cycle. */
static inline int fetch_fires(const struct machine *m, int idle) {
  if (!m->d_valid) return 0;
  switch (m->p->op[m->dispatched]) {
    case TETRA_OP_COMPUTE:
      return m->c_pushed - m->c_popped < kQueue;
    case TETRA_OP_STORE:
      return m->s_pushed - m->s_popped < kQueue;
    case TETRA_OP_SYNC:
      return idle;
    default:
      return m->l_pushed - m->l_popped < kLoadQueue;
  }
}

/* A COMPUTE waits here or may still arrive. */
static inline int fetch_compute_ahead(const struct machine *m) {
  return m->arrived != m->p->n_cmds || m->c_arrived != m->c_pushed;
}

/* The clock edge. `beat`: a beat of a command arrived. Returns whether anything moved. */
static inline int fetch_clock(struct machine *m, int request, int beat, int fire) {
  const int v_go = m->v_valid && (!m->d_valid || fire);
  const int read = m->fetch_count != 0 && (!m->v_valid || v_go);
  if (request) {
    m->fetch_used += m->fetch_want;
    m->fetch_next += m->fetch_want;
    fetch_plan_request(m);
  }
  if (beat && ++m->fetch_beat == (uint32_t)TETRA_CMD_BYTES >> m->beat_shift) {
    m->fetch_beat = 0;
    m->fetch_count++;
    m->c_arrived += m->p->op[m->arrived++] == TETRA_OP_COMPUTE;
  }
  if (fire) {
    switch (m->p->op[m->dispatched++]) {
      case TETRA_OP_COMPUTE:
        m->c_pushed++;
        break;
      case TETRA_OP_STORE:
        m->s_pushed++;
        break;
      case TETRA_OP_SYNC:
        m->finished = 1;
        break;
      default:
        m->l_pushed++;
    }
    m->fetch_used--;
  }
  if (v_go) {
    m->d_valid = 1;
  } else if (fire) {
    m->d_valid = 0;
  }
  if (read) {
    m->fetch_count--;
    m->v_valid = 1;
  } else if (v_go) {
    m->v_valid = 0;
  }
  return request | beat | fire | v_go | read;
}

#endif
