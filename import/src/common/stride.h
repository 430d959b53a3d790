/* Strides that nothing takes. Private to the library. */
#ifndef TETRA_IMPORT_STRIDE_H
#define TETRA_IMPORT_STRIDE_H

#include "tetra/graph.h"

/* A stride beyond a side's only window, and a dilation of one element, change nothing: they become as small as that
 * allows, so that they do not exceed what the hardware has. `in` is the op's input. */
void import_trim_window(struct tetra_op *op, const struct tetra_desc *in);

#endif
