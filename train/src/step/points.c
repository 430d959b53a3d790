/* Between a value and those that read it: ranges, bounds, and gradients through quantizers. */
#include "step/points.h"

#include <math.h>

#include "step/pieces.h"
#include "tetra/quantize.h"

const struct train_quantizer *train_quantizer_of(const struct tetra_train *t, int i, int k) {
  if (!t->quantized || t->plan.use[i][k] < 0) return NULL;
  const struct train_quantizer *q = &t->value[t->g.nodes[i].in[k]].point[t->plan.use[i][k]];
  return q->on ? q : NULL;
}

/* Largest and smallest of the elements that are not 0, the latter with its sign turned; -inf where there are none. */
static void follow_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  const struct tetra_train *t = job->t;
  const size_t size = train_image_size(t, job->i);
  const float *x = train_x(t, job->i);
  double *range = job->t->ranges + (size_t)piece * 2;
  float high = -INFINITY, low = INFINITY;
  (void)s;
  for (size_t j = (size_t)train_first(job->n, piece) * size; j < (size_t)train_first(job->n, piece + 1) * size; j++) {
    if (x[j] == 0) continue;
    high = x[j] > high ? x[j] : high;
    low = x[j] < low ? x[j] : low;
  }
  range[0] = (double)high;
  range[1] = -(double)low;
}

static int has_points(const struct tetra_train *t, int v) {
  int used = 0;
  for (int k = 0; k < TETRA_PLAN_POINTS; k++) used |= t->plan.points[v][k].used;
  return used;
}

void train_average_range(struct train_value *v, float fresh, double high, double low) {
  if (isinf(high) || isinf(low)) return;
  v->high += fresh * ((float)high - v->high);
  v->low += fresh * ((float)low - v->low);
}

void train_follow(struct tetra_train *t, int v, int n) {
  if (!has_points(t, v)) return;
  const struct train_job job = {t, v, n, 0, follow_piece};
  double range[2] = {-INFINITY, -INFINITY};
  train_pieces(&job);
  for (int p = 0; p < TRAIN_PIECES; p++)
    for (int k = 0; k < 2; k++) range[k] = fmax(range[k], t->ranges[p * 2 + k]);
  if (t->comm.max_double) t->comm.max_double(t->comm.context, range, 2);
  train_average_range(&t->value[v], (float)t->fresh, range[0], -range[1]);
}

/* Codes of `v`'s other quantizations, and of what is pooled into it, count from where AQT's begin to round up: the
 * layer that makes the value takes that much off its bias (place.c). */
static void shift_others(struct tetra_train *t, int v) {
  for (int u = 0; u < t->g.n_values; u++) {
    struct train_value *other = &t->value[u];
    if (other->shifted_by != v) continue;
    const float shift = 0.5f / t->value[v].point[t->value[v].floored].scale;
    other->shift = shift;
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
      if (u == v && k == other->floored) continue;
      other->point[k].shift = shift;
      other->point[k].offset = other->taken_back[k] ? shift : 0;
    }
  }
}

void train_set_bounds(struct tetra_train *t, int v) {
  struct train_value *value = &t->value[v];
  const float bound = fmaxf(fabsf(value->high), fabsf(value->low));
  if (!has_points(t, v)) return;
  for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
    if (!t->plan.points[v][k].used) continue;
    value->point[k].scale = tetra_aqt_scale(value->point[k].fmt, bound);
    value->point[k].on = 1;
  }
  if (value->shifted_by == v) shift_others(t, v);
}

void train_use_steps(struct tetra_train *t) {
  for (int v = 0; v < t->g.n_values; v++) {
    struct train_value *value = &t->value[v];
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      if (value->step[k].n) value->point[k].scale = 1 / (fabsf(t->param[value->step[k].at]) * value->coarser[k]);
  }
}

static void magnitude_piece(const struct train_job *job, int piece, struct train_scratch *s) {
  const struct tetra_train *t = job->t;
  const size_t size = train_image_size(t, job->i);
  const float *x = train_x(t, job->i);
  double sum = 0;
  (void)s;
  for (size_t j = (size_t)train_first(job->n, piece) * size; j < (size_t)train_first(job->n, piece + 1) * size; j++)
    sum += fabs((double)x[j]);
  job->t->step_sums[piece] = sum;
}

void train_begin_step(struct tetra_train *t, int v, int n) {
  struct train_value *value = &t->value[v];
  const struct train_job job = {t, v, n, 0, magnitude_piece};
  double sum = 0;
  if (!has_points(t, v)) return;
  train_pieces(&job);
  for (int p = 0; p < TRAIN_PIECES; p++) {
    sum += t->step_sums[p];
    t->step_sums[p] = 0;
  }
  if (t->comm.sum_double) t->comm.sum_double(t->comm.context, &sum, 1);
  const int is_signed =
      tetra_fmt_signed(value->point[t->plan.points[v][TETRA_PLAN_8].used ? TETRA_PLAN_8 : TETRA_PLAN_4].fmt);
  const double mean = sum / ((double)train_image_size(t, v) * t->n_global);
  if (mean > 0) t->param[value->step[0].at] = train_first_step(mean, tetra_fmt_of(value->fewest_bits, is_signed));
  train_use_steps(t);
  for (int k = 0; k < TETRA_PLAN_POINTS; k++) value->point[k].on = 1;
}

float train_first_step(double mean, enum tetra_fmt fewest) {
  const double coarser = 1 << (TRAIN_MOST_BITS - tetra_fmt_bits(fewest));
  return (float)(2 * mean / sqrt((double)tetra_fmt_max(fewest)) / coarser);
}

void train_add_gradient(struct tetra_train *t, int i, int k, int piece, size_t offset, size_t count, float *gradient) {
  const int v = t->g.nodes[i].in[k];
  const struct train_quantizer *q = train_quantizer_of(t, i, k);
  float *to = train_grad(t, v) + offset;
  if (q) {
    const float *x = train_x(t, v) + offset;
    if (t->value[v].step[t->plan.use[i][k]].n) t->step_sums[piece] += train_step_gradient(q, x, count, gradient);
    train_pass(q, x, count, gradient);
  }
  if (t->value[t->value[v].root].has_grad)
    for (size_t j = 0; j < count; j++) to[j] += gradient[j];
  else
    for (size_t j = 0; j < count; j++) to[j] = gradient[j];
}

void train_gradient_added(struct tetra_train *t, int i, int k) {
  const int v = t->g.nodes[i].in[k];
  struct train_value *value = &t->value[v];
  t->value[value->root].has_grad = 1;
  if (!train_quantizer_of(t, i, k)) return;
  const int point = t->plan.use[i][k];
  const struct train_span step = value->step[point];
  double sum = 0;
  for (int p = 0; p < TRAIN_PIECES; p++) {
    sum += t->step_sums[p];
    t->step_sums[p] = 0;
  }
  const double n = (double)train_image_size(t, v) * t->n_global;
  if (step.n) t->grad[step.at] += (float)(sum / sqrt(n * (double)value->point[point].hi)) * value->coarser[point];
}
