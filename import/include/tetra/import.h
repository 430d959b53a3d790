/* Trained, quantized networks from files: ONNX and TFLite to a tetra_graph. Knows the C model, nothing of the driver.
 */
#ifndef TETRA_IMPORT_H
#define TETRA_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/arena.h"
#include "tetra/float_graph.h"
#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An op of the file that cannot run, and why. */
struct tetra_refusal {
  char name[TETRA_NAME_MAX];
  char op[TETRA_NAME_MAX];
  char reason[240];
};

/* What follows the graph's output on the host. */
enum tetra_softmax {
  TETRA_SOFTMAX_NONE = 0,
  TETRA_SOFTMAX_FLOAT = 1, /* exp(x) / sum of exp(x), over the channels, of the real values */
  TETRA_SOFTMAX_TFLITE = 2 /* tetra_softmax_int8 of the codes */
};

/* Where a network comes from; it decides how a float input becomes codes. */
enum tetra_model_format {
  TETRA_MODEL_ONNX,  /* QuantizeLinear: x / scale rounded half to even */
  TETRA_MODEL_TFLITE /* QUANTIZE: half away from zero */
};

/* How the host rounds a float input. All but the first add the zero point before they round, as QONNX's Quant does. */
enum tetra_input_round {
  TETRA_INPUT_OF_FORMAT, /* as the format says; the zero point comes behind it */
  TETRA_INPUT_HALF_EVEN,
  TETRA_INPUT_HALF_AWAY,   /* ties away from zero */
  TETRA_INPUT_HALF_TOWARD, /* ties toward zero */
  TETRA_INPUT_FLOOR,
  TETRA_INPUT_CEIL,
  TETRA_INPUT_AWAY,  /* from zero, always */
  TETRA_INPUT_TOWARD /* zero, always */
};

/* What the file does to its float input before it quantizes it: in float32, with a number for all channels or one for
 * each. */
enum tetra_step_kind {
  TETRA_STEP_ADD,
  TETRA_STEP_SUB,
  TETRA_STEP_SUB_FROM, /* v - x */
  TETRA_STEP_MUL,
  TETRA_STEP_DIV
};
struct tetra_input_step {
  enum tetra_step_kind kind;
  int per_channel;
  const float *v;
};

/* A layer, by the name of its op, whose 8-bit weights hold a 4-bit network's (tetra/nest.h), and that one's biases, in
 * units of its accumulator, one an output channel. */
struct tetra_nested_layer {
  char name[TETRA_NAME_MAX];
  int n;
  int32_t *bias;
};

/* A tensor of the file, or the one that an operation of this name gives. Its numbers are those of a value of the graph
 * or, with in_tail, of the tail; or, where `exact` is 0, nowhere: the value is the nearest one that there is. */
struct tetra_tensor_name {
  char name[TETRA_NAME_MAX], value[TETRA_NAME_MAX];
  int exact, in_tail;
  int zero_point; /* real = (code - zero_point) * scale; the value's own may be others */
  double scale;
};

/* A network read from a file. */
struct tetra_model {
  enum tetra_model_format format;
  struct tetra_graph graph; /* proven by tetra_graph_check */
  int input_nchw;     /* the file's input tensor is [n][c][h][w], else [n][h][w][c] (TFLite; ONNX that transposes it) */
  int input_is_float; /* the file's input is float32 and quantized by its first op: code = quantize(x, d.scale,
                         d.zero_point) */
  enum tetra_input_round input_round; /* which rounding that is */
  int output_is_float; /* the file's output is float32: (code - zero_point) * scale of the graph's output value */
  enum tetra_softmax host_softmax; /* follows the graph's output; it runs on the host and is reported as such */
  double softmax_beta;             /* TFLITE: factor of the exponent, > 0 */
  struct tetra_float_graph *tail; /* what is not quantized any more behind the graph's output, whose real values are its
                                     input; it runs on the host, in front of the softmax; NULL: nothing */
  struct tetra_input_step *steps; /* in front of the quantization of a float input, one after another */
  int n_steps;
  struct tetra_nested_layer *nested; /* layers that may be switched to 4-bit weights; the graph has all with 8 bits */
  int n_nested;
  struct tetra_tensor_name *names; /* owned */
  int n_names;
  struct tetra_arena memory; /* of the tail, the steps and the nested layers */
};

/* Whose rounding a TensorFlow Lite file's operators get (docs/import.md says it by kernel). */
enum tetra_tflite_rounding {
  TETRA_TFLITE_DOUBLE, /* TensorFlow Lite Micro's kernels, and LiteRT's reference ones except for FULLY_CONNECTED */
  TETRA_TFLITE_SINGLE, /* builds with TFLITE_SINGLE_ROUNDING */
  TETRA_TFLITE_LITERT  /* LiteRT's reference kernels as a whole */
};

struct tetra_import_options {
  enum tetra_tflite_rounding tflite_rounding;
  int batch; /* replaces a batch dimension that is 1 or symbolic; >= 1 */
};

/* What cannot run: filled completely before a reader fails with TETRA_EINVAL. */
struct tetra_import_report {
  struct tetra_refusal *refusals; /* owned */
  int n_refusals;
};

