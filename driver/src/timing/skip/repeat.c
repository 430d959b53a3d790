/* Finds repetitions of layers by snapshots of the machine, and adds their results up. */
#include "timing/skip/repeat.h"

#include <stdlib.h>

#include "timing/skip/snapshot.h"

/* Places remembered: repetitions of up to kPlaces - 1 layers are found. Beyond a repetition's end as many commands must
 * be alike as fetch may hold or ask for. */
enum { kPlaces = 16, kAhead = 2 * kFetchSlots };

/* The machine when the first command of a layer was the next to be dispatched. */
struct place {
  uint32_t layer, command;
  uint64_t t, mode_cycles, classes[TETRA_TIMING_CLASSES];
  struct tetra_timing_layer *layers; /* the results so far */
  struct snapshot snapshot;
};

/* The bits of a command that timing depends on, besides the counts it waits for and its layer. */
struct mask {
  uint32_t word[TETRA_CMD_WORDS];
};

struct repeat {
  struct mask mask[16];    /* by operation; all 0: no command of it is ever alike */
  uint32_t next, n_layers; /* layer whose place is next */
  uint32_t n;              /* places taken */
  struct place place[kPlaces];
};

static void mask_add(struct mask *m, struct tetra_field f) {
  m->word[f.word] |= (f.width == 32 ? UINT32_MAX : (1u << f.width) - 1) << f.lsb;
}

/* Of an address or a stride only the place within a page counts. */
static void mask_add_page(struct mask *m, struct tetra_field f) { m->word[f.word] |= (kPage - 1) << f.lsb; }

static void mask_any(struct mask *m) {
  mask_add(m, TETRA_F_OP);
  mask_add(m, TETRA_F_WAIT_EN);
}

static void mask_load(struct mask *m) {
  mask_any(m);
  mask_add(m, TETRA_F_LOAD_BEATS);
  mask_add(m, TETRA_F_LOAD_COUNT);
  mask_add_page(m, TETRA_F_LOAD_ADDR);
  mask_add_page(m, TETRA_F_LOAD_ADDR_STRIDE);
}

static void mask_compute(struct mask *m) {
  mask_any(m);
  const struct tetra_field fields[] = {TETRA_F_COMP_KB,   TETRA_F_COMP_KH,   TETRA_F_COMP_KW,
                                       TETRA_F_COMP_OY,   TETRA_F_COMP_OX,   TETRA_F_COMP_HOLD,
                                       TETRA_F_COMP_ACT8, TETRA_F_COMP_WGT8, TETRA_F_COMP_ACT_SIGNED};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) mask_add(m, fields[i]);
}

static void mask_store(struct mask *m) {
  mask_any(m);
  const struct tetra_field fields[] = {TETRA_F_STORE_PIXELS,     TETRA_F_STORE_SEG_BEATS,  TETRA_F_STORE_OUT0_BITS4,
                                       TETRA_F_STORE_OUT1_BITS4, TETRA_F_STORE_TWO_OUT,    TETRA_F_STORE_HALVES2,
                                       TETRA_F_STORE_RES_FORM,   TETRA_F_STORE_LAST,       TETRA_F_STORE_POOL_BEATS,
                                       TETRA_F_STORE_POOL_PAD_X, TETRA_F_STORE_POOL_ODD_Y, TETRA_F_STORE_POOL_TOP,
                                       TETRA_F_STORE_POOL_END};
  const struct tetra_field pages[] = {TETRA_F_STORE_SEG_STRIDE, TETRA_F_STORE_OUT0_ADDR, TETRA_F_STORE_OUT1_ADDR,
                                      TETRA_F_STORE_OUT0_HALF_STRIDE, TETRA_F_STORE_OUT1_HALF_STRIDE};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) mask_add(m, fields[i]);
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) mask_add_page(m, pages[i]);
}

struct repeat *repeat_new(const struct tetra_plan *plan) {
  struct repeat *r = malloc(sizeof *r);
  if (r == NULL) return NULL;
  memset(r->mask, 0, sizeof r->mask);
  mask_load(&r->mask[TETRA_OP_LOAD]);
  mask_compute(&r->mask[TETRA_OP_COMPUTE]);
  mask_store(&r->mask[TETRA_OP_STORE]);
  r->next = r->n = 0;
  r->n_layers = (uint32_t)plan->n_layers;
  struct tetra_timing_layer *layers = calloc((size_t)plan->n_layers * kPlaces + 1, sizeof *layers);
  if (layers == NULL) {
    free(r);
    return NULL;
  }
  for (uint32_t i = 0; i < kPlaces; i++) r->place[i].layers = layers + (size_t)i * r->n_layers;
  return r;
}

void repeat_free(struct repeat *r) {
  if (r != NULL) free(r->place[0].layers);
  free(r);
}

/* What a repetition consists of. */
struct period {
  uint32_t commands, layers;
  uint64_t counts; /* completions, by engine in 16-bit lanes */
};

/* Does command b take the time of command a, one period earlier? */
static int alike(const struct repeat *r, const struct tetra_cmd *a, const struct tetra_cmd *b, const struct period *p) {
  const uint32_t wait = tetra_cmd_get(a, TETRA_F_WAIT_EN);
  const struct mask *m = &r->mask[tetra_cmd_get(a, TETRA_F_OP)];
  uint32_t differ = m->word[TETRA_F_OP.word] == 0;
  for (int i = 0; i < TETRA_CMD_WORDS; i++) differ |= (a->word[i] ^ b->word[i]) & m->word[i];
  if (differ || tetra_cmd_get(b, TETRA_F_LAYER) != tetra_cmd_get(a, TETRA_F_LAYER) + p->layers) return 0;
  const uint64_t before = a->word[1] | (uint64_t)a->word[2] << 32, now = b->word[1] | (uint64_t)b->word[2] << 32;
  for (int e = 0; e < kEngines; e++) {
    if ((wait >> e & 1) && (uint16_t)((now >> 16 * e) - (before >> 16 * e)) != (uint16_t)(p->counts >> 16 * e))
      return 0;
  }
  return 1;
}

