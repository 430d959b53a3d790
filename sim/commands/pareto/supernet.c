/* A supernet's subnets: sliced, given statistics, measured, written. */
#include "commands/pareto/supernet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "base/status.h"
#include "commands/pareto/trained.h"
#include "commands/pareto/trained_report.h"
#include "commands/train/accuracy.h"
#include "tetra/supernet.h"

enum { BATCH = 128, IMAGES = 10000 }; /* for statistics and accuracy, without --limit */

struct sweep {
  const struct pareto_options *o;
  struct tetra_train *supernet;
  struct train_set data, test;
  int batch;
  float *images; /* a batch */
};

static int open_supernet(struct sweep *s, struct tetra_error *err) {
  struct tetra_error why = {0, ""};
  uint8_t *bytes;
  size_t size;
  int rc = tetra_import_read(s->o->supernet, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = tetra_supernet_open(&s->supernet, bytes, size, s->batch, (int)s->o->jobs, &why);
  free(bytes);
  return rc == TETRA_OK ? rc : tetra_fail(err, rc, "--supernet '%s' %s", s->o->supernet, why.msg);
}

static int check_set(const struct sweep *s, const struct train_files *f, const struct train_set *set,
                     struct tetra_error *err) {
  int h, w, c, classes;
  tetra_train_shape(s->supernet, &h, &w, &c, &classes);
  if (set->h != h || set->w != w || set->c != c)
    return tetra_fail(err, TETRA_EINVAL, "'%s': images of %dx%dx%d; the supernet reads %dx%dx%d", f->images, set->h,
                      set->w, set->c, h, w, c);
  if (set->classes > classes)
    return tetra_fail(err, TETRA_EINVAL, "labels '%s': %d is the largest; the supernet has the classes 0..%d",
                      f->labels, set->classes - 1, classes - 1);
  return TETRA_OK;
}

static int prepare(struct sweep *s, struct tetra_error *err) {
  const struct pareto_options *o = s->o;
  int rc = train_set_read(&o->data, &o->pixels, o->limit > 0 ? o->limit : IMAGES, &s->data, err);
  if (rc == TETRA_OK) rc = train_set_read(&o->test, &o->pixels, 0, &s->test, err);
  if (rc != TETRA_OK) return rc;
  s->batch = s->data.n < BATCH ? s->data.n : BATCH;
  rc = open_supernet(s, err);
  if (rc == TETRA_OK) rc = check_set(s, &o->data, &s->data, err);
  if (rc == TETRA_OK) rc = check_set(s, &o->test, &s->test, err);
  if (rc != TETRA_OK) return rc;
  s->images = malloc((size_t)s->batch * (size_t)s->data.h * (size_t)s->data.w * (size_t)s->data.c * sizeof *s->images);
  return s->images != NULL ? TETRA_OK : tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", s->batch);
}

/* From whole batches, so that each counts alike; changed as in training, where an image that was not moved was
 * normalized by the statistics of a batch of moved ones. */
static int calibrate(struct sweep *s, struct tetra_train *subnet, struct tetra_error *err) {
  const size_t size = (size_t)s->data.h * (size_t)s->data.w * (size_t)s->data.c;
  const struct train_change change = {.seed = 1, .epoch = 0, .margin = s->o->augment};
  for (int batch = 0; batch < s->data.n / s->batch; batch++) {
    for (int i = 0; i < s->batch; i++) {
      const int rc = train_set_image(&s->data, &s->o->pixels, batch * s->batch + i, s->o->augment < 0 ? NULL : &change,
                                     s->images + (size_t)i * size, err);
      if (rc != TETRA_OK) return rc;
    }
    tetra_supernet_calibrate(subnet, s->images, s->batch, batch);
  }
  return TETRA_OK;
}

static int measure_accuracy(struct sweep *s, struct tetra_train *subnet, struct pareto_trained *t,
                            struct tetra_error *err) {
  int of_test, of_data;
  int rc = train_count_right(subnet, &s->test, &s->o->pixels, 0, s->test.n, s->batch, &of_test, err);
  if (rc == TETRA_OK) rc = train_count_right(subnet, &s->data, &s->o->pixels, 0, s->data.n, s->batch, &of_data, err);
  if (rc != TETRA_OK) return rc;
  t->images = s->test.n;
  t->top1 = (double)of_test / s->test.n;
  t->train = (double)of_data / s->data.n;
  t->error = sqrt(t->top1 * (1 - t->top1) / s->test.n);
  return TETRA_OK;
}

static int keep(const struct sweep *s, const char *name, const uint8_t *bytes, size_t size, struct tetra_error *err) {
  struct sim_outfile out;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", s->o->subnets, name);
  const int rc = sim_outfile_open(&out, "--subnets", path, err);
  if (rc != TETRA_OK) return rc;
  fwrite(bytes, 1, size, out.f); /* the stream keeps the error */
  return sim_outfile_commit(&out, err);
}

static int measure(struct sweep *s, int k, struct pareto_trained *t, struct tetra_error *err) {
  const struct tetra_subnet of = tetra_supernet_subnet(s->supernet, k);
  struct tetra_train *subnet = tetra_supernet_slice(s->supernet, k);
  uint8_t *bytes;
  size_t size;
  t->width = of.width;
  snprintf(t->series, sizeof t->series, "%s", tetra_precision_name(of.precision));
  snprintf(t->name, sizeof t->name, "%g-%s.onnx", of.width, t->series);
  int rc = calibrate(s, subnet, err);
  if (rc == TETRA_OK) rc = measure_accuracy(s, subnet, t, err);
  if (rc == TETRA_OK) rc = tetra_train_export(subnet, &bytes, &size, err);
  if (rc != TETRA_OK) return rc;
  rc = pareto_trained_costs(s->o, bytes, size, t, err);
  if (rc == TETRA_OK && s->o->subnets != NULL) rc = keep(s, t->name, bytes, size, err);
  free(bytes);
  if (rc == TETRA_OK && !s->o->quiet)
    fprintf(stderr, "subnet %d of %d: %s, %.2f %%\n", k + 1, tetra_supernet_count(s->supernet), t->name, 100 * t->top1);
  return rc;
}

static int run(struct sweep *s, struct tetra_error *err) {
  int rc = prepare(s, err);
  if (rc != TETRA_OK) return rc;
  const int n = tetra_supernet_count(s->supernet);
  struct pareto_trained *t = calloc((size_t)n, sizeof *t);
  if (t == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d networks", n);
  for (int k = 0; k < n && rc == TETRA_OK; k++) rc = measure(s, k, &t[k], err);
  if (rc == TETRA_OK) {
    pareto_trained_fronts(t, n);
    rc = pareto_trained_report(t, n, s->o, err);
  }
  free(t);
  return rc;
}

int pareto_of_supernet(const struct pareto_options *o) {
  struct tetra_error err = {0, ""};
  struct sweep s = {.o = o};
  const int rc = run(&s, &err);
  tetra_train_close(s.supernet);
  train_set_free(&s.data);
  train_set_free(&s.test);
  free(s.images);
  return rc == TETRA_OK ? SIM_EXIT_GOOD : sim_complain(&err);
}
