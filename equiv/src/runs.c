/* Both networks over a batch of inputs. */
#include "runs.h"

#include <stdlib.h>
#include <string.h>

enum { most_at_once = 32, most_elements = 1 << 22 };

static size_t image_size(const struct tetra_desc *d) { return (size_t)d->h * (size_t)d->w * (size_t)d->c; }

static int64_t image_macs(const struct tetra_graph *g) {
  int64_t sum = 0;
  for (int i = 0; i < g->n_ops; i++) sum += tetra_op_macs(g, i) / g->values[g->input].d.n;
  for (int v = 0; v < g->n_values; v++) sum += (int64_t)image_size(&g->values[v].d);
  return sum;
}

static int batch_of(const struct tetra_graph *a, const struct tetra_graph *b) {
  size_t all = 1;
  for (int v = 0; v < a->n_values; v++) all += image_size(&a->values[v].d);
  for (int v = 0; v < b->n_values; v++) all += image_size(&b->values[v].d);
  const size_t n = most_elements / all;
  return n < 1 ? 1 : n > most_at_once ? most_at_once : (int)n;
}

/* The same network for so many images at once. */
static int copy_graph(struct tetra_graph *to, const struct tetra_graph *g, int batch, struct tetra_error *err) {
  *to = *g;
  to->values = malloc((size_t)g->n_values * sizeof *to->values);
  if (!to->values) return tetra_fail(err, TETRA_ENOMEM, "no memory for a network of %d tensors", g->n_values);
  memcpy(to->values, g->values, (size_t)g->n_values * sizeof *to->values);
  for (int v = 0; v < g->n_values; v++) to->values[v].d.n = batch;
  return TETRA_OK;
}

static int open_one(struct runs *r, int k, const struct tetra_graph *g, struct tetra_error *err) {
  const struct tetra_exec_options options = {r->macs * r->batch < 10000000 ? 1 : 0, NULL};
  int rc = copy_graph(&r->g[k], g, r->batch, err);
  if (rc) return rc;
  r->t[k] = calloc((size_t)g->n_values, sizeof *r->t[k]);
  r->codes[k] = malloc(image_size(&g->values[g->output].d) * sizeof *r->codes[k]);
  if (!r->t[k] || !r->codes[k]) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  rc = tetra_tensor_init(&r->t[k][g->input], &r->g[k].values[g->input].d, err);
  return rc ? rc : tetra_exec_open(&r->exec[k], &r->g[k], &options, err);
}

int runs_open(struct runs *r, const struct tetra_graph *a, const struct tetra_graph *b, const struct tetra_ball *ball,
              struct tetra_error *err) {
  memset(r, 0, sizeof *r);
  r->ball = ball;
  r->same = tetra_equiv_same_graph(a, b);
  r->macs = image_macs(a) + image_macs(b);
  r->batch = batch_of(a, b);
  int rc = open_one(r, 0, a, err);
  if (!rc) rc = open_one(r, 1, b, err);
  if (rc) runs_close(r);
  return rc;
}

static void close_tensors(struct tetra_tensor *t, int n) {
  for (int v = 0; t && v < n; v++) tetra_tensor_free(&t[v]);
  free(t);
}

void runs_close(struct runs *r) {
  for (int k = 0; k < 2; k++) {
    tetra_exec_close(r->exec[k]);
    close_tensors(r->t[k], r->g[k].n_values);
    free(r->g[k].values);
    free(r->codes[k]);
  }
  memset(r, 0, sizeof *r);
}

static void set_input(struct tetra_tensor *t, int slot, const int *choice, const int16_t *code) {
  int e = 0;
  for (int y = 0; y < t->d.h; y++)
    for (int x = 0; x < t->d.w; x++)
      for (int c = 0; c < t->d.c; c++, e++) tetra_tensor_set(t, slot, y, x, c, code[choice[e]]);
}

void runs_set(struct runs *r, int slot, const int *choice) {
  for (int k = 0; k < 2; k++) set_input(&r->t[k][r->g[k].input], slot, choice, r->ball->code[k]);
}

int runs_go(struct runs *r, int count, struct tetra_error *err) {
  int rc = tetra_exec_run(r->exec[0], r->t[0], err);
  if (!rc) rc = tetra_exec_run(r->exec[1], r->t[1], err);
  r->tried += count;
  return rc;
}

/* Codes of one image of t. */
static void codes_of(const struct tetra_tensor *t, int slot, int16_t *codes) {
  for (int y = 0; y < t->d.h; y++)
    for (int x = 0; x < t->d.w; x++)
      for (int c = 0; c < t->d.c; c++) *codes++ = (int16_t)tetra_tensor_get(t, slot, y, x, c);
}

static double codes_differ(const struct tetra_tensor *a, const struct tetra_tensor *b, int slot) {
  const size_t bytes = (size_t)a->d.h * (size_t)a->d.w * a->pixel_bytes;
  if (a->d.fmt == b->d.fmt &&
      !memcmp(a->data + (size_t)slot * bytes, b->data + (size_t)slot * bytes, bytes * sizeof *a->data))
    return 0;
  double sum = 0;
  for (int y = 0; y < a->d.h; y++)
    for (int x = 0; x < a->d.w; x++)
      for (int c = 0; c < a->d.c; c++)
        sum += abs(tetra_tensor_get(a, slot, y, x, c) - tetra_tensor_get(b, slot, y, x, c));
  return sum;
}

/* Outputs of one slot of tensors t[0] and t[1]. */
static struct score outputs_score(const struct runs *r, struct tetra_tensor *const t[2], int slot,
                                  const struct tetra_equiv_options *o) {
  const struct tetra_tensor *out[2] = {&t[0][r->g[0].output], &t[1][r->g[1].output]};
  const struct tetra_desc d[2] = {out[0]->d, out[1]->d};
  for (int k = 0; k < 2; k++) codes_of(out[k], slot, r->codes[k]);
  return property_score(o, d, r->codes[0], r->codes[1], (int)image_size(&d[0]));
}

struct score runs_score(const struct runs *r, int slot, const struct tetra_equiv_options *o) {
  struct score s = outputs_score(r, r->t, slot, o);
  for (int v = 0; r->same && v < r->g[0].n_values; v++) s.hidden += codes_differ(&r->t[0][v], &r->t[1][v], slot);
  return s;
}

int runs_confirm(struct runs *r, const int *choice, const struct tetra_equiv_options *o, int *broken,
                 struct tetra_error *err) {
  struct tetra_graph one[2] = {{.n_values = 0}, {.n_values = 0}};
  struct tetra_tensor *t[2] = {NULL, NULL};
  int rc = TETRA_OK;
  for (int k = 0; k < 2 && !rc; k++) {
    rc = copy_graph(&one[k], &r->g[k], 1, err);
    if (!rc && !(t[k] = calloc((size_t)one[k].n_values, sizeof *t[k])))
      rc = tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", one[k].n_values);
    if (!rc) rc = tetra_tensor_init(&t[k][one[k].input], &one[k].values[one[k].input].d, err);
    if (!rc) set_input(&t[k][one[k].input], 0, choice, r->ball->code[k]);
    if (!rc) rc = tetra_run_graph(&one[k], t[k], TETRA_REFERENCE, err);
  }
  *broken = !rc && outputs_score(r, t, 0, o).broken;
  for (int k = 0; k < 2; k++) {
    close_tensors(t[k], r->g[k].n_values);
    free(one[k].values);
  }
  return rc;
}
