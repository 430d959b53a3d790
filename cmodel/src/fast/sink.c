#include <stdlib.h>

#include "fast/fast.h"

enum { kElements = 256 }; /* worked on at a time, where a pixel has fewer */

/* Pixels whose codes lie side by side without gaps: an odd number of nibbles leaves one. */
static int is_dense(const struct tetra_tensor *t) { return tetra_fmt_bits(t->d.fmt) == 8 || t->d.c % 2 == 0; }

static int choose_repeat(const struct tetra_op_io *io) {
  int dense = io->res == NULL || is_dense(io->res);
  for (int o = 0; o < io->op->n_outputs; o++) dense = dense && is_dense(io->out[o]);
  return dense && io->op->cout < kElements ? kElements / io->op->cout : 1;
}

int tetra_sink_init(struct tetra_sink *s, const struct tetra_op_io *io, struct tetra_error *err) {
  *s = (struct tetra_sink){.io = io, .repeat = choose_repeat(io)};
  s->res = malloc((size_t)io->op->cout * (size_t)s->repeat * sizeof *s->res);
  int status = s->res ? TETRA_OK : TETRA_ENOMEM;
  for (int o = 0; o < io->op->n_outputs && !status; o++)
    status = tetra_rows_init(&s->rows[o], io->op, o, io->out[o]->d.fmt, s->repeat);
  if (!status) return TETRA_OK;
  tetra_sink_free(s);
  return tetra_fail(err, status, "op %s: no memory for the requantization of %d channels", io->op->name, io->op->cout);
}

void tetra_sink_free(struct tetra_sink *s) {
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) tetra_rows_free(&s->rows[o]);
  free(s->res);
  s->res = NULL;
}

static void read_residual(const struct tetra_tensor *res, size_t pixel, int elements, int32_t *to) {
  tetra_codes_i32(res->d.fmt, res->data + pixel * res->pixel_bytes, elements, to);
  if (res->d.zero_point)
    for (int c = 0; c < elements; c++) to[c] -= res->d.zero_point;
}

void tetra_sink_pixels(struct tetra_sink *s, size_t pixel, size_t count, const int32_t *acc) {
  const size_t channels = (size_t)s->io->op->cout, repeat = (size_t)s->repeat;
  while (count) {
    const size_t now = count < repeat ? count : repeat;
    if (s->io->res) read_residual(s->io->res, pixel, (int)(now * channels), s->res);
    for (int o = 0; o < s->io->op->n_outputs; o++) {
      struct tetra_tensor *out = s->io->out[o];
      tetra_rows_pixels(&s->rows[o], (int)now, acc, s->res, out->data + pixel * out->pixel_bytes);
    }
    pixel += now;
    count -= now;
    acc += now * channels;
  }
}
