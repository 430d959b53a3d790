/* The walk over a TensorFlow Lite file's operators, in their order, which is an execution order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tflite/add.h"
#include "tflite/affine.h"
#include "tflite/conv.h"
#include "tflite/numbers.h"
#include "tflite/op.h"
#include "tflite/pool.h"
#include "tflite/shape.h"

static int is_supported(int code) {
  static const int codes[] = {TFL_CONV_2D,
                              TFL_DEPTHWISE_CONV_2D,
                              TFL_FULLY_CONNECTED,
                              TFL_ADD,
                              TFL_MUL,
                              TFL_MAX_POOL_2D,
                              TFL_AVERAGE_POOL_2D,
                              TFL_MEAN,
                              TFL_PAD,
                              TFL_RESHAPE,
                              TFL_SQUEEZE,
                              TFL_QUANTIZE,
                              TFL_SOFTMAX,
                              TFL_DEQUANTIZE,
                              TFL_RELU_ALONE,
                              TFL_RELU_N1_TO_1_ALONE,
                              TFL_RELU6_ALONE,
                              TFL_SHAPE,
                              TFL_STRIDED_SLICE,
                              TFL_PACK,
                              TFL_REDUCE_MAX,
                              TFL_MAXIMUM,
                              TFL_MINIMUM};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    if (codes[i] == code) return 1;
  }
  return 0;
}

/* Its operand comes from a refused operator, of which nothing is known: there is nothing to say about this one. */
static int follows_dismissed(const struct tfl_import *im, const struct tfl_op *op) {
  for (int k = 0; k < TFL_MAX_INPUTS; k++) {
    if (op->in[k] >= 0 && im->b[op->in[k]].state == TFL_DISMISSED) return 1;
  }
  return 0;
}

static int convert(struct tfl_import *im, const struct tfl_op *op) {
  if (follows_dismissed(im, op) && is_supported(op->code)) {
    im->b[op->out].state = TFL_DISMISSED;
    return TETRA_OK;
  }
  switch (op->code) {
    case TFL_CONV_2D:
    case TFL_DEPTHWISE_CONV_2D:
      return tfl_conv(im, op);
    case TFL_FULLY_CONNECTED:
      return tfl_dense(im, op);
    case TFL_MUL:
      if (!tfl_has_constant(im, op)) return tfl_refuse(im, op, "only products of a tensor and a constant run");
      return tfl_affine(im, op);
    case TFL_ADD:
      return tfl_add(im, op);
    case TFL_MAX_POOL_2D:
      return tfl_max_pool(im, op);
    case TFL_AVERAGE_POOL_2D:
      return tfl_average_pool(im, op);
    case TFL_MEAN:
      return tfl_mean(im, op);
    case TFL_PAD:
      return tfl_pad(im, op);
    case TFL_RESHAPE:
    case TFL_SQUEEZE:
      return tfl_reshape(im, op);
    case TFL_QUANTIZE:
      return tfl_quantize(im, op);
    case TFL_DEQUANTIZE:
      return tfl_dequantize(im, op);
    case TFL_RELU_ALONE:
    case TFL_RELU_N1_TO_1_ALONE:
    case TFL_RELU6_ALONE:
      return tfl_relu(im, op);
    case TFL_MAXIMUM:
    case TFL_MINIMUM:
      return tfl_extreme(im, op);
    case TFL_REDUCE_MAX:
      return tfl_reduce_max(im, op);
    case TFL_SOFTMAX:
      return tfl_softmax(im, op);
    case TFL_SHAPE:
      return tfl_shape(im, op);
    case TFL_STRIDED_SLICE:
      return tfl_strided_slice(im, op);
    case TFL_PACK:
      return tfl_pack(im, op);
    default:
      return tfl_refuse(im, op, "this operation is not supported");
  }
}

static int bind_input(struct tfl_import *im) {
  const struct tfl_tensor *t = &im->f->tensors[im->f->input];
  struct tfl_binding *b = &im->b[im->f->input];
  struct tetra_desc d;
  im->m->graph.input = -1;
  if (t->type == TFL_FLOAT32) {
    b->state = TFL_FLOAT;
    return TETRA_OK;
  }
  if (!tfl_desc(im, t, &d) && !tfl_desc_uint8(im, t, &d)) {
    return tetra_fail(
        im->err, TETRA_EINVAL,
        "input '%s' is %s with %d dimensions and %d scales; INT8, UINT8 or FLOAT32 with at most 4 and one scale is "
        "accepted, %d pixels a side and channels",
        t->name, tfl_type_name(t->type), t->rank, t->n_scales, TETRA_SIDE_MAX);
  }
  im->m->graph.input = b->value = tetra_graph_add_value(&im->m->graph, t->name, &d);
  if (b->value < 0) return tetra_fail(im->err, TETRA_ENOMEM, "no memory for a value");
  b->state = TFL_VALUE;
  b->zero_point = d.zero_point;
  return TETRA_OK;
}

