/* Looks into the cycle model's machine, whose headers are C. */
#include "machine_probe.h"

#include <stdlib.h>
#include <string.h>

#include "timing/engines/clock.h"
#include "timing/skip/snapshot.h"

enum { kMostRegisters = 1024 };

struct reg {
  const char *name;
  size_t at;          /* in struct machine */
  uint8_t size, flag; /* flag: 0 or 1 */
};

struct probe {
  struct machine m;
  struct tetra_timing out;
  struct tetra_timing_layer *layers;
  struct reg reg[kMostRegisters];
  uint32_t n_regs;
  uint8_t flags; /* what is added now are */
};

static void own(struct probe *p) {
  p->out.layers = p->layers;
  p->m.out = &p->out;
}

struct probe *probe_new(const struct tetra_plan *plan, const struct tetra_memory_params *mem) {
  struct probe *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->layers = calloc((size_t)plan->n_layers + 1, sizeof *p->layers);
  p->out.n_layers = plan->n_layers;
  power_up(&p->m, plan, mem, &p->out);
  own(p);
  return p;
}

struct probe *probe_copy(const struct probe *p) {
  struct probe *copy = malloc(sizeof *copy);
  if (copy == NULL) return NULL;
  memcpy(copy, p, sizeof *copy);
  const size_t layers = (size_t)p->out.n_layers + 1;
  copy->layers = malloc(layers * sizeof *p->layers);
  if (copy->layers != NULL) memcpy(copy->layers, p->layers, layers * sizeof *p->layers);
  own(copy);
  return copy;
}

void probe_free(struct probe *p) {
  if (p != NULL) free(p->layers);
  free(p);
}

uint64_t probe_now(const struct probe *p) { return p->m.t; }
int probe_finished(const struct probe *p) { return p->m.finished; }

static uint64_t go_on(struct probe *p, int jump) {
  struct machine *m = &p->m;
  const uint64_t before = m->t;
  begin_cycle(m);
  if (waits_for_ever(m)) return 0;
  if (jump && m->stop > m->t) {
    pass(m);
  } else {
    step(m);
  }
  return m->t - before;
}

uint64_t probe_step(struct probe *p) { return go_on(p, 0); }
uint64_t probe_jump(struct probe *p) { return go_on(p, 1); }

/* Where a STORE does not pool, nothing looks at its place in a window, and jumps do not keep all of it. */
static void forget_pool(struct machine *m) {
  if (m->d_active && store_at(m, m->s_popped - 1)->pool_beats == 0)
    m->p_first_col = m->p_odd_x = m->p_first_row = m->p_odd_y = 0;
}

int probe_same(struct probe *a, struct probe *b, uint32_t layer_a, uint32_t layer_b) {
  static struct snapshot x, y;
  count_idle(&a->m, a->m.t); /* how far idle cycles are counted is no state */
  count_idle(&b->m, b->m.t);
  forget_pool(&a->m);
  forget_pool(&b->m);
  snapshot_take(&a->m, layer_a, &x);
  snapshot_take(&b->m, layer_b, &y);
  return snapshot_same(&x, &y);
}

void probe_move(struct probe *p, uint64_t cycles, uint32_t commands, uint64_t counts, uint32_t layers) {
  snapshot_move(&p->m, cycles, commands, counts, layers);
}

int probe_segments(const struct probe *p) { return (int)p->m.ds_n; }

