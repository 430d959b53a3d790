/* A TensorFlow Lite file as plain C structs: everything checked that can be checked without knowing the operations. The
 * FlatBuffers library stays behind this interface. */
#ifndef TETRA_TFLITE_FILE_H
#define TETRA_TFLITE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/status.h"
#include "tetra/window.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TFL_MAX_RANK 6
#define TFL_MAX_INPUTS 4 /* more are counted and not kept: no operation that we run has more */

/* The format's numbers. */
enum tfl_type { TFL_FLOAT32 = 0, TFL_INT32 = 2, TFL_UINT8 = 3, TFL_INT16 = 7, TFL_INT8 = 9, TFL_INT4 = 17 };
enum tfl_padding { TFL_SAME = 0, TFL_VALID = 1 };
enum tfl_activation { TFL_NONE = 0, TFL_RELU = 1, TFL_RELU_N1_TO_1 = 2, TFL_RELU6 = 3 };
enum tfl_code {
  TFL_NOTHING = -1, /* none of the format's: an operation that another one has taken over */
  TFL_ADD = 0,
  TFL_AVERAGE_POOL_2D = 1,
  TFL_CONV_2D = 3,
  TFL_DEPTHWISE_CONV_2D = 4,
  TFL_DEQUANTIZE = 6,
  TFL_FULLY_CONNECTED = 9,
  TFL_MAX_POOL_2D = 17,
  TFL_MUL = 18,
  TFL_RELU_ALONE = 19,
  TFL_RELU_N1_TO_1_ALONE = 20,
  TFL_RELU6_ALONE = 21,
  TFL_RESHAPE = 22,
  TFL_SOFTMAX = 25,
  TFL_PAD = 34,
  TFL_BATCH_TO_SPACE_ND = 37,
  TFL_SPACE_TO_BATCH_ND = 38,
  TFL_MEAN = 40,
  TFL_SQUEEZE = 43,
  TFL_STRIDED_SLICE = 45,
  TFL_MAXIMUM = 55,
  TFL_MINIMUM = 57,
  TFL_SHAPE = 77,
  TFL_REDUCE_MAX = 82,
  TFL_PACK = 83,
  TFL_QUANTIZE = 114
};

struct tfl_tensor {
  char name[TETRA_NAME_MAX];
  int type; /* enum tfl_type, or another number of the format's */
  int rank;
  int dims[TFL_MAX_RANK]; /* each >= 1, below 2^31 elements in all */
  int64_t elements;
  const uint8_t *data; /* constant contents, little-endian, NULL for a computed tensor; inside of the file's copy */
  size_t bytes;        /* of data: what shape and type ask for */
  int n_scales;        /* 0: not quantized */
  int dimension;       /* that the scales run along */
  const float *scales; /* each > 0 and finite */
  int zero_point;      /* the first or only one, 0 where there is none; a code of the type */
  int all_zero;        /* every zero point is 0 */
  int has_sparsity;
  int is_input; /* of the network */
};

struct tfl_op {
  int code;                  /* enum tfl_code or another number of the format's */
  char kind[TETRA_NAME_MAX]; /* "CONV_2D", "operation 4", "custom X" */
  int n_in, n_out;           /* as in the file */
  int in[TFL_MAX_INPUTS];    /* tensor indices, -1: absent */
  int out;                   /* the first output */
  int has_options;           /* the table that belongs to the code was there; otherwise the fields are its defaults */
  int padding, activation;
  struct tetra_window win; /* padding only of a convolution that has taken over its dilation (dilate.c); its kernel is
                              its weights' */
  int multiplier;          /* DEPTHWISE_CONV_2D: output channels of an input channel */
  int keep_num_dims, weights_format;
  float beta;
  int axis; /* PACK */
  struct {
    int begin, end, ellipsis, new_axis, shrink;
  } slice; /* STRIDED_SLICE: masks, a bit an axis */
};

struct tfl_file {
  uint8_t *copy; /* aligned copy of the file, owned */
  struct tfl_tensor *tensors;
  float *scales; /* all tensors' */
  int n_tensors;
  struct tfl_op *ops; /* in execution order */
  int n_ops;
  int n_inputs, n_outputs; /* as in the file, at least 1 */
  int input, output;       /* tensor indices, of the first ones */
};

/* Reads a file. TETRA_EINVAL: not a FlatBuffer of this format, an index or size out of range, none or more than one
 * subgraph, input or output. TETRA_ENOMEM. Freed by the caller with tfl_file_free, also after an error. */
TETRA_NODISCARD int tfl_file_read(const uint8_t *bytes, size_t size, struct tfl_file *f, struct tetra_error *err);
void tfl_file_free(struct tfl_file *f);
/* "INT8", "FLOAT32", ...; "type" for one that we have no name for. Static storage. */
const char *tfl_type_name(int type);

#ifdef __cplusplus
}
#endif

#endif
