/* Opens a float network for study. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/internal.h"

static int list_layers(struct tetra_study *s) {
  const struct tetra_float_graph *g = &s->g;
  s->node = tetra_arena_alloc(&s->arena, (size_t)g->n_nodes, sizeof *s->node);
  s->layers = tetra_arena_alloc(&s->arena, (size_t)g->n_nodes, sizeof *s->layers);
  s->inputs = tetra_arena_alloc(&s->arena, (size_t)g->n_nodes, sizeof *s->inputs);
  if (!s->node || !s->layers || !s->inputs) return tetra_arena_failed(&s->arena);
  for (int i = 0; i < g->n_nodes; i++) {
    const struct tetra_float_node *n = &g->nodes[i];
    if (n->kind != TETRA_FLOAT_CONV) continue;
    struct tetra_study_layer *l = &s->layers[s->n_layers];
    memcpy(l->name, n->name, sizeof l->name);
    l->inputs = (double)tetra_float_size(&g->values[n->in[0]], 1);
    l->outputs = (double)tetra_float_size(&g->values[n->out], 1);
    l->weights = (double)(tetra_window_elements(&n->win, n->cin) * (size_t)n->cout);
    l->channels = n->cout;
    l->reads = n->in[0];
    for (int e = 0; e < s->n_layers; e++)
      if (strcmp(s->layers[e].name, n->name) == 0)
        return tetra_fail(s->arena.err, TETRA_EINVAL, "two layers are named '%s'; names must tell layers apart",
                          n->name);
    s->node[s->n_layers++] = i;
  }
  return s->n_layers ? TETRA_OK : tetra_fail(s->arena.err, TETRA_EINVAL, "the network has no layer with weights");
}

/* The formats of every layer's input, from where the quantizer would put codes. */
static int place_inputs(struct tetra_study *s) {
  struct tetra_quantize_options o;
  tetra_quantize_defaults(&o);
  o.precision = TETRA_W8A8;
  struct quant_plan p = {.g = &s->g, .o = &o};
  const int rc = quant_place(&s->arena, &p);
  for (int l = 0; !rc && l < s->n_layers; l++) {
    const enum tetra_fmt fmt = p.points[s->layers[l].reads][POINT_8].fmt;
    const int is_signed = tetra_fmt_min(fmt) < 0;
    s->inputs[l].point[POINT_8] = (struct quant_point){1, tetra_fmt_of(8, is_signed), 0, 0};
    s->inputs[l].point[POINT_4] = (struct quant_point){1, tetra_fmt_of(4, is_signed), 0, 0};
  }
  return rc;
}

static int check_images(struct tetra_study *s) {
  if (s->n < 1) return tetra_fail(s->arena.err, TETRA_EINVAL, "%d images, there must be at least one", s->n);
  const size_t count = tetra_float_size(&s->g.values[s->g.input], s->n);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(s->images[i]))
      return tetra_fail(s->arena.err, TETRA_EINVAL, "element %zu of the images is %g, must be finite", i,
                        (double)s->images[i]);
  return TETRA_OK;
}

/* Every value is there twice: in float, and changed. */
static void choose_batch(struct tetra_study *s, size_t memory) {
  double bytes = 0;
  for (int v = 0; v < s->g.n_values; v++) bytes += 2.0 * sizeof(float) * (double)tetra_float_size(&s->g.values[v], 1);
  const double fit = floor((double)memory / bytes);
  s->batch = fit < 1 ? 1 : fit > s->n ? s->n : (int)fit;
  s->last = s->g.output;
  for (int i = 0; i < s->g.n_nodes; i++)
    if (s->g.nodes[i].kind == TETRA_FLOAT_SOFTMAX) s->last = s->g.nodes[i].in[0];
}

int tetra_study_open(struct tetra_study **out, const uint8_t *bytes, size_t size, const float *images, int n,
                     size_t memory, struct tetra_import_report *refused, struct tetra_error *err) {
  struct tetra_study *s = calloc(1, sizeof *s);
  *out = NULL;
  memset(refused, 0, sizeof *refused);
  if (!s) return tetra_fail(err, TETRA_ENOMEM, "no memory for a network");
  s->arena.err = err ? err : &s->own;
  s->images = images;
  s->n = n;
  int rc = tetra_import_float(bytes, size, &s->arena, &s->g, refused);
  s->arena.budget = SIZE_MAX / 4;
  if (!rc) rc = check_images(s);
  if (!rc) rc = list_layers(s);
  if (!rc) rc = place_inputs(s);
  if (rc) {
    tetra_study_close(s);
    return rc;
  }
  choose_batch(s, memory);
  *out = s;
  return TETRA_OK;
}

void tetra_study_close(struct tetra_study *s) {
  if (!s) return;
  tetra_arena_free(&s->arena);
  free(s);
}

const struct tetra_study_layer *tetra_study_layers(const struct tetra_study *s, int *n) {
  *n = s->n_layers;
  return s->layers;
}

int tetra_study_sensitivity(struct tetra_study *s, enum tetra_study_kind kind, const struct tetra_layer_bits *choices,
                            int n_choices, int samples, uint64_t seed, const struct tetra_study_progress *progress,
                            double *out, struct tetra_error *err) {
  const struct study_task t = {s, choices, n_choices, samples, seed, progress, out, err};
  memset(out, 0, (size_t)s->n_layers * (size_t)n_choices * sizeof *out);
  switch (kind) {
    case TETRA_STUDY_ORM:
      return study_orm(&t);
    case TETRA_STUDY_TRACE:
      return study_trace(&t);
    default:
      return study_measure(&t, kind == TETRA_STUDY_MSE);
  }
}
