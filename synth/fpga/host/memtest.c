/* Two patterns through the whole memory. */
#include "memtest.h"

#include "tetra/random.h"

/* Words that differ, and the first of them. */
struct damage {
  uint32_t words, addr, got, want;
};

/* No two addresses' words are related, so a line of the address that is stuck shows. */
static uint32_t pattern(uint32_t addr, int inverted) {
  const uint32_t word = (uint32_t)tetra_random_mix(addr * TETRA_RANDOM_STEP);
  return inverted ? ~word : word;
}

static int write_part(const struct board *b, uint32_t addr, size_t n, int inverted, struct tetra_error *err) {
  uint32_t words[LINK_MAX_WORDS];
  for (size_t i = 0; i < n; i++) words[i] = pattern(addr + 4 * (uint32_t)i, inverted);
  return link_write(b->port, addr, words, n, err);
}

static int read_part(const struct board *b, uint32_t addr, size_t n, int inverted, struct damage *d,
                     struct tetra_error *err) {
  uint32_t words[LINK_MAX_WORDS];
  const int rc = link_read(b->port, addr, words, n, err);
  for (size_t i = 0; rc == TETRA_OK && i < n; i++) {
    const uint32_t at = addr + 4 * (uint32_t)i, want = pattern(at, inverted);
    if (words[i] != want && d->words++ == 0) *d = (struct damage){1, at, words[i], want};
  }
  return rc;
}

int memtest_run(const struct board *b, memtest_progress progress, void *arg, struct tetra_error *err) {
  struct damage d = {0, 0, 0, 0};
  const uint32_t n_words = b->mem_bytes / 4;
  for (unsigned pass = 0; pass < 4 && d.words == 0; pass++) {
    for (uint32_t at = 0; at < n_words; at += LINK_MAX_WORDS) {
      const size_t n = n_words - at < LINK_MAX_WORDS ? n_words - at : LINK_MAX_WORDS;
      const uint32_t addr = b->mem_base + 4 * at;
      const int inverted = pass >= 2;
      const int rc = pass % 2 == 0 ? write_part(b, addr, n, inverted, err) : read_part(b, addr, n, inverted, &d, err);
      if (rc != TETRA_OK) return rc;
      if (progress != NULL) progress(arg, (unsigned)((pass * (uint64_t)n_words + at) * 25 / n_words));
    }
  }
  if (d.words == 0) return TETRA_OK;
  return tetra_fail(err, TETRA_EDIFF,
                    "memory: %u of %u words differ, the first at 0x%08x: 0x%08x where 0x%08x was written",
                    (unsigned)d.words, (unsigned)n_words, (unsigned)d.addr, (unsigned)d.got, (unsigned)d.want);
}
