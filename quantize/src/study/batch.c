/* A batch of images through a float network of which one layer is changed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/internal.h"

static int is_run(const struct tetra_float_node *n) { return n->kind != TETRA_FLOAT_SOFTMAX; }

int study_batch_open(struct study_batch *b, const struct tetra_study *s, int first, int n, struct tetra_error *err) {
  const struct tetra_float_graph *g = &s->g;
  *b = (struct study_batch){.s = s, .first = first, .n = n};
  b->real = calloc((size_t)g->n_values, sizeof *b->real);
  b->other = calloc((size_t)g->n_values, sizeof *b->other);
  if (!b->real || !b->other) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d tensors", g->n_values);
  const size_t size = tetra_float_size(&g->values[g->input], 1);
  b->real[g->input] = malloc((size_t)n * size * sizeof(float));
  if (!b->real[g->input]) return tetra_fail(err, TETRA_ENOMEM, "no memory for %d images", n);
  memcpy(b->real[g->input], s->images + (size_t)first * size, (size_t)n * size * sizeof(float));
  for (int i = 0; i < g->n_nodes && is_run(&g->nodes[i]); i++) {
    const struct tetra_float_node *node = &g->nodes[i];
    const float *const in[2] = {b->real[node->in[0]], node->in[1] < 0 ? NULL : b->real[node->in[1]]};
    const int rc = tetra_float_run(g, node, n, in, NULL, NULL, &b->real[node->out], err);
    if (rc) return rc;
  }
  return TETRA_OK;
}

static void forget(struct study_batch *b) {
  for (int v = 0; b->other && v < b->s->g.n_values; v++) {
    free(b->other[v]);
    b->other[v] = NULL;
  }
}

void study_batch_close(struct study_batch *b) {
  forget(b);
  for (int v = 0; b->real && v < b->s->g.n_values; v++) free(b->real[v]);
  free(b->real);
  free(b->other);
}

/* What quantization moves a channel's mean by, its bias takes back. */
static int centre_channels(const struct study_batch *b, int v, struct tetra_error *err) {
  const size_t c = (size_t)b->s->g.values[v].c, count = tetra_float_size(&b->s->g.values[v], b->n), pixels = count / c;
  double *lost = calloc(c, sizeof *lost);
  if (!lost) return tetra_fail(err, TETRA_ENOMEM, "no memory for %zu channels", c);
  const float *real = b->real[v];
  float *other = b->other[v];
  for (size_t i = 0; i < count; i++) lost[i % c] += (double)real[i] - (double)other[i];
  for (size_t i = 0; i < count; i++) other[i] += (float)(lost[i % c] / (double)pixels);
  free(lost);
  return TETRA_OK;
}

/* Nodes behind the changed one, as far as they read something that has changed. */
static int run_behind(struct study_batch *b, int from, struct tetra_error *err) {
  const struct tetra_float_graph *g = &b->s->g;
  for (int i = from + 1; i < g->n_nodes && is_run(&g->nodes[i]); i++) {
    const struct tetra_float_node *n = &g->nodes[i];
    const float *in[2] = {NULL, NULL};
    int changed = 0;
    for (int k = 0; k < 2 && n->in[k] >= 0; k++) {
      changed |= b->other[n->in[k]] != NULL;
      in[k] = b->other[n->in[k]] ? b->other[n->in[k]] : b->real[n->in[k]];
    }
    const int rc = changed ? tetra_float_run(g, n, b->n, in, NULL, NULL, &b->other[n->out], err) : TETRA_OK;
    if (rc) return rc;
  }
  return TETRA_OK;
}

int study_batch_change(struct study_batch *b, int node, const float *x, const float *w, int centre, const float **out,
                       const float **layer_out, struct tetra_error *err) {
  const struct tetra_float_graph *g = &b->s->g;
  const struct tetra_float_node *n = &g->nodes[node];
  const float *const in[2] = {x ? x : b->real[n->in[0]], NULL};
  forget(b);
  int rc = tetra_float_run(g, n, b->n, in, w, NULL, &b->other[n->out], err);
  if (!rc && centre) rc = centre_channels(b, n->out, err);
  if (!rc && out) rc = run_behind(b, node, err);
  if (rc) return rc;
  if (layer_out) *layer_out = b->other[n->out];
  if (out) *out = b->other[b->s->last] ? b->other[b->s->last] : b->real[b->s->last];
  return TETRA_OK;
}
