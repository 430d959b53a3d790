/* What methods need to know of a layer's inputs. Private to the library. */
#ifndef TETRA_QUANT_MOMENTS_H
#define TETRA_QUANT_MOMENTS_H

#include "tetra/float_graph.h"
#include "tetra/status.h"

/* One group of a convolution of k = kh * kw * cin inputs and cout outputs: u_f its inputs in the float network, u_q in
 * the quantized one, y what its sums shall be. Over all pixels of all images, padding included, or an even sample where
 * there are many. */
struct quant_moments {
  size_t k, cout;
  double *mean_u, *power; /* [k]: E[u_q], E[u_q^2] */
  double *mean_y;         /* [cout] */
  double *h;              /* [k][k]: E[u_q u_q'] */
  double *d;              /* [cout][k]: E[y u_q'] */
  size_t used;            /* pixels that these are from */
  float *rows_f, *rows_q; /* [rows][k]: u_f and u_q themselves, fewer; NULL where not wanted */
  size_t rows;
};

/* Tensors of n images: what the node reads in the float network and in the quantized one, and y as the node's output
 * has it. */
struct quant_sight {
  int n;
  const float *real, *quantized, *wanted;
};

/* The caller frees. All pointers are NULL after TETRA_ENOMEM. */
TETRA_NODISCARD int quant_moments(const struct tetra_float_graph *g, const struct tetra_float_node *node, int group,
                                  const struct quant_sight *sight, int with_rows, struct quant_moments *m,
                                  struct tetra_error *err);
void quant_moments_free(struct quant_moments *m);

#endif
