/* What becomes of deferred ops and views: factors, codes, values of their own. Private to the library. */
#ifndef TETRA_ONNX_SETTLE_H
#define TETRA_ONNX_SETTLE_H

#include "onnx/values.h"

/* A max-pool of codes is those codes: t, reals of one, becomes a view of what an op makes of it. Anything else, also a
 * pool that has been scaled since, stays as it is. */
TETRA_NODISCARD int onnx_settle_pool(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t);

/* Refused unless t is codes, or reals that are a view of codes; picked, clamped and padded ones get a value of their
 * own (`keep_padding`: not those that are only padded in height and width). */
TETRA_NODISCARD int onnx_need_view(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t,
                                   enum onnx_kind kind, int keep_padding);

/* The graph's output of what t shows, a whole view: a value that an op makes. A network of its input alone, or read
 * with another scale than it is written with, is copied by an op. */
TETRA_NODISCARD int onnx_output_value(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *t,
                                      int *value);

/* out = a * gain + shift per channel (a->c_ values each, or NULL). */
TETRA_NODISCARD int onnx_affine(struct onnx_reader *x, const struct onnx_node *n, const struct onnx_tensor *a,
                                const double *gain, const double *shift, struct onnx_tensor *out);
/* Codes of real tensor t as q says: out becomes ONNX_CODES (ONNX_SOFTMAX stays). */
TETRA_NODISCARD int onnx_quantize(struct onnx_reader *x, const struct onnx_node *n, struct onnx_tensor *t,
                                  const struct onnx_q *q, struct onnx_tensor *out);

/* The codes lo..hi that a graph value can have. */
void onnx_code_range(const struct onnx_reader *x, int value, int *lo, int *hi);
/* q without codes beyond lo..hi, in 4 bits where these hold what is left. TETRA_EINVAL where nothing is left. */
TETRA_NODISCARD int onnx_narrow(struct onnx_reader *x, const struct onnx_node *n, int lo, int hi, struct onnx_q *q);

/* out = p, quantized as q says at once. */
TETRA_NODISCARD int onnx_finish(struct onnx_reader *x, const struct onnx_node *n, struct onnx_deferred *p, int rank,
                                const struct onnx_q *q, struct onnx_tensor *out);

#endif
