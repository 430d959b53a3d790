/* A graph prepared to run again and again: its kernel, its threads, its packed weights. */
#include "tetra/exec.h"

#include <stdlib.h>

#include "fast/fast.h"

struct tetra_exec {
  const struct tetra_graph *g;
  const struct tetra_kernel *kernel;
  struct tetra_crew crew;
  struct tetra_fast_op *ops; /* one per op, prepared when it first runs */
};

const char *tetra_exec_kernel(int i) {
  const struct tetra_kernel *const *all = tetra_kernels();
  for (int k = 0; k < i && all[k]; k++)
    if (!all[k + 1]) return NULL;
  return i < 0 || !all[i] ? NULL : all[i]->name;
}

int tetra_exec_kernel_usable(int i) { return tetra_exec_kernel(i) && tetra_kernels()[i]->usable(); }

const char *tetra_exec_kernel_name(const struct tetra_exec *e) { return e->kernel->name; }

int tetra_exec_open(struct tetra_exec **made, const struct tetra_graph *g, const struct tetra_exec_options *options,
                    struct tetra_error *err) {
  const struct tetra_kernel *kernel = NULL;
  *made = NULL;
  int status = tetra_kernel_find(options ? options->kernel : NULL, &kernel, err);
  if (status) return status;
  struct tetra_exec *e = calloc(1, sizeof *e);
  if (!e) return tetra_fail(err, TETRA_ENOMEM, "no memory to run %s", g->name);
  e->g = g;
  e->kernel = kernel;
  e->ops = calloc((size_t)g->n_ops + 1, sizeof *e->ops);
  status = e->ops ? tetra_crew_open(&e->crew, options ? options->threads : 0, err)
                  : tetra_fail(err, TETRA_ENOMEM, "no memory for the %d ops of %s", g->n_ops, g->name);
  if (status)
    tetra_exec_close(e);
  else
    *made = e;
  return status;
}

void tetra_exec_close(struct tetra_exec *e) {
  if (!e) return;
  for (int i = 0; e->ops && i < e->g->n_ops; i++) tetra_fast_op_free(&e->ops[i]);
  free(e->ops);
  tetra_crew_close(&e->crew);
  free(e);
}

int tetra_exec_op(struct tetra_exec *e, int i, struct tetra_tensor *tensors, struct tetra_error *err) {
  struct tetra_op_io io;
  int status = tetra_op_operands(e->g, i, tensors, &io, err);
  if (status) return status;
  struct tetra_fast_op *f = &e->ops[i];
  if (!f->ready) status = tetra_fast_op_init(f, e->kernel, &io, err);
  if (status) return status;
  if (io.op->kind != TETRA_CONV)
    status = tetra_fast_window(f, &io, &e->crew);
  else if (f->winograd)
    status = tetra_winograd_conv(f, &io, &e->crew);
  else if (f->kernel->tile)
    status = tetra_fast_conv(f, &io, &e->crew);
  else
    status = tetra_blas_conv(f, &io, &e->crew);
  return status ? tetra_fail(err, status, "op %s: no memory for its threads' scratch", io.op->name) : TETRA_OK;
}

int tetra_exec_run(struct tetra_exec *e, struct tetra_tensor *tensors, struct tetra_error *err) {
  for (int i = 0; i < e->g->n_ops; i++) {
    const int status = tetra_exec_op(e, i, tensors, err);
    if (status) return status;
  }
  return TETRA_OK;
}