static uint64_t count_of(uint32_t op) {
  const uint64_t one = 1;
  switch (op) {
    case TETRA_OP_COMPUTE:
      return one << 16 * kCompute;
    case TETRA_OP_STORE:
      return one << 16 * kDrain | one << 16 * kStore;
    default:
      return one << 16 * kLoad;
  }
}

/* From place a to place b; 0 where the counts do not fit their lanes. */
static int period_between(const struct tetra_plan *plan, const struct place *a, const struct place *b,
                          struct period *p) {
  *p = (struct period){.commands = b->command - a->command, .layers = b->layer - a->layer};
  if (p->commands > INT16_MAX) return 0;
  for (uint32_t i = a->command; i < b->command; i++) p->counts += count_of(tetra_cmd_get(&plan->cmds[i], TETRA_F_OP));
  return 1;
}

/* How often the commands between a and b follow b. */
static uint32_t repetitions(const struct repeat *r, const struct tetra_plan *plan, const struct place *b,
                            const struct period *p) {
  uint32_t i = b->command;
  while (i + 1 < plan->n_cmds && alike(r, &plan->cmds[i - p->commands], &plan->cmds[i], p)) i++;
  return i - b->command < kAhead ? 0 : (i - b->command - kAhead) / p->commands;
}

/* Layers that completed between two places complete again, `times` times. */
static void complete_layers(struct repeat *r, struct machine *m, const struct place *a, const struct place *b,
                            uint32_t layers, uint32_t times) {
  for (uint32_t k = 1; k <= times; k++) {
    uint64_t after = a->t;
    for (;;) { /* in the order of their completion */
      uint32_t next = r->n_layers;
      for (uint32_t i = 0; i < r->n_layers; i++) {
        const uint64_t c = b->layers[i].completion;
        if (c > after && c <= b->t && (next == r->n_layers || c < b->layers[next].completion)) next = i;
      }
      if (next == r->n_layers) break;
      after = b->layers[next].completion;
      struct tetra_timing_layer *l = &m->out->layers[next + k * layers];
      l->completion = after + k * (b->t - a->t);
      l->cycles = l->completion - m->completed;
      m->completed = l->completion;
    }
  }
}

static void repeat_results(struct repeat *r, struct machine *m, const struct place *a, const struct place *b,
                           uint32_t layers, uint32_t times) {
  struct tetra_timing *out = m->out;
  for (int i = 0; i < TETRA_TIMING_CLASSES; i++) out->classes[i] += times * (b->classes[i] - a->classes[i]);
  m->c_mode_cycles += times * (b->mode_cycles - a->mode_cycles);
  for (uint32_t i = 0; i < r->n_layers; i++) {
    const struct tetra_timing_layer *x = &a->layers[i], *y = &b->layers[i];
    if (y->busy == x->busy && y->read_bytes == x->read_bytes && y->write_bytes == x->write_bytes) continue;
    for (uint32_t k = 1; k <= times; k++) {
      struct tetra_timing_layer *l = &out->layers[i + k * layers];
      l->busy += y->busy - x->busy;
      l->read_bytes += y->read_bytes - x->read_bytes;
      l->write_bytes += y->write_bytes - x->write_bytes;
    }
  }
  complete_layers(r, m, a, b, layers, times);
}

static struct place *place_at(struct repeat *r, uint32_t i) { return &r->place[i % kPlaces]; }

static void place_take(struct repeat *r, struct machine *m) {
  struct place *p = place_at(r, r->n++);
  p->layer = r->next;
  p->command = m->dispatched;
  p->t = m->t;
  p->mode_cycles = m->c_mode_cycles;
  memcpy(p->classes, m->out->classes, sizeof p->classes);
  memcpy(p->layers, m->out->layers, r->n_layers * sizeof *p->layers);
  snapshot_take(m, p->layer, &p->snapshot);
}

/* Layers' places come in the order of their commands; those of interleaved layers do not always. */
static void next_place(struct repeat *r, const struct machine *m) {
  while (r->next < r->n_layers && m->plan->layers[r->next].first_cmd <= m->dispatched) r->next++;
}

uint32_t repeat_next(const struct repeat *r, const struct tetra_plan *plan) {
  return r == NULL || r->next >= r->n_layers ? UINT32_MAX : plan->layers[r->next].first_cmd;
}

void repeat_pass(struct repeat *r, struct machine *m) {
  place_take(r, m);
  const struct place *b = place_at(r, r->n - 1);
  for (uint32_t back = 2; back <= kPlaces && back <= r->n; back++) {
    const struct place *a = place_at(r, r->n - back);
    struct period p;
    if (!snapshot_same(&a->snapshot, &b->snapshot) || !period_between(m->plan, a, b, &p)) continue;
    const uint32_t times = repetitions(r, m->plan, b, &p);
    if (times == 0) continue;
    uint64_t counts = 0;
    for (uint32_t k = 0; k < times; k++) counts = add_lanes(counts, p.counts);
    repeat_results(r, m, a, b, p.layers, times);
    m->out->repeated += times * (b->t - a->t);
    snapshot_move(m, times * (b->t - a->t), times * p.commands, counts, times * p.layers);
    r->n = 0;
    break;
  }
  next_place(r, m);
}
