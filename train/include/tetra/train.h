/* Training of ResNets, in float or quantization-aware: AQT as the paper trained, learned step sizes (LSQ) with a
 * float teacher, or once for networks of many widths and bits (tetra/supernet.h). What is exported computes on the
 * accelerator what was trained. docs/training.md has the formulas.
 *
 * Everything is float32, tensors are [n][h][w][c]. With the same options, seed and order of calls, results are the same
 * bit by bit on one machine for any number of threads. */
#ifndef TETRA_TRAIN_H
#define TETRA_TRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/import.h"
#include "tetra/precision.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, name on the command line) */
#define TETRA_TRAIN_METHODS(X)  \
  X(TETRA_TRAIN_FLOAT, "float") \
  X(TETRA_TRAIN_AQT, "aqt")     \
  X(TETRA_TRAIN_LSQ, "lsq")     \
  X(TETRA_TRAIN_ONCE, "once")
#define TETRA_TRAIN_METHOD_ENUM(e, name) e,
enum tetra_train_method { TETRA_TRAIN_METHODS(TETRA_TRAIN_METHOD_ENUM) TETRA_TRAIN_METHOD_COUNT };
#undef TETRA_TRAIN_METHOD_ENUM

/* A ResNet for small images: 3x3 stem, three stages of basic blocks of 16, 32 and 64 channels times `width`, rounded
 * down; the stem has as many as the first stage. */
struct tetra_train_resnet {
  int depth; /* 6n + 2: 8, 14, 20, ...; photos: 18, 34, 50, 101, 152 */
  double width;
  int classes, h, w, c; /* of the images */
  /* Shortcuts where the shape changes: 0: every second pixel, zeros for new channels (option A); 1: a 1x1 convolution
   * with a batch norm (option B). */
  int projection;
  /* 1: for photographs, as torchvision has them: a 7x7 stem and a max pool, both of stride 2, four stages of 64 to 512
   * channels times width, from 50 layers on of bottlenecks four times as wide; shortcuts are projections. */
  int photos;
};

/* What more than one process needs. NULL functions: one process. */
struct tetra_train_comm {
  void *context;
  int rank, size; /* size 0 or 1: one process */
  /* Replace v[n] by the sum over all processes, the same bits in each. */
  void (*sum_float)(void *context, float *v, size_t n);
  void (*sum_double)(void *context, double *v, size_t n);
  void (*max_double)(void *context, double *v, size_t n);
};

struct tetra_train_options {
  enum tetra_train_method method;
  enum tetra_precision precision;      /* of a quantized network */
  const struct tetra_layer_bits *bits; /* n_bits entries instead, borrowed; NULL: as precision has it */
  int n_bits;
  int signed_first; /* 1: the first convolution of each stage's first block reads signed codes, as in the paper */
  int batch;        /* most images of a step, of this process */
  int threads;      /* 0: as many as there are processors */
  uint64_t seed;
  double momentum, decay; /* .9; 1e-4, of kernels only */
  int adam; /* LSQ: 1: weights learn by Adam, in codes (docs/training.md); 0: by gradient descent, as everything else */
  struct tetra_train_comm comm;
  /* LSQ: images [n_calibrate][h][w][c] from which tetra_quantize_model's best method makes the network that training
   * starts from; borrowed until the network is open. */
  const float *calibrate;
  int n_calibrate;
  int images_learn; /* 1: nothing else does; of tetra/synthesize.h */
  /* TETRA_TRAIN_ONCE: the widths and precisions of its subnets, each with each, in any order; borrowed until the
   * network is open. The resnet's own width and `precision` say nothing then. */
  const double *widths;
  int n_widths; /* 1 to TETRA_SUPERNET_WIDTHS */
  const enum tetra_precision *precisions;
  int n_precisions;
};

struct tetra_train;

/* Method float, seed 1, batches of 128, the paper's momentum and decay and its signed exceptions. */
void tetra_train_defaults(struct tetra_train_options *o);
/* The method of that name, -1 where there is none; a method's name. */
TETRA_NODISCARD int tetra_train_method_parse(const char *name);
const char *tetra_train_method_name(enum tetra_train_method m);

