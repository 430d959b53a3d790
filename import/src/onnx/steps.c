/* Normalization in front of the first quantization: the host does it, in float32 as the file says. */
#include <math.h>

#include "onnx/file/const.h"
#include "onnx/node.h"
#include "onnx/steps.h"
#include "onnx/file/view.h"

/* Along which of t's dimensions does the constant go? 1: channels, 3: what is last, 0: it is one number, -1: neither.
 */
static int axis_of(const struct onnx_tensor *t, const struct onnx_const *c) {
  int axis = 0;
  for (int k = 0; k < c->shape.rank; k++) {
    if (c->shape.dim[k] == 1) continue;
    if (axis) return -1;
    axis = k + t->rank - c->shape.rank;
    const int64_t size = axis == 1 ? t->c_ : axis == 3 ? t->w : 0;
    if (axis < 1 || c->shape.dim[k] != size) return -1;
  }
  return axis;
}

int onnx_input_step_of(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t, const double *c,
                       size_t count, enum tetra_step_kind kind, int axis, struct onnx_tensor *out) {
  struct onnx_step *s = tetra_arena_alloc(x->arena, 1, sizeof *s);
  float *v = tetra_arena_alloc(x->arena, count, sizeof *v);
  if (!s || !v) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < count; i++) {
    v[i] = (float)c[i];
    if (!isfinite(v[i]) || (kind == TETRA_STEP_DIV && v[i] == 0))
      return onnx_broken(x, n, "constant %g of channel %zu", (double)v[i], i);
  }
  *s = (struct onnx_step){t->steps, kind, axis, v};
  onnx_inherit(out, t);
  out->steps = s;
  return TETRA_OK;
}

int onnx_input_step(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                    const struct onnx_tensor *c, enum tetra_step_kind kind, struct onnx_tensor *out) {
  const int axis = t->rank == 1 ? -1 : axis_of(t, c->c);
  if (axis < 0 || !c->c->count || c->c_transposed)
    return onnx_refuse(x, n, "its constant must be one number, or one per channel");
  double *v = tetra_arena_alloc(x->arena, c->c->count, sizeof *v);
  if (!v) return tetra_arena_failed(x->arena);
  for (size_t i = 0; i < c->c->count; i++) v[i] = onnx_tensor_real(c, i);
  return onnx_input_step_of(x, n, t, v, c->c->count, kind, axis, out);
}

int onnx_steps_turn(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  for (struct onnx_step *s = t->steps; s; s = s->before) {
    if (s->axis == 1) return onnx_refuse(x, n, "behind a normalization by rows");
    if (s->axis == 3) s->axis = 1;
  }
  return TETRA_OK;
}

int onnx_steps_finish(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t) {
  struct tetra_model *m = x->m;
  for (const struct onnx_step *s = t->steps; s; s = s->before) {
    m->n_steps++;
    if (s->axis == 3) return onnx_refuse(x, n, "normalizes the network's input by columns");
  }
  if (!m->n_steps) return TETRA_OK;
  m->steps = tetra_arena_alloc(x->arena, (size_t)m->n_steps, sizeof *m->steps);
  if (!m->steps) return tetra_arena_failed(x->arena);
  int k = m->n_steps;
  for (const struct onnx_step *s = t->steps; s; s = s->before)
    m->steps[--k] = (struct tetra_input_step){s->kind, s->axis != 0, s->v};
  return TETRA_OK;
}
