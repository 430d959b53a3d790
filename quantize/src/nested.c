/* 8-bit weights around 4-bit ones: of the 16 codes that round to a 4-bit code, the one that serves the 8-bit network
 * best.
 */
#include "nested.h"

#include <math.h>
#include <stdlib.h>

#include "tetra/graph.h"

enum { STEP = 16, MOST_BIAS = 1 << 30 };

struct limits {
  int lo, hi;
};

/* The codes w with tetra_nested_weight(w) == q. */
static struct limits limits_of(int q) {
  const int lo = STEP * q - STEP / 2;
  return (struct limits){lo, q == 7 ? 127 : lo + STEP - 1};
}

static int within(double code, struct limits l) {
  const double rounded = nearbyint(code);
  return rounded < l.lo ? l.lo : rounded > l.hi ? l.hi : (int)rounded;
}

/* One channel's codes, until none moves. g = (scale codes - w) H, kept up to date. */
static void descend(size_t k, const float *w, const double *h, const int8_t *narrow, double scale, double *g,
                    int8_t *wide) {
  enum { rounds = 10 };
  for (size_t j = 0; j < k; j++) g[j] = 0;
  for (size_t i = 0; i < k; i++) {
    const double e = scale * wide[i] - (double)w[i];
    for (size_t j = 0; j < k; j++) g[j] += e * h[i * k + j];
  }
  int moved = 1;
  for (int round = 0; moved && round < rounds; round++) {
    moved = 0;
    for (size_t j = 0; j < k; j++) {
      const double own = h[j * k + j];
      if (!(own > 0)) continue;
      const int code = within(wide[j] - g[j] / (own * scale), limits_of(narrow[j]));
      const double d = scale * (code - wide[j]);
      if (!(2 * d * g[j] + d * d * own < 0)) continue;
      for (size_t i = 0; i < k; i++) g[i] += d * h[j * k + i];
      wide[j] = (int8_t)code;
      moved = 1;
    }
  }
}

int quant_nest_codes(size_t k, int cout, const float *w, const double *moments, const int8_t *narrow,
                     const float *scale, int8_t *wide) {
  for (size_t j = 0; j < k * (size_t)cout; j++)
    wide[j] = (int8_t)within((double)w[j] * STEP / (double)scale[j / k], limits_of(narrow[j]));
  if (!moments) return TETRA_OK;
  double *h = malloc(k * k * sizeof *h), *g = malloc(k * sizeof *g);
  for (size_t i = 0; h && i < k; i++)
    for (size_t j = i; j < k; j++) h[i * k + j] = h[j * k + i] = moments[i * k + j];
  for (int c = 0; h && g && c < cout; c++) {
    const size_t at = (size_t)c * k;
    descend(k, w + at, h, narrow + at, (double)scale[c] / STEP, g, wide + at);
  }
  const int rc = h && g ? TETRA_OK : TETRA_ENOMEM;
  free(h);
  free(g);
  return rc;
}

/* Narrow layers share their inputs with wide ones, code for code. */
static int check_layer(const struct tetra_arena *arena, const struct quant_plan *p, int i) {
  if (p->use[i][0] == POINT_8) return TETRA_OK;
  return tetra_fail(arena->err, TETRA_EINVAL,
                    "layer '%s' has 4-bit inputs; in a nested network inputs have 8 bits: w4a8 is accepted",
                    p->g->nodes[i].name);
}

static int nest_layer(struct tetra_arena *arena, struct quant_plan *p, int i) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  struct quant_weights *q = &p->weights[i];
  const double in_scale = (double)p->points[n->in[0]][p->use[i][0]].scale;
  q->wide_bias = tetra_arena_alloc(arena, (size_t)n->cout, sizeof *q->wide_bias);
  if (!q->wide_bias) return tetra_arena_failed(arena);
  for (int c = 0; c < n->cout; c++) {
    const double bias = nearbyint(n->bias[c] / (in_scale * (double)q->scale[c] / STEP));
    if (fabs(bias) > MOST_BIAS)
      return tetra_fail(arena->err, TETRA_ERANGE,
                        "layer '%s', channel %d: its bias is %g units of 8-bit weights, at most %d fit; quantize it "
                        "without --nested",
                        n->name, c, bias, MOST_BIAS);
    q->wide_bias[c] = (int32_t)bias;
  }
  return TETRA_OK;
}

int quant_nest(struct tetra_arena *arena, struct quant_plan *p) {
  for (int i = 0; i < p->g->n_nodes; i++) {
    if (p->g->nodes[i].kind != TETRA_FLOAT_CONV) continue;
    int rc = check_layer(arena, p, i);
    if (!rc && p->weights[i].bits == 4) rc = nest_layer(arena, p, i);
    if (rc) return rc;
  }
  return TETRA_OK;
}
