/* What a network in training needs: parameters, a batch's tensors, room to work in. */
#include "memory.h"

#include <string.h>

#include "exported.h"
#include "place.h"

static struct train_span take(size_t *at, size_t n) {
  const struct train_span s = {*at, n};
  *at += n;
  return s;
}

static int check_node(const struct tetra_train *t, const struct tetra_float_node *n) {
  if (n->kind != TETRA_FLOAT_CONV) return TETRA_OK;
  const struct tetra_window *w = &n->win;
  if (n->groups != 1)
    return tetra_fail(t->arena.err, TETRA_EINVAL, "'%s' is a grouped convolution; ungrouped ones can be trained",
                      n->name);
  if (w->pad.top > (w->kh - 1) * w->dilation_y || w->pad.left > (w->kw - 1) * w->dilation_x)
    return tetra_fail(t->arena.err, TETRA_EINVAL, "'%s' has more padding than its window is large; less can be trained",
                      n->name);
  return TETRA_OK;
}

static void share_memory(struct tetra_train *t) {
  for (int v = 0; v < t->g.n_values; v++) t->value[v].root = v;
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct tetra_float_node *n = &t->g.nodes[i];
    t->fused[i] = -1;
    if (n->kind == TETRA_FLOAT_FLATTEN || n->kind == TETRA_FLOAT_PLANE) t->value[n->out].root = t->value[n->in[0]].root;
    /* Synthetic images want to know what is in front of a clamp. */
    if (n->kind != TETRA_FLOAT_CLAMP || t->g.values[n->in[0]].n_uses != 1 || t->o.images_learn) continue;
    if (t->quantized && t->plan.use[i][0] >= 0) continue;
    const int from = t->g.values[n->in[0]].producer;
    if (from < 0 || (t->g.nodes[from].kind != TETRA_FLOAT_CONV && t->g.nodes[from].kind != TETRA_FLOAT_ADD)) continue;
    t->fused[from] = i;
    t->value[n->out].root = t->value[n->in[0]].root;
  }
}

static void mark_learning(struct tetra_train *t) {
  t->value[t->g.input].needs_grad = t->wants_input_gradient;
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct tetra_float_node *n = &t->g.nodes[i];
    t->value[n->out].needs_grad = n->kind == TETRA_FLOAT_CONV || t->value[n->in[0]].needs_grad ||
                                  (n->in[1] >= 0 && t->value[n->in[1]].needs_grad);
  }
}

/* LSQ has a step for each point. All subnets of a supernet share one step a value, whether they read it or not. */
static void value_steps(struct tetra_train *t, int v) {
  const int once = t->o.method == TETRA_TRAIN_ONCE;
  const struct train_span shared = once ? take(&t->n_params, 1) : (struct train_span){0, 0};
  for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
    if (once)
      t->value[v].step[k] = shared;
    else if (t->plan.points[v][k].used)
      t->value[v].step[k] = take(&t->n_params, 1);
  }
}

/* Where in the vectors everything is. */
static void lay_out(struct tetra_train *t, int norms) {
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct tetra_float_node *n = &t->g.nodes[i];
    struct train_layer *l = &t->layer[i];
    if (n->kind != TETRA_FLOAT_CONV) continue;
    const size_t cout = (size_t)n->cout;
    l->w = take(&t->n_params, cout * tetra_window_elements(&n->win, n->cin));
    l->bias = take(&t->n_params, cout);
    if (norms && !n->dense) {
      l->gamma = take(&t->n_params, cout);
      l->running = take(&t->n_stats, 2 * cout);
    }
    if (l->bits && train_learns_steps(t)) l->steps = take(&t->n_params, t->o.method == TETRA_TRAIN_ONCE ? 1 : cout);
  }
  for (int v = 0; train_learns_steps(t) && v < t->g.n_values; v++)
    if (v != t->logits) value_steps(t, v);
}

static float *floats(struct tetra_train *t, size_t n) { return tetra_arena_alloc(&t->arena, n, sizeof(float)); }

