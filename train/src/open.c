/* Opens and closes networks for training. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "once.h"
#include "step/points.h"
#include "math/random.h"
#include "resnet.h"

#define METHOD_NAME(e, name) name,
static const char *const kMethods[] = {TETRA_TRAIN_METHODS(METHOD_NAME)};

const char *tetra_train_method_name(enum tetra_train_method m) {
  return (unsigned)m < TETRA_TRAIN_METHOD_COUNT ? kMethods[m] : NULL;
}

int tetra_train_method_parse(const char *name) {
  for (int m = 0; m < TETRA_TRAIN_METHOD_COUNT; m++)
    if (strcmp(name, kMethods[m]) == 0) return m;
  return -1;
}

void tetra_train_defaults(struct tetra_train_options *o) {
  *o = (struct tetra_train_options){.method = TETRA_TRAIN_FLOAT,
                                    .precision = TETRA_W4A4_INIT8_DENSE8,
                                    .signed_first = 1,
                                    .batch = 128,
                                    .seed = 1,
                                    .momentum = 0.9,
                                    .decay = 1e-4,
                                    .adam = 1};
}

static void close_one(struct tetra_train *t) {
  if (!t) return;
  if (!t->host) tetra_threads_close(t->threads);
  tetra_arena_free(&t->arena);
  free(t);
}

void tetra_train_close(struct tetra_train *t) {
  if (!t) return;
  for (int k = 0; t->once && k < t->once->n; k++) close_one(t->once->net[k]);
  train_once_free(t->once);
  close_one(t);
}

void tetra_train_shape(const struct tetra_train *t, int *h, int *w, int *c, int *classes) {
  const struct tetra_float_value *in = &t->g.values[t->g.input];
  *h = in->h;
  *w = in->w;
  *c = in->c;
  *classes = t->g.values[t->logits].c;
}

size_t tetra_train_parameters(const struct tetra_train *t) { return t->n_params; }

/* Without threads. */
static int begin(struct tetra_train **t, const struct tetra_train_options *o, struct tetra_error *err) {
  *t = calloc(1, sizeof **t);
  if (!*t) return tetra_fail(err, TETRA_ENOMEM, "no memory for a network");
  (*t)->arena.err = err ? err : &(*t)->own;
  (*t)->arena.budget = SIZE_MAX / 4;
  (*t)->o = *o;
  (*t)->o.adam = o->adam && o->method == TETRA_TRAIN_LSQ;
  (*t)->comm = o->comm;
  (*t)->batch = o->batch;
  (*t)->wants_input_gradient = o->images_learn;
  (*t)->quantized = o->method != TETRA_TRAIN_FLOAT;
  (*t)->fresh = 0.1;
  (*t)->float_holds = 16777216;
  if (o->batch < 1) return tetra_fail(err, TETRA_EINVAL, "a batch of %d images; at least 1 is accepted", o->batch);
  return TETRA_OK;
}

static int start(struct tetra_train **t, const struct tetra_train_options *o, struct tetra_error *err) {
  const int rc = begin(t, o, err);
  return rc ? rc : tetra_threads_open(&(*t)->threads, o->threads, err);
}

/* Errors of later calls have their own place. */
static int opened(struct tetra_train **t, int rc) {
  if (!rc) {
    (*t)->arena.err = &(*t)->own;
    return TETRA_OK;
  }
  tetra_train_close(*t);
  *t = NULL;
  return rc;
}

/* He's initialization; dense layers half the variance, as no clamp follows. */
static void randomize(struct tetra_train *t) {
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_layer *l = &t->layer[i];
    if (!l->w.n) continue;
    const double sd = sqrt((t->g.nodes[i].dense ? 1.0 : 2.0) / ((double)l->geo.taps.n * l->geo.cin));
    for (size_t j = 0; j < l->w.n; j++) t->param[l->w.at + j] = (float)(sd * train_normal(t->o.seed, l->w.at + j));
    for (size_t c = 0; c < l->gamma.n; c++) {
      t->param[l->gamma.at + c] = 1;
      t->stats[l->running.at + l->gamma.n + c] = 1; /* variance */
    }
  }
}

static int new_resnet(struct tetra_train **t, const struct tetra_train_resnet *r, const struct tetra_train_options *o,
                      struct tetra_error *err) {
  int rc = start(t, o, err);
  if (!rc) rc = train_resnet_graph(&(*t)->arena, r, &(*t)->g);
  if (!rc) rc = train_prepare(*t, 1);
  if (!rc) randomize(*t);
  return rc;
}

/* A network for subnet k of supernet t, with t's memory for tensors. */
static int open_subnet(struct tetra_train **sub, struct tetra_train *t, int k, struct tetra_error *err) {
  struct tetra_train_resnet r = t->once->resnet;
  struct tetra_train_options o = t->o;
  r.width = t->once->subnets[k].width;
  o.precision = t->once->subnets[k].precision;
  int rc = begin(sub, &o, err);
  if (!rc) {
    (*sub)->host = t;
    (*sub)->threads = t->threads;
    rc = train_resnet_graph(&(*sub)->arena, &r, &(*sub)->g);
  }
  if (!rc) rc = train_prepare(*sub, 1);
  return opened(sub, rc);
}

