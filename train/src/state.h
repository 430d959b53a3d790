/* A network in training: parameters, a batch's tensors, and what each node needs besides. Private to the library. */
#ifndef TRAIN_STATE_H
#define TRAIN_STATE_H

#include "math/geometry.h"
#include "math/quantizer.h"
#include "tetra/quantize_plan.h"
#include "tetra/threads.h"
#include "tetra/train.h"

/* A batch is worked on in this many pieces, whatever the number of threads: sums over pieces are then always the same.
 */
enum { TRAIN_PIECES = 8 };
/* Of codes; what a supernet's steps are of. */
enum { TRAIN_MOST_BITS = 8 };

/* How a parameter learns: by gradient descent, with weight decay, or as a step of LSQ. */
enum train_kind { TRAIN_PLAIN, TRAIN_KERNEL, TRAIN_STEP };

/* Where in the vectors of parameters something is. */
struct train_span {
  size_t at, n; /* n 0: there is none */
};

/* Of a convolution or dense layer. */
struct train_layer {
  struct train_geometry geo;
  struct train_span w, bias; /* bias: with a batch norm its beta */
  struct train_span gamma;   /* of the batch norm; none: the layer has a plain bias */
  struct train_span running; /* in `stats`: means, then variances */
  struct train_span steps;   /* LSQ: of the weights, by output channel; of a supernet one for all */
  float coarser;             /* its step is the learned one times this */
  int bits;                  /* of the weights; 0: float */
  float *real;               /* this step's weights as they count: quantized, real numbers */
  float *codes;              /* the same in whole numbers, where quantized */
  float *unit;               /* cout: real weights / codes */
  float *packed, *packed_back;
  float *sums;          /* [n][oh][ow][cout] before the batch norm */
  double *mean, *scale; /* cout: of the batch; 1 / sqrt(var + eps) */
  float *mult, *shift;  /* cout: the batch norm as mult * x + shift */
  float *factor;        /* cout: what a unit of the products is worth */
  float *zeros;         /* cout */
  /* Exact evaluation: whether the sums of products may be more than float holds; cout: what a unit is worth, bias. */
  int wide;
  double *exact_unit, *exact_bias;
  /* Backward, cout: what squares are summed around; the gradient of the sums is mult * gradient + level + tilt * sum.
   */
  float *centre, *level, *tilt;
};

/* A tensor. */
struct train_value {
  int root;                            /* the value whose memory it shares, itself for most */
  float *x, *grad;                     /* of a root; [n][h][w][c] */
  double *exact;                       /* in exact evaluation the same memory, x and grad together (step/exact.c) */
  double *fraction[TETRA_PLAN_POINTS]; /* there, by channel: how far the integers' bias is from the real one */
  int has_grad;                        /* this step's gradient has something */
  int needs_grad;                      /* something before it learns */
  float high, low;                     /* moving averages of the batches' largest and smallest non-zero elements */
  int floored;                         /* the point that AQT rounds down, -1: none */
  int shifted_by;                      /* the value whose floored point shifts this one's points, -1: none */
  float shift;                         /* by how much, once bounds are frozen */
  int taken_back[TETRA_PLAN_POINTS];   /* what reads this point gives the shift back (place.c) */
  struct train_quantizer point[TETRA_PLAN_POINTS];
  struct train_span step[TETRA_PLAN_POINTS]; /* LSQ; of a supernet one for all points */
  float coarser[TETRA_PLAN_POINTS];          /* the point's step is the learned one times this */
  int fewest_bits;                           /* of a supernet's value: that any of its subnets reads it with */
};

/* Of one worker. */
struct train_scratch {
  float *input, *gradient, *pixels; /* a padded plane; a padded gradient; a plane of the input's gradient */
  float *codes;                     /* a plane */
  float *of_image;                  /* two numbers for every channel */
  float *weights;                   /* of one output channel */
  double *operand[2];               /* planes, in exact evaluation */
};

struct tetra_train {
  struct tetra_arena arena;
  struct tetra_error own;
  struct tetra_float_graph g;
  struct tetra_train_options o;
  struct tetra_plan plan;     /* of a quantized network */
  struct tetra_plan exported; /* what it is exported as (exported.c) */
  struct train_layer *layer;  /* per node */
  struct train_value *value;
  int *fused;            /* per node: the clamp that follows at once and shares its memory, -1: none */
  int logits;            /* value */
  int batch;             /* images that there is memory for */
  int quantized, frozen; /* frozen: AQT's bounds; of a supernet, its steps have begun */
  int wants_input_gradient;
  /* All that learns, one after another. */
  float *param, *grad, *velocity;
  float *square; /* LSQ: moving averages of the squares of gradients by the logarithms of steps; NULL: no steps */
  unsigned char *kinds; /* enum train_kind */
  size_t n_params;
  float *stats; /* running means and variances */
  size_t n_stats;
  float *partial; /* TRAIN_PIECES times the largest layer's packed weights */
  size_t partial_size;
  double *channel_sums, *sums; /* TRAIN_PIECES times twice the most channels; their sum */
  double ranges[2 * TRAIN_PIECES], step_sums[TRAIN_PIECES], losses[TRAIN_PIECES];
  int correct[TRAIN_PIECES];
  int n_global; /* images of this step, of all processes */
  double share; /* 1 / processes */
  int most_channels;
  double fresh;                  /* what a batch counts in running statistics, 0..1 */
  struct tetra_train *host;      /* a subnet's supernet, whose tensors' memory and threads it uses; NULL: it is none */
  struct train_once *once;       /* a supernet's subnets; NULL: it is none */
  struct train_scratch *scratch; /* per worker */
  struct tetra_threads *threads;
  struct tetra_train_comm comm;
  uint64_t step;
  double float_holds; /* sums of whole numbers below it are exact in float: 2^24 */
};

/* Do steps of quantization learn? */
static inline int train_learns_steps(const struct tetra_train *t) {
  return t->o.method == TETRA_TRAIN_LSQ || t->o.method == TETRA_TRAIN_ONCE;
}

/* A node whose result is there already. */
static inline int train_is_done(const struct tetra_train *t, int i) {
  const struct tetra_float_node *n = &t->g.nodes[i];
  return n->kind == TETRA_FLOAT_SOFTMAX || t->value[n->out].root == t->value[n->in[0]].root;
}
/* Images of piece i of n: first, and one behind the last. */
static inline int train_first(int n, int piece) { return (int)((long)n * piece / TRAIN_PIECES); }

static inline float *train_x(const struct tetra_train *t, int v) { return t->value[t->value[v].root].x; }
static inline float *train_grad(const struct tetra_train *t, int v) { return t->value[t->value[v].root].grad; }
static inline size_t train_image_size(const struct tetra_train *t, int v) {
  return tetra_float_size(&t->g.values[v], 1);
}

#endif
