/* A supernet's file: what it is of, and all that was learned; little-endian as all machines that this runs on are.
 * Statistics of batch norms are not in it: each subnet has its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "once.h"
#include "tetra/hash.h"

static const char kMagic[8] = "TETRASUP";

struct head {
  char magic[8];
  int32_t depth, classes, h, w, c, n_widths, n_precisions, unused;
  double widths[TETRA_SUPERNET_WIDTHS];
  char precisions[TETRA_PRECISION_COUNT][24]; /* names */
  uint64_t n_params, hash;                    /* of the head, with a hash of 0, and the parameters */
};

static uint64_t hash_of(const struct head *h, const void *params, size_t size) {
  struct head plain = *h;
  plain.hash = 0;
  return tetra_hash(tetra_hash(TETRA_HASH_START, &plain, sizeof plain), params, size);
}

int train_once_write(const struct tetra_train *t, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  const struct train_once *s = t->once;
  struct head h;
  *bytes = NULL;
  if (!t->frozen) return tetra_fail(err, TETRA_EINVAL, "steps of quantization have not begun: train first");
  memset(&h, 0, sizeof h);
  memcpy(h.magic, kMagic, sizeof h.magic);
  h.depth = s->resnet.depth;
  h.classes = s->resnet.classes;
  h.h = s->resnet.h;
  h.w = s->resnet.w;
  h.c = s->resnet.c;
  h.n_widths = s->n_widths;
  h.n_precisions = s->n / s->n_widths;
  for (int k = 0; k < h.n_widths; k++) h.widths[k] = s->subnets[k * h.n_precisions].width;
  for (int k = 0; k < h.n_precisions; k++) {
    const char *name = tetra_precision_name(s->subnets[k].precision);
    memcpy(h.precisions[k], name, strlen(name) + 1);
  }
  h.n_params = t->n_params;
  h.hash = hash_of(&h, t->param, t->n_params * sizeof(float));
  *size = sizeof h + t->n_params * sizeof(float);
  *bytes = malloc(*size);
  if (!*bytes) return tetra_fail(err, TETRA_ENOMEM, "no memory for a supernet's file of %zu bytes", *size);
  memcpy(*bytes, &h, sizeof h);
  memcpy(*bytes + sizeof h, t->param, t->n_params * sizeof(float));
  return TETRA_OK;
}

static int damaged(struct tetra_error *err) { return tetra_fail(err, TETRA_EINVAL, "is a damaged file of a supernet"); }

/* What the head says, as tetra_train_resnet_open takes it; that checks sizes. */
static int read_head(const struct head *h, struct tetra_train_resnet *r, enum tetra_precision *precisions,
                     struct tetra_error *err) {
  if (h->n_widths < 1 || h->n_widths > TETRA_SUPERNET_WIDTHS || h->n_precisions < 1 ||
      h->n_precisions > TETRA_PRECISION_COUNT)
    return damaged(err);
  for (int k = 0; k < h->n_precisions; k++) {
    const int p = memchr(h->precisions[k], 0, sizeof h->precisions[k]) ? tetra_precision_parse(h->precisions[k]) : -1;
    if (p < 0) return damaged(err);
    precisions[k] = (enum tetra_precision)p;
  }
  *r = (struct tetra_train_resnet){
      .depth = h->depth, .width = 1, .classes = h->classes, .h = h->h, .w = h->w, .c = h->c, .projection = 1};
  return TETRA_OK;
}

/* The numbers; a step of 0 would be none. */
static int read_params(struct tetra_train *t, const uint8_t *bytes, struct tetra_error *err) {
  memcpy(t->param, bytes, t->n_params * sizeof(float));
  for (size_t i = 0; i < t->n_params; i++)
    if (!isfinite(t->param[i]) || (t->kinds[i] == TRAIN_STEP && t->param[i] == 0)) return damaged(err);
  t->frozen = 1;
  for (int v = 0; v < t->g.n_values; v++)
    for (int p = 0; p < TETRA_PLAN_POINTS; p++) t->value[v].point[p].on = 1;
  return TETRA_OK;
}

int tetra_supernet_open(struct tetra_train **t, const uint8_t *bytes, size_t size, int batch, int threads,
                        struct tetra_error *err) {
  struct head h;
  struct tetra_train_resnet r;
  struct tetra_train_options o;
  enum tetra_precision precisions[TETRA_PRECISION_COUNT];
  *t = NULL;
  if (size < sizeof h || memcmp(bytes, kMagic, sizeof kMagic) != 0)
    return tetra_fail(err, TETRA_EINVAL, "is no file of a supernet; ./sim train --method once writes them");
  memcpy(&h, bytes, sizeof h);
  if (h.hash != hash_of(&h, bytes + sizeof h, size - sizeof h)) return damaged(err);
  int rc = read_head(&h, &r, precisions, err);
  if (rc) return rc;
  tetra_train_defaults(&o);
  o.method = TETRA_TRAIN_ONCE;
  o.batch = batch;
  o.threads = threads;
  o.widths = h.widths;
  o.n_widths = h.n_widths;
  o.precisions = precisions;
  o.n_precisions = h.n_precisions;
  rc = tetra_train_resnet_open(t, &r, &o, err);
  if (!rc)
    rc = (*t)->n_params == h.n_params && size - sizeof h == h.n_params * sizeof(float)
             ? read_params(*t, bytes + sizeof h, err)
             : damaged(err);
  if (!rc) return TETRA_OK;
  tetra_train_close(*t);
  *t = NULL;
  return rc;
}
