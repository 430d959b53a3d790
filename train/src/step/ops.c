/* All that is neither a convolution nor a dense layer, image by image. */
#include "step/ops.h"

#include <string.h>

#include "math/clamp.h"
#include "step/pieces.h"
#include "step/points.h"
#include "step/window.h"

/* Operand k of one image as the node reads it: real numbers, in `room` where they are quantized. */
static const float *operand(const struct train_job *job, int k, int image, float *room) {
  const struct tetra_train *t = job->t;
  const int v = t->g.nodes[job->i].in[k];
  const size_t size = train_image_size(t, v);
  const float *x = train_x(t, v) + (size_t)image * size;
  const struct train_quantizer *q = train_quantizer_of(t, job->i, k);
  if (!q) return x;
  const float unit = 1 / q->scale;
  train_quantize(q, x, size, room);
  for (size_t j = 0; j < size; j++) room[j] = room[j] * unit + q->offset;
  return room;
}

/* Index of the window's first largest element in channel c. */
static size_t largest(const struct train_part *p, const struct tetra_float_value *in, const float *x, size_t c) {
  size_t best = ((size_t)p->y0 * (size_t)in->w + (size_t)p->x0) * (size_t)in->c + c;
  for (int y = p->y0; y < p->y1; y++) {
    for (int k = p->x0; k < p->x1; k++) {
      const size_t at = ((size_t)y * (size_t)in->w + (size_t)k) * (size_t)in->c + c;
      if (x[at] > x[best]) best = at;
    }
  }
  return best;
}

/* Sum of a window's elements in channel c, or `add` to each of them. */
static float over_window(const struct train_part *p, const struct tetra_float_value *in, const float *x, float *dx,
                         size_t c, float add) {
  float sum = 0;
  for (int y = p->y0; y < p->y1; y++) {
    for (int k = p->x0; k < p->x1; k++) {
      const size_t at = ((size_t)y * (size_t)in->w + (size_t)k) * (size_t)in->c + c;
      if (x) sum += x[at];
      if (dx) dx[at] += add;
    }
  }
  return sum;
}

/* Forward: y from x. Backward, where dx is given: dx, zeroed, from dy. */
static void pool(const struct tetra_train *t, int i, const float *x, float *y, const float *dy, float *dx) {
  const struct tetra_float_node *n = &t->g.nodes[i];
  const struct tetra_float_value *in = &t->g.values[n->in[0]], *out = &t->g.values[n->out];
  for (int row = 0; row < out->h; row++) {
    for (int column = 0; column < out->w; column++) {
      const struct train_part p = train_part_of(&n->win, in, row, column);
      const float scale = n->kind == TETRA_FLOAT_AVGPOOL ? 1 / train_divisor(n, in, row, column) : 1;
      for (size_t c = 0; c < (size_t)out->c; c++) {
        const size_t at = ((size_t)row * (size_t)out->w + (size_t)column) * (size_t)out->c + c;
        if (n->kind == TETRA_FLOAT_AVGPOOL && dx)
          (void)over_window(&p, in, NULL, dx, c, dy[at] * scale);
        else if (n->kind == TETRA_FLOAT_AVGPOOL)
          y[at] = over_window(&p, in, x, NULL, c, 0) * scale;
        else if (dx)
          dx[largest(&p, in, x, c)] += dy[at];
        else
          y[at] = x[largest(&p, in, x, c)];
      }
    }
  }
}

/* Copies what is picked from the input to the output; `back`: adds the output's gradient to the input's. */
static void pick(const struct tetra_train *t, int i, int back, const float *given, float *made) {
  const struct tetra_float_node *n = &t->g.nodes[i];
  const struct train_picks p = train_picks_of(&t->g, n);
  for (int row = 0; row < p.rows; row++) {
    for (int column = 0; column < p.columns; column++) {
      size_t from, to;
      train_picked(&t->g, n, row, column, &from, &to);
      for (size_t c = 0; c < p.channels; c++) {
        const size_t source = from + c * p.step;
        if (back)
          made[source] += given[to + c];
        else
          made[to + c] = given[source];
      }
    }
  }
}

