/* Coordinate descent on the codes and the scales (the idea of CDQuant, arXiv 2406.17542, and QuantEase, arXiv
 * 2309.01885). With G = (scale q - t) H the best code of input j, the others fixed, is q_j - G_j / (H_jj scale),
 * rounded and clamped; changing w_q,j by d changes J by 2 d G_j + d^2 H_jj, and only a change below 0 is made. For
 * fixed codes J is least at scale = q H t' / q H q'. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>

#include "methods/methods.h"

enum { most_passes = 8 }; /* over a channel's codes, between two scales; later ones change nearly nothing */

struct descent {
  const struct method_layer *l;
  struct method_codes *c;
  size_t k;
  double *th, *qh; /* target H, codes H: [cout][k] */
};

/* One pass over channel o; returns how many codes changed. */
static size_t walk(const struct descent *d, size_t o) {
  const size_t k = d->k;
  const double s = (double)d->c->scale[o], *th = d->th + o * k;
  double *qh = d->qh + o * k;
  int8_t *q = d->c->q + o * k;
  size_t changes = 0;
  for (size_t j = 0; j < k; j++) {
    const double g = s * qh[j] - th[j], hjj = d->l->h ? d->l->h[j * k + j] : 1;
    if (!(hjj > 0)) continue;
    const int best = method_round(q[j] * s - g / hjj, s, d->l->top), step = best - q[j];
    const double change = s * step;
    if (step == 0 || !(2 * change * g + change * change * hjj < 0)) continue;
    q[j] = (int8_t)best;
    if (d->l->h)
      cblas_daxpy((int)k, step, d->l->h + j * k, 1, qh, 1);
    else
      qh[j] += step;
    changes++;
  }
  return changes;
}

/* The best scale of channels from..to-1; 1 where it became another. */
static int refit(const struct descent *d, size_t from, size_t to) {
  const size_t k = d->k;
  double num = 0, den = 0;
  float s = 0;
  for (size_t o = from; o < to; o++) {
    for (size_t j = 0; j < k; j++) {
      num += d->c->q[o * k + j] * d->th[o * k + j];
      den += d->c->q[o * k + j] * d->qh[o * k + j];
    }
    s = fmaxf(s, d->l->least[o]);
  }
  if (!(num > 0) || !(den > 0)) return 0;
  s = fmaxf(s, (float)(num / den));
  const double old = (double)d->c->scale[from], now = (double)s;
  /* J(scale) - J(0) = den scale^2 - 2 num scale */
  if (!(den * now * now - 2 * num * now < den * old * old - 2 * num * old)) return 0;
  for (size_t o = from; o < to; o++) d->c->scale[o] = s;
  return 1;
}

static size_t descend(const struct descent *d, size_t from, size_t to) {
  size_t all = 0;
  for (size_t o = from; o < to; o++) {
    size_t changes = 1;
    for (int pass = 0; pass < most_passes && changes > 0; pass++) all += changes = walk(d, o);
  }
  return all;
}

int method_descend(const struct method_layer *l, int rounds, struct method_codes *c) {
  const size_t k = method_inputs(l), cout = (size_t)l->cout, share = (size_t)l->share;
  struct descent d = {l, c, k, malloc(cout * k * sizeof(double)), malloc(cout * k * sizeof(double))};
  double *q = malloc(cout * k * sizeof *q);
  const int rc = d.th == NULL || d.qh == NULL || q == NULL ? TETRA_ENOMEM : TETRA_OK;
  if (rc == TETRA_OK) {
    for (size_t i = 0; i < cout * k; i++) q[i] = c->q[i];
    method_times_h(l, l->target, d.th);
    method_times_h(l, q, d.qh);
    for (size_t from = 0; from < cout; from += share) {
      const size_t to = from + share < cout ? from + share : cout;
      for (int round = 0; round < rounds; round++)
        if (descend(&d, from, to) + (size_t)refit(&d, from, to) == 0) break;
    }
  }
  free(d.th);
  free(d.qh);
  free(q);
  return rc;
}
