/* NHWC tensors to and from the regions of a plan. */
#include "tetra/layout.h"

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

/* A row of pixels: elements of a region's row lie densely, also across pixels, where a tensor pads each to a byte. */
static void write_row(const struct tetra_desc *d, const uint8_t *pixels, uint8_t *row, uint32_t pitch) {
  const size_t pixel_bytes = tetra_layout_pixel_bytes(d), w = (size_t)d->w, c = (size_t)d->c;
  for (uint32_t i = 0; i < pitch; i++) row[i] = 0;
  for (size_t x = 0; x < w; x++) {
    for (size_t k = 0; k < c; k++) put_code(row, d->fmt, x * c + k, get_code(pixels + x * pixel_bytes, d->fmt, k));
  }
}

static void read_row(const struct tetra_desc *d, const uint8_t *row, uint8_t *pixels) {
  const size_t pixel_bytes = tetra_layout_pixel_bytes(d), w = (size_t)d->w, c = (size_t)d->c;
  for (size_t x = 0; x < w; x++) {
    if (tetra_fmt_bits(d->fmt) == 4 && (c & 1)) pixels[(x + 1) * pixel_bytes - 1] = 0;
    for (size_t k = 0; k < c; k++) put_code(pixels + x * pixel_bytes, d->fmt, k, get_code(row, d->fmt, x * c + k));
  }
}

/* A block's n bytes of a pixel are consecutive bytes of the tensor's pixel, too. */
static void write_pixel(uint32_t n, const struct tetra_desc *d, const uint8_t *pixel, uint8_t *word, size_t plane) {
  const uint32_t bytes = tetra_layout_pixel_bytes(d), blocks = tetra_layout_blocks(n, d);
  for (uint32_t b = 0; b < blocks; b++) {
    uint8_t *to = word + (size_t)b * plane * n;
    for (uint32_t i = 0; i < n; i++) to[i] = b * n + i < bytes ? pixel[b * n + i] : 0;
  }
}

static void read_pixel(uint32_t n, const struct tetra_desc *d, const uint8_t *word, uint8_t *pixel, size_t plane) {
  const uint32_t bytes = tetra_layout_pixel_bytes(d), blocks = tetra_layout_blocks(n, d);
  for (uint32_t b = 0; b < blocks; b++) {
    const uint8_t *from = word + (size_t)b * plane * n;
    for (uint32_t i = 0; i < n && b * n + i < bytes; i++) pixel[b * n + i] = from[i];
  }
  /* The upper nibble of an odd last channel is padding: 0 in a tensor, anything in memory. */
  if (tetra_fmt_bits(d->fmt) == 4 && (d->c & 1)) pixel[bytes - 1] &= 15;
}

void tetra_layout_write(const struct tetra_placement *place, uint32_t n, const struct tetra_desc *d,
                        const uint8_t *codes, uint8_t *region) {
  const size_t pixel_bytes = tetra_layout_pixel_bytes(d), plane = (size_t)d->h * (size_t)d->w;
  const size_t image = plane * n * tetra_layout_blocks(n, d), rows = (size_t)d->n * (size_t)d->h;
  if (place->layout == TETRA_LAYOUT_ROWS) {
    for (size_t y = 0; y < rows; y++)
      write_row(d, codes + y * (size_t)d->w * pixel_bytes, region + y * place->pitch, place->pitch);
    return;
  }
  for (size_t i = 0; i < (size_t)d->n; i++) {
    for (size_t p = 0; p < plane; p++)
      write_pixel(n, d, codes + (i * plane + p) * pixel_bytes, region + i * image + p * n, plane);
  }
}

void tetra_layout_read(const struct tetra_placement *place, uint32_t n, const struct tetra_desc *d,
                       const uint8_t *region, uint8_t *codes) {
  const size_t pixel_bytes = tetra_layout_pixel_bytes(d), plane = (size_t)d->h * (size_t)d->w;
  const size_t image = plane * n * tetra_layout_blocks(n, d), rows = (size_t)d->n * (size_t)d->h;
  if (place->layout == TETRA_LAYOUT_ROWS) {
    for (size_t y = 0; y < rows; y++) read_row(d, region + y * place->pitch, codes + y * (size_t)d->w * pixel_bytes);
    return;
  }
  for (size_t i = 0; i < (size_t)d->n; i++) {
    for (size_t p = 0; p < plane; p++)
      read_pixel(n, d, region + i * image + p * n, codes + (i * plane + p) * pixel_bytes, plane);
  }
}
