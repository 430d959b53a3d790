/* Follows every word of the buffers through a plan's commands, in their order. */
#include "run/timeline/fill.h"

#include <stdlib.h>

static const uint32_t kNobody = UINT32_MAX;
enum { kPieces = 16 }; /* words of an entry of parameters */

/* Who wrote a word and who read it last, as commands of the plan. */
struct word {
  uint32_t writer, reader;
};

struct walk {
  const struct tetra_plan *plan;
  struct timeline_fill *f;
  struct word *words[TIMELINE_BUFFERS];
  uint32_t mask[TIMELINE_BUFFERS]; /* of a word's address */
  uint32_t command;
};

static uint32_t get(const struct walk *w, struct tetra_field f) { return tetra_cmd_get(&w->plan->cmds[w->command], f); }

/* A signed field of 16 bits. */
static int32_t get_signed(const struct walk *w, struct tetra_field f) { return (int16_t)get(w, f); }

static void let_go(struct walk *w, int buffer, const struct word *x) {
  if (x->reader == kNobody) return;
  w->f->change[x->writer][buffer]++;
  w->f->change[x->reader][buffer]--;
}

static void write_word(struct walk *w, int buffer, uint32_t address) {
  struct word *x = &w->words[buffer][address & w->mask[buffer]];
  let_go(w, buffer, x);
  *x = (struct word){w->command, kNobody};
}

static void read_words(struct walk *w, int buffer, uint32_t address, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    struct word *x = &w->words[buffer][(address + i) & w->mask[buffer]];
    if (x->writer != kNobody) x->reader = w->command;
  }
}

static void walk_load(struct walk *w) {
  const int buffer = (int)get(w, TETRA_F_LOAD_DST);
  const uint32_t first = get(w, TETRA_F_LOAD_DST_ADDR), stride = get(w, TETRA_F_LOAD_DST_STRIDE);
  const uint32_t rows = get(w, TETRA_F_LOAD_COUNT), beats = get(w, TETRA_F_LOAD_BEATS);
  /* The second half of narrowed weights joins the first in its words. */
  if (get(w, TETRA_F_LOAD_NARROW) == TETRA_NARROW_HIGH) return;
  for (uint32_t i = 0; i < rows; i++) {
    for (uint32_t b = 0; b < beats; b++) write_word(w, buffer, first + i * stride + b);
  }
}

static void walk_pack(struct walk *w) {
  const uint32_t kh = get(w, TETRA_F_PACK_KH), oy = get(w, TETRA_F_PACK_OY), pitch = get(w, TETRA_F_PACK_PITCH);
  const uint32_t rows = (oy - 1) * get(w, TETRA_F_PACK_SY) + kh, pixels = oy * get(w, TETRA_F_PACK_OX);
  const int32_t top = get_signed(w, TETRA_F_PACK_IY0), height = (int32_t)get(w, TETRA_F_PACK_H);
  for (uint32_t r = 0; r < rows; r++) {
    const uint32_t slot = (get(w, TETRA_F_PACK_SLOT) + r) % get(w, TETRA_F_PACK_RING_ROWS);
    if (top + (int32_t)r < 0 || top + (int32_t)r >= height) continue;
    read_words(w, TETRA_BUF_RES, get(w, TETRA_F_PACK_SRC) + slot * pitch, pitch);
  }
  const uint32_t lanes = w->plan->caps.n << get(w, TETRA_F_PACK_BITS4);
  const uint32_t words = (kh * get(w, TETRA_F_PACK_SEG) + lanes - 1) / lanes;
  for (uint32_t k = 0; k < words; k++) {
    const uint32_t first = get(w, TETRA_F_PACK_DST_ADDR) + k * get(w, TETRA_F_PACK_DST_STRIDE);
    for (uint32_t p = 0; p < pixels; p++) write_word(w, TETRA_BUF_ACT, first + p);
  }
}

/* The pixels of one k-step that lie inside the plane. `base`, (y0, x0): word and place of the first one. */
static void walk_kstep(struct walk *w, uint32_t base, int32_t y0, int32_t x0) {
  const int32_t height = (int32_t)get(w, TETRA_F_COMP_H), width = (int32_t)get(w, TETRA_F_COMP_W);
  const int32_t oys = (int32_t)get(w, TETRA_F_COMP_OY), oxs = (int32_t)get(w, TETRA_F_COMP_OX);
  const int32_t sy = (int32_t)get(w, TETRA_F_COMP_SY), sx = (int32_t)get(w, TETRA_F_COMP_SX);
  const uint32_t oy_stride = get(w, TETRA_F_COMP_OY_STRIDE), ox_stride = get(w, TETRA_F_COMP_OX_STRIDE);
  for (int32_t oy = 0; oy < oys; oy++) {
    const int32_t y = y0 + oy * sy;
    if (y < 0 || y >= height) continue;
    for (int32_t ox = 0; ox < oxs; ox++) {
      const int32_t x = x0 + ox * sx;
      if (x < 0 || x >= width) continue;
      read_words(w, TETRA_BUF_ACT, base + (uint32_t)oy * oy_stride + (uint32_t)ox * ox_stride, 1);
    }
  }
}

