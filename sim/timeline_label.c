/* Which layer and tile each command works for. A tile is what one STORE drains. */
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

static int make_lists(struct timeline *t, struct tetra_error *err) {
  const uint32_t n = t->plan->n_cmds;
  t->commands = malloc((n + 1) * sizeof *t->commands);
  t->load.cmds = malloc((n + 1) * sizeof *t->load.cmds);
  t->compute.cmds = malloc(2 * (n + 1) * sizeof *t->compute.cmds);
  t->store_events = malloc((n + 1) * sizeof *t->store_events);
  if (t->commands == NULL || t->load.cmds == NULL || t->compute.cmds == NULL || t->store_events == NULL) {
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a timeline of %u commands", n);
  }
  t->drain.cmds = t->store.cmds = t->compute.cmds + n + 1; /* the second half of that memory */
  return TETRA_OK;
}

/* Numbers each layer's STOREs; fills the engines' lists. */
static int number_stores(struct timeline *t, struct tetra_error *err) {
  uint32_t *tiles = calloc((size_t)t->g->n_ops + 1, sizeof *tiles);
  if (tiles == NULL) return tetra_fail(err, TETRA_ENOMEM, "no memory for a timeline of %d layers", t->g->n_ops);
  for (uint32_t i = 0; i < t->plan->n_cmds; i++) {
    const struct tetra_cmd *c = &t->plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP), layer = tetra_cmd_get(c, TETRA_F_LAYER);
    t->commands[i] = (struct timeline_command){(int32_t)layer, -1};
    if (op == TETRA_OP_LOAD || op == TETRA_OP_PACK) t->load.cmds[t->load.n++] = i;
    if (op == TETRA_OP_COMPUTE) t->compute.cmds[t->compute.n++] = i;
    if (op != TETRA_OP_STORE) continue;
    if (layer < (uint32_t)t->g->n_ops) t->commands[i].tile = (int32_t)tiles[layer]++;
    t->store.cmds[t->store.n++] = i;
  }
  t->drain.n = t->store.n;
  free(tiles);
  return TETRA_OK;
}

/* A COMPUTE fills what the next STORE of its accumulator buffer drains. */
static void label_computes(struct timeline *t) {
  int32_t tile[2] = {-1, -1};
  for (uint32_t i = t->plan->n_cmds; i-- > 0;) {
    const struct tetra_cmd *c = &t->plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP);
    if (op == TETRA_OP_STORE) tile[tetra_cmd_get(c, TETRA_F_STORE_ACC_BUF)] = t->commands[i].tile;
    if (op == TETRA_OP_COMPUTE) t->commands[i].tile = tile[tetra_cmd_get(c, TETRA_F_COMP_ACC_BUF)];
  }
}

/* A LOAD works for the first COMPUTE or STORE that waits for it, or for a LOAD or PACK after it. */
static void label_loads(struct timeline *t) {
  uint32_t seen = 0, labelled = 0; /* LOADs and PACKs */
  for (uint32_t i = 0; i < t->plan->n_cmds; i++) {
    const struct tetra_cmd *c = &t->plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP);
    if (op == TETRA_OP_LOAD || op == TETRA_OP_PACK) seen++;
    if (op != TETRA_OP_COMPUTE && op != TETRA_OP_STORE) continue;
    if ((tetra_cmd_get(c, TETRA_F_WAIT_EN) & 1) == 0) continue;
    const uint32_t behind = (seen - tetra_cmd_get(c, TETRA_F_WAIT_LOAD)) & 0xffff;
    for (; labelled + behind < seen; labelled++) t->commands[t->load.cmds[labelled]].tile = t->commands[i].tile;
  }
}

int timeline_label(struct timeline *t, struct tetra_error *err) {
  int rc = make_lists(t, err);
  if (rc == TETRA_OK) rc = number_stores(t, err);
  if (rc != TETRA_OK) return rc;
  label_computes(t);
  label_loads(t);
  return TETRA_OK;
}

void timeline_name(const struct timeline *t, uint32_t command, char *text, size_t size) {
  const struct timeline_command *c = &t->commands[command];
  const char *layer = c->layer >= 0 && c->layer < t->g->n_ops ? t->g->ops[c->layer].name : "?";
  if (c->tile < 0) {
    snprintf(text, size, "%s", layer);
  } else {
    snprintf(text, size, "%s tile %d", layer, (int)c->tile);
  }
}
