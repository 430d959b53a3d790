/* How full the buffers are while a plan runs. */
#ifndef TETRA_SIM_TIMELINE_FILL_H
#define TETRA_SIM_TIMELINE_FILL_H

#include <stdint.h>

#include "tetra/plan.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TIMELINE_BUFFERS = TETRA_BUF_PAR + 1 }; /* TETRA_BUF_ACT to TETRA_BUF_PAR */

/* A word is held from the end of the command that wrote it to the end of the last one that reads it before it is
 * overwritten: what each command adds when it ends, less what it lets go then, in words of N bytes. A word that nothing
 * reads is never held. Of a row of the image, PACK is taken to read all. */
struct timeline_fill {
  int32_t (*change)[TIMELINE_BUFFERS]; /* one per command of the plan; owned */
};

/* Freed with timeline_fill_free, also after TETRA_ENOMEM. */
TETRA_NODISCARD int timeline_fill_init(struct timeline_fill *f, const struct tetra_plan *plan, struct tetra_error *err);
void timeline_fill_free(struct timeline_fill *f);

#ifdef __cplusplus
}
#endif
#endif