static void add(struct probe *p, const char *name, const void *where, size_t size) {
  if (p->n_regs == kMostRegisters) return;
  p->reg[p->n_regs++] =
      (struct reg){name, (size_t)((const char *)where - (const char *)&p->m), (uint8_t)size, p->flags};
}
#define ADD(member) add(p, #member, &m->member, sizeof m->member)
#define ADD_AT(array, i, ring, member) \
  add(p, #array "[]" #member, &m->array[(i) % (ring)] member, sizeof m->array[(i) % (ring)] member)

static void add_reads(struct probe *p, const struct machine *m) {
  ADD(bucket.tokens);
  for (uint32_t i = m->r_head; i != m->r_tail; i++) {
    ADD_AT(reads, i, kReadRing, .due);
    ADD_AT(reads, i, kReadRing, .beats);
  }
}

static void add_fetch_and_load(struct probe *p, const struct machine *m) {
  ADD(fetch_want);
  ADD(fetch_used);
  ADD(fetch_beat);
  ADD(fired);
  for (uint32_t i = m->dispatched; i != m->arrived; i++) {
    ADD_AT(ready, i, kFetchSlots, );
    ADD_AT(op, i, kFetchSlots, );
  }
  ADD(l_beats);
  ADD(l_rows);
  ADD(l_addr);
  ADD(l_row_addr);
  ADD(l_burst);
  ADD(l_flight);
  ADD(l_bursts);
  ADD(l_left);
  ADD(pack_start);
  ADD(pack_end);
  for (uint32_t i = m->l_done; i != m->l_pushed; i++) {
    ADD_AT(loads, i, kLoadRing, .waits.count);
    ADD_AT(loads, i, kLoadRing, .addr);
    ADD_AT(loads, i, kLoadRing, .beats);
    ADD_AT(loads, i, kLoadRing, .rows);
    ADD_AT(loads, i, kLoadRing, .stride);
    ADD_AT(loads, i, kLoadRing, .total);
  }
}

static void add_compute_and_drain(struct probe *p, const struct machine *m) {
  ADD(c_free);
  ADD(c_loader);
  ADD(c_end);
  ADD(c_mode);
  for (uint32_t i = 0; i < m->c_done_n; i++) ADD_AT(c_done, m->c_done_head + i, kDoneRing, );
  for (uint32_t i = m->c_popped; i != m->c_pushed; i++) {
    ADD_AT(computes, i, kComputeRing, .waits.count);
    ADD_AT(computes, i, kComputeRing, .steps);
    ADD_AT(computes, i, kComputeRing, .pixels);
    ADD_AT(computes, i, kComputeRing, .mode);
  }
  ADD(d_pix);
  ADD(d_seg);
  ADD(d_addr);
  ADD(d_half_addr);
  ADD(pipe);
  for (uint32_t i = m->stores_done; i != m->s_pushed; i++) {
    ADD_AT(stores, i, kStoreRing, .waits.count);
    ADD_AT(stores, i, kStoreRing, .pixels);
    ADD_AT(stores, i, kStoreRing, .seg);
    ADD_AT(stores, i, kStoreRing, .seg_stride);
    ADD_AT(stores, i, kStoreRing, .addr[0]);
    ADD_AT(stores, i, kStoreRing, .addr[1]);
    ADD_AT(stores, i, kStoreRing, .half_stride[0]);
    ADD_AT(stores, i, kStoreRing, .half_stride[1]);
    ADD_AT(stores, i, kStoreRing, .layer);
  }
}

static void add_flags(struct probe *p, const struct machine *m) {
  p->flags = 1;
  ADD(r_valid);
  ADD(bucket.write_turn);
  ADD(w_valid);
  for (uint32_t i = m->r_head; i != m->r_tail; i++) ADD_AT(reads, i, kReadRing, .fetch);
  for (uint32_t i = 0; i < m->ds_n; i++) ADD_AT(ds, m->ds_head + i, kDescs, .last);
  for (uint32_t i = m->b_done; i != m->b_issued; i++) ADD_AT(b_last, i, kResponses, );
  for (uint32_t i = m->c_popped; i != m->c_pushed; i++) ADD_AT(computes, i, kComputeRing, .hold);
  for (uint32_t i = m->stores_done; i != m->s_pushed; i++) {
    ADD_AT(stores, i, kStoreRing, .bits4[0]);
    ADD_AT(stores, i, kStoreRing, .bits4[1]);
    ADD_AT(stores, i, kStoreRing, .two_out);
    ADD_AT(stores, i, kStoreRing, .halves2);
    ADD_AT(stores, i, kStoreRing, .residual);
    ADD_AT(stores, i, kStoreRing, .layer_last);
    ADD_AT(stores, i, kStoreRing, .pool_pad_x);
    ADD_AT(stores, i, kStoreRing, .pool_odd_y);
    ADD_AT(stores, i, kStoreRing, .pool_top);
    ADD_AT(stores, i, kStoreRing, .pool_end);
  }
  ADD(d_out);
  ADD(d_half);
  ADD(p_first_col);
  ADD(p_odd_x);
  ADD(p_first_row);
  ADD(p_odd_y);
  p->flags = 0;
}

static void add_write(struct probe *p, const struct machine *m) {
  ADD(words);
  ADD(words_rd);
  ADD(words_out);
  ADD(seg_addr);
  ADD(seg_left);
  ADD(data_beats);
  ADD(mem_beats);
  for (uint32_t i = 0; i < m->ds_n; i++) {
    ADD_AT(ds, m->ds_head + i, kDescs, .addr);
    ADD_AT(ds, m->ds_head + i, kDescs, .beats);
  }
  for (uint32_t i = m->b_done; i != m->b_issued; i++) {
    ADD_AT(b_beats, i, kResponses, );
    if ((int32_t)(i - m->b_written) < 0) ADD_AT(b_due, i, kResponses, );
  }
}

uint32_t probe_registers(struct probe *p) {
  write_catch_up(&p->m);
  p->n_regs = 0;
  add_reads(p, &p->m);
  add_fetch_and_load(p, &p->m);
  add_compute_and_drain(p, &p->m);
  add_flags(p, &p->m);
  add_write(p, &p->m);
  return p->n_regs;
}

const char *probe_register_name(const struct probe *p, uint32_t i) { return p->reg[i].name; }

void probe_change(struct probe *p, uint32_t i, uint64_t by) {
  void *at = (char *)&p->m + p->reg[i].at;
  switch (p->reg[i].size) {
    case 1:
      *(uint8_t *)at = (uint8_t)(p->reg[i].flag ? *(uint8_t *)at ^ 1 : *(uint8_t *)at + by);
      break;
    case 2:
      *(uint16_t *)at = (uint16_t)(*(uint16_t *)at + by);
      break;
    case 4: /* mem_read's fetch is the one flag of this size */
      *(uint32_t *)at = (uint32_t)(p->reg[i].flag ? *(uint32_t *)at ^ 1 : *(uint32_t *)at + by);
      break;
    default:
      *(uint64_t *)at += by;
      break;
  }
}
