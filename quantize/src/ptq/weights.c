/* Weights of one layer: from its inputs to scales per output channel, codes and biases, by one of the methods. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"
#include "nested.h"
#include "ptq/quantizer.h"

enum { most_bias = 1 << 29, bias_limit = 1 << 30 }; /* of a layer's own bias; of one that takes lost means back */

/* What a method looks at and does, for 4-bit and for 8-bit weights. */
enum { ASYMMETRIC = 1, MAX_SCALES = 2, SQUANT = 4, GPTQ = 8, GPFQ = 16, ADAROUND = 32, DESCENT = 64, MEANS = 128 };
static const int recipes[TETRA_METHOD_COUNT][2] = {
    [TETRA_METHOD_MAX] = {MAX_SCALES, MAX_SCALES},
    [TETRA_METHOD_SQUANT] = {SQUANT | MEANS, SQUANT | MAX_SCALES | MEANS},
    [TETRA_METHOD_GPTQ] = {GPTQ | MEANS, MAX_SCALES | MEANS},
    [TETRA_METHOD_GPFQ] = {GPFQ | MEANS, GPFQ | MEANS},
    [TETRA_METHOD_CD] = {ASYMMETRIC | DESCENT | MEANS, ASYMMETRIC | MAX_SCALES | DESCENT | MEANS},
    [TETRA_METHOD_ADAROUND] = {ASYMMETRIC | ADAROUND | MEANS, ASYMMETRIC | MAX_SCALES | MEANS},
    [TETRA_METHOD_BEST] = {ASYMMETRIC | GPTQ | DESCENT | MEANS, ASYMMETRIC | MAX_SCALES | GPTQ | DESCENT | MEANS}};

static int recipe(const struct quant_plan *p, int i) { return recipes[p->o->method][p->weights[i].bits == 8]; }

/* One group of a layer while it is decided. */
struct group {
  struct method_layer l;
  struct method_codes c;
  struct quant_moments m;
  double *w, *target; /* [cout][k] */
  double *bias;       /* [cout], within the layer's */
};

/* The bias counts units of input scale times weight scale, in int32, beside the products' sum and what the input's zero
 * point adds. A channel whose weights are tiny (a batch norm's gamma near 0) would leave it no room: its scale is as
 * large as the bias needs, and its weights are as good as 0 beside that. A bias that takes lost means back needs no
 * more room than the layer's largest sum. */
static void least_scales(const struct quant_plan *p, int i, double most, float *least) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  const double in_scale = (double)p->points[n->in[0]][p->use[i][0]].scale;
  for (int c = 0; c < n->cout; c++)
    least[c] = fmaxf((float)(fmax(fabs(n->bias[c]), most) / (in_scale * most_bias)), 1e-30f);
}

static int note(struct quant_weights *q, int stage, const char *name, const struct group *g) {
  double *j = malloc((size_t)g->l.cout * sizeof *j);
  if (!j) return TETRA_ENOMEM;
  q->stages[stage].name = name;
  q->stages[stage].j += method_objective(&g->l, &g->c, j);
  if (stage >= q->n_stages) q->n_stages = stage + 1;
  free(j);
  return TETRA_OK;
}

/* A later stage, which must not raise J. */
static int improve(struct group *g, int how, const struct method_codes *before) {
  static const struct method_adaround_options adaround = {1000, 0.01, 0.01};
  const size_t k = method_inputs(&g->l), cout = (size_t)g->l.cout;
  memcpy(before->q, g->c.q, cout * k);
  memcpy(before->scale, g->c.scale, cout * sizeof *before->scale);
  const int rc = how == GPTQ       ? method_gptq(&g->l, &g->c)
                 : how == ADAROUND ? method_adaround(&g->l, &adaround, &g->c)
                                   : method_descend(&g->l, 20, &g->c);
  return rc ? rc : method_keep_better(&g->l, before, &g->c);
}

