/* Accuracy in the fast path, once for all points that share network and bits. */
#include "commands/sweep/accuracy.h"

#include <stdlib.h>
#include <string.h>

#include "commands/sweep/line.h"
#include "files/source_data.h"
#include "run/runner.h"

int sweep_choose_accuracy(const struct sim_study *s, unsigned char *points, struct tetra_error *err) {
  const size_t bits = (size_t)s->n_names[SIM_AXIS_BITS] + 1, networks = (size_t)s->n_names[SIM_AXIS_NETWORK];
  unsigned char *seen = calloc(networks * bits, 1);
  if (seen == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for the networks of a study");
  for (int i = 0; i < s->n_points; i++) {
    const struct sim_point *p = &s->points[i];
    unsigned char *mark = &seen[(size_t)p->v[SIM_AXIS_NETWORK] * bits + (size_t)(p->v[SIM_AXIS_BITS] + 1)];
    points[i] = s->images.input != NULL && sim_study_is_file(s, p) && !*mark;
    *mark = 1;
  }
  free(seen);
  return TETRA_OK;
}

static void count(const struct sim_outcome *out, int label, struct sweep_answer *a) {
  a->top1 += out->top.cls[0] == label;
  for (int k = 0; k < SIM_TOP; k++) a->top5 += out->top.cls[k] == label;
}

static int run(struct sim_runner *r, const int *labels, struct sweep_answer *a, struct tetra_error *err) {
  struct sim_outcome *out = malloc((size_t)r->batch * sizeof *out);
  int rc = out == NULL ? tetra_fail(err, TETRA_ENOMEM, "no memory for %d answers", r->batch) : TETRA_OK;
  for (int first = 0; rc == TETRA_OK && first < a->images; first += r->batch) {
    const int n = a->images - first < r->batch ? a->images - first : r->batch;
    rc = sim_runner_run(r, first, n, out, err);
    for (int i = 0; rc == TETRA_OK && i < n; i++) count(&out[i], labels[first + i], a);
  }
  free(out);
  return rc;
}

int sweep_accuracy(const struct sim_study *s, const struct sim_point *p, struct sweep_answer *a,
                   struct tetra_error *err) {
  struct sweep_line line;
  struct sim_options o;
  struct sim_runner r;
  int *labels = NULL;
  int rc = sweep_line_read(s, p, SWEEP_LINE_IMAGES, &line, &o, err);
  if (rc == TETRA_OK) rc = sim_runner_open(&r, &o, NULL, err);
  if (rc == TETRA_OK) {
    a->images = o.limit != 0 && o.limit < r.source->n ? o.limit : r.source->n;
    rc = sim_labels_read(o.labels, a->images, sim_source_classes(r.source), &labels, err);
    if (rc == TETRA_OK) rc = run(&r, labels, a, err);
    free(labels);
    sim_runner_close(&r);
  }
  sweep_line_free(&line);
  return rc;
}
