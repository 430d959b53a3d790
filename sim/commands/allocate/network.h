/* Bits for a network's layers. */
#ifndef TETRA_SIM_ALLOCATE_NETWORK_H
#define TETRA_SIM_ALLOCATE_NETWORK_H

#include "commands/allocate/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads network and images, measures, solves, reports, writes the files that the options name. TETRA_EIO, TETRA_EINVAL,
 * TETRA_ERANGE (budgets), TETRA_ENOMEM. */
TETRA_NODISCARD int allocate_network(const struct allocate_options *o, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
