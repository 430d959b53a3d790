/* Fuzzes the reader of stored plans: any bytes give a plan whose every part can be touched, or a reason. Checksums are
 * put right first, or nothing behind them would ever be reached. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tetra/stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(uint8_t *blob, size_t word, uint32_t v) {
  for (size_t k = 0; k < 4; k++) blob[4 * word + k] = (uint8_t)(v >> (8 * k));
}

static void seal(uint8_t *blob, size_t size) {
  if (size < TETRA_STORED_HEADER_BYTES) return;
  const uint8_t *w = blob + (size_t)4 * TETRA_STORED_W_BYTES;
  const size_t said = w[0] | (size_t)w[1] << 8 | (size_t)w[2] << 16 | (size_t)w[3] << 24;
  const size_t end = said >= TETRA_STORED_HEADER_BYTES && said <= size ? said : size;
  put(blob, TETRA_STORED_W_BODY_CRC,
      tetra_stored_crc(0, blob + TETRA_STORED_HEADER_BYTES, end - TETRA_STORED_HEADER_BYTES));
  put(blob, TETRA_STORED_W_HEADER_CRC, 0);
  put(blob, TETRA_STORED_W_HEADER_CRC, tetra_stored_crc(0, blob, TETRA_STORED_HEADER_BYTES));
}

/* Everything that the functions on a tensor touch, in blocks of exactly the sizes that the plan says. */
static void use_tensor(const struct tetra_stored *s, const struct tetra_stored_tensor *t) {
  const size_t bytes = tetra_stored_codes(t);
  if (bytes == 0) abort();
  if (bytes > 1 << 20 || t->place.bytes > 1 << 20) return; /* right, but slow */
  uint8_t *codes = calloc(1, bytes), *region = calloc(1, t->place.bytes);
  if (codes != NULL && region != NULL) {
    for (size_t i = 0; i < bytes; i++) codes[i] = (uint8_t)(i * 7);
    tetra_layout_write(&t->place, s->caps.n, &t->d, codes, region);
    tetra_layout_read(&t->place, s->caps.n, &t->d, region, codes);
    if (t == &s->output) (void)tetra_stored_top(s, codes, (uint32_t)t->d.n - 1);
  }
  free(codes);
  free(region);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  volatile uint32_t sink = 0;                   /* or the reads would be left out */
  uint8_t *blob = malloc(size != 0 ? size : 1); /* aligned, and no byte longer */
  if (blob == NULL) return 0;
  if (size != 0) memcpy(blob, data, size);
  seal(blob, size);
  struct tetra_stored s;
  const char *why = NULL;
  if (tetra_stored_open(blob, size, &s, &why) == TETRA_OK) {
    if (why != NULL || strlen(s.name) >= TETRA_STORED_NAME_BYTES) abort();
    for (uint32_t i = 0; i < s.const_bytes; i++) sink += s.constants[i];
    for (uint32_t i = 0; i < s.job.n_cmds; i++) sink += s.job.cmds[i].word[TETRA_CMD_WORDS - 1];
    use_tensor(&s, &s.input);
    use_tensor(&s, &s.output);
  } else if (why == NULL || why[0] == '\0') {
    abort();
  }
  (void)sink;
  free(blob);
  return 0;
}
