/* Registers and their bits, from hw_fields.def. */
#include "registers.h"

#include <stdio.h>
#include <string.h>

#include "tetra/hw.h"

static const struct {
  const char *reg;
  struct bits bits;
} kBits[] = {
#define TETRA_BITS(reg, upper, lsb, width, access, reset, comment) \
  {#reg, {#upper, lsb, width, #access, reset, comment}},
#include "tetra/hw_fields.def"
};

static const struct {
  const char *name, *comment;
  uint32_t number;
} kCounters[] = {
#define TETRA_COUNTER(camel, upper, number, key, text) {#upper, text, number},
#include "tetra/hw_fields.def"
};

static uint32_t ones(const struct bits *b) { return (b->width == 32 ? 0xffffffffu : (1u << b->width) - 1) << b->lsb; }

static int is(const char *access, const char *what) { return strcmp(access, what) == 0; }

int registers_has_reset(const struct bits *b) { return !is(b->access, "CAP"); }

static void add_bits(struct reg *r) {
  for (size_t i = 0; i < sizeof kBits / sizeof *kBits; i++) {
    if (!is(kBits[i].reg, r->name) || r->n_bits == 4) continue;
    struct bits *b = &r->bits[r->n_bits++];
    *b = kBits[i].bits;
    if (is(r->access, "CAP")) b->access = r->access;
  }
  if (r->n_bits == 0) r->bits[r->n_bits++] = (struct bits){"VALUE", 0, 32, r->access, r->reset, r->comment};
}

/* Bits do not overlap; those that can be written are the ones that the register keeps, with its reset value. */
static int agrees(const struct reg *r) {
  uint32_t seen = 0, kept = 0, reset = 0;
  for (int i = 0; i < r->n_bits; i++) {
    const struct bits *b = &r->bits[i];
    if (b->width == 0 || b->lsb + b->width > 32 || (seen & ones(b)) != 0) return 0;
    seen |= ones(b);
    if (is(b->access, "RW") || is(b->access, "W1C")) kept |= ones(b);
    reset |= b->reset << b->lsb;
  }
  return (kept == r->kept || is(r->access, "CAP")) && reset == r->reset;
}

static struct reg *add(struct registers *all, struct reg r) {
  if (all->n == REGISTERS_MAX) return NULL;
  add_bits(&r);
  all->reg[all->n] = r;
  return &all->reg[all->n++];
}

/* A counter is two registers, of which the low one is read first. */
static void add_counters(struct registers *all) {
  static char names[2 * sizeof kCounters / sizeof *kCounters][32];
  for (size_t i = 0; i < sizeof kCounters / sizeof *kCounters; i++) {
    for (uint32_t high = 0; high < 2; high++) {
      char *name = names[2 * i + high];
      snprintf(name, sizeof *names, "%s_%s", kCounters[i].name, high ? "HI" : "LO");
      const struct reg r = {.name = name,
                            .offset = TETRA_REG_COUNTERS + 8 * kCounters[i].number + 4 * high,
                            .access = "RO",
                            .comment = kCounters[i].comment};
      (void)add(all, r);
    }
  }
}

const char *registers_list(struct registers *all) {
  all->n = 0;
#define TETRA_REG(camel, upper, off, acc, mask, value, text) \
  if (TETRA_##upper != TETRA_REG_COUNTERS)                   \
    (void)add(all, (struct reg){.name = &#upper[4],          \
                                .offset = off,               \
                                .access = #acc,              \
                                .comment = text,             \
                                .kept = (uint32_t)(mask),    \
                                .reset = (uint32_t)(value)});
#include "tetra/hw_fields.def"
  add_counters(all);
  for (int i = 0; i < all->n; i++) {
    if (!agrees(&all->reg[i])) return all->reg[i].name;
  }
  /* Bits of a register that does not exist would be in nobody's list. */
  for (size_t i = 0; i < sizeof kBits / sizeof *kBits; i++) {
    int known = 0;
    for (int k = 0; k < all->n; k++) known |= is(all->reg[k].name, kBits[i].reg);
    if (!known) return kBits[i].reg;
  }
  return NULL;
}
