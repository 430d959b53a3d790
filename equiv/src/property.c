/* What is asked of the outputs: of codes that were computed, and of bounds. */
#include "property.h"

#include <math.h>

static int same_scale(const struct tetra_desc d[2]) {
  return d[0].scale == d[1].scale && d[0].zero_point == d[1].zero_point;
}

double property_difference(const struct tetra_desc d[2], int a, int b) {
  if (same_scale(d)) return d[0].scale * (a - b);
  return d[0].scale * (a - d[0].zero_point) - d[1].scale * (b - d[1].zero_point);
}

/* The first of the largest. */
static int best_of(const int16_t *x, int n) {
  int best = 0;
  for (int i = 1; i < n; i++) best = x[i] > x[best] ? i : best;
  return best;
}

/* By how much x[k] leads every other one; a lead of 0 over one before it is none, so that counts half a code less. */
static double lead(const int16_t *x, int n, int k) {
  double least = INFINITY;
  for (int j = 0; j < n; j++)
    if (j != k) least = fmin(least, x[k] - x[j] - (j < k ? 0.5 : 0));
  return least;
}

static double plain_lead(const int16_t *x, int n, int k) {
  double least = INFINITY;
  for (int j = 0; j < n; j++)
    if (j != k) least = fmin(least, x[k] - x[j]);
  return least;
}

struct score property_score(const struct tetra_equiv_options *o, const struct tetra_desc d[2], const int16_t *a,
                            const int16_t *b, int n) {
  struct score s = {0, 0, 0};
  if (o->top1) {
    const int ka = best_of(a, n), kb = best_of(b, n);
    const double lacks = o->sure > 0 ? o->sure / d[0].scale - plain_lead(a, n, ka) : 0;
    s.broken = ka != kb && lacks <= 0;
    s.main = o->sure > 0 ? -fmax(lead(b, n, ka), lacks) : -fmin(lead(b, n, ka), lead(a, n, kb));
    return s;
  }
  for (int i = 0; i < n; i++) s.main = fmax(s.main, fabs(property_difference(d, a[i], b[i])));
  s.broken = s.main > o->eps;
  return s;
}

/* The widest that output e can differ. */
static double difference_bound(const struct tetra_equiv_bounds *p, const struct tetra_desc d[2], const int v[2],
                               int e) {
  if (p->dlo && same_scale(d)) return d[0].scale * fmax(-p->dlo[v[0]][e], p->dhi[v[0]][e]);
  const double lo = property_difference(d, p->lo[0][v[0]][e], p->hi[1][v[1]][e]);
  const double hi = property_difference(d, p->hi[0][v[0]][e], p->lo[1][v[1]][e]);
  return fmax(-lo, hi);
}

/* By how much output k leads output j at least, in the network where it leads less: by its own bounds, or by the other
 * network's lead and the differences. */
static double lead_bound(const struct tetra_equiv_bounds *p, const int v[2], int k, int j) {
  double own[2];
  for (int i = 0; i < 2; i++) own[i] = p->lo[i][v[i]][k] - p->hi[i][v[i]][j];
  if (!p->dlo) return fmin(own[0], own[1]);
  const int16_t *dlo = p->dlo[v[0]], *dhi = p->dhi[v[0]];
  const double second = fmax(own[1], own[0] - (dhi[k] - dlo[j])), first = fmax(own[0], own[1] + (dlo[k] - dhi[j]));
  return fmin(first, second);
}

/* What a lead of `sure` codes in the first network leaves at least in the second: a_k - a_j >= sure, and a - b of each
 * output is within its bounds. More than anything where no output of the first can lead by so much. */
static double sure_bound(const struct tetra_equiv_bounds *p, const int v[2], int n, double sure) {
  double bound = INFINITY;
  for (int k = 0; k < n; k++) {
    double most = INFINITY, left = INFINITY;
    for (int j = 0; j < n; j++) {
      if (j == k) continue;
      most = fmin(most, p->hi[0][v[0]][k] - p->lo[0][v[0]][j]);
      const double own = p->lo[1][v[1]][k] - p->hi[1][v[1]][j];
      const double other = p->dlo ? sure - (p->dhi[v[0]][k] - p->dlo[v[0]][j]) : -INFINITY;
      left = fmin(left, fmax(own, other) - (j < k ? 0.5 : 0));
    }
    if (most >= sure) bound = fmin(bound, left);
  }
  return bound;
}

static int top1_proved(const struct tetra_equiv_bounds *p, const int v[2], int n, double *bound) {
  int k = 0, equal = p->dlo != NULL;
  for (int e = 0; e < n; e++) {
    if (p->lo[0][v[0]][e] + p->hi[0][v[0]][e] > p->lo[0][v[0]][k] + p->hi[0][v[0]][k]) k = e;
    if (equal) equal = p->dlo[v[0]][e] == 0 && p->dhi[v[0]][e] == 0;
  }
  *bound = INFINITY;
  for (int j = 0; j < n; j++)
    if (j != k) *bound = fmin(*bound, lead_bound(p, v, k, j) - (j < k ? 0.5 : 0));
  return equal || *bound >= 0;
}

int property_proved(const struct tetra_equiv_options *o, const struct tetra_equiv_bounds *p,
                    const struct tetra_graph g[2], double *bound) {
  const int v[2] = {g[0].output, g[1].output};
  const struct tetra_desc d[2] = {g[0].values[v[0]].d, g[1].values[v[1]].d};
  const int n = d[0].h * d[0].w * d[0].c;
  if (o->top1) {
    const int proved = top1_proved(p, v, n, bound);
    if (proved || o->sure <= 0) return proved;
    *bound = fmax(*bound, sure_bound(p, v, n, o->sure / d[0].scale));
    return *bound >= 0;
  }
  *bound = 0;
  for (int e = 0; e < n; e++) *bound = fmax(*bound, difference_bound(p, d, v, e));
  return *bound <= o->eps;
}
