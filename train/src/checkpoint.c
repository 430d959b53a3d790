/* All that training goes on from, as bytes: a line that says of what network, then the numbers, little-endian as all
 * machines that this runs on are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "once.h"
#include "tetra/hash.h"

static const char kMagic[8] = "TETRACK1";

/* A fingerprint of the graph and of what is quantized how: over what a checkpoint must fit. */
static uint64_t mix(uint64_t h, uint64_t v) { return tetra_hash(h, &v, sizeof v); }

static uint64_t fingerprint(const struct tetra_train *t) {
  uint64_t h = TETRA_HASH_START;
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct tetra_float_node *n = &t->g.nodes[i];
    const struct tetra_float_value *v = &t->g.values[n->out];
    const int facts[] = {(int)n->kind, n->in[0], n->in[1], v->h, v->w, v->c, n->win.kh, n->win.stride_y};
    for (size_t k = 0; k < sizeof facts / sizeof *facts; k++) h = mix(h, (uint64_t)(int64_t)facts[k]);
    h = mix(h, (uint64_t)t->layer[i].bits);
    for (int k = 0; t->quantized && k < TETRA_PLAN_POINTS; k++)
      h = mix(h, (uint64_t)t->plan.points[n->out][k].used << 8 | (uint64_t)t->plan.points[n->out][k].fmt);
  }
  for (int k = 0; t->once && k < t->once->n; k++) {
    h = tetra_hash(h, &t->once->subnets[k].width, sizeof t->once->subnets[k].width);
    h = mix(h, (uint64_t)t->once->subnets[k].precision);
  }
  return mix(h, t->n_params);
}

struct head {
  char magic[8];
  uint64_t fingerprint, step, n_params, n_stats, n_values;
  int32_t method, frozen;
};

/* Of a value. */
struct range {
  float high, low, shift;
  float scale[TETRA_PLAN_POINTS], point_shift[TETRA_PLAN_POINTS], offset[TETRA_PLAN_POINTS];
  int32_t on[TETRA_PLAN_POINTS];
};

static struct head head_of(const struct tetra_train *t) {
  struct head h = {.fingerprint = fingerprint(t),
                   .step = t->step,
                   .n_params = t->n_params,
                   .n_stats = t->n_stats,
                   .n_values = (uint64_t)t->g.n_values,
                   .method = (int32_t)t->o.method,
                   .frozen = t->frozen};
  memcpy(h.magic, kMagic, sizeof h.magic);
  return h;
}

static size_t size_of(const struct tetra_train *t) {
  return sizeof(struct head) + ((t->square ? 3 : 2) * t->n_params + t->n_stats) * sizeof(float) +
         (size_t)t->g.n_values * sizeof(struct range);
}

static uint8_t *put(uint8_t *at, const void *from, size_t size) {
  memcpy(at, from, size);
  return at + size;
}
static const uint8_t *get(const uint8_t *at, void *to, size_t size) {
  memcpy(to, at, size);
  return at + size;
}

int tetra_train_save(const struct tetra_train *t, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  const struct head h = head_of(t);
  *size = size_of(t);
  uint8_t *at = *bytes = malloc(*size);
  if (!at) return tetra_fail(err, TETRA_ENOMEM, "no memory for a checkpoint of %zu bytes", *size);
  at = put(at, &h, sizeof h);
  at = put(at, t->param, t->n_params * sizeof(float));
  at = put(at, t->velocity, t->n_params * sizeof(float));
  if (t->square) at = put(at, t->square, t->n_params * sizeof(float));
  at = put(at, t->stats, t->n_stats * sizeof(float));
  for (int v = 0; v < t->g.n_values; v++) {
    const struct train_value *value = &t->value[v];
    struct range r = {.high = value->high, .low = value->low, .shift = value->shift};
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
      r.scale[k] = value->point[k].scale;
      r.point_shift[k] = value->point[k].shift;
      r.offset[k] = value->point[k].offset;
      r.on[k] = value->point[k].on;
    }
    at = put(at, &r, sizeof r);
  }
  return TETRA_OK;
}

static int check(const struct tetra_train *t, const uint8_t *bytes, size_t size, struct head *h,
                 struct tetra_error *err) {
  const struct head mine = head_of(t);
  if (size < sizeof *h || memcmp(bytes, kMagic, sizeof kMagic) != 0)
    return tetra_fail(err, TETRA_EINVAL, "is no checkpoint of train");
  memcpy(h, bytes, sizeof *h);
  if (h->method != mine.method)
    return tetra_fail(err, TETRA_EINVAL, "is a checkpoint of method %s, this is %s",
                      (unsigned)h->method < TETRA_TRAIN_METHOD_COUNT
                          ? tetra_train_method_name((enum tetra_train_method)h->method)
                          : "none",
                      tetra_train_method_name(t->o.method));
  if (h->n_params != mine.n_params)
    return tetra_fail(err, TETRA_EINVAL, "is a checkpoint of a network of %llu parameters, this one has %llu",
                      (unsigned long long)h->n_params, (unsigned long long)mine.n_params);
  if (h->fingerprint != mine.fingerprint || h->n_stats != mine.n_stats || h->n_values != mine.n_values)
    return tetra_fail(err, TETRA_EINVAL, "is a checkpoint of another network, or of other bits");
  if (size != size_of(t))
    return tetra_fail(err, TETRA_EINVAL, "has %zu bytes, a checkpoint of this network has %zu", size, size_of(t));
  return TETRA_OK;
}

int tetra_train_load(struct tetra_train *t, const uint8_t *bytes, size_t size, struct tetra_error *err) {
  struct head h;
  const int rc = check(t, bytes, size, &h, err);
  if (rc) return rc;
  const uint8_t *at = bytes + sizeof h;
  t->step = h.step;
  t->frozen = h.frozen != 0;
  at = get(at, t->param, t->n_params * sizeof(float));
  at = get(at, t->velocity, t->n_params * sizeof(float));
  if (t->square) at = get(at, t->square, t->n_params * sizeof(float));
  at = get(at, t->stats, t->n_stats * sizeof(float));
  for (int v = 0; v < t->g.n_values; v++) {
    struct train_value *value = &t->value[v];
    struct range r;
    at = get(at, &r, sizeof r);
    value->high = r.high;
    value->low = r.low;
    value->shift = r.shift;
    for (int k = 0; k < TETRA_PLAN_POINTS; k++) {
      value->point[k].scale = r.scale[k];
      value->point[k].shift = r.point_shift[k];
      value->point[k].offset = r.offset[k];
      value->point[k].on = r.on[k] != 0;
    }
  }
  return TETRA_OK;
}