static int improve_all(struct quant_weights *q, struct group *g, int how) {
  static const struct {
    int how;
    const char *name;
  } stages[] = {{GPTQ, "gptq"}, {ADAROUND, "adaround"}, {DESCENT, "descent"}};
  const size_t cout = (size_t)g->l.cout;
  const struct method_codes before = {malloc(cout * method_inputs(&g->l)), malloc(cout * sizeof(float))};
  int rc = before.q && before.scale ? TETRA_OK : TETRA_ENOMEM, stage = 1;
  for (size_t s = 0; s < sizeof stages / sizeof *stages; s++) {
    if (rc || !(how & stages[s].how)) continue;
    rc = improve(g, stages[s].how, &before);
    if (!rc) rc = note(q, stage++, stages[s].name, g);
  }
  free(before.q);
  free(before.scale);
  return rc;
}

/* Scales and codes to begin with. */
static int begin(struct quant_weights *q, struct group *g, int how) {
  int rc = TETRA_OK;
  if (how & GPFQ)
    method_gpfq_scales(&g->l, g->c.scale);
  else if (how & MAX_SCALES)
    method_max_scales(&g->l, g->c.scale);
  else
    rc = method_best_scales(&g->l, g->m.power, g->c.scale);
  if (rc) return rc;
  if (how & GPFQ)
    rc = method_gpfq(&g->l, g->w, g->m.rows_f, g->m.rows_q, g->m.rows, &g->c);
  else if (how & SQUANT)
    rc = method_squant(&g->l, &g->c);
  else
    method_nearest(&g->l, &g->c);
  return rc ? rc : note(q, 0, how & GPFQ ? "gpfq" : how & SQUANT ? "squant" : "nearest", g);
}

/* J of weights 0. */
static int add_power(struct quant_weights *q, const struct group *g) {
  const size_t n = method_inputs(&g->l) * (size_t)g->l.cout;
  double *th = malloc(n * sizeof *th);
  if (!th) return TETRA_ENOMEM;
  method_times_h(&g->l, g->l.target, th);
  for (size_t i = 0; i < n; i++) q->power += th[i] * g->l.target[i];
  free(th);
  return TETRA_OK;
}

/* How far the fit to the images goes: a part of the way. The whole of it fits the sums best, but a fit to noisy
 * inputs shrinks the logits, and fewer images keep their class (docs/quantization.md). Less where there are hardly more
 * rows than inputs: a fit to few knows those alone. */
static double confidence(const struct quant_moments *m) {
  const double share = 1 - (double)m->k / (double)m->used;
  return share > 0 ? 0.3 * share : 0;
}

/* The target, from sums without their bias, which is the means' affair. */
static int aim(struct group *g) {
  const size_t k = g->m.k, n = g->m.cout * k;
  const double share = confidence(&g->m);
  for (size_t i = 0; i < n; i++) g->m.d[i] -= g->bias[i / k] * g->m.mean_u[i % k];
  const int rc = share > 0 ? method_asymmetric_target(g->l.cout, k, g->w, g->m.h, g->m.d, g->target) : TETRA_OK;
  for (size_t i = 0; !rc && i < n; i++) g->target[i] = g->w[i] + share * (g->target[i] - g->w[i]);
  return rc;
}

/* Fewer rows than inputs leave directions in which J sees nothing; a little of the identity keeps weights there. */
static void damp(struct quant_moments *m) {
  const size_t k = m->k;
  const double few = fmin(1, (double)k / (double)m->used);
  double trace = 0;
  for (size_t i = 0; i < k; i++) trace += m->h[i * k + i];
  for (size_t i = 0; i < k; i++) m->h[i * k + i] += 0.01 * few * trace / (double)k;
}

static int decide(struct quant_weights *q, struct group *g, int how) {
  const size_t k = method_inputs(&g->l), n = k * (size_t)g->l.cout;
  int rc = TETRA_OK;
  memcpy(g->target, g->w, n * sizeof *g->target);
  if ((how & ASYMMETRIC) && g->m.d) rc = aim(g);
  if ((how & (DESCENT | ADAROUND)) && g->m.h) damp(&g->m);
  if (!rc) rc = add_power(q, g);
  if (!rc) rc = begin(q, g, how);
  if (!rc) rc = improve_all(q, g, how);
  if (!rc && (how & MEANS)) method_correct_bias(&g->l, g->m.mean_y, g->m.mean_u, &g->c, g->bias);
  return rc;
}

