/* The quantized network without its weights. */
#include <math.h>

#include "study/internal.h"

/* Bits of every layer in the quantizer's form. */
static int place(const struct tetra_study *s, struct tetra_arena *arena, const struct tetra_layer_bits *bits,
                 struct tetra_quantize_options *o, struct quant_plan *p) {
  struct tetra_layer_bits *named = tetra_arena_alloc(arena, (size_t)s->n_layers, sizeof *named);
  if (!named) return tetra_arena_failed(arena);
  for (int l = 0; l < s->n_layers; l++) {
    named[l] = bits[l];
    for (size_t i = 0; i < sizeof named[l].name; i++) named[l].name[i] = s->layers[l].name[i];
  }
  tetra_quantize_defaults(o);
  o->bits = named;
  o->n_bits = s->n_layers;
  *p = (struct quant_plan){.g = (struct tetra_float_graph *)&s->g, .o = o};
  return quant_place(arena, p);
}

static int fill(const struct tetra_study *s, struct tetra_arena *arena, struct quant_plan *p) {
  for (int v = 0; v < s->g.n_values; v++)
    for (int k = 0; k < N_POINTS; k++) p->points[v][k].scale = p->points[v][k].bound = 1;
  for (int l = 0; l < s->n_layers; l++) {
    const struct tetra_float_node *n = &s->g.nodes[s->node[l]];
    struct quant_weights *q = &p->weights[s->node[l]];
    const size_t c = (size_t)n->cout;
    q->outline = 1;
    q->scale = tetra_arena_alloc(arena, c, sizeof *q->scale);
    q->bias = tetra_arena_alloc(arena, c, sizeof *q->bias);
    if (!q->scale || !q->bias) return tetra_arena_failed(arena);
    for (size_t i = 0; i < c; i++) q->scale[i] = 1;
  }
  return TETRA_OK;
}

int tetra_study_shape(const struct tetra_study *s, const struct tetra_layer_bits *bits, uint8_t **onnx, size_t *size,
                      struct tetra_error *err) {
  struct tetra_error own = {0, ""};
  struct tetra_arena arena = {.err = err ? err : &own, .budget = SIZE_MAX / 4};
  struct tetra_quantize_options o;
  struct quant_plan p;
  *onnx = NULL;
  int rc = place(s, &arena, bits, &o, &p);
  if (!rc) rc = fill(s, &arena, &p);
  if (!rc) rc = quant_write(&p, onnx, size, arena.err);
  tetra_arena_free(&arena);
  return rc;
}
