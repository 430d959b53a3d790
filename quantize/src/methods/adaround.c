/* AdaRound, layer by layer and from moments (Nagel et al., "Up or Down? Adaptive Rounding for Post-Training
 * Quantization", arXiv 2004.10568). Each code is floor(t / scale) + h(a), h = clip(1.2 sigmoid(a) - 0.1, 0, 1); a
 * begins where h is the fraction of t / scale. Adam minimises J(h) / (t H t') plus decay * mean(1 - |2 h - 1|^b); b
 * falls from 20 to 2, and the second term comes in after a fifth of the steps. At the end h >= 1/2 rounds up. The
 * inputs that the original samples are in H: the layer's sums without a ReLU need no more. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"

struct adam {
  float *a, *m, *v;
};
struct rounding {
  const struct method_layer *l;
  const struct method_adaround_options *how;
  const float *scale;
  size_t n;         /* cout * k */
  float *h, *e, *g; /* [k][k]; [cout][k] each: error in real units, error H */
  float *down;      /* floor(t / scale) */
  float *norm;      /* [cout]: t H t' */
  struct adam adam;
};

static float stretched(float a) {
  const float h = 1.2f / (1 + expf(-a)) - 0.1f;
  return h < 0 ? 0 : h > 1 ? 1 : h;
}

/* dh / da; 0 where h is clipped. */
static float slope(float a) {
  const float p = 1 / (1 + expf(-a)), h = 1.2f * p - 0.1f;
  return h <= 0 || h >= 1 ? 0 : 1.2f * p * (1 - p);
}

static void start(struct rounding *r) {
  const size_t k = method_inputs(r->l);
  for (size_t i = 0; i < r->n; i++) {
    const double x = r->l->target[i] / (double)r->scale[i / k], fraction = x - floor(x);
    r->down[i] = (float)floor(x);
    r->adam.a[i] = (float)-log(1.2 / (fraction + 0.1) - 1);
  }
  for (size_t i = 0; i < k * k; i++) r->h[i] = r->l->h ? (float)r->l->h[i] : (float)(i % (k + 1) == 0);
}

/* e = scale * code - t for the soft codes, g = e H */
static void errors(struct rounding *r) {
  const int k = (int)method_inputs(r->l), top = r->l->top;
  for (size_t i = 0; i < r->n; i++) {
    const float code = r->down[i] + stretched(r->adam.a[i]);
    r->e[i] = r->scale[i / (size_t)k] * fminf(fmaxf(code, (float)-top), (float)top) - (float)r->l->target[i];
  }
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, r->l->cout, k, k, 1.0f, r->e, k, r->h, k, 0.0f, r->g, k);
}

/* One step of Adam with the gradient in g; b: the regularizer's exponent, 0: none yet. */
static void step(struct rounding *r, int t, float b) {
  const size_t k = method_inputs(r->l);
  const float rate = (float)(r->how->rate * sqrt(1 - pow(0.999, t)) / (1 - pow(0.9, t)));
  for (size_t i = 0; i < r->n; i++) {
    const float a = r->adam.a[i], h = stretched(a), code = r->down[i] + h, far = 2 * h - 1;
    const int inside = code > (float)-r->l->top && code < (float)r->l->top;
    float grad = inside ? 2 * r->scale[i / k] * r->g[i] / r->norm[i / k] : 0;
    if (b > 0) grad -= (float)r->how->decay / (float)k * 2 * b * powf(fabsf(far), b - 1) * (far < 0 ? -1.0f : 1.0f);
    grad *= slope(a);
    r->adam.m[i] = 0.9f * r->adam.m[i] + 0.1f * grad;
    r->adam.v[i] = 0.999f * r->adam.v[i] + 0.001f * grad * grad;
    r->adam.a[i] -= rate * r->adam.m[i] / (sqrtf(r->adam.v[i]) + 1e-12f);
  }
}

static void minimise(struct rounding *r, struct method_codes *c) {
  const int steps = r->how->steps, warm = steps / 5, top = r->l->top;
  start(r);
  for (int t = 0; t < steps; t++) {
    errors(r);
    step(r, t + 1, t < warm ? 0 : 20 - 18 * (float)(t - warm) / (float)(steps - warm));
  }
  for (size_t i = 0; i < r->n; i++) {
    const int code = (int)r->down[i] + (r->adam.a[i] >= 0);
    c->q[i] = (int8_t)(code < -top ? -top : code > top ? top : code);
  }
}

/* t H t' of each channel; 1 where that is nothing. */
static int norms(const struct method_layer *l, float *norm) {
  const size_t k = method_inputs(l), cout = (size_t)l->cout;
  double *th = malloc(cout * k * sizeof *th);
  if (th == NULL) return TETRA_ENOMEM;
  method_times_h(l, l->target, th);
  for (size_t o = 0; o < cout; o++) {
    const double n = cblas_ddot((int)k, th + o * k, 1, l->target + o * k, 1);
    norm[o] = n > 0 ? (float)n : 1;
  }
  free(th);
  return TETRA_OK;
}

int method_adaround(const struct method_layer *l, const struct method_adaround_options *how, struct method_codes *c) {
  const size_t k = method_inputs(l), n = k * (size_t)l->cout;
  float *all = calloc(6 * n + k * k + (size_t)l->cout, sizeof *all);
  if (all == NULL) return TETRA_ENOMEM;
  struct rounding r = {.l = l, .how = how, .scale = c->scale, .n = n, .e = all, .g = all + n, .down = all + 2 * n};
  r.adam = (struct adam){all + 3 * n, all + 4 * n, all + 5 * n};
  r.h = all + 6 * n;
  r.norm = r.h + k * k;
  const int rc = norms(l, r.norm);
  if (rc == TETRA_OK) minimise(&r, c);
  free(all);
  return rc;
}
