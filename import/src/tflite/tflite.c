/* The walk over a TensorFlow Lite file's operators, in their order, which is an execution order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/names.h"
#include "tflite/add.h"
#include "tflite/affine.h"
#include "tflite/conv.h"
#include "tflite/dilate.h"
#include "tflite/guess.h"
#include "tflite/numbers.h"
#include "tflite/op.h"
#include "tflite/pool.h"
#include "tflite/shape.h"

static int convert(struct tfl_import *im, const struct tfl_op *op) {
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
    case TFL_SPACE_TO_BATCH_ND:
    case TFL_BATCH_TO_SPACE_ND:
      return tfl_refuse(im, op, "it is read only around one convolution of stride 1, as its dilation");
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
    b->state = TFL_DISMISSED;
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

/* A network with weights of which no activation is quantized: not its operators are wrong, it is a float network. */
static int need_quantized(const struct tfl_import *im) {
  int weighted = 0, scales = 0;
  for (int i = 0; i < im->f->n_tensors; i++) {
    const struct tfl_tensor *t = &im->f->tensors[i];
    if (t->n_scales && !t->data) return TETRA_OK;
    scales |= t->n_scales;
  }
  for (int i = 0; i < im->f->n_ops; i++) {
    const int code = im->f->ops[i].code;
    weighted |= code == TFL_CONV_2D || code == TFL_DEPTHWISE_CONV_2D || code == TFL_FULLY_CONNECTED;
  }
  if (!weighted || im->f->tensors[im->f->input].type != TFL_FLOAT32) return TETRA_OK;
  return tetra_fail(
      im->err, TETRA_EINVAL,
      "%s: the converter must quantize it to INT8, %s, or ./sim quantize FILE.onnx --calibrate IMAGES -o "
      "FILE.tetra.onnx, which takes it as ONNX",
      scales ? "only its weights are quantized (dynamic range), its activations are float" : "a float network",
      scales ? "with a representative dataset" : "activations and weights");
}

/* What is wrong with the file itself, the first of it, ends the import, but only when all of it has been looked at. */
static int hold(struct tfl_import *im, int rc) {
  if (rc != TETRA_EINVAL) return rc;
  if (!im->broken.code) im->broken = *im->err;
  return TETRA_OK;
}

/* Ends that no network has: nothing is known of the further inputs. */
static int bind_ends(struct tfl_import *im) {
  const struct tfl_file *f = im->f;
  for (int i = 0; i < f->n_tensors; i++)
    if (f->tensors[i].is_input && i != f->input) im->b[i].state = TFL_DISMISSED;
  if (f->n_inputs == 1 && f->n_outputs == 1) return TETRA_OK;
  return tetra_fail(im->err, TETRA_EINVAL, "the network has %d inputs and %d outputs; one of each is accepted",
                    f->n_inputs, f->n_outputs);
}

static int convert_one(struct tfl_import *im, const struct tfl_op *op) {
  if (im->b[op->out].state != TFL_UNKNOWN || tfl_output(im, op)->data)
    return tfl_broken(im, op, "writes a tensor that has its contents already");
  if (op->n_out != 1) return tfl_refuse(im, op, "it has %d outputs", op->n_out);
  const int rc = tfl_follows_dismissed(im, op) ? tfl_guess(im, op, convert) : convert(im, op);
  if (rc != TETRA_EINVAL) return rc;
  return tfl_stand_in(im, op) == TETRA_OK ? rc : TETRA_ENOMEM;
}

static int convert_all(struct tfl_import *im) {
  int rc = need_quantized(im);
  if (rc == TETRA_OK) rc = hold(im, bind_input(im));
  if (rc == TETRA_OK) rc = hold(im, bind_ends(im));
  snprintf(im->m->graph.name, sizeof im->m->graph.name, "tflite");
  for (int i = 0; i < im->f->n_ops && rc == TETRA_OK; i++)
    if (im->f->ops[i].code != TFL_NOTHING) rc = hold(im, convert_one(im, &im->f->ops[i]));
  if (rc != TETRA_OK || !im->broken.code) return rc;
  return tetra_fail(im->err, im->broken.code, "%s", im->broken.msg);
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

/* The tensors' names: of those that are codes of the graph where these are, of a PAD that a convolution has taken over,
 * of the float input and of the host's result the nearest codes. */
static int name_tensors(struct tfl_import *im) {
  int rc = TETRA_OK;
  for (int i = 0; i < im->f->n_tensors && rc == TETRA_OK; i++) {
    const struct tfl_tensor *t = &im->f->tensors[i];
    const struct tfl_binding *b = &im->b[i];
    const int softmax = b->state == TFL_RESULT && im->m->host_softmax, is_float = b->state == TFL_FLOAT;
    if (b->state != TFL_VALUE && b->state != TFL_RESULT && !is_float) continue;
    const int value = is_float ? im->m->graph.input : b->value;
    const struct tetra_value *v = &im->m->graph.values[value];
    struct tetra_tensor_name n = {.exact = !softmax && !is_float && !(b->top | b->bottom | b->left | b->right),
                                  .scale = t->n_scales == 1 ? (double)t->scales[0] : v->d.scale,
                                  .zero_point = b->zero_point};
    snprintf(n.value, sizeof n.value, "%s", v->name);
    rc = import_add_name(im->m, t->name, &n, im->err);
  }
  return rc;
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
  rc = tetra_graph_check(g, im->err);
  return rc == TETRA_OK ? name_tensors(im) : rc;
}

int tetra_import_tflite(const uint8_t *bytes, size_t size, const struct tetra_import_options *o, struct tetra_model *m,
                        struct tetra_import_report *report, struct tetra_error *err) {
  struct tfl_file f;
  memset(m, 0, sizeof *m);
  m->format = TETRA_MODEL_TFLITE;
  memset(report, 0, sizeof *report);
  if (o->batch < 1) return tetra_fail(err, TETRA_EINVAL, "batch %d must be at least 1", o->batch);
  int rc = tfl_file_read(bytes, size, &f, err);
  if (rc == TETRA_OK) rc = tfl_take_dilations(&f, err);
  if (rc == TETRA_OK) {
    /* int4 weights double when they are unpacked; more than that means that many operators share them. */
    struct tetra_error own = {0, ""}; /* where the caller does not ask, the reader still needs to know */
    struct tfl_import im = {&f, o, m, report, NULL, 2 * (int64_t)size, TFL_MAX_PARAMETERS, err ? err : &own, {0, ""}};
    im.b = calloc((size_t)f.n_tensors, sizeof *im.b);
    rc = im.b ? convert_all(&im) : tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", f.n_tensors);
    if (rc == TETRA_OK) rc = finish(&im);
    free(im.b);
  }
  tfl_file_free(&f);
  if (rc != TETRA_OK) tetra_model_free(m);
  return rc;
}