/* Moments as far as a distribution of independent inputs has them. */
static int distribution(const struct group *g, const struct tetra_float_node *n, int group,
                        const struct quant_inputs *in, struct quant_moments *m) {
  const size_t cin = (size_t)n->cin;
  memset(m, 0, sizeof *m);
  m->k = tetra_window_elements(&n->win, n->cin);
  m->cout = (size_t)(n->cout / n->groups);
  m->mean_u = calloc(2 * m->k + m->cout, sizeof *m->mean_u);
  if (!m->mean_u) return TETRA_ENOMEM;
  m->power = m->mean_u + m->k;
  m->mean_y = m->mean_u + 2 * m->k;
  for (size_t j = 0; j < m->k; j++) {
    m->mean_u[j] = in->mean[(size_t)group * cin + j % cin];
    m->power[j] = in->power[(size_t)group * cin + j % cin];
  }
  for (size_t o = 0; o < m->cout; o++) {
    m->mean_y[o] = g->bias[o];
    for (size_t j = 0; j < m->k; j++) m->mean_y[o] += g->w[o * m->k + j] * m->mean_u[j];
  }
  return TETRA_OK;
}

static int choose_group(struct quant_plan *p, int i, int group, const struct quant_inputs *in, const float *least,
                        double *bias, struct tetra_error *err) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  struct quant_weights *q = &p->weights[i];
  const size_t k = tetra_window_elements(&n->win, n->cin);
  const int cout = n->cout / n->groups, from = group * cout, share = p->o->granularity;
  const size_t at = (size_t)from * k, count = (size_t)cout * k;
  struct group g = {.c = {q->codes + at, q->scale + from}, .bias = bias + from};
  int rc = TETRA_ENOMEM;
  g.w = malloc(2 * count * sizeof *g.w);
  if (g.w) {
    g.target = g.w + count;
    for (size_t j = 0; j < count; j++) g.w[j] = (double)n->w[at + j];
    rc = in->sight.n == 0 ? distribution(&g, n, group, in, &g.m)
                          : quant_moments(p->g, n, group, &in->sight, recipe(p, i) & GPFQ, &g.m, err);
  }
  if (!rc) {
    g.l = (struct method_layer){cout,
                                n->win.kh * n->win.kw,
                                n->cin,
                                q->bits == 4 ? 7 : 127,
                                share == 0 || share > cout ? cout : share,
                                g.target,
                                g.m.h,
                                least + from};
    rc = decide(q, &g, recipe(p, i));
    if (!rc && q->wide) rc = quant_nest_codes(k, cout, n->w + at, g.m.h, g.c.q, g.c.scale, q->wide + at);
  }
  free(g.w);
  quant_moments_free(&g.m);
  return g.w && !rc ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory to choose the weights of '%s'", n->name);
}

int quant_choose_weights(struct tetra_arena *arena, struct quant_plan *p, int i, const struct quant_inputs *in) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  struct quant_weights *q = &p->weights[i];
  const size_t k = tetra_window_elements(&n->win, n->cin), cout = (size_t)n->cout;
  q->codes = tetra_arena_alloc(arena, k * cout, sizeof *q->codes);
  q->real = tetra_arena_alloc(arena, k * cout, sizeof *q->real);
  q->scale = tetra_arena_alloc(arena, cout, sizeof *q->scale);
  q->bias = tetra_arena_alloc(arena, cout, sizeof *q->bias);
  q->offset = tetra_arena_alloc(arena, cout, sizeof *q->offset);
  double *bias = tetra_arena_alloc(arena, cout, sizeof *bias);
  float *least = tetra_arena_alloc(arena, cout, sizeof *least);
  if (!q->codes || !q->real || !q->scale || !q->bias || !q->offset || !bias || !least) return tetra_arena_failed(arena);
  if (p->o->nested && q->bits == 4 && !(q->wide = tetra_arena_alloc(arena, k * cout, sizeof *q->wide)))
    return tetra_arena_failed(arena);
  least_scales(p, i, in->most, least);
  memcpy(bias, n->bias, cout * sizeof *bias);
  for (int group = 0; group < n->groups; group++) {
    const int rc = choose_group(p, i, group, in, least, bias, arena->err);
    if (rc) return rc;
  }
  for (size_t j = 0; j < k * cout; j++) q->real[j] = (float)q->codes[j] * q->scale[j / k];
  quant_set_bias(p, i, (double)p->points[n->in[0]][p->use[i][0]].scale, bias);
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
