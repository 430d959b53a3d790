/* The max pool of 3x3, stride 2, behind a convolution. Requantization never decreases with the accumulator, so the
 * largest accumulator's code is the largest code. */
#include "fast/fast.h"

static void most_signed(int n, const uint8_t *restrict a, uint8_t *restrict most) {
  for (int c = 0; c < n; c++) most[c] = (uint8_t)((int8_t)a[c] > (int8_t)most[c] ? a[c] : most[c]);
}

static void most_unsigned(int n, const uint8_t *restrict a, uint8_t *restrict most) {
  for (int c = 0; c < n; c++) most[c] = a[c] > most[c] ? a[c] : most[c];
}

struct window {
  int y0, y1, x0, x1;
};

static int within(int v, int most) { return v < 0 ? 0 : v > most ? most : v; }

/* Channels c0.. of the window's codes, at most 64; rows of the plane are `row` bytes. */
static void window_most(const struct window *w, int is_signed, const uint8_t *plane, size_t row, int cout, int n,
                        uint8_t *most) {
  for (int c = 0; c < n; c++) most[c] = is_signed ? 0x80 : 0;
  for (int y = w->y0; y < w->y1; y++)
    for (int x = w->x0; x < w->x1; x++) {
      const uint8_t *a = plane + (size_t)y * row + (size_t)x * (size_t)cout;
      if (is_signed)
        most_signed(n, a, most);
      else
        most_unsigned(n, a, most);
    }
}

void tetra_pool_rows(const struct tetra_op_io *io, int o, int n, const uint8_t *plane, int y0, int p0, int p1) {
  const struct tetra_op *op = io->op;
  const struct tetra_tensor *out = io->out[o];
  const int h = tetra_op_plane_h(op, io->in->d.h), w = tetra_op_plane_w(op, io->in->d.w), cout = out->d.c;
  const int bits = tetra_fmt_bits(out->d.fmt), is_signed = tetra_fmt_signed(out->d.fmt);
  for (int y = p0; y < p1; y++)
    for (int x = 0; x < out->d.w; x++) {
      const int top = 2 * y - op->pool_pad_top, left = 2 * x - op->pool_pad_left;
      const struct window win = {within(top, h) - y0, within(top + 3, h) - y0, within(left, w), within(left + 3, w)};
      uint8_t *dst =
          out->data + (((size_t)n * (size_t)out->d.h + (size_t)y) * (size_t)out->d.w + (size_t)x) * out->pixel_bytes;
      for (int c = 0; c < cout; c += 64) {
        uint8_t most[65];
        const int count = cout - c < 64 ? cout - c : 64;
        window_most(&win, is_signed, plane + c, (size_t)w * (size_t)cout, cout, count, most);
        most[count] = 0;
        if (bits == 8)
          for (int j = 0; j < count; j++) dst[c + j] = most[j];
        else
          for (int j = 0; j < count; j += 2) dst[(c + j) / 2] = (uint8_t)((most[j] & 15) | most[j + 1] << 4);
      }
    }
}
