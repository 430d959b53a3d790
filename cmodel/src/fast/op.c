/* What an op needs before it can run fast: tables, packed weights, and whether its input can be read as it lies. */
#include <limits.h>
#include <stdlib.h>

#include "fast/fast.h"

/* Stored codes are the tensor's own bytes, no window leaves the plane, and no step reads past a window's row. */
static int reads_directly(const struct tetra_fast_op *f, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d;
  const int64_t h =
      (int64_t)(tetra_op_plane_h(op, in->h) - 1) * op->win.stride_y + (int64_t)(op->win.kh - 1) * op->win.dilation_y;
  return tetra_fmt_bits(in->fmt) == 8 && tetra_fmt_signed(in->fmt) == f->kernel->flip && op->win.pad.top == 0 &&
         op->win.pad.left == 0 && f->runs.length % kStep == 0 && f->cols <= in->w && h < in->h;
}

static int init_conv(struct tetra_fast_op *f, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d;
  const int whole_rows = op->win.dilation_x == 1;
  f->runs = (struct tetra_runs){.runs = whole_rows ? op->win.kh : op->win.kh * op->win.kw,
                                .length = whole_rows ? op->win.kw * in->c : in->c,
                                .per_row = whole_rows ? 1 : op->win.kw,
                                .tap = (size_t)op->win.dilation_x * (size_t)in->c};
  f->cols = (tetra_op_plane_w(op, in->w) - 1) * op->win.stride_x + (op->win.kw - 1) * op->win.dilation_x + 1;
  f->blocks = (op->cout + tetra_block_channels(f->kernel) - 1) / tetra_block_channels(f->kernel);
  if (tetra_winograd_fits(f->kernel, io)) {
    f->cols = (tetra_op_plane_w(op, in->w) + 1) / 2 * 2 + 2;
    return tetra_winograd_init(&f->winograd, f->kernel, io);
  }
  f->direct = reads_directly(f, io);
  if (f->direct) f->cols = in->w;
  f->runs.row = (size_t)op->win.dilation_y * (size_t)f->cols * (size_t)in->c;
  if ((size_t)op->win.kh * f->runs.row + (size_t)f->runs.length > INT_MAX) f->kernel = &tetra_kernel_blas;
  if (f->kernel == &tetra_kernel_blas) return tetra_blas_init(&f->blas, io);
  const struct tetra_weights w = {op->weights, op->cout, tetra_fmt_bits(in->fmt) == 8 ? 255 : 15,
                                  tetra_stored_zero(in->fmt, f->kernel->flip)};
  return tetra_pack_weights(&f->packed, f->kernel, &w, &f->runs);
}

static int init_tables(struct tetra_fast_op *f, const struct tetra_op_io *io) {
  if (io->op->n_outputs == 0) return TETRA_OK;
  int64_t *most = tetra_acc_most(io->op, &io->in->d);
  int status = most ? TETRA_OK : TETRA_ENOMEM;
  for (int o = 0; o < io->op->n_outputs && !status; o++) {
    struct tetra_table *t = &f->tables[o];
    status = tetra_table_init(t, io->op, o, io->out[o]->d.fmt, f->kernel->lanes, io->res ? &io->res->d : NULL, most);
    t->bytes = io->op->pool && f->kernel->tile;
  }
  free(most);
  return status;
}

int tetra_fast_op_init(struct tetra_fast_op *f, const struct tetra_kernel *k, const struct tetra_op_io *io,
                       struct tetra_error *err) {
  *f = (struct tetra_fast_op){.kernel = k, .op = io->op};
  int status = io->op->kind == TETRA_CONV ? init_conv(f, io) : TETRA_OK;
  if (!status) status = init_tables(f, io);
  f->ready = !status;
  if (!status) return TETRA_OK;
  tetra_fast_op_free(f);
  return tetra_fail(err, status, "op %s: no memory for its packed weights and parameters", io->op->name);
}

void tetra_fast_op_free(struct tetra_fast_op *f) {
  for (int o = 0; o < TETRA_MAX_OUTPUTS; o++) tetra_table_free(&f->tables[o]);
  tetra_packed_free(&f->packed);
  tetra_winograd_free(f->winograd);
  tetra_blas_free(f->blas);
  *f = (struct tetra_fast_op){0};
}
