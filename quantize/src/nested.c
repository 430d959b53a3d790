/* 8-bit weights around 4-bit ones: of the 16 codes that round to a 4-bit code, the one nearest to the float weight. */
#include "nested.h"

#include <math.h>

#include "tetra/graph.h"

enum { STEP = 16, MOST_BIAS = 1 << 30 };

/* The codes w with tetra_nested_weight(w) == q are 16 q - 8 .. 16 q + 7, and up to 127 for q = 7. */
static int8_t nearest_within(int q, double code) {
  const int lo = STEP * q - STEP / 2, hi = q == 7 ? 127 : lo + STEP - 1;
  const double rounded = nearbyint(code);
  return (int8_t)(rounded < lo ? lo : rounded > hi ? hi : (int)rounded);
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
  const size_t k = tetra_window_elements(&n->win, n->cin), count = k * (size_t)n->cout;
  const double in_scale = (double)p->points[n->in[0]][p->use[i][0]].scale;
  q->wide = tetra_arena_alloc(arena, count, sizeof *q->wide);
  q->wide_bias = tetra_arena_alloc(arena, (size_t)n->cout, sizeof *q->wide_bias);
  if (!q->wide || !q->wide_bias) return tetra_arena_failed(arena);
  for (size_t j = 0; j < count; j++) {
    const double scale = (double)q->scale[j / k] / STEP;
    q->wide[j] = nearest_within(q->codes[j], (double)n->w[j] / scale);
  }
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
