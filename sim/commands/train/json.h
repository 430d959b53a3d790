/* What `./sim train` found, as JSON. */
#ifndef TETRA_SIM_TRAIN_JSON_H
#define TETRA_SIM_TRAIN_JSON_H

#include "commands/train/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes o->json; docs/schema/train.schema.json describes it. `exported`: the epoch whose network was, -1: none.
 * TETRA_EIO, TETRA_ENOMEM. */
TETRA_NODISCARD int train_json(const struct train_run *r, int exported, struct tetra_error *err);

#ifdef __cplusplus
}
#endif
#endif
