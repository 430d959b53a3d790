/* A float network, as it is quantized and as it runs for comparison. */
#ifndef TETRA_FLOAT_GRAPH_H
#define TETRA_FLOAT_GRAPH_H

#include <stddef.h>

#include "tetra/graph.h"
#include "tetra/status.h"
#include "tetra/window.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tetra_float_kind {
  TETRA_FLOAT_CONV,  /* dense layers too: `dense`, kernel = the plane */
  TETRA_FLOAT_ADD,   /* in[0] + in[1] */
  TETRA_FLOAT_CLAMP, /* lo..hi */
  TETRA_FLOAT_MAXPOOL,
  TETRA_FLOAT_AVGPOOL, /* divides by the elements of the plane and of `counted` */
  TETRA_FLOAT_AFFINE,  /* in[0] * w + bias, by channel */
  TETRA_FLOAT_PICK,    /* some rows, columns and channels, then zeros around them (win.pad) and zero channels before and
                          after */
  TETRA_FLOAT_FLATTEN,
  TETRA_FLOAT_PLANE, /* [n][c] as [n][c][1][1] */
  TETRA_FLOAT_SOFTMAX
};

/* A tensor of a batch, NHWC: n is the caller's. */
struct tetra_float_value {
  char name[TETRA_NAME_MAX];
  int h, w, c, flat; /* flat: the network sees it as [n][c*h*w] */
  int producer;      /* node, -1: the input */
  int n_uses;        /* the network's output counts */
  double *mean, *sd; /* of each channel over the training set, where a batch norm makes this value and so tells; else
                        NULL */
};

/* Of each axis: `n` indices from `start` in steps of `step`. n 0: all that there are. */
struct tetra_float_range {
  int start, step, n;
};
struct tetra_float_picks {
  struct tetra_float_range c, y, x;
};

struct tetra_float_node {
  enum tetra_float_kind kind;
  char name[TETRA_NAME_MAX];
  int in[2], out; /* values; in[1] -1 but for ADD */
  struct tetra_window win;
  struct tetra_pads counted; /* AVGPOOL: what of the padding counts as elements */
  int dense;                 /* CONV: of a vector; AFFINE: of a tensor of rank 2 */
  int groups;                /* CONV: as in tetra_op */
  int cin, cout;             /* CONV: cin is what an output channel reads, the input's channels over the groups */
  float *w;                  /* CONV: [cout][kh][kw][cin]; AFFINE: [cout] */
  double *bias;              /* CONV, AFFINE: cout */
  double lo, hi;
  struct tetra_float_picks picks; /* PICK */
  int c_before, c_after;
};

/* All memory is an arena's. */
struct tetra_float_graph {
  struct tetra_float_node *nodes;
  int n_nodes;
  struct tetra_float_value *values;
  int n_values;
  int input, output;
  int input_nhwc; /* of the file: [n][h][w][c], else [n][c][h][w] */
  int input_rank; /* of the file: 2: [n][c]; 4, or 0 where the file says nothing */
};

/* Appends a node and its output value to arrays that have room for both; names are cut. The node reads values in0 and
 * in1 (or -1); the caller fills in what its kind needs, then calls tetra_float_shape. */
struct tetra_float_node *tetra_float_graph_add(struct tetra_float_graph *g, enum tetra_float_kind kind,
                                               const char *name, const char *out_name, int in0, int in1);
/* Gives a node's output its shape, from the node's inputs and fields; 0 where a window does not fit. */
int tetra_float_shape(struct tetra_float_graph *g, const struct tetra_float_node *n);

/* How many numbers a batch of n of a value has. */
size_t tetra_float_size(const struct tetra_float_value *v, int n);
/* *out = what the node makes of in[] (one or two tensors of n images), owned by the caller (free). w and bias, where
 * not NULL, replace the node's. Not for SOFTMAX. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_float_run(const struct tetra_float_graph *g, const struct tetra_float_node *node, int n,
                                    const float *const in[2], const float *w, const double *bias, float **out,
                                    struct tetra_error *err);
/* *out = what the whole network makes of n images, owned by the caller (free): its output, or what its softmax would
 * read. There is at least one node in front of that. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_float_run_graph(const struct tetra_float_graph *g, const float *in, int n, float **out,
                                          struct tetra_error *err);
/* The rows of im2col of one image for a group of a convolution: [ho*wo][kh*kw*cin]. */
void tetra_float_im2col(const struct tetra_float_value *in, const struct tetra_float_node *node, int group,
                        const float *image, int ho, int wo, float *rows);

#ifdef __cplusplus
}
#endif
#endif
