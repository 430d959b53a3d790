/* Bits layer by layer: do they fit the network? */
#include <string.h>

#include "ptq/quantizer.h"

const struct tetra_layer_bits *quant_find_bits(const struct tetra_quantize_options *o, const char *name) {
  for (int i = 0; i < o->n_bits; i++)
    if (strcmp(o->bits[i].name, name) == 0) return &o->bits[i];
  return NULL;
}

static int is_layer(const struct tetra_float_node *n) { return n->kind == TETRA_FLOAT_CONV; }

/* The layer that is nearest to a name that is none: the longest common beginning. */
static const char *nearest(const struct tetra_float_graph *g, const char *name) {
  const char *best = "";
  size_t most = 0;
  for (int i = 0; i < g->n_nodes; i++) {
    if (!is_layer(&g->nodes[i])) continue;
    size_t same = 0;
    while (name[same] && name[same] == g->nodes[i].name[same]) same++;
    if (*best && same <= most) continue;
    most = same;
    best = g->nodes[i].name;
  }
  return best;
}

static int count_layers(const struct tetra_float_graph *g, const char *name) {
  int count = 0;
  for (int i = 0; i < g->n_nodes; i++) count += is_layer(&g->nodes[i]) && strcmp(g->nodes[i].name, name) == 0;
  return count;
}

static int check_entry(const struct tetra_float_graph *g, const struct tetra_quantize_options *o, int i,
                       struct tetra_error *err) {
  const struct tetra_layer_bits *b = &o->bits[i];
  const int count = count_layers(g, b->name);
  if (quant_find_bits(o, b->name) != b)
    return tetra_fail(err, TETRA_EINVAL, "bits: layer '%s' is there twice", b->name);
  if ((b->weights != 4 && b->weights != 8) || (b->acts != 4 && b->acts != 8))
    return tetra_fail(err, TETRA_EINVAL, "bits: layer '%s' has %d-bit weights and %d-bit inputs, must be 4 or 8 each",
                      b->name, b->weights, b->acts);
  if (count == 0)
    return tetra_fail(err, TETRA_EINVAL,
                      "bits: the network has no convolution or dense layer '%s'; the nearest is '%s'", b->name,
                      nearest(g, b->name));
  if (count > 1)
    return tetra_fail(err, TETRA_EINVAL, "bits: the network has %d layers '%s'; names must tell layers apart", count,
                      b->name);
  return TETRA_OK;
}

int quant_check_bits(const struct tetra_float_graph *g, const struct tetra_quantize_options *o,
                     struct tetra_error *err) {
  for (int i = 0; i < o->n_bits; i++) {
    const int rc = check_entry(g, o, i, err);
    if (rc) return rc;
  }
  for (int i = 0; i < g->n_nodes; i++)
    if (is_layer(&g->nodes[i]) && !quant_find_bits(o, g->nodes[i].name))
      return tetra_fail(err, TETRA_EINVAL, "bits: nothing is said of layer '%s'; every layer needs its bits",
                        g->nodes[i].name);
  return TETRA_OK;
}
