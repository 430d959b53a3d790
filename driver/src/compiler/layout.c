/* Host side of the data layouts: NHWC tensors to and from a plan's regions. */
#include <string.h>

#include "program.h"

static int get_code(const uint8_t *p, enum tetra_fmt f, size_t element) {
  return tetra_fmt_bits(f) == 8 ? p[element] : (p[element / 2] >> (4 * (element & 1))) & 15;
}

static void put_code(uint8_t *p, enum tetra_fmt f, size_t element, int code) {
  if (tetra_fmt_bits(f) == 8) {
    p[element] = (uint8_t)code;
  } else {
    const int shift = (int)(4 * (element & 1));
    p[element / 2] = (uint8_t)((p[element / 2] & ~(15 << shift)) | (code & 15) << shift);
  }
}

/* Rows layout: elements of a row lie densely, also across pixels, where a tensor pads each pixel to a byte. */
static void rows(const struct tetra_placement *pl, const struct tetra_tensor *t, uint8_t *region, int write) {
  const struct tetra_desc *d = &t->d;
  if (write) memset(region, 0, pl->bytes);
  for (int n = 0; n < d->n; n++)
    for (int y = 0; y < d->h; y++) {
      uint8_t *row = region + ((size_t)n * (size_t)d->h + (size_t)y) * pl->pitch;
      for (int x = 0; x < d->w; x++) {
        uint8_t *pixel = t->data + (((size_t)n * (size_t)d->h + (size_t)y) * (size_t)d->w + (size_t)x) * t->pixel_bytes;
        for (int c = 0; c < d->c; c++) {
          const size_t e = (size_t)x * (size_t)d->c + (size_t)c;
          if (write)
            put_code(row, d->fmt, e, get_code(pixel, d->fmt, (size_t)c));
          else
            put_code(pixel, d->fmt, (size_t)c, get_code(row, d->fmt, e));
        }
      }
    }
}

/* Blocked layout: a block's N bytes of a pixel are consecutive bytes of the tensor's pixel, too. */
static void blocked(uint32_t n_bytes, const struct tetra_tensor *t, uint8_t *region, int write) {
  const struct tetra_desc *d = &t->d;
  const int blocks = blocks_of(n_bytes, d);
  const size_t plane = (size_t)d->h * (size_t)d->w;
  for (int n = 0; n < d->n; n++)
    for (int b = 0; b < blocks; b++) {
      const size_t first = (size_t)b * n_bytes;
      const size_t count = t->pixel_bytes - first < n_bytes ? t->pixel_bytes - first : n_bytes;
      for (size_t px = 0; px < plane; px++) {
        uint8_t *word = region + (((size_t)n * (size_t)blocks + (size_t)b) * plane + px) * n_bytes;
        uint8_t *pixel = t->data + ((size_t)n * plane + px) * t->pixel_bytes + first;
        if (write) {
          memcpy(word, pixel, count);
          memset(word + count, 0, n_bytes - count);
        } else {
          memcpy(pixel, word, count);
        }
      }
      /* The upper nibble of an odd last channel is padding: 0 in a tensor, anything in memory. */
      if (!write && tetra_fmt_bits(d->fmt) == 4 && (d->c & 1) && b == blocks - 1)
        for (size_t px = 0; px < plane; px++) t->data[((size_t)n * plane + px + 1) * t->pixel_bytes - 1] &= 15;
    }
}

void tetra_plan_write_value(const struct tetra_plan *plan, int value, const struct tetra_tensor *t, uint8_t *region) {
  const struct tetra_placement *pl = &plan->values[value];
  if (pl->layout == TETRA_LAYOUT_ROWS)
    rows(pl, t, region, 1);
  else
    blocked(plan->caps.n, t, region, 1);
}

void tetra_plan_read_value(const struct tetra_plan *plan, int value, struct tetra_tensor *t, const uint8_t *region) {
  const struct tetra_placement *pl = &plan->values[value];
  /* Read-only here: both helpers write to the region only when told to. */
  if (pl->layout == TETRA_LAYOUT_ROWS)
    rows(pl, t, (uint8_t *)(uintptr_t)region, 0);
  else
    blocked(plan->caps.n, t, (uint8_t *)(uintptr_t)region, 0);
}
