/* Buffers, and LOAD into them. */
#include "device/core.h"

#include <stdlib.h>
#include <string.h>

#include "device/dot.h"

static int plausible(const struct tetra_caps *c) {
  return tetra_caps_good_n(c->n) && tetra_caps_good_words(c->act_words) && tetra_caps_good_words(c->wgt_words) &&
         tetra_caps_good_words(c->res_words) && tetra_caps_good_words(c->acc_pixels) &&
         tetra_caps_good_words(c->pool_words) && tetra_caps_good_par_entries(c->par_entries) &&
         tetra_caps_good_layers(c->max_layers);
}

/* A COMPUTE's operands, or the codes of one section of a STORE. */
static size_t scratch_bytes(const struct tetra_caps *c) {
  const size_t store = (size_t)c->acc_pixels * c->n;
  return store > dot_scratch_bytes(c->n) ? store : dot_scratch_bytes(c->n);
}

int dev_core_init(struct dev_core *d, const struct tetra_caps *caps, struct tetra_error *err) {
  memset(d, 0, sizeof *d);
  if (!plausible(caps))
    return tetra_fail(err, TETRA_EINVAL, "no accelerator of array size %u has such buffers", caps->n);
  d->caps = *caps;
  const uint32_t words[DEV_BUFFERS] = {caps->act_words, caps->wgt_words, caps->res_words, 16 * caps->par_entries};
  int missing = 0;
  for (int b = 0; b < DEV_BUFFERS; b++) {
    d->words[b] = words[b];
    d->buf[b] = calloc(words[b], caps->n);
    missing |= d->buf[b] == NULL;
  }
  d->acc = calloc((size_t)4 * caps->acc_pixels * caps->n, sizeof *d->acc);
  d->line = calloc(caps->pool_words, caps->n);
  d->scratch = malloc(scratch_bytes(caps));
  d->pixel = malloc((size_t)TETRA_MAX_BUF_WORDS * caps->n); /* as many as a command may have */
  if (d->pixel == NULL || missing || d->acc == NULL || d->line == NULL || d->scratch == NULL)
    return tetra_fail(err, TETRA_ENOMEM, "no memory for the buffers of an array of size %u", caps->n);
  return TETRA_OK;
}

void dev_core_free(struct dev_core *d) {
  for (int b = 0; b < DEV_BUFFERS; b++) free(d->buf[b]);
  free(d->acc);
  free(d->line);
  free(d->scratch);
  free(d->pixel);
  memset(d, 0, sizeof *d);
}

/* A byte of weights in the buffer, of one of 8-bit weights. */
static uint8_t narrowed(uint8_t before, uint8_t byte, uint32_t narrow) {
  const int top = (int8_t)byte >> 4, q = (top == 7 ? 7 : top + (byte >> 3 & 1)) & 15;
  return (uint8_t)(narrow == TETRA_NARROW_HIGH ? q << 4 | (before & 15) : q);
}

/* Neighbouring words of the buffer. */
static void write_words(struct dev_core *d, int buffer, uint32_t word, uint32_t words, const uint8_t *data,
                        uint32_t narrow) {
  const uint32_t n = d->caps.n;
  while (words != 0) {
    const uint32_t left = d->words[buffer] - (word & (d->words[buffer] - 1)), some = words < left ? words : left;
    uint8_t *to = dev_word(d, buffer, word);
    if (narrow == TETRA_NARROW_NONE) {
      memcpy(to, data, (size_t)some * n);
    } else {
      for (size_t i = 0; i < (size_t)some * n; i++) to[i] = narrowed(to[i], data[i], narrow);
    }
    words -= some;
    word += some;
    data += (size_t)some * n;
  }
}

void dev_load(struct dev_core *d, const struct tetra_cmd *c, uint32_t first, uint32_t beats, const uint8_t *data) {
  const int buffer = (int)tetra_cmd_get(c, TETRA_F_LOAD_DST);
  const uint32_t row_beats = tetra_cmd_get(c, TETRA_F_LOAD_BEATS), stride = tetra_cmd_get(c, TETRA_F_LOAD_DST_STRIDE);
  const uint32_t base = tetra_cmd_get(c, TETRA_F_LOAD_DST_ADDR), narrow = tetra_cmd_get(c, TETRA_F_LOAD_NARROW);
  uint32_t row = first / row_beats, at = first % row_beats;
  while (beats != 0) {
    const uint32_t left = row_beats - at, some = beats < left ? beats : left;
    write_words(d, buffer, base + row * stride + at, some, data, narrow);
    data += (size_t)some * d->caps.n;
    beats -= some;
    at = 0;
    row++;
  }
}
