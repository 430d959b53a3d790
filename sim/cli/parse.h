/* Values on command lines. */
#ifndef TETRA_SIM_PARSE_H
#define TETRA_SIM_PARSE_H

#include <stdint.h>

#include "tetra/precision.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All return TETRA_EINVAL with a message that names option, text and what is accepted; `option` is without its "--". */
TETRA_NODISCARD int sim_parse_refuse(const char *option, const char *text, const char *accepted,
                                     struct tetra_error *err);
/* A whole number in min..max, decimal digits only. */
TETRA_NODISCARD int sim_parse_uint(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value,
                                   struct tetra_error *err);
/* The same into an int, and into 32 bits; max must fit. */
TETRA_NODISCARD int sim_parse_int(const char *option, const char *text, int min, int max, int *value,
                                  struct tetra_error *err);
TETRA_NODISCARD int sim_parse_u32(const char *option, const char *text, uint32_t min, uint32_t max, uint32_t *value,
                                  struct tetra_error *err);
/* A decimal number; min itself is accepted only where min_ok. */
TETRA_NODISCARD int sim_parse_real(const char *option, const char *text, double min, int min_ok, double max,
                                   double *value, struct tetra_error *err);
/* One of the precisions by its name. */
TETRA_NODISCARD int sim_parse_precision(const char *text, enum tetra_precision *p, struct tetra_error *err);
/* An array's side: N or NxN. */
TETRA_NODISCARD int sim_parse_array(const char *text, unsigned *array, struct tetra_error *err);

/* A picture that a plot goes into, by its ending; *name is `text`. */
TETRA_NODISCARD int sim_parse_plot(const char *text, const char **name, struct tetra_error *err);

/* Names joined by ", ", cut where they do not fit; name(i) is NULL past the last. */
void sim_join_names(const char *(*name)(int), char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
