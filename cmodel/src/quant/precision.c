/* The paper's precisions, from the list in their header. */
#include "tetra/precision.h"

#include <string.h>

#define NAME(e, separator, name, ew, ea, w, a) [e] = name,
static const char *const kNames[] = {TETRA_PRECISIONS(NAME)};
#undef NAME

#define BITS(e, separator, name, ew, ea, w, a) [e] = {ew, ea, w, a},
static const struct tetra_precision_bits kBits[] = {TETRA_PRECISIONS(BITS)};
#undef BITS

struct tetra_precision_bits tetra_bits_of_precision(enum tetra_precision p) {
  return kBits[p];
}

const char *tetra_precision_name(enum tetra_precision p) {
  return (int)p >= 0 && (int)p < TETRA_PRECISION_COUNT ? kNames[p] : NULL;
}

int tetra_precision_parse(const char *name) {
  for (int i = 0; name && i < TETRA_PRECISION_COUNT; i++) {
    if (strcmp(name, kNames[i]) == 0) return i;
  }
  return -1;
}

static const struct {
  const char *text;
  int weights, acts;
} kLayerBits[] = {{"w4a4", 4, 4}, {"w4a8", 4, 8}, {"w8a4", 8, 4}, {"w8a8", 8, 8}};

int tetra_layer_bits_parse(const char *text, struct tetra_layer_bits *b) {
  for (size_t i = 0; i < sizeof kLayerBits / sizeof *kLayerBits; i++) {
    if (strcmp(text, kLayerBits[i].text) != 0) continue;
    b->weights = kLayerBits[i].weights;
    b->acts = kLayerBits[i].acts;
    return 1;
  }
  return 0;
}

const char *tetra_layer_bits_text(const struct tetra_layer_bits *b) {
  return kLayerBits[2 * (b->weights == 8) + (b->acts == 8)].text;
}
