/* Tensors of every image, collected for .npy files. */
#ifndef TETRA_SIM_CAPTURE_H
#define TETRA_SIM_CAPTURE_H

#include "base/scratch.h"
#include "cli/settings.h"
#include "tetra/graph.h"
#include "tetra/import.h"
#include "tetra/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A file: [images][h][w][c] in C order, or [images][c] where the tensor has one pixel. float32 reals, (code -
 * zero_point) * scale; with --output-codes uint8 or int8, 4-bit codes one to a byte. */
struct sim_capture_file {
  struct sim_scratch scratch;
  char *path;     /* of --dump-tensors, owned; NULL: the option's */
  int value;      /* of the graph */
  int tail;       /* what the host makes of that value, float32 */
  const char *to; /* with tail: as far as this value of it; NULL: all */
  int zero_point; /* of the reals */
  double scale;
  size_t offset;    /* of the first image */
  size_t per_image; /* bytes */
};

/* Processes that are forked between open and finish write into the same files. */
struct sim_capture {
  int n, codes;
  const struct tetra_model *tail; /* whose tail the output goes through; NULL: none */
  struct sim_capture_file *files; /* owned */
};

/* What runs: the network or a part of it. */
struct sim_captured {
  const struct tetra_graph *g;
  const struct tetra_plan *plan;   /* on the RTL, where a tensor that was fused away is nowhere; NULL: the C model's */
  const struct tetra_model *model; /* what its file calls the tensors */
  const struct tetra_model *tail;  /* the model whose tail follows the output, or NULL */
};

/* Begins the files that o->tensors and o->dump_tensors ask for, of `images` images. TETRA_EINVAL names a tensor that
 * there is not, and those with a name like it. TETRA_EIO, TETRA_ENOMEM. On an error nothing is open. */
TETRA_NODISCARD int sim_capture_open(struct sim_capture *c, const struct sim_options *o, const struct sim_captured *of,
                                     int images, struct tetra_error *err);
TETRA_NODISCARD int sim_capture_wants(const struct sim_capture *c, int value);
/* The first `count` images of t are images `first`, ... of the files of that value, from 0. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int sim_capture_write(const struct sim_capture *c, int value, const struct tetra_tensor *t, int first,
                                      int count, struct tetra_error *err);
/* All images are there: puts every file into its place. The first error is returned. */
TETRA_NODISCARD int sim_capture_deliver(const struct sim_capture *c, struct tetra_error *err);
void sim_capture_close(struct sim_capture *c);

#ifdef __cplusplus
}
#endif
#endif
