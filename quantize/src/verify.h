/* Our own reader must take what was written. Private to the library. */
#ifndef TETRA_QUANT_VERIFY_H
#define TETRA_QUANT_VERIFY_H

#include "tetra/import.h"

/* What our reader refuses, the hardware cannot do: as tetra_import_onnx. */
TETRA_NODISCARD int quant_verify(const uint8_t *bytes, size_t size, struct tetra_import_report *refused,
                                 struct tetra_error *err);

#endif
