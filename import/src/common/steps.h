/* Rounding on the host. Private to the library. */
#ifndef TETRA_IMPORT_STEPS_H
#define TETRA_IMPORT_STEPS_H

#include "tetra/import.h"

/* x, in codes, and the zero point: ONNX's order and rounding for TETRA_INPUT_OF_FORMAT. */
float import_round(enum tetra_input_round round, float x, float zp);

#endif