/* Refusals of one kind: the same operation and, but for what it quotes, the same reason. */
struct tetra_refusal_kind {
  int first, count; /* index of the first one */
  int named[3];     /* indices of the first `count`, at most 3 */
};
/* The kinds of r's refusals in the order of their first ones; *kinds is the caller's to free. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_import_kinds(const struct tetra_import_report *r, struct tetra_refusal_kind **kinds, int *n,
                                       struct tetra_error *err);

/* {TETRA_TFLITE_DOUBLE, 1} */
void tetra_import_defaults(struct tetra_import_options *o);
/* Readers of one format, from memory. Every size in the file is checked before anything is allocated from it.
 * TETRA_EINVAL with a one-line message naming node or offset for a broken file; with report->refusals filled for a
 * valid one with ops that the hardware cannot run. */
TETRA_NODISCARD int tetra_import_onnx(const uint8_t *bytes, size_t size, const struct tetra_import_options *o,
                                      struct tetra_model *m, struct tetra_import_report *report,
                                      struct tetra_error *err);
TETRA_NODISCARD int tetra_import_tflite(const uint8_t *bytes, size_t size, const struct tetra_import_options *o,
                                        struct tetra_model *m, struct tetra_import_report *report,
                                        struct tetra_error *err);
/* The whole of a network's file (at most 1 GiB; no pipe). Of an ONNX file the tensors that lie in files beside it are
 * put inside. *bytes is the caller's to free. TETRA_EIO, TETRA_EINVAL, TETRA_ENOMEM: *bytes is NULL then. */
TETRA_NODISCARD int tetra_import_read(const char *path, uint8_t **bytes, size_t *size, struct tetra_error *err);
/* 1 where `file` is one of the files beside the ONNX file `network` that its tensors lie in, by device and inode. 0
 * else, also where one of them is not there or the network is none. */
int tetra_import_is_data_of(const char *network, const char *file);
/* Reads a file as tetra_import_read does and chooses the reader by its contents. TETRA_EIO where it cannot be read. */
TETRA_NODISCARD int tetra_import_file(const char *path, const struct tetra_import_options *o, struct tetra_model *m,
                                      struct tetra_import_report *report, struct tetra_error *err);
/* A float network, for quantization: bytes are an ONNX file or an .npz of a ResNet's weights. *g lives in the arena,
 * whose budget is set here, by the size of the file. `refused` as above. TETRA_EINVAL, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_import_float(const uint8_t *bytes, size_t size, struct tetra_arena *arena,
                                       struct tetra_float_graph *g, struct tetra_import_report *refused);
/* Switches m->nested[layer] to 4-bit weights: tetra_nest, and the check behind it. Once a layer. TETRA_EINVAL,
 * TETRA_ERANGE, TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_model_narrow(struct tetra_model *m, int layer, struct tetra_error *err);
/* Is `text`, of `length` bytes, that name? Of a name too long to be kept its end decides. */
int tetra_is_name(const char *name, const char *text, size_t length);
/* What the model's file calls so, of `length` bytes; NULL: nothing. A tensor whose numbers there are is preferred. */
const struct tetra_tensor_name *tetra_model_find(const struct tetra_model *m, const char *text, size_t length);
/* *out = the tail's value of that name for the images of t, as tetra_tail_run gives the tail's output. TETRA_EINVAL:
 * there is none. */
TETRA_NODISCARD int tetra_tail_run_to(const struct tetra_model *m, const char *name, const struct tetra_tensor *t,
                                      float **out, struct tetra_error *err);
/* The tail's value of that name, or NULL. */
const struct tetra_float_value *tetra_tail_value(const struct tetra_model *m, const char *name);
void tetra_model_free(struct tetra_model *m);
/* What is quantized where the file's float input is x, in channel c: x after the steps. */
float tetra_input_real(const struct tetra_model *m, float x, int c);
/* The code of input x, in channel c, for tensor d, which has the input's format, scale and zero point: steps, division
 * and rounding, all in float32. The lowest code for NaN. */
int tetra_input_code(const struct tetra_model *m, const struct tetra_desc *d, float x, int c);
/* The same of n inputs of one channel: codes[i] of x[i]. What is in x[] is used up. */
void tetra_input_codes(const struct tetra_model *m, const struct tetra_desc *d, int c, int n, float *x, int *codes);
/* The tail of m over all images of t, a tensor of the graph's output: *out has [n][h][w][c] numbers, n is t's, the rest
 * the shape of the tail's output; the caller frees it. In float32. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_tail_run(const struct tetra_model *m, const struct tetra_tensor *t, float **out,
                                   struct tetra_error *err);
/* Multiplications of the tail's convolutions and dense layers, an image. */
uint64_t tetra_tail_macs(const struct tetra_model *m);
/* TensorFlow Lite's int8 softmax over n channels, bit for bit (docs/import.md has its formulas): y = exp(beta * scale *
 * x) / sum, as code (y + 128) / 256. x and y may be the same array. n >= 1, scale and beta > 0 and finite. */
void tetra_softmax_int8(const int8_t *x, int n, double scale, double beta, int single_rounding, int8_t *y);
void tetra_import_report_free(struct tetra_import_report *r);

#ifdef __cplusplus
}
#endif
#endif
