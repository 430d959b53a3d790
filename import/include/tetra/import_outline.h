/* Networks from files without their weights, for tetra/outline.h. */
#ifndef TETRA_IMPORT_OUTLINE_H
#define TETRA_IMPORT_OUTLINE_H

#include "tetra/import.h"
#include "tetra/outline.h"

#ifdef __cplusplus
extern "C" {
#endif

/* tetra_import_onnx of a file in which tensors may have data_location EXTERNAL: that data is not looked for. As a
 * convolution's weights such a tensor leaves those of the graph NULL, of as many bits as its type has; anywhere else it
 * is 0. m->graph is what tetra_graph_check_outline proves, and takes no time for weights. */
TETRA_NODISCARD int tetra_import_outline(const uint8_t *bytes, size_t size, const struct tetra_import_options *o,
                                         struct tetra_model *m, struct tetra_import_report *report,
                                         struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
