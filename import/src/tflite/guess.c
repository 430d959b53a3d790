/* Operators behind one whose type is not read: judged as if it were INT8, so that a file's refusals are known all at
 * once. Shapes need no guess, the file has them all. */
#include "tflite/guess.h"

/* A type that only goes with activations that are not INT8: the biases of INT16 ones. */
enum { kInt64 = 4 };

int tfl_follows_dismissed(const struct tfl_import *im, const struct tfl_op *op) {
  for (int k = 0; k < TFL_MAX_INPUTS; k++) {
    if (op->in[k] >= 0 && im->b[op->in[k]].state == TFL_DISMISSED) return 1;
  }
  return 0;
}

/* The same tensor, INT8. Result of a SOFTMAX: with its scale. */
static void disguise(const struct tfl_import *im, const struct tfl_op *op, int tensor) {
  static const float scale = 1.0F / 32, softmax = 1.0F / 256;
  struct tfl_tensor *t = &im->f->tensors[tensor];
  const int of_softmax = op->code == TFL_SOFTMAX && tensor == op->out;
  t->type = TFL_INT8;
  t->n_scales = 1;
  t->scales = of_softmax ? &softmax : &scale;
  t->zero_point = of_softmax ? -128 : 0;
  if (t->rank >= 1 && t->rank <= 4) return;
  t->dims[3] = t->rank ? t->dims[t->rank - 1] : 1; /* no operation that runs has it so */
  t->dims[0] = t->dims[1] = t->dims[2] = 1;
  t->rank = 4;
}

/* A value of the graph for a dismissed operand. 0: it is of no shape that has one. */
static int make_value(struct tfl_import *im, int tensor) {
  struct tfl_binding *b = &im->b[tensor];
  struct tetra_desc d;
  if (!tfl_desc(im, &im->f->tensors[tensor], &d)) return 0;
  *b = (struct tfl_binding){.state = TFL_VALUE,
                            .value = tetra_graph_add_value(&im->m->graph, im->f->tensors[tensor].name, &d)};
  return b->value >= 0;
}

int tfl_guess(struct tfl_import *im, const struct tfl_op *op, tfl_attempt *attempt) {
  struct tfl_tensor *const tensors = im->f->tensors;
  struct tfl_tensor saved[TFL_MAX_INPUTS], out = tensors[op->out];
  struct tfl_binding bound[TFL_MAX_INPUTS];
  const struct tetra_error err = *im->err;
  int rc = TETRA_OK, possible = 1;
  const struct tfl_op file = *op;
  for (int k = 0; k < TFL_MAX_INPUTS; k++) {
    if (op->in[k] < 0) continue;
    saved[k] = tensors[op->in[k]];
    bound[k] = im->b[op->in[k]];
  }
  const int as_before = out.type == TFL_INT8 && out.n_scales == 1;
  struct tfl_op *const same = &im->f->ops[op - im->f->ops];
  for (int k = 0; k < TFL_MAX_INPUTS && possible; k++) {
    if (op->in[k] < 0) continue;
    if (im->b[op->in[k]].state == TFL_DISMISSED) {
      disguise(im, op, op->in[k]);
      possible = make_value(im, op->in[k]);
    }
    if (k == 2 && tensors[op->in[k]].type == kInt64) same->in[k] = -1;
  }
  if (!as_before) disguise(im, op, op->out);
  if (possible) rc = attempt(im, same);
  *same = file;
  for (int k = TFL_MAX_INPUTS - 1; k >= 0; k--) {
    if (op->in[k] < 0) continue;
    tensors[op->in[k]] = saved[k];
    im->b[op->in[k]] = bound[k];
  }
  tensors[op->out] = out;
  if (rc == TETRA_ENOMEM) return rc;
  if (rc != TETRA_OK) *im->err = err;
  const enum tfl_state made = im->b[op->out].state;
  const int usable = possible && rc == TETRA_OK && as_before && made == TFL_VALUE;
  if (!usable && made != TFL_NUMBERS) im->b[op->out].state = TFL_DISMISSED;
  return TETRA_OK;
}
