/* Command fetch and dispatch (rtl/control/tetra_fetch.sv). */
#ifndef TETRA_TIMING_FETCH_H
#define TETRA_TIMING_FETCH_H

#include "timing/engines/idle.h"
#include "timing/engines/machine.h"

/* Commands of the next request; 0 where none are left. */
static inline void fetch_plan_request(struct machine *m) {
  const uint32_t left = m->plan->n_cmds - m->fetch_next;
  const uint32_t slot = m->ring_size != 0 ? m->fetch_next % m->ring_size : m->fetch_next;
  const uint32_t room = 64 - ((m->plan->ring_addr / TETRA_CMD_BYTES + slot) & 63);
  m->fetch_want = kFetchBurst;
  if (left < m->fetch_want) m->fetch_want = left;
  if (m->ring_size != 0 && m->ring_size - slot < m->fetch_want) m->fetch_want = m->ring_size - slot;
  if (room < m->fetch_want) m->fetch_want = room;
}

/* It asks for the bus (whether or not it gets it). */
static inline int fetch_asks(const struct machine *m) {
  if (m->told != NULL && m->told->disabled) return 0;
  return m->fetch_want != 0 && m->fetch_want + m->fetch_used <= kFetchSlots;
}

static inline void fetch_tell(struct machine *m) {
  struct tetra_cmd cmds[kFetchBurst];
  m->latency = m->told->hooks.fetch(m->told->hooks.arg, m->fetch_next % m->ring_size, m->fetch_want, cmds);
  for (uint32_t i = 0; i < m->fetch_want; i++) m->told->fetched[(m->fetch_next + i) & m->cmd_mask] = cmds[i];
}

/* Beats of its next request, which goes out. */
static inline uint32_t fetch_request(struct machine *m) {
  if (m->told != NULL) fetch_tell(m);
  const uint32_t beats = m->fetch_want * m->cmd_beats;
  m->fetch_used += m->fetch_want;
  m->fetch_next += m->fetch_want;
  fetch_plan_request(m);
  return beats;
}

/* Everything before a SYNC has completed, but for the core. */
static inline int fetch_engines_idle(const struct machine *m) {
  return m->l_pushed == m->l_done && m->c_pushed == m->c_popped && m->s_pushed == m->s_popped && !m->d_active &&
         m->ds_n == 0 && m->b_issued == m->b_done;
}

static inline uint64_t fetch_sync_cycle(const struct machine *m) {
  if (!fetch_engines_idle(m)) return kNever;
  return later(m->c_free, m->c_end == 0 ? 0 : m->c_end + cycles_to_idle(m->n));
}

/* The first cycle in which the next command may leave, as things stand. */
static inline uint64_t fetch_cycle(const struct machine *m) {
  if (m->dispatched == m->arrived || (m->told != NULL && m->told->disabled)) return kNever;
  const uint64_t when = later(m->ready[m->dispatched % kFetchSlots], m->fired);
  switch (m->op[m->dispatched % kFetchSlots]) {
    case TETRA_OP_COMPUTE:
      return m->c_pushed - m->c_popped < kQueue ? when : kNever;
    case TETRA_OP_STORE:
      return m->s_pushed - m->s_popped < kQueue ? when : kNever;
    case TETRA_OP_SYNC:
      return later(when, fetch_sync_cycle(m));
    default:
      return m->l_pushed - m->l_popped < kLoadQueue ? when : kNever;
  }
}

/* Beats of a command, at most those that it lacks; the last in cycle `now`. A command that is whole leaves
 * kFetchStages later, or in the cycle after the one before it. */
static inline void fetch_beats(struct machine *m, uint32_t beats, uint64_t now) {
  m->fetch_beat += beats;
  if (m->fetch_beat != m->cmd_beats) return;
  if (m->arrived + 1 == m->plan->n_cmds) count_idle(m, now + 1);
  const uint32_t slot = m->arrived % kFetchSlots;
  m->fetch_beat = 0;
  m->op[slot] = (uint8_t)tetra_cmd_get(command_at(m, m->arrived), TETRA_F_OP);
  m->c_arrived += m->op[slot] == TETRA_OP_COMPUTE;
  m->ready[slot] = now + kFetchStages;
  if (m->arrived++ != m->dispatched) return;
  m->fire = fetch_cycle(m);
  event_at(m, m->fire);
}

/* The next command leaves in cycle `now`. */
static inline void fetch_fire(struct machine *m, uint64_t now) {
  if (!model_dispatch(m)) {
    m->illegal = m->finished = 1;
    return;
  }
  m->fired = now + 1;
  m->dispatched++;
  m->fetch_used--;
  m->woken = 1;
}

#endif
