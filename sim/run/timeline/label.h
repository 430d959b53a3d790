/* Which layer and tile each command of a plan works for. A tile is what one STORE drains. */
#ifndef TETRA_SIM_TIMELINE_LABEL_H
#define TETRA_SIM_TIMELINE_LABEL_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/graph.h"
#include "tetra/plan.h"
#include "tetra/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where a command belongs. */
struct timeline_command {
  int32_t layer, tile; /* tile: number of the layer's STORE that it works for, -1: none */
};

/* A command stream's commands of one engine, in order. */
struct timeline_list {
  uint32_t *cmds; /* indices into the plan's */
  uint32_t n;
};

struct timeline_labels {
  const struct tetra_graph *g; /* borrowed, as is plan */
  const struct tetra_plan *plan;
  struct timeline_command *commands;         /* one per command of the plan */
  struct timeline_list load, compute, store; /* a STORE is the drain's command and the write engine's */
};

/* Freed with timeline_labels_free, also after TETRA_ENOMEM. */
TETRA_NODISCARD int timeline_labels_init(struct timeline_labels *l, const struct tetra_graph *g,
                                         const struct tetra_plan *plan, struct tetra_error *err);
void timeline_labels_free(struct timeline_labels *l);
/* "s1b1.conv1 tile 3", or without tile. */
void timeline_name(const struct timeline_labels *l, uint32_t command, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
