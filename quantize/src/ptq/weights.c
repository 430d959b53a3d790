/* Weights of one layer: scales per output channel, codes, biases. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nested.h"
#include "ptq/quantizer.h"
#include "tetra/quantize.h"

/* LAPACK, by its Fortran names: Cholesky factor of a symmetric matrix, and the inverse from that. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);

enum { most_bias = 1 << 29, bias_limit = 1 << 30 }; /* of a layer's own bias; of one that takes lost means back */

static enum tetra_fmt format(int bits) { return bits == 4 ? TETRA_S4 : TETRA_S8; }

static float largest(const float *w, size_t k) {
  float max = 0;
  for (size_t i = 0; i < k; i++) max = fmaxf(max, fabsf(w[i]));
  return max;
}

/* Bound with the least error of sum(importance * (w - quantized w)^2). */
static float search_bound(int bits, const float *w, const double *importance, size_t k) {
  const float max = largest(w, k);
  float best = max;
  double least = -1;
  for (int t = 50; t >= 15; t--) {
    const float bound = max * (float)t / 50, s = tetra_aqt_scale(format(bits), bound);
    double sum = 0;
    for (size_t i = 0; i < k; i++) {
      const double e = (double)(w[i] - (float)tetra_aqt_quantize(format(bits), s, w[i]) / s);
      sum += importance[i] * e * e;
    }
    if (least < 0 || sum < least) {
      least = sum;
      best = bound;
    }
  }
  return best;
}

/* In place: moments -> upper Cholesky factor U of their inverse (inverse = U^T U), row by row. What Fortran calls the
 * lower half by columns is the upper half by rows. 0 where the matrix is not positive definite. */
static int inverse_factor(double *m, size_t k) {
  const int n = (int)k;
  int info = 0;
  double trace = 0;
  for (size_t i = 0; i < k; i++) trace += m[i * k + i];
  const double damping = 0.01 * trace / (double)k;
  for (size_t i = 0; i < k; i++) m[i * k + i] += damping > 0 ? damping : 1;
  dpotrf_("L", &n, m, &n, &info);
  if (!info) dpotri_("L", &n, m, &n, &info);
  if (!info) dpotrf_("L", &n, m, &n, &info);
  return info == 0;
}

/* Codes one input after another; each weight's rounding error is spread over those that follow, as far as their inputs
 * vary together. */
static void pass_errors_on(int bits, const float *w, size_t k, float s, const double *u, double *rest, int8_t *codes) {
  for (size_t i = 0; i < k; i++) rest[i] = (double)w[i];
  for (size_t i = 0; i < k; i++) {
    codes[i] = (int8_t)tetra_aqt_quantize(format(bits), s, (float)rest[i]);
    const double e = (rest[i] - codes[i] / (double)s) / u[i * k + i];
    for (size_t j = i + 1; j < k; j++) rest[j] -= e * u[i * k + j];
  }
}

/* The bias counts units of input scale times weight scale, in int32, beside the products' sum and what the input's zero
 * point adds. A channel whose weights are tiny (a batch norm's gamma near 0) would leave it no room: its scale is as
 * large as the bias needs, and its weights are as good as 0 beside that. */
static float scale_with_room(const struct quant_plan *p, int i, int c, float s) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  const double in_scale = (double)p->points[n->in[0]][p->use[i][0]].scale;
  const double least = fabs(n->bias[c]) / (in_scale * most_bias);
  return least > 1 / (double)s ? (float)(1 / least) : s;
}

/* Scale and codes of output channel c. importance: of its weights, NULL: nearest codes within the whole range. u: upper
 * factor that tells where errors go, NULL: nowhere. rest: scratch for k. */
static void choose_channel(struct quant_plan *p, int i, int c, const double *importance, const double *u,
                           double *rest) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  const struct quant_weights *q = &p->weights[i];
  const size_t k = tetra_window_elements(&n->win, n->cin), at = (size_t)c * k;
  const float *w = n->w + at;
  const float bound = importance ? search_bound(q->bits, w, importance, k) : largest(w, k);
  const float s = scale_with_room(p, i, c, tetra_aqt_scale(format(q->bits), bound));
  if (u)
    pass_errors_on(q->bits, w, k, s, u, rest, q->codes + at);
  else
    for (size_t j = 0; j < k; j++) q->codes[at + j] = (int8_t)tetra_aqt_quantize(format(q->bits), s, w[j]);
  q->scale[c] = 1.0f / s;
  for (size_t j = 0; j < k; j++) q->real[at + j] = (float)q->codes[at + j] * q->scale[c];
}

int quant_choose_weights(struct tetra_arena *arena, struct quant_plan *p, int i, double *moments) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  struct quant_weights *q = &p->weights[i];
  const size_t k = tetra_window_elements(&n->win, n->cin), cout = (size_t)n->cout;
  q->codes = tetra_arena_alloc(arena, k * cout, sizeof *q->codes);
  q->real = tetra_arena_alloc(arena, k * cout, sizeof *q->real);
  q->scale = tetra_arena_alloc(arena, cout, sizeof *q->scale);
  q->bias = tetra_arena_alloc(arena, cout, sizeof *q->bias);
  q->offset = tetra_arena_alloc(arena, cout, sizeof *q->offset);
  double *importance = tetra_arena_alloc(arena, 2 * k, sizeof *importance);
  if (p->o->nested && q->bits == 4 && !(q->wide = tetra_arena_alloc(arena, k * cout, sizeof *q->wide)))
    return tetra_arena_failed(arena);
  if (!q->codes || !q->real || !q->scale || !q->bias || !q->offset || !importance) return tetra_arena_failed(arena);
  const int outputs = n->cout / n->groups;
  for (int group = 0; group < n->groups; group++) {
    double *m = moments ? moments + (size_t)group * k * k : NULL;
    for (size_t j = 0; m && j < k; j++) importance[j] = m[j * k + j];
    double *kept = q->wide && m ? malloc(k * k * sizeof *kept) : NULL; /* the factor takes m's place */
    if (kept) memcpy(kept, m, k * k * sizeof *kept);
    const int spread = m && inverse_factor(m, k);
    for (int c = group * outputs; c < (group + 1) * outputs; c++)
      choose_channel(p, i, c, m ? importance : NULL, spread ? m : NULL, importance + k);
    const size_t at = (size_t)(group * outputs) * k;
    const int rc = !q->wide     ? TETRA_OK
                   : m && !kept ? TETRA_ENOMEM
                                : quant_nest_codes(k, outputs, n->w + at, kept, q->codes + at,
                                                   q->scale + group * outputs, q->wide + at);
    free(kept);
    if (rc) return tetra_fail(arena->err, rc, "no memory to choose the weights of '%s'", n->name);
  }
  return TETRA_OK;
}

void quant_set_bias(struct quant_plan *p, int i, double in_scale, const double *bias) {
  struct quant_weights *q = &p->weights[i];
  for (int c = 0; c < p->g->nodes[i].cout; c++) {
    const double unit = in_scale * (double)q->scale[c], code = nearbyint(bias[c] / unit);
    q->bias[c] = code < -bias_limit ? -bias_limit : code > bias_limit ? bias_limit : (int32_t)code;
    q->offset[c] = q->bias[c] * unit;
  }
}