/* A supernet has the parameters of its largest subnet, and networks for all of them. */
static int new_supernet(struct tetra_train **t, const struct tetra_train_resnet *r, const struct tetra_train_options *o,
                        struct tetra_error *err) {
  struct train_once *once;
  struct tetra_train_resnet largest = *r;
  struct tetra_train_options how = *o;
  int rc = train_once_new(&once, r, o, err);
  if (rc) return rc;
  largest.width = once->subnets[0].width;
  how.precision = once->subnets[0].precision;
  rc = new_resnet(t, &largest, &how, err);
  if (!*t) {
    train_once_free(once);
    return rc;
  }
  (*t)->once = once;
  (*t)->o.widths = NULL; /* were borrowed */
  (*t)->o.precisions = NULL;
  for (int k = 0; !rc && k < once->n; k++) rc = open_subnet(&once->net[k], *t, k, err);
  if (!rc) train_once_begin(*t);
  return rc;
}

int tetra_train_resnet_open(struct tetra_train **t, const struct tetra_train_resnet *r,
                            const struct tetra_train_options *o, struct tetra_error *err) {
  *t = NULL;
  if (o->method == TETRA_TRAIN_LSQ)
    return tetra_fail(err, TETRA_EINVAL,
                      "method lsq starts from a trained network; give one, or train with aqt, float or once");
  return opened(t, o->method == TETRA_TRAIN_ONCE ? new_supernet(t, r, o, err) : new_resnet(t, r, o, err));
}

static void take_weights(struct tetra_train *t) {
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_layer *l = &t->layer[i];
    const struct tetra_float_node *n = &t->g.nodes[i];
    if (!l->w.n) continue;
    memcpy(t->param + l->w.at, n->w, l->w.n * sizeof(float));
    for (size_t c = 0; c < l->bias.n; c++) t->param[l->bias.at + c] = (float)n->bias[c];
  }
}

/* The float weight, as far as it may be without another code than the quantizer's. A weight that begins in the middle
 * of its code would have half a step to go before learning changes anything. */
static float within_code(float w, int code, float scale, float most) {
  const float reach = 0.4f, low = fmaxf((float)code - reach, -most), high = fminf((float)code + reach, most);
  return fminf(fmaxf(w / scale, low), high) * scale;
}

/* LSQ begins where quantization after training ends: with its codes, its biases, its scales as steps. */
static int take_quantized(struct tetra_train *t) {
  struct tetra_quantize_options q;
  struct tetra_plan plan;
  tetra_quantize_defaults(&q);
  q.precision = t->o.precision;
  q.bits = t->o.bits;
  q.n_bits = t->o.n_bits;
  if (t->o.n_calibrate < 1) return tetra_fail(t->arena.err, TETRA_EINVAL, "method lsq needs calibration images");
  const int rc = tetra_plan_decide(&t->arena, &t->g, t->o.calibrate, t->o.n_calibrate, &q, &plan);
  if (rc) return rc;
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_layer *l = &t->layer[i];
    const struct tetra_plan_layer *from = &plan.layers[i];
    const size_t k = l->w.n / (l->bias.n ? l->bias.n : 1);
    const float most = l->w.n ? (float)tetra_fmt_max(tetra_fmt_of(from->bits, 1)) : 0;
    for (size_t j = 0; j < l->w.n; j++)
      t->param[l->w.at + j] = within_code(t->param[l->w.at + j], from->codes[j], from->scale[j / k], most);
    for (size_t c = 0; c < l->bias.n; c++) t->param[l->bias.at + c] = (float)from->bias[c];
    for (size_t c = 0; c < l->steps.n; c++) t->param[l->steps.at + c] = from->scale[c];
  }
  for (int v = 0; v < t->g.n_values; v++) {
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
      if (!t->value[v].step[k].n) continue;
      t->param[t->value[v].step[k].at] = plan.points[v][k].scale;
      t->value[v].point[k].on = 1;
    }
  }
  /* Nothing learns from the logits' codes; their bound is followed, from here on. */
  const struct tetra_plan_point *last = &plan.points[t->logits][TETRA_PLAN_8];
  t->value[t->logits].high = last->scale * (float)tetra_fmt_max(last->fmt);
  t->value[t->logits].low = -t->value[t->logits].high;
  t->value[t->logits].point[TETRA_PLAN_8].on = 1;
  train_set_bounds(t, t->logits);
  train_use_steps(t);
  return TETRA_OK;
}

int tetra_train_model_open(struct tetra_train **t, const uint8_t *bytes, size_t size,
                           const struct tetra_train_options *o, struct tetra_import_report *refused,
                           struct tetra_error *err) {
  *t = NULL;
  if (o->method == TETRA_TRAIN_ONCE)
    return tetra_fail(err, TETRA_EINVAL, "method once begins with a new network; a resnet is accepted");
  int rc = start(t, o, err);
  if (!rc) rc = tetra_import_float(bytes, size, &(*t)->arena, &(*t)->g, refused);
  if (!rc) {
    (*t)->arena.budget = SIZE_MAX / 4;
    rc = train_prepare(*t, 0);
  }
  if (!rc) take_weights(*t);
  if (!rc && o->method == TETRA_TRAIN_LSQ) rc = take_quantized(*t);
  return opened(t, rc);
}