static void affine(const struct tetra_float_node *n, const float *x, size_t count, float *y) {
  for (size_t j = 0; j < count; j += (size_t)n->cout)
    for (size_t c = 0; c < (size_t)n->cout; c++) y[j + c] = x[j + c] * n->w[c] + (float)n->bias[c];
}

static void forward_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  const struct tetra_float_node *n = &t->g.nodes[job->i];
  const size_t size = train_image_size(t, n->out);
  for (int image = train_first(job->n, piece); image < train_first(job->n, piece + 1); image++) {
    const float *a = operand(job, 0, image, s->codes), *b = n->in[1] < 0 ? NULL : operand(job, 1, image, s->pixels);
    float *y = train_x(t, n->out) + (size_t)image * size;
    if (n->kind == TETRA_FLOAT_ADD)
      for (size_t j = 0; j < size; j++) y[j] = a[j] + b[j];
    else if (n->kind == TETRA_FLOAT_CLAMP)
      train_clamp(n, a, size, y);
    else if (n->kind == TETRA_FLOAT_AFFINE)
      affine(n, a, size, y);
    else if (n->kind == TETRA_FLOAT_PICK) {
      memset(y, 0, size * sizeof *y);
      pick(t, job->i, 0, a, y);
    } else
      pool(t, job->i, a, y, NULL, NULL);
    if (t->fused[job->i] >= 0) train_clamp(&t->g.nodes[t->fused[job->i]], y, size, y);
  }
}

void train_op_forward(struct tetra_train *t, int i, int n) {
  const struct train_job job = {t, i, n, 0, forward_piece};
  train_pieces(&job);
}

/* The gradient of operand k of one image, in dx, from the output's. */
static void operand_gradient(const struct train_job *job, int image, const float *dy, float *dx,
                             struct train_scratch *s) {
  const struct tetra_train *t = job->t;
  const struct tetra_float_node *n = &t->g.nodes[job->i];
  const size_t size = train_image_size(t, n->in[0]);
  switch (n->kind) {
    case TETRA_FLOAT_CLAMP:
      memcpy(dx, dy, size * sizeof *dx);
      train_unclamp(n, train_x(t, n->out) + (size_t)image * size, size, dx);
      break;
    case TETRA_FLOAT_AFFINE:
      for (size_t j = 0; j < size; j++) dx[j] = dy[j] * n->w[j % (size_t)n->cout];
      break;
    case TETRA_FLOAT_ADD:
      memcpy(dx, dy, size * sizeof *dx);
      break;
    case TETRA_FLOAT_PICK:
      memset(dx, 0, size * sizeof *dx);
      pick(t, job->i, 1, dy, dx);
      break;
    default:
      memset(dx, 0, size * sizeof *dx);
      pool(t, job->i, operand(job, 0, image, s->codes), NULL, dy, dx);
      break;
  }
}

static void backward_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  struct tetra_train *t = job->t;
  const struct tetra_float_node *n = &t->g.nodes[job->i];
  const size_t size = train_image_size(t, n->out);
  for (int image = train_first(job->n, piece); image < train_first(job->n, piece + 1); image++) {
    float *dy = train_grad(t, n->out) + (size_t)image * size;
    if (t->fused[job->i] >= 0)
      train_unclamp(&t->g.nodes[t->fused[job->i]], train_x(t, n->out) + (size_t)image * size, size, dy);
    for (int k = 0; k < 2 && n->in[k] >= 0; k++) {
      if (!t->value[n->in[k]].needs_grad) continue;
      const size_t count = train_image_size(t, n->in[k]);
      operand_gradient(job, image, dy, s->pixels, s);
      train_add_gradient(t, job->i, k, piece, (size_t)image * count, count, s->pixels);
    }
  }
}

void train_op_backward(struct tetra_train *t, int i, int n) {
  const struct train_job job = {t, i, n, 0, backward_piece};
  train_pieces(&job);
  for (int k = 0; k < 2 && t->g.nodes[i].in[k] >= 0; k++)
    if (t->value[t->g.nodes[i].in[k]].needs_grad) train_gradient_added(t, i, k);
}
