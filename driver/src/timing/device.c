/* The cycle model as a device: its clock in the hands of an owner, who tells it of commands and is told what happens.
 */
#include "tetra/timing_device.h"

#include <stdlib.h>

#include "timing/engines/clock.h"

struct tetra_timing_device {
  struct machine m;
  struct told told;
  struct tetra_memory_params mem;
  struct tetra_plan plan; /* the ring, as far as a machine looks at it */
  struct tetra_timing out;
  struct tetra_timing_layer layers[TETRA_DEF_MAX_LAYERS];
  uint64_t rested; /* cycles without work */
};

static int complete(const struct tetra_timing_hooks *h) {
  return h->fetch != NULL && h->dispatch != NULL && h->read != NULL && h->load != NULL && h->compute != NULL &&
         h->store != NULL && h->address != NULL && h->write != NULL && h->stored != NULL && h->sync != NULL;
}

int tetra_timing_device_new(struct tetra_timing_device **d, uint32_t n, const struct tetra_memory_params *mem,
                            const struct tetra_timing_hooks *hooks, struct tetra_error *err) {
  if (d == NULL || hooks == NULL || !complete(hooks))
    return tetra_fail(err, TETRA_EINVAL, "tetra_timing_device_new needs a place for the device and every hook");
  *d = NULL;
  if (!tetra_caps_good_n(n)) return tetra_fail(err, TETRA_EINVAL, "a timing device for an array of size %u", n);
  const int rc = tetra_memory_check(mem, err);
  if (rc != TETRA_OK) return rc;
  *d = calloc(1, sizeof **d);
  if (*d == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a timing device");
  (*d)->told.hooks = *hooks;
  (*d)->mem = *mem;
  (*d)->plan.caps = tetra_caps_default(n);
  (*d)->plan.ring_entries = 2;
  tetra_timing_device_reset(*d);
  return TETRA_OK;
}

void tetra_timing_device_free(struct tetra_timing_device *d) { free(d); }

void tetra_timing_device_reset(struct tetra_timing_device *d) {
  const uint8_t turn = d->m.bucket.write_turn; /* the memory's, which is not reset */
  const struct tetra_timing_hooks hooks = d->told.hooks;
  const uint8_t disabled = d->told.disabled;
  memset(&d->told, 0, sizeof d->told);
  d->told.hooks = hooks;
  d->told.disabled = disabled;
  memset(&d->out, 0, sizeof d->out);
  memset(d->layers, 0, sizeof d->layers);
  d->out.layers = d->layers;
  d->out.n_layers = TETRA_DEF_MAX_LAYERS;
  d->plan.cmds = d->told.fetched;
  d->plan.n_cmds = 0;
  d->plan.n_layers = TETRA_DEF_MAX_LAYERS;
  d->rested = 0;
  power_up(&d->m, &d->plan, &d->mem, &d->out);
  d->m.bucket.write_turn = turn;
  d->m.told = &d->told;
  d->m.cmd_mask = kFetchSlots - 1;
  d->m.ring_size = d->plan.ring_entries;
}

void tetra_timing_device_ring(struct tetra_timing_device *d, uint32_t addr, uint32_t entries) {
  d->plan.ring_addr = addr;
  d->plan.ring_entries = d->m.ring_size = entries < 2 ? 2 : entries;
}

void tetra_timing_device_commands(struct tetra_timing_device *d, uint32_t commands) {
  count_idle(&d->m, d->m.t); /* more may arrive from now on */
  d->plan.n_cmds = commands;
  fetch_plan_request(&d->m);
}

void tetra_timing_device_enable(struct tetra_timing_device *d, int enable) { d->told.disabled = !enable; }

enum tetra_timing_state tetra_timing_device_state(const struct tetra_timing_device *d) {
  const struct machine *m = &d->m;
  if (m->finished || d->told.halted) return TETRA_TIMING_HALTED;
  if (m->dispatched == d->plan.n_cmds && m->fetch_next == d->plan.n_cmds && m->r_head == m->r_tail &&
      m->c_done_n == 0 && m->t >= fetch_sync_cycle(m))
    return TETRA_TIMING_IDLE;
  return m->stop == kNever && !m->woken && waits_for_ever(m) ? TETRA_TIMING_WAITS : TETRA_TIMING_WORKS;
}

uint64_t tetra_timing_device_run(struct tetra_timing_device *d, uint64_t cycles, const int *stop) {
  struct machine *m = &d->m;
  const uint64_t begin = m->t, end = begin + cycles;
  while (m->t < end && !m->finished && !d->told.halted && !*stop) {
    if (tetra_timing_device_state(d) == TETRA_TIMING_IDLE) break;
    begin_cycle(m);
    if (waits_for_ever(m)) break;
    if (m->stop > m->t) {
      m->stop = sooner(m->stop, end);
      pass(m);
    } else {
      step(m);
    }
  }
  return m->t - begin;
}

struct tetra_grant tetra_timing_device_wants(const struct tetra_timing_device *d) {
  const struct machine *m = &d->m;
  const struct mem_read *r = &m->reads[m->r_head % kReadRing];
  const struct tetra_grant g = {m->r_head != m->r_tail && !m->r_valid && r->due <= m->t, m->w_valid};
  return g;
}

void tetra_timing_device_step(struct tetra_timing_device *d, struct tetra_grant granted) {
  struct machine *m = &d->m;
  begin_cycle(m);
  m->granted = granted;
  m->grants_given = 1;
  step(m);
  m->grants_given = 0;
}

void tetra_timing_device_rest(struct tetra_timing_device *d, uint64_t cycles) {
  struct machine *m = &d->m;
  dram_rest(m, cycles);
  m->t += cycles;
  m->counted = m->t;
  d->rested += cycles;
}

void tetra_timing_device_wait(struct tetra_timing_device *d, uint64_t cycles) {
  struct machine *m = &d->m;
  dram_rest(m, cycles);
  m->t += cycles;
  count_idle(m, m->t);
}

uint64_t tetra_timing_device_progress(const struct tetra_timing_device *d) {
  const struct machine *m = &d->m;
  /* The array takes pixels in every cycle up to c_end, PACK words up to its end. */
  const uint64_t works = (m->c_end > m->t || (m->pack_busy && m->pack_end > m->t)) ? m->t : 0;
  const uint64_t moved[] = {works,       m->r_head,      m->l_left,  m->fetch_beat, m->dispatched,
                            m->c_popped, m->d_pix,       m->d_half,  m->words,      m->mem_beats,
                            m->b_done,   m->stores_done, m->l_begun, m->b_written,  m->d_out};
  uint64_t hash = 0;
  for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
    hash = (hash ^ moved[i]) * 0x9e3779b97f4a7c15u + (hash >> 29);
  return hash;
}

struct tetra_bucket tetra_timing_device_bucket(const struct tetra_timing_device *d) {
  return d->m.bucket;
}

void tetra_timing_device_set_bucket(struct tetra_timing_device *d, const struct tetra_bucket *bucket) {
  const int32_t rate = d->m.bucket.rate;
  d->m.bucket = *bucket;
  d->mem.bytes_per_cycle = (uint32_t)bucket->rate;
  if (rate != bucket->rate) backlog_tables(&d->m);
}
uint64_t tetra_timing_device_now(const struct tetra_timing_device *d) { return d->m.t; }
uint32_t tetra_timing_device_dispatched(const struct tetra_timing_device *d) { return d->m.dispatched; }

uint32_t tetra_timing_device_oldest(const struct tetra_timing_device *d) {
  const struct machine *m = &d->m;
  uint32_t oldest = m->dispatched;
  const uint32_t at[3] = {d->told.load[m->l_popped % kLoadRing].index, d->told.compute[m->c_popped % kCountRing].index,
                          d->told.store[m->s_popped % kStoreRing].index};
  const int waits[3] = {m->l_pushed != m->l_popped && !m->l_active, m->c_pushed != m->c_popped,
                        m->s_pushed != m->s_popped};
  for (int i = 0; i < 3; i++) {
    if (waits[i] && at[i] < oldest) oldest = at[i];
  }
  return oldest;
}

void tetra_timing_device_classes(const struct tetra_timing_device *d, uint64_t classes[TETRA_TIMING_CLASSES]) {
  memcpy(classes, d->out.classes, sizeof d->out.classes);
  count_array(&d->m, d->m.t - d->rested, classes);
}
