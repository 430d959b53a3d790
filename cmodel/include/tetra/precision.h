/* The paper's precisions: their names, and how many bits which layers have (a new one is a line here); and bits layer
 * by layer. */
#ifndef TETRA_PRECISION_H
#define TETRA_PRECISION_H

#include <stddef.h>

#include "tetra/graph.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, what stands before its name in a sentence, name on the command line, bits of the outer layers' weights
 * and activations, bits of the others' weights and activations). */
#define TETRA_PRECISIONS(X)               \
  X(TETRA_W8A8, "", "w8a8", 8, 8, 8, 8)   \
  X(TETRA_W4A8, ", ", "w4a8", 8, 8, 4, 8) \
  X(TETRA_W4A4, ", ", "w4a4", 4, 4, 4, 4) \
  X(TETRA_W4A4_INIT8_DENSE8, " or ", "w4a4-init8-dense8", 8, 8, 4, 4)

#define TETRA_PRECISION_ENUM(e, separator, name, ew, ea, w, a) e,
enum tetra_precision { TETRA_PRECISIONS(TETRA_PRECISION_ENUM) TETRA_PRECISION_COUNT };
#undef TETRA_PRECISION_ENUM

/* All names as a sentence has them, a string literal: "w8a8, w4a8, ... or ...". */
#define TETRA_PRECISION_NAMES TETRA_PRECISIONS(TETRA_PRECISION_TEXT)
#define TETRA_PRECISION_TEXT(e, separator, name, ew, ea, w, a) separator name

/* Bits, 4 or 8 each. Outer layers are those that read the image, and dense ones. What additions read is 8 bits in every
 * precision, and so is the network's output. */
struct tetra_precision_bits {
  int outer_weights, outer_acts;
  int weights, acts;
};
/* Of one of the precisions. */
struct tetra_precision_bits tetra_bits_of_precision(enum tetra_precision p);

/* The name on the command line; NULL where p is none. */
const char *tetra_precision_name(enum tetra_precision p);
/* The precision of that name, -1 where there is none or name is NULL. */
TETRA_NODISCARD int tetra_precision_parse(const char *name);

/* Bits of one convolution or dense layer, each 4 or 8: of its weights, and of what it reads. */
struct tetra_layer_bits {
  char name[TETRA_NAME_MAX]; /* as the network's file has it */
  int weights, acts;
};
/* Fills weights and acts from "w4a4", "w4a8", "w8a4" or "w8a8"; 0 where text is another, then they stay as they are. */
TETRA_NODISCARD int tetra_layer_bits_parse(const char *text, struct tetra_layer_bits *b);
/* The text of these bits. */
const char *tetra_layer_bits_text(const struct tetra_layer_bits *b);

#ifdef __cplusplus
}
#endif
#endif
