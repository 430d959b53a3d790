/* A convolution as sums over taps (kernel.h): its padded planes, and where their pixels are. */
#ifndef TRAIN_GEOMETRY_H
#define TRAIN_GEOMETRY_H

#include "math/kernel.h"
#include "tetra/arena.h"
#include "tetra/float_graph.h"

/* Backward, pixels of the input whose rows and columns leave the same rest modulo the strides read the same taps. */
struct train_class {
  struct train_taps taps; /* in the padded gradient */
  int *forward;           /* number of each tap's weights */
  struct train_raster raster;
  ptrdiff_t first; /* of its first pixel, in the input's gradient */
};

struct train_geometry {
  int h, w, cin;          /* input */
  int oh, ow, cout;       /* output */
  int wide_in, wide_out;  /* channels rounded up to whole vectors */
  struct tetra_pads pad;  /* of the input */
  int in_rows, in_cols;   /* padded input */
  struct train_taps taps; /* in the padded input */
  struct train_raster forward;
  int grad_rows, grad_cols, grad_top, grad_left; /* padded gradient of the output, wide_out channels */
  struct train_raster weights;                   /* pixels of padded input and padded gradient together */
  struct train_class *classes;
  int n_classes;
};

/* Of node `n`, a convolution without groups. TETRA_ENOMEM. */
TETRA_NODISCARD int train_geometry_of(struct tetra_arena *arena, const struct tetra_float_graph *graph,
                                      const struct tetra_float_node *n, struct train_geometry *g);
static inline size_t train_input_size(const struct train_geometry *g) {
  return (size_t)g->in_rows * (size_t)g->in_cols * (size_t)g->cin;
}
static inline size_t train_gradient_size(const struct train_geometry *g) {
  return (size_t)g->grad_rows * (size_t)g->grad_cols * (size_t)g->wide_out;
}
/* Floats of the weights as train_sum_taps reads them, forward and backward. */
static inline size_t train_packed_size(const struct train_geometry *g) {
  return (size_t)g->taps.n * (size_t)g->cin * (size_t)g->wide_out;
}
static inline size_t train_packed_back_size(const struct train_geometry *g) {
  return (size_t)g->taps.n * (size_t)g->cout * (size_t)g->wide_in;
}
/* w is [cout][taps][cin]; unit NULL: 1, else cout factors. Lanes beyond the channels are zeros already. */
void train_pack(const struct train_geometry *g, const float *w, float *packed);
void train_pack_back(const struct train_geometry *g, const float *w, const float *unit, float *packed);
/* Surrounds a plane by its padding. */
void train_pad(const struct train_geometry *g, const float *x, float *padded);

#endif
