/* A float network as quantization sees it. Private to the library. */
#ifndef TETRA_FLOAT_GRAPH_H
#define TETRA_FLOAT_GRAPH_H

#include "common/parts.h"
#include "common/report.h"
#include "onnx/values.h"

enum float_kind {
  FLOAT_CONV,  /* dense layers too: `dense`, kernel = the plane */
  FLOAT_ADD,   /* in[0] + in[1] */
  FLOAT_CLAMP, /* lo..hi */
  FLOAT_MAXPOOL,
  FLOAT_AVGPOOL, /* divides by the elements of the plane and of `counted` */
  FLOAT_PICK,    /* every step-th row and column from the first, then zero channels before and after */
  FLOAT_FLATTEN,
  FLOAT_SOFTMAX
};

/* A tensor of a batch, NHWC: n is the caller's. */
struct float_value {
  char name[TETRA_NAME_MAX];
  int h, w, c, flat; /* flat: the network sees it as [n][c*h*w] */
  int producer;      /* node, -1: the input */
  int n_uses;        /* the network's output counts */
};

struct float_node {
  enum float_kind kind;
  char name[TETRA_NAME_MAX];
  int in[2], out; /* values; in[1] -1 but for ADD */
  struct tetra_window win;
  struct tetra_pads counted; /* AVGPOOL: what of the padding counts as elements */
  int dense;
  int cin, cout;
  float *w;     /* CONV: [cout][kh][kw][cin] */
  double *bias; /* CONV: cout */
  double lo, hi;
  int step_y, step_x, c_before, c_after;
};

/* All memory is an arena's. */
struct float_graph {
  struct float_node *nodes;
  int n_nodes;
  struct float_value *values;
  int n_values;
  int input, output;
};

/* float_load.c: of the ONNX graph that onnx_load has read. float_npz.c: of ResNet-20's weights. */
int float_load_onnx(struct onnx_reader *x, struct float_graph *g);
int float_load_npz(struct tetra_arena *arena, const uint8_t *bytes, size_t size, struct float_graph *g);
/* Adds a node with its output value to arrays that have room for both; names are cut. */
struct float_node *float_graph_add(struct float_graph *g, enum float_kind kind, const char *name, const char *out_name,
                                   int in0, int in1);
/* Output shape of a node from its inputs; 0 where a window does not fit. */
int float_shape(const struct float_graph *g, struct float_node *n, struct float_value *v);

/* float_run.c: tensor data of a batch. */
struct float_data {
  float *v; /* malloc; NULL: not there */
};
size_t float_size(const struct float_value *v, int n);
/* out = node(in): allocates out->v. TETRA_ENOMEM. w, bias replace the node's where not NULL. */
int float_run(const struct float_graph *g, const struct float_node *node, int n, const float *const in[2],
              const float *w, const double *bias, float **out, struct tetra_error *err);
/* The rows of im2col of one image: [ho*wo][kh*kw*cin]. */
void float_im2col(const struct float_value *in, const struct float_node *node, const float *image, int ho, int wo,
                  float *rows);

#endif
