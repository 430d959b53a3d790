/* Writes stored plans (tetra/stored.h has the format and the reader). */
#ifndef TETRA_PLAN_STORE_H
#define TETRA_PLAN_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The stored form of a plan that tetra_compile made of *g, with constants of its own (weights_of was NULL): *bytes
 * (freed by the caller with free) are *size long. TETRA_EINVAL: a plan that is
 * timed only; TETRA_ERANGE: 4 GiB or more; TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_plan_store(const struct tetra_plan *plan, const struct tetra_graph *g, uint8_t **bytes,
                                     size_t *size, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
