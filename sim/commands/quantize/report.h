/* What `./sim quantize` says. */
#ifndef TETRA_SIM_QUANTIZE_REPORT_H
#define TETRA_SIM_QUANTIZE_REPORT_H

#include <stdio.h>

#include "commands/quantize/compare.h"
#include "commands/quantize/options.h"
#include "commands/quantize/read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which images, which method; before the work, which may take a while. */
void quantize_print_header(const struct quantize_options *o, const struct quantize_images *images, FILE *out);
/* A line for every tensor and every layer's weights; then the agreement, and how to run the result. */
void quantize_print(const struct quantize_options *o, const struct quantize_images *images,
                    const struct tetra_quantize_report *r, const struct quantize_agreement *a, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