static void walk_compute(struct walk *w) {
  const uint32_t kbs = get(w, TETRA_F_COMP_KB), khs = get(w, TETRA_F_COMP_KH), kws = get(w, TETRA_F_COMP_KW);
  const uint32_t steps = get(w, TETRA_F_COMP_HOLD) ? 1 : kbs * khs * kws;
  read_words(w, TETRA_BUF_WGT, get(w, TETRA_F_COMP_WGT_BASE), steps * (w->plan->caps.n << !get(w, TETRA_F_COMP_ACT8)));
  for (uint32_t kb = 0; kb < kbs; kb++) {
    for (uint32_t ky = 0; ky < khs; ky++) {
      for (uint32_t kx = 0; kx < kws; kx++) {
        walk_kstep(w,
                   get(w, TETRA_F_COMP_ACT_BASE) + kb * get(w, TETRA_F_COMP_KB_STRIDE) +
                       ky * get(w, TETRA_F_COMP_KY_STRIDE) + kx * get(w, TETRA_F_COMP_KX_STRIDE),
                   get_signed(w, TETRA_F_COMP_IY0) + (int32_t)(ky * get(w, TETRA_F_COMP_DKY)),
                   get_signed(w, TETRA_F_COMP_IX0) + (int32_t)(kx * get(w, TETRA_F_COMP_DKX)));
      }
    }
  }
}

static void walk_store(struct walk *w) {
  const uint32_t halves = 1 + get(w, TETRA_F_STORE_HALVES2), pixels = get(w, TETRA_F_STORE_PIXELS);
  read_words(w, TETRA_BUF_PAR, get(w, TETRA_F_STORE_OUT0_PAR) * kPieces, halves * kPieces);
  if (get(w, TETRA_F_STORE_TWO_OUT))
    read_words(w, TETRA_BUF_PAR, get(w, TETRA_F_STORE_OUT1_PAR) * kPieces, halves * kPieces);
  if (get(w, TETRA_F_STORE_RES_FORM) == 0) return;
  for (uint32_t h = 0; h < (get(w, TETRA_F_STORE_RES4) ? 1 : halves); h++) {
    const uint32_t first = get(w, TETRA_F_STORE_RES_BASE) + h * get(w, TETRA_F_STORE_RES_HALF_STRIDE);
    read_words(w, TETRA_BUF_RES, first, pixels);
  }
}

static void walk_command(struct walk *w) {
  switch (get(w, TETRA_F_OP)) {
    case TETRA_OP_LOAD:
      walk_load(w);
      break;
    case TETRA_OP_PACK:
      walk_pack(w);
      break;
    case TETRA_OP_COMPUTE:
      walk_compute(w);
      break;
    case TETRA_OP_STORE:
      walk_store(w);
      break;
    default:
      break;
  }
}

static int get_ready(struct walk *w, struct tetra_error *err) {
  const struct tetra_caps *c = &w->plan->caps;
  const uint32_t sizes[TIMELINE_BUFFERS] = {c->act_words, c->wgt_words, c->res_words, c->par_entries * kPieces};
  w->f->change = calloc((size_t)w->plan->n_cmds + 1, sizeof *w->f->change);
  int good = w->f->change != NULL;
  for (int b = 0; b < TIMELINE_BUFFERS; b++) {
    w->mask[b] = sizes[b] - 1;
    w->words[b] = malloc(sizes[b] * sizeof *w->words[b]);
    good = good && w->words[b] != NULL;
    for (uint32_t i = 0; good && i < sizes[b]; i++) w->words[b][i] = (struct word){kNobody, kNobody};
  }
  return good ? TETRA_OK
              : tetra_fail(err, TETRA_ENOMEM, "no memory for the buffers' fill over %u commands", w->plan->n_cmds);
}

int timeline_fill_init(struct timeline_fill *f, const struct tetra_plan *plan, struct tetra_error *err) {
  struct walk w = {.plan = plan, .f = f};
  const int rc = get_ready(&w, err);
  if (rc == TETRA_OK) {
    for (; w.command < plan->n_cmds; w.command++) walk_command(&w);
    for (int b = 0; b < TIMELINE_BUFFERS; b++) {
      for (uint32_t i = 0; i <= w.mask[b]; i++) let_go(&w, b, &w.words[b][i]);
    }
  }
  for (int b = 0; b < TIMELINE_BUFFERS; b++) free(w.words[b]);
  return rc;
}

void timeline_fill_free(struct timeline_fill *f) {
  free(f->change);
  f->change = NULL;
}