static int layer_memory(struct tetra_train *t, int i) {
  struct train_layer *l = &t->layer[i];
  const int rc = train_geometry_of(&t->arena, &t->g, &t->g.nodes[i], &l->geo);
  if (rc) return rc;
  const struct train_geometry *g = &l->geo;
  const size_t cout = (size_t)g->cout;
  float **const channel[] = {&l->unit, &l->mult, &l->shift, &l->factor, &l->zeros, &l->centre, &l->level, &l->tilt};
  for (size_t k = 0; k < sizeof channel / sizeof *channel; k++)
    if (!(*channel[k] = floats(t, cout))) return tetra_arena_failed(&t->arena);
  double **const exact[] = {&l->mean, &l->scale, &l->exact_unit, &l->exact_bias};
  for (size_t k = 0; k < sizeof exact / sizeof *exact; k++)
    if (!(*exact[k] = tetra_arena_alloc(&t->arena, cout, sizeof(double)))) return tetra_arena_failed(&t->arena);
  l->packed = floats(t, train_packed_size(g));
  l->packed_back = floats(t, train_packed_back_size(g));
  l->codes = floats(t, l->w.n);
  if (!l->packed || !l->packed_back || !l->codes) return tetra_arena_failed(&t->arena);
  if (t->host)
    l->sums = t->host->layer[i].sums;
  else if (l->gamma.n)
    l->sums = floats(t, tetra_float_size(&t->g.values[t->g.nodes[i].out], t->batch));
  if (l->gamma.n && !l->sums) return tetra_arena_failed(&t->arena);
  if (train_packed_size(g) > t->partial_size) t->partial_size = train_packed_size(g);
  if (g->cout > t->most_channels) t->most_channels = g->cout;
  return TETRA_OK;
}

static int value_memory(struct tetra_train *t) {
  for (int v = 0; v < t->g.n_values; v++) {
    struct train_value *value = &t->value[v];
    if (value->root != v) continue;
    const struct train_value *theirs = t->host ? &t->host->value[v] : NULL;
    if (theirs && theirs->root == v) { /* else two values would share what is another one's */
      value->x = theirs->x;
      value->grad = theirs->grad;
      value->exact = theirs->exact;
      continue;
    }
    /* Exact evaluation wants doubles and no gradients: both have the same place. */
    const size_t size = tetra_float_size(&t->g.values[v], t->batch);
    void *both = tetra_arena_alloc(&t->arena, size, sizeof(double));
    if (!both) return tetra_arena_failed(&t->arena);
    value->exact = both;
    value->x = both;
    value->grad = value->x + size;
  }
  return TETRA_OK;
}

/* Room for one image of the largest of everything. */
static int scratch_memory(struct tetra_train *t) {
  t->scratch = t->host ? t->host->scratch : NULL;
  if (t->host) return TETRA_OK;
  size_t input = 1, gradient = 1, plane = 1, weights = 1;
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_geometry *g = &t->layer[i].geo;
    if (t->g.nodes[i].kind != TETRA_FLOAT_CONV) continue;
    if (train_input_size(g) > input) input = train_input_size(g);
    if (train_gradient_size(g) > gradient) gradient = train_gradient_size(g);
    const size_t k = (size_t)g->taps.n * (size_t)g->cin;
    if (k > weights) weights = k;
  }
  for (int v = 0; v < t->g.n_values; v++)
    if (train_image_size(t, v) > plane) plane = train_image_size(t, v);
  const int workers = tetra_threads_count(t->threads);
  t->scratch = tetra_arena_alloc(&t->arena, (size_t)workers, sizeof *t->scratch);
  if (!t->scratch) return tetra_arena_failed(&t->arena);
  for (int i = 0; i < workers; i++) {
    struct train_scratch *s = &t->scratch[i];
    s->input = floats(t, input);
    s->gradient = floats(t, gradient);
    s->pixels = floats(t, plane);
    s->codes = floats(t, plane);
    s->of_image = floats(t, 2 * (size_t)t->most_channels);
    s->weights = floats(t, weights);
    for (int k = 0; k < 2; k++) s->operand[k] = tetra_arena_alloc(&t->arena, plane, sizeof(double));
    if (!s->operand[0] || !s->operand[1]) return tetra_arena_failed(&t->arena);
    if (!s->input || !s->gradient || !s->pixels || !s->codes || !s->of_image || !s->weights)
      return tetra_arena_failed(&t->arena);
  }
  return TETRA_OK;
}

