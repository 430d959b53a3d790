/* Where a network is quantized, and to how many bits. */
#include <math.h>

#include "ptq/quantizer.h"

static const struct tetra_float_node *producer(const struct tetra_float_graph *g, int v) {
  return g->values[v].producer < 0 ? NULL : &g->nodes[g->values[v].producer];
}

/* Does only the image, perhaps clamped, pooled or picked from, lie before v? */
static int reads_image(const struct tetra_float_graph *g, int v) {
  const struct tetra_float_node *n = producer(g, v);
  for (; n && n->kind != TETRA_FLOAT_CONV && n->kind != TETRA_FLOAT_ADD; n = producer(g, v)) v = n->in[0];
  return v == g->input;
}

/* Can v, by construction, never be negative? Marks are filled in the network's order. */
static int never_negative(const struct tetra_float_node *n, const int *marks) {
  switch (n->kind) {
    case TETRA_FLOAT_CLAMP:
      return n->lo >= 0 || marks[n->in[0]];
    case TETRA_FLOAT_ADD:
      return marks[n->in[0]] && marks[n->in[1]];
    case TETRA_FLOAT_CONV:
    case TETRA_FLOAT_AFFINE:
      return 0;
    case TETRA_FLOAT_SOFTMAX:
      return 1;
    default:
      return marks[n->in[0]];
  }
}

static void choose_bits(const struct quant_plan *p, const struct tetra_float_node *n, int *wbits, int *point) {
  const struct tetra_layer_bits *own = p->o->bits ? quant_find_bits(p->o, n->name) : NULL;
  if (own) {
    *wbits = own->weights;
    *point = own->acts == 8 ? POINT_8 : POINT_4;
    return;
  }
  const int outer = n->dense || reads_image(p->g, n->in[0]);
  const struct tetra_precision_bits b = tetra_bits_of_precision(p->o->precision);
  *wbits = outer ? b.outer_weights : b.weights;
  *point = (outer ? b.outer_acts : b.acts) == 8 ? POINT_8 : POINT_4;
}

/* The operand of an addition that stays a sum: of a convolution whose result nothing else reads; the later one of two.
 */
static int open_operand(const struct tetra_float_graph *g, const struct tetra_float_node *add) {
  int best = -1;
  for (int k = 0; k < 2; k++) {
    const struct tetra_float_node *n = producer(g, add->in[k]);
    if (!n || n->kind != TETRA_FLOAT_CONV || g->values[add->in[k]].n_uses != 1) continue;
    if (best < 0 || add->in[k] > add->in[best]) best = k;
  }
  return best;
}

/* A max pool right behind the convolution over the image, perhaps clamped: the accelerator has it on the way out of
 * that convolution, if only one of them is quantized. */
static int ends_stem(const struct tetra_float_graph *g, const struct tetra_float_node *pool) {
  int v = pool->in[0];
  const struct tetra_float_node *n = producer(g, v);
  if (pool->kind != TETRA_FLOAT_MAXPOOL || g->output == v || g->values[v].n_uses != 1) return 0;
  if (n && n->kind == TETRA_FLOAT_CLAMP && g->values[n->in[0]].n_uses == 1) n = producer(g, n->in[0]);
  return n && n->kind == TETRA_FLOAT_CONV && n->in[0] == g->input;
}

/* Point of operand k of a node that is no convolution; -1 where the operation follows what produces the operand without
 * a quantization between them. */
static int operand_point(const struct tetra_float_graph *g, const struct tetra_float_node *n, int k) {
  const struct tetra_float_node *from = producer(g, n->in[k]);
  const int picked = from && from->kind == TETRA_FLOAT_PICK;
  switch (n->kind) {
    case TETRA_FLOAT_FLATTEN:
    case TETRA_FLOAT_PLANE:
      return -1;
    case TETRA_FLOAT_CLAMP:
      return from && !picked ? -1 : POINT_8;
    case TETRA_FLOAT_AFFINE: /* of the image: normalization, which the host does */
      return from ? POINT_8 : -1;
    case TETRA_FLOAT_PICK:
      return picked ? -1 : POINT_8;
    case TETRA_FLOAT_ADD:
      return picked || k == open_operand(g, n) ? -1 : POINT_8;
    default: /* pools, softmax */
      return ends_stem(g, n) ? -1 : POINT_8;
  }
}

static void mark(struct quant_plan *p, int value, int point, const int *nonnegative) {
  struct quant_point *q = &p->points[value][point];
  q->used = 1;
  q->fmt = tetra_fmt_of(point == POINT_8 ? 8 : 4, !nonnegative[value]);
}

int quant_place(struct tetra_arena *arena, struct quant_plan *p) {
  const struct tetra_float_graph *g = p->g;
  int *nonnegative = tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *nonnegative);
  p->points = tetra_arena_alloc(arena, (size_t)g->n_values, sizeof *p->points);
  p->use = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *p->use);
  p->weights = tetra_arena_alloc(arena, (size_t)g->n_nodes, sizeof *p->weights);
  if (!nonnegative || !p->points || !p->use || !p->weights) return tetra_arena_failed(arena);
  const int rc = p->o->bits ? quant_check_bits(g, p->o, arena->err) : TETRA_OK;
  if (rc) return rc;
  for (int i = 0; i < g->n_nodes; i++) nonnegative[g->nodes[i].out] = never_negative(&g->nodes[i], nonnegative);
  for (int i = 0; i < g->n_nodes; i++) {
    const struct tetra_float_node *n = &g->nodes[i];
    for (int k = 0; k < 2; k++) {
      int *use = &p->use[i][k];
      *use = -1;
      if (n->in[k] < 0) continue;
      if (n->kind == TETRA_FLOAT_CONV)
        choose_bits(p, n, &p->weights[i].bits, use);
      else
        *use = operand_point(g, n, k);
      if (*use >= 0) mark(p, n->in[k], *use, nonnegative);
    }
  }
  if (!producer(g, g->output) || producer(g, g->output)->kind != TETRA_FLOAT_SOFTMAX)
    mark(p, g->output, POINT_8, nonnegative);
  return TETRA_OK;
}
