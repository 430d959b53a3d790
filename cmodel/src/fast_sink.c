#include <stdlib.h>

#include "fast_internal.h"

int tetra_sink_init(struct tetra_sink *s, const struct tetra_op_io *io, struct tetra_error *err) {
  *s = (struct tetra_sink){.io = io};
  s->res = malloc((size_t)io->op->cout * sizeof *s->res);
  int status = s->res ? TETRA_OK : TETRA_ENOMEM;
  for (int o = 0; o < io->op->n_outputs && !status; o++)
    status = tetra_rows_init(&s->rows[o], io->op, o, io->out[o]->d.fmt);
  if (!status) return TETRA_OK;
  tetra_sink_free(s);
  return tetra_fail(err, status, "op %s: no memory for the requantization of %d channels", io->op->name, io->op->cout);
}

void tetra_sink_free(struct tetra_sink *s) {
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) tetra_rows_free(&s->rows[o]);
  free(s->res);
  s->res = NULL;
}

void tetra_sink_pixel(struct tetra_sink *s, size_t pixel, const int32_t *acc) {
  const struct tetra_tensor *res = s->io->res;
  if (res) {
    tetra_codes_i32(res->d.fmt, res->data + pixel * res->pixel_bytes, res->d.c, s->res);
    if (res->d.zero_point)
      for (int c = 0; c < res->d.c; c++) s->res[c] -= res->d.zero_point;
  }
  for (int o = 0; o < s->io->op->n_outputs; o++) {
    struct tetra_tensor *out = s->io->out[o];
    tetra_rows_pixel(&s->rows[o], acc, s->res, out->data + pixel * out->pixel_bytes);
  }
}