static void mark_steps(struct tetra_train *t) {
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->layer[i].steps.n) memset(t->kinds + t->layer[i].steps.at, TRAIN_STEP, t->layer[i].steps.n);
  for (int v = 0; v < t->g.n_values; v++)
    for (int k = 0; k < TETRA_PLAN_POINTS; k++)
      if (t->value[v].step[k].n) t->kinds[t->value[v].step[k].at] = TRAIN_STEP;
}

static int vectors(struct tetra_train *t) {
  t->param = floats(t, t->n_params);
  t->grad = floats(t, t->n_params);
  t->velocity = floats(t, t->n_params);
  t->kinds = tetra_arena_alloc(&t->arena, t->n_params, 1);
  t->stats = floats(t, t->n_stats + 1);
  t->partial = t->host ? t->host->partial : floats(t, TRAIN_PIECES * t->partial_size);
  t->channel_sums = tetra_arena_alloc(&t->arena, (TRAIN_PIECES + 1) * 2 * (size_t)t->most_channels, sizeof(double));
  if (!t->param || !t->grad || !t->velocity || !t->kinds || !t->stats || !t->partial || !t->channel_sums)
    return tetra_arena_failed(&t->arena);
  t->sums = t->channel_sums + TRAIN_PIECES * 2 * (size_t)t->most_channels;
  for (int i = 0; i < t->g.n_nodes; i++)
    if (t->layer[i].w.n) memset(t->kinds + t->layer[i].w.at, TRAIN_KERNEL, t->layer[i].w.n);
  if (!train_learns_steps(t)) return TETRA_OK;
  mark_steps(t);
  t->square = floats(t, t->n_params);
  return t->square ? TETRA_OK : tetra_arena_failed(&t->arena);
}

static int find_logits(struct tetra_train *t) {
  t->logits = t->g.output;
  const int last = t->g.values[t->g.output].producer;
  if (last >= 0 && t->g.nodes[last].kind == TETRA_FLOAT_SOFTMAX) t->logits = t->g.nodes[last].in[0];
  const struct tetra_float_value *v = &t->g.values[t->logits];
  if (v->h == 1 && v->w == 1) return TETRA_OK;
  return tetra_fail(t->arena.err, TETRA_EINVAL, "output '%s' is %dx%dx%d; one number for each class can be trained",
                    v->name, v->h, v->w, v->c);
}

int train_prepare(struct tetra_train *t, int norms) {
  t->value = tetra_arena_alloc(&t->arena, (size_t)t->g.n_values, sizeof *t->value);
  t->layer = tetra_arena_alloc(&t->arena, (size_t)t->g.n_nodes, sizeof *t->layer);
  t->fused = tetra_arena_alloc(&t->arena, (size_t)t->g.n_nodes, sizeof *t->fused);
  if (!t->value || !t->layer || !t->fused) return tetra_arena_failed(&t->arena);
  int rc = find_logits(t);
  for (int i = 0; !rc && i < t->g.n_nodes; i++) rc = check_node(t, &t->g.nodes[i]);
  if (!rc && t->quantized) rc = train_place(t);
  if (rc) return rc;
  share_memory(t);
  mark_learning(t);
  lay_out(t, norms);
  for (int i = 0; !rc && i < t->g.n_nodes; i++)
    if (t->g.nodes[i].kind == TETRA_FLOAT_CONV) rc = layer_memory(t, i);
  if (!rc) rc = value_memory(t);
  if (!rc) rc = scratch_memory(t);
  if (!rc && t->quantized) rc = train_exported_prepare(t);
  return rc ? rc : vectors(t);
}
