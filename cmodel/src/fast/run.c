#include "fast/fast.h"

int tetra_fast_run(const struct tetra_op_io *io, struct tetra_error *err) {
  struct tetra_sink sink;
  int status = tetra_sink_init(&sink, io, err);
  if (status) return status;
  status = io->op->kind == TETRA_CONV ? tetra_fast_conv(io, &sink, err) : tetra_fast_window(io, &sink, err);
  tetra_sink_free(&sink);
  return status;
}
