/* Accumulators that do not come from a kernel's tiles, to codes. */
#include "fast/fast.h"

void tetra_sink_tile(const struct tetra_fast_op *f, const struct tetra_op_io *io, size_t pixel, int pixels, int first,
                     int channels, const int32_t *acc) {
  const struct tetra_tensor *res = io->res;
  const uint8_t *r = NULL;
  if (res) r = res->data + pixel * res->pixel_bytes + first * tetra_fmt_bits(res->d.fmt) / 8;
  for (int o = 0; o < io->op->n_outputs; o++) {
    const struct tetra_tensor *out = io->out[o];
    uint8_t *dst = out->data + pixel * out->pixel_bytes + first * tetra_fmt_bits(out->d.fmt) / 8;
    f->kernel->requant(&f->tables[o], first, channels, pixels, acc, r, res ? res->pixel_bytes : 0, dst,
                       out->pixel_bytes);
  }
}

void tetra_sink_pixels(const struct tetra_fast_op *f, const struct tetra_op_io *io, size_t pixel, size_t count,
                       const int32_t *acc) {
  const int channels = io->op->cout, block = tetra_block_channels(f->kernel);
  for (; count; count--, pixel++, acc += channels)
    for (int c = 0; c < channels; c += block)
      tetra_sink_tile(f, io, pixel, 1, c, channels - c < block ? channels - c : block, acc + c);
}
