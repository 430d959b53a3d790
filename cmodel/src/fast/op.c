/* What an op needs before it can run fast: tables, packed weights, and whether its input can be read as it lies. */
#include <limits.h>
#include <stdlib.h>

#include "fast/fast.h"

/* One input and one output channel a group: what kernels' depthwise tiles take. */
static int is_depthwise(const struct tetra_op *op, int cin) { return cin > 1 && op->groups == cin && op->cout == cin; }

/* Stored codes are the tensor's own bytes, no window leaves the plane, and no step reads past a window's row. */
static int reads_directly(const struct tetra_fast_op *f, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d;
  const int64_t h =
      (int64_t)(tetra_op_plane_h(op, in->h) - 1) * op->win.stride_y + (int64_t)(op->win.kh - 1) * op->win.dilation_y;
  const int whole = is_depthwise(op, in->c) ? in->c % kDepthwiseColumns == 0 : f->runs.length % kStep == 0;
  return tetra_fmt_bits(in->fmt) == 8 && tetra_fmt_signed(in->fmt) == f->kernel->flip && op->win.pad.top == 0 &&
         op->win.pad.left == 0 && whole && f->cols <= in->w && h < in->h;
}

/* How codes under the window lie, in a copy with padding or in the tensor itself. */
static void lay_out(struct tetra_fast_op *f, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d;
  const int whole_rows = op->win.dilation_x == 1;
  f->runs = (struct tetra_runs){.runs = whole_rows ? op->win.kh : op->win.kh * op->win.kw,
                                .length = whole_rows ? op->win.kw * in->c : in->c,
                                .per_row = whole_rows ? 1 : op->win.kw,
                                .tap = (size_t)op->win.dilation_x * (size_t)in->c};
  f->cols = (tetra_op_plane_w(op, in->w) - 1) * op->win.stride_x + (op->win.kw - 1) * op->win.dilation_x + 1;
  f->direct = reads_directly(f, io);
  if (f->direct) f->cols = in->w;
  f->runs.row = (size_t)op->win.dilation_y * (size_t)f->cols * (size_t)in->c;
}

static int pack(struct tetra_fast_op *f, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d;
  struct tetra_weights w = {.w = op->weights,
                            .cout = op->cout,
                            .cin = in->c,
                            .groups = op->groups,
                            .most = tetra_fmt_bits(in->fmt) == 8 ? 255 : 15,
                            .zero = tetra_stored_zero(in->fmt, f->kernel->flip)};
  const int depthwise = is_depthwise(op, in->c);
  int status = TETRA_OK;
  f->tile = depthwise ? f->kernel->depthwise : f->kernel->tile;
  for (int e = 0; e <= op->extra && !status; e++, w.w += tetra_op_array(op, in->c)) {
    struct tetra_packed *p = e ? &f->more[e - 1] : &f->packed;
    status = (depthwise ? tetra_pack_depthwise : tetra_pack_weights)(p, f->kernel, &w, &f->runs);
  }
  f->blocks = f->packed.n_blocks;
  return status;
}

static int init_conv(struct tetra_fast_op *f, const struct tetra_op_io *io) {
  const struct tetra_op *op = io->op;
  const struct tetra_desc *in = &io->in->d;
  if (tetra_winograd_fits(f->kernel, io)) {
    f->cols = (tetra_op_plane_w(op, in->w) + 1) / 2 * 2 + 2;
    f->blocks = tetra_ceil_div(op->cout, tetra_block_channels(f->kernel));
    return tetra_winograd_init(&f->winograd, f->kernel, io);
  }
  /* A depthwise convolution has no products of matrices. */
  if (is_depthwise(op, in->c) && f->kernel == &tetra_kernel_blas) f->kernel = &tetra_kernel_portable;
  lay_out(f, io);
  if ((size_t)op->win.kh * f->runs.row + (size_t)f->runs.length > INT_MAX) f->kernel = &tetra_kernel_blas;
  return f->kernel == &tetra_kernel_blas ? tetra_blas_init(&f->blas, io) : pack(f, io);
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
  for (int e = 0; e < TETRA_MAX_EXTRA; e++) tetra_packed_free(&f->more[e]);
  tetra_winograd_free(f->winograd);
  tetra_blas_free(f->blas);
  *f = (struct tetra_fast_op){0};
}
