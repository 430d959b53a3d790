/* SPACE_TO_BATCH_ND takes every k-th row and column as an image of its own; a convolution of these, put together again
 * by BATCH_TO_SPACE_ND, is one with dilation k. What the first pads, less what the last one cuts off, is its padding.
 */
#include <stdlib.h>

#include "tflite/dilate.h"

/* reader[t]: the only operator that reads tensor t; none: -1, and of several or of the network's output. */
static int *find_readers(const struct tfl_file *f) {
  int *reader = malloc((size_t)f->n_tensors * sizeof *reader);
  char *read = calloc((size_t)f->n_tensors, 1);
  for (int t = 0; reader && read && t < f->n_tensors; t++) reader[t] = -1;
  for (int i = 0; reader && read && i < f->n_ops; i++)
    for (int k = 0; k < TFL_MAX_INPUTS; k++) {
      const int t = f->ops[i].in[k];
      if (t < 0) continue;
      reader[t] = read[t] || t == f->output ? -1 : i;
      read[t] = 1;
    }
  if (!read) {
    free(reader);
    reader = NULL;
  }
  free(read);
  return reader;
}

/* n numbers of a constant INT32 operand. */
static int numbers(const struct tfl_file *f, const struct tfl_op *op, int k, int n, int *v) {
  const struct tfl_tensor *t = op->in[k] < 0 ? NULL : &f->tensors[op->in[k]];
  if (!t || !t->data || t->type != TFL_INT32 || t->elements != n) return 0;
  for (int i = 0; i < n; i++) {
    const uint8_t *p = t->data + 4 * (size_t)i;
    v[i] = (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    if (v[i] < 0 || v[i] > TETRA_WINDOW_MAX) return 0;
  }
  return 1;
}

/* Do the codes mean the same? */
static int same_codes(const struct tfl_file *f, int a, int b) {
  const struct tfl_tensor *t = &f->tensors[a], *u = &f->tensors[b];
  return t->type == TFL_INT8 && u->type == TFL_INT8 && t->n_scales == 1 && u->n_scales == 1 &&
         t->scales[0] == u->scales[0] && t->zero_point == u->zero_point && t->rank == 4 && u->rank == 4;
}

static int is_convolution(const struct tfl_op *op) {
  return (op->code == TFL_CONV_2D || op->code == TFL_DEPTHWISE_CONV_2D) && op->has_options && op->n_out == 1 &&
         op->padding == TFL_VALID && op->win.stride_y == 1 && op->win.stride_x == 1 && op->win.dilation_y == 1 &&
         op->win.dilation_x == 1;
}

static void take(struct tfl_file *f, const int *reader, struct tfl_op *apart) {
  int block[2], again[2], pads[4], crops[4];
  if (apart->n_in != 3 || apart->n_out != 1 || apart->in[0] < 0 || !same_codes(f, apart->in[0], apart->out)) return;
  const int i = reader[apart->out], k = i < 0 ? -1 : reader[f->ops[i].out];
  if (i < 0 || k < 0) return;
  struct tfl_op *conv = &f->ops[i], *together = &f->ops[k];
  if (!is_convolution(conv) || conv->in[0] != apart->out || together->code != TFL_BATCH_TO_SPACE_ND ||
      together->n_in != 3 || together->n_out != 1 || together->in[0] != conv->out ||
      !same_codes(f, conv->out, together->out) || apart > conv || conv > together)
    return;
  if (!numbers(f, apart, 1, 2, block) || !numbers(f, apart, 2, 4, pads) || !numbers(f, together, 1, 2, again) ||
      !numbers(f, together, 2, 4, crops) || block[0] != again[0] || block[1] != again[1] || block[0] < 1 ||
      block[1] < 1)
    return;
  for (int p = 0; p < 4; p++) {
    pads[p] -= crops[p];
    if (pads[p] < 0) return;
  }
  conv->win.dilation_y = block[0];
  conv->win.dilation_x = block[1];
  conv->win.pad = (struct tetra_pads){pads[0], pads[2], pads[1], pads[3]};
  conv->in[0] = apart->in[0];
  conv->out = together->out;
  apart->code = together->code = TFL_NOTHING;
}

int tfl_take_dilations(struct tfl_file *f, struct tetra_error *err) {
  int some = 0;
  for (int i = 0; i < f->n_ops; i++) some |= f->ops[i].code == TFL_SPACE_TO_BATCH_ND;
  if (!some) return TETRA_OK;
  int *reader = find_readers(f);
  if (!reader) return tetra_fail(err, TETRA_ENOMEM, "no memory for the readers of %d tensors", f->n_tensors);
  for (int i = 0; i < f->n_ops; i++)
    if (f->ops[i].code == TFL_SPACE_TO_BATCH_ND) take(f, reader, &f->ops[i]);
  free(reader);
  return TETRA_OK;
}