/* A network with weights of which nothing is quantized: not its operators are wrong, it is a float network. */
static int need_quantized(const struct tfl_import *im) {
  int weighted = 0;
  for (int i = 0; i < im->f->n_tensors; i++)
    if (im->f->tensors[i].n_scales) return TETRA_OK;
  for (int i = 0; i < im->f->n_ops; i++) {
    const int code = im->f->ops[i].code;
    weighted |= code == TFL_CONV_2D || code == TFL_DEPTHWISE_CONV_2D || code == TFL_FULLY_CONNECTED;
  }
  if (!weighted || im->f->tensors[im->f->input].type != TFL_FLOAT32) return TETRA_OK;
  return tetra_fail(im->err, TETRA_EINVAL,
                    "a float network: the converter must quantize it to INT8, or ./sim quantize FILE.onnx --calibrate "
                    "IMAGES -o FILE.tetra.onnx, which takes it as ONNX");
}

static int convert_all(struct tfl_import *im) {
  int rc = need_quantized(im);
  if (rc == TETRA_OK) rc = bind_input(im);
  snprintf(im->m->graph.name, sizeof im->m->graph.name, "tflite");
  for (int i = 0; i < im->f->n_ops && rc == TETRA_OK; i++) {
    const struct tfl_op *op = &im->f->ops[i];
    if (im->b[op->out].state != TFL_UNKNOWN || tfl_output(im, op)->data) {
      return tfl_broken(im, op, "writes a tensor that has its contents already");
    }
    if (op->n_out != 1) {
      rc = tfl_refuse(im, op, "it has %d outputs", op->n_out);
    } else {
      rc = convert(im, op);
    }
  }
  return rc;
}

/* The output's own value, where it is a PAD that no reader takes over, or an average whose zero point its readers would
 * take into account: the same codes once more. */
static int settle_output(struct tfl_import *im) {
  const int output = im->f->output;
  if (im->b[output].state != TFL_VALUE) return TETRA_OK;
  int i = im->f->n_ops - 1;
  while (i > 0 && im->f->ops[i].out != output) i--;
  struct tfl_op copy = im->f->ops[i]; /* as if it read what it gives */
  copy.in[0] = output;
  const int rc = tfl_settle_pad(im, &copy, 0);
  return rc == TETRA_OK ? tfl_settle_raw(im, &copy, 0) : rc;
}

/* The network's output, and the proof that the graph can run. */
static int finish(struct tfl_import *im) {
  struct tfl_binding *b = &im->b[im->f->output];
  struct tetra_graph *g = &im->m->graph;
  const char *name = im->f->tensors[im->f->output].name;
  int rc = import_verdict(im->report, im->err);
  if (rc != TETRA_OK) return rc;
  if (b->state != TFL_VALUE && b->state != TFL_RESULT) {
    return tetra_fail(im->err, TETRA_EINVAL, "no operator produces the network's output '%s'", name);
  }
  rc = settle_output(im);
  if (rc != TETRA_OK) return rc;
  if (b->state == TFL_VALUE) im->m->host_softmax = im->m->output_is_float = 0; /* a result that nobody reads */
  g->output = b->value;
  if (g->input < 0 || g->values[b->value].producer < 0) {
    return tetra_fail(im->err, TETRA_EINVAL, "the network's output '%s' is its input", name);
  }
  return tetra_graph_check(g, im->err);
}

int tetra_import_tflite(const uint8_t *bytes, size_t size, const struct tetra_import_options *o, struct tetra_model *m,
                        struct tetra_import_report *report, struct tetra_error *err) {
  struct tfl_file f;
  memset(m, 0, sizeof *m);
  m->format = TETRA_MODEL_TFLITE;
  memset(report, 0, sizeof *report);
  if (o->batch < 1) return tetra_fail(err, TETRA_EINVAL, "batch %d must be at least 1", o->batch);
  int rc = tfl_file_read(bytes, size, &f, err);
  if (rc == TETRA_OK) {
    /* int4 weights double when they are unpacked; more than that means that many operators share them. */
    struct tfl_import im = {&f, o, m, report, NULL, 2 * (int64_t)size, TFL_MAX_PARAMETERS, err};
    im.b = calloc((size_t)f.n_tensors, sizeof *im.b);
    rc = im.b ? convert_all(&im) : tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", f.n_tensors);
    if (rc == TETRA_OK) rc = finish(&im);
    free(im.b);
  }
  tfl_file_free(&f);
  if (rc != TETRA_OK) tetra_model_free(m);
  return rc;
}
