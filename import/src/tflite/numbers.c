/* Shapes that the network calculates itself, in the file's terms: with the batch that its tensors have. */
#include "tflite/numbers.h"

static int refuse_or(struct tfl_import *im, const struct tfl_op *op, const char *reason) {
  return tfl_refuse(im, op, "%s", reason);
}

/* Operand k as numbers, calculated or constant. 0 where it is none. */
static int load(const struct tfl_import *im, const struct tfl_op *op, int k, struct tfl_binding *v) {
  if (k >= TFL_MAX_INPUTS || op->in[k] < 0) return 0;
  const struct tfl_tensor *t = &im->f->tensors[op->in[k]];
  *v = im->b[op->in[k]];
  if (v->state == TFL_NUMBERS) return 1;
  if (!t->data || t->type != TFL_INT32 || t->rank > 1 || t->elements > TFL_MAX_RANK) return 0;
  *v = (struct tfl_binding){.state = TFL_NUMBERS, .n_numbers = (int)t->elements, .scalar = t->rank == 0};
  for (int i = 0; i < v->n_numbers; i++) {
    const uint8_t *p = t->data + 4 * i;
    v->numbers[i] = (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
  }
  return 1;
}

int tfl_shape(struct tfl_import *im, const struct tfl_op *op) {
  const int tensor = op->in[0];
  if (op->n_in != 1 || tensor < 0 || tfl_output(im, op)->type != TFL_INT32)
    return refuse_or(im, op, "its output is not INT32");
  struct tfl_binding *b = &im->b[op->out];
  *b = (struct tfl_binding){.state = TFL_NUMBERS, .n_numbers = im->f->tensors[tensor].rank};
  for (int i = 0; i < b->n_numbers; i++) b->numbers[i] = im->f->tensors[tensor].dims[i];
  return TETRA_OK;
}

/* Of a shape: numbers begin..end - 1, or one alone. */
int tfl_strided_slice(struct tfl_import *im, const struct tfl_op *op) {
  struct tfl_binding in, begin, end, step, out = {.state = TFL_NUMBERS};
  if (!load(im, op, 0, &in) || in.scalar) return refuse_or(im, op, "only shapes are sliced, for a RESHAPE");
  if (op->n_in != 4 || !load(im, op, 1, &begin) || !load(im, op, 2, &end) || !load(im, op, 3, &step) ||
      begin.n_numbers != 1 || end.n_numbers != 1 || step.n_numbers != 1 || step.numbers[0] != 1)
    return refuse_or(im, op, "its bounds are not one constant number each, with step 1");
  if (op->slice.ellipsis || op->slice.new_axis) return refuse_or(im, op, "it adds axes");
  const int n = in.n_numbers;
  int from = op->slice.begin & 1 ? 0 : begin.numbers[0], to = op->slice.end & 1 ? n : end.numbers[0];
  from = from < 0 && from >= -n ? from + n : from;
  to = to < 0 && to >= -n ? to + n : to;
  if (op->slice.shrink & 1) to = from + (from >= 0 && from < n);
  if (from < 0 || to > n || from >= to) return refuse_or(im, op, "its bounds are not within the shape");
  out.scalar = op->slice.shrink & 1;
  for (int i = from; i < to; i++) out.numbers[out.n_numbers++] = in.numbers[i];
  im->b[op->out] = out;
  return TETRA_OK;
}

int tfl_pack(struct tfl_import *im, const struct tfl_op *op) {
  struct tfl_binding one, out = {.state = TFL_NUMBERS};
  if (op->n_in > TFL_MAX_INPUTS || op->axis != 0)
    return refuse_or(im, op, "only up to four numbers of a shape are packed");
  for (int k = 0; k < op->n_in; k++) {
    if (!load(im, op, k, &one) || !one.scalar)
      return refuse_or(im, op, "only numbers of a shape are packed, for a RESHAPE");
    out.numbers[out.n_numbers++] = one.numbers[0];
  }
  im->b[op->out] = out;
  return TETRA_OK;
}

const char *tfl_shape_refusal(const struct tfl_import *im, const struct tfl_op *op) {
  const struct tfl_tensor *out = tfl_output(im, op);
  if (op->n_in < 2 || op->in[1] < 0 || im->b[op->in[1]].state != TFL_NUMBERS) return NULL;
  const struct tfl_binding *shape = &im->b[op->in[1]];
  if (shape->n_numbers != out->rank || shape->scalar) return "the shape it calculates is not its output's";
  for (int i = 0, inferred = 0; i < out->rank; i++) {
    if (shape->numbers[i] == out->dims[i] || (shape->numbers[i] == -1 && !inferred++)) continue;
    return "the shape it calculates is not its output's";
  }
  return NULL;
}
