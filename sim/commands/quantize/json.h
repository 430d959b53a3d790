/* What `./sim quantize` found, as JSON. */
#ifndef TETRA_SIM_QUANTIZE_JSON_H
#define TETRA_SIM_QUANTIZE_JSON_H

#include "commands/quantize/compare.h"
#include "commands/quantize/options.h"
#include "commands/quantize/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes o->json; docs/schema/quantize.schema.json describes it. TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int quantize_json(const struct quantize_options *o, const struct quantize_images *images,
                                  const struct tetra_quantize_report *r, const struct quantize_agreement *a,
                                  struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