/* A new network with random weights (He); of method once a supernet. TETRA_EINVAL, TETRA_ENOMEM. *t is NULL then. */
TETRA_NODISCARD int tetra_train_resnet_open(struct tetra_train **t, const struct tetra_train_resnet *r,
                                            const struct tetra_train_options *o, struct tetra_error *err);
/* A trained float network, batch norms folded: an ONNX file or a CIFAR-10 ResNet's .npz. `refused` as of
 * tetra_import_onnx. TETRA_EINVAL, TETRA_ENOMEM; *t is NULL then. */
TETRA_NODISCARD int tetra_train_model_open(struct tetra_train **t, const uint8_t *bytes, size_t size,
                                           const struct tetra_train_options *o, struct tetra_import_report *refused,
                                           struct tetra_error *err);
void tetra_train_close(struct tetra_train *t); /* NULL is accepted */

/* The shape of its images, and its classes. */
void tetra_train_shape(const struct tetra_train *t, int *h, int *w, int *c, int *classes);
/* Numbers that learn. */
size_t tetra_train_parameters(const struct tetra_train *t);

/* What a step is to do, and what it found, summed over the images of all processes. */
struct tetra_train_batch {
  const float *images;  /* [n][h][w][c] */
  const int *labels;    /* n */
  int n, n_global;      /* of this process, n <= batch; of all */
  const float *teacher; /* [n][classes] logits to be like; NULL: labels only; a supernet is its subnets' teacher */
  double teacher_share; /* of the loss: (1 - share) * cross-entropy with labels + share * that with the teacher */
  double rate;          /* learning rate; 0: gradients only, parameters stay */
  int freeze;           /* AQT: bounds of activations are frozen in this step; once */
};
struct tetra_train_result { /* of a supernet: its largest subnet's */
  double loss;              /* mean over n_global */
  int correct;
};
/* Forward, backward, update. Labels must be 0..classes-1. TETRA_ERANGE: the loss is no number; parameters are as they
 * were. */
TETRA_NODISCARD int tetra_train_step(struct tetra_train *t, const struct tetra_train_batch *b,
                                     struct tetra_train_result *r, struct tetra_error *err);
/* logits[n][classes] of images with running statistics; n <= batch. Of a supernet: its largest subnet's.
 * `quantized_logits`: through the last layer's quantizer, where there is one. */
void tetra_train_logits(struct tetra_train *t, const float *images, int n, int quantized_logits, float *logits);

/* The learning rate of the paper after `step` steps: warm-up over `warmup` steps, a cosine down to a thousandth of
 * `base`, a linear cool-down of the last `cooldown` of `total` steps. */
struct tetra_train_schedule {
  double base, warmup, cooldown, total;
};
double tetra_train_rate(const struct tetra_train_schedule *s, double step);

/* The order of n images in an epoch: a permutation of 0..n-1. */
void tetra_train_order(uint64_t seed, int epoch, int n, int *order);
/* How an image is cut out in an epoch: moved by up to `margin` pixels each way, turned round or not. */
struct tetra_train_crop {
  int dy, dx, flip;
};
struct tetra_train_crop tetra_train_crop_of(uint64_t seed, int epoch, int image, int margin);

/* A random part of a picture of h x w pixels, as networks for photographs learn from: 8 % to all of its area, sides of
 * 3/4 to 4/3; of the ten tries the first that fits, or else the largest square in the middle. */
struct tetra_train_part {
  int y, x, h, w, flip;
};
struct tetra_train_part tetra_train_part_of(uint64_t seed, int epoch, int image, int h, int w);

/* All that a training step depends on and changes, as bytes; *bytes is owned by the caller. */
TETRA_NODISCARD int tetra_train_save(const struct tetra_train *t, uint8_t **bytes, size_t *size,
                                     struct tetra_error *err);
/* TETRA_EINVAL: of another network or other options, which the message names; *t is as it was. */
TETRA_NODISCARD int tetra_train_load(struct tetra_train *t, const uint8_t *bytes, size_t size, struct tetra_error *err);

/* The network as an ONNX file, *bytes owned by the caller: float with its batch norms, or quantized (QuantizeLinear and
 * DequantizeLinear), which tetra_import_onnx has accepted; of a supernet the file that tetra_supernet_open takes.
 * TETRA_EINVAL: bounds are not frozen yet, or steps have not begun; TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_train_export(struct tetra_train *t, uint8_t **bytes, size_t *size, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
