/* Tensors of 8- and 4-bit codes: formats, memory, one code or all of them. */
#include "tetra/tensor.h"

#include <stdlib.h>

int tetra_fmt_min(enum tetra_fmt f) { return tetra_fmt_signed(f) ? -(1 << (tetra_fmt_bits(f) - 1)) : 0; }

int tetra_fmt_max(enum tetra_fmt f) { return (1 << (tetra_fmt_bits(f) - tetra_fmt_signed(f))) - 1; }

const char *tetra_fmt_name(enum tetra_fmt f) {
  static const char *const names[] = {"u8", "s8", "u4", "s4"};
  return (unsigned)f < 4 ? names[f] : "?";
}

int tetra_tensor_init(struct tetra_tensor *t, const struct tetra_desc *d, struct tetra_error *err) {
  const int dims[4] = {d->n, d->h, d->w, d->c};
  int64_t elements = 1;
  *t = (struct tetra_tensor){.d = *d};
  for (int i = 0; i < 4; i++) {
    if (dims[i] < 1 || (elements *= dims[i]) > INT32_MAX)
      return tetra_fail(err, TETRA_EINVAL, "tensor of %dx%dx%dx%d: dimensions must be at least 1, elements below 2^31",
                        d->n, d->h, d->w, d->c);
  }
  if ((unsigned)d->fmt > TETRA_S4)
    return tetra_fail(err, TETRA_EINVAL, "tensor format %d: must be u8, s8, u4 or s4", (int)d->fmt);
  t->pixel_bytes = tetra_fmt_bits(d->fmt) == 8 ? (size_t)d->c : ((size_t)d->c + 1) / 2;
  size_t bytes = (size_t)(elements / d->c) * t->pixel_bytes;
  t->data = calloc(bytes, 1);
  if (!t->data) return tetra_fail(err, TETRA_ENOMEM, "no memory for a tensor of %zu bytes", bytes);
  return TETRA_OK;
}

void tetra_tensor_free(struct tetra_tensor *t) {
  free(t->data);
  t->data = NULL;
}

static void write_code(uint8_t *pixel, enum tetra_fmt fmt, int c, int code) {
  if (tetra_fmt_bits(fmt) == 8) {
    pixel[c] = (uint8_t)code;
    return;
  }
  int shift = 4 * (c & 1);
  pixel[c / 2] = (uint8_t)((pixel[c / 2] & (0xf0 >> shift)) | ((code & 15) << shift));
}

void tetra_tensor_set(struct tetra_tensor *t, int n, int y, int x, int c, int code) {
  size_t pixel = ((size_t)n * (size_t)t->d.h + (size_t)y) * (size_t)t->d.w + (size_t)x;
  write_code(t->data + pixel * t->pixel_bytes, t->d.fmt, c, code);
}

void tetra_tensor_set_pixels(struct tetra_tensor *t, int n, size_t pixel, int count, int c, const int *codes) {
  uint8_t *to = t->data + ((size_t)n * (size_t)t->d.h * (size_t)t->d.w + pixel) * t->pixel_bytes;
  for (int i = 0; i < count; i++) write_code(to + (size_t)i * t->pixel_bytes, t->d.fmt, c, codes[i]);
}

void tetra_tensor_unpack(const struct tetra_tensor *t, int16_t *codes) {
  for (int n = 0; n < t->d.n; n++)
    for (int y = 0; y < t->d.h; y++)
      for (int x = 0; x < t->d.w; x++)
        for (int c = 0; c < t->d.c; c++) *codes++ = (int16_t)tetra_tensor_get(t, n, y, x, c);
}

void tetra_tensor_pack(struct tetra_tensor *t, const int16_t *codes) {
  for (int n = 0; n < t->d.n; n++)
    for (int y = 0; y < t->d.h; y++)
      for (int x = 0; x < t->d.w; x++)
        for (int c = 0; c < t->d.c; c++) tetra_tensor_set(t, n, y, x, c, *codes++);
}
