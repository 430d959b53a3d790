/* Rows of the im2col matrix, for kernels that multiply matrices. */
#include "fast/fast.h"

static void fill(float *dst, int count, float value) {
  for (int i = 0; i < count; i++) dst[i] = value;
}

/* `taps` neighbouring pixels, `step` apart, from `src` on. Where their codes lie without gaps they are one run. */
static void copy_taps(const struct tetra_tensor *in, const uint8_t *src, int taps, int step, float *dst) {
  const int c = in->d.c;
  const int dense = tetra_fmt_bits(in->d.fmt) == 8 || c % 2 == 0;
  if (step == 1 && dense) {
    tetra_codes_f32(in->d.fmt, src, taps * c, dst);
    return;
  }
  for (int k = 0; k < taps; k++)
    tetra_codes_f32(in->d.fmt, src + (size_t)k * (size_t)step * in->pixel_bytes, c, dst + (size_t)k * (size_t)c);
}

void tetra_im2col_pixel(const struct tetra_op *op, const struct tetra_tensor *in, int ho, int wo, size_t pixel,
                        float *row) {
  const int ox = (int)(pixel % (size_t)wo), oy = (int)(pixel / (size_t)wo % (size_t)ho);
  const size_t n = pixel / (size_t)wo / (size_t)ho;
  const int c = in->d.c, step = op->win.dilation_x, pad = op->pad_code;
  const int x0 = ox * op->win.stride_x - op->win.pad.left;
  /* Taps first..last-1 of every kernel row are inside the image. */
  int first = x0 < 0 ? tetra_ceil_div(-x0, step) : 0;
  int last = x0 < in->d.w ? (in->d.w - 1 - x0) / step + 1 : 0;
  if (first > op->win.kw) first = op->win.kw;
  if (last > op->win.kw) last = op->win.kw;
  if (last < first) last = first;
  for (int ky = 0; ky < op->win.kh; ky++, row += (size_t)op->win.kw * (size_t)c) {
    const int iy = oy * op->win.stride_y - op->win.pad.top + ky * op->win.dilation_y;
    if (iy < 0 || iy >= in->d.h || first == last) {
      fill(row, op->win.kw * c, (float)pad);
      continue;
    }
    const size_t at = (n * (size_t)in->d.h + (size_t)iy) * (size_t)in->d.w + (size_t)(x0 + first * step);
    fill(row, first * c, (float)pad);
    copy_taps(in, in->data + at * in->pixel_bytes, last - first, step, row + (size_t)first * (size_t)c);
    fill(row + (size_t)last * (size_t)c, (op->win.kw - last) * c, (float)pad);
  }
}
