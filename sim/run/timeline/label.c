/* Labels commands with layer and tile, from the order of the stream and the tokens that commands wait for. */
#include "run/timeline/label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make_lists(struct timeline_labels *t, struct tetra_error *err) {
  const size_t n = (size_t)t->plan->n_cmds + 1;
  t->commands = malloc(n * sizeof *t->commands);
  t->load.cmds = malloc(n * sizeof *t->load.cmds);
  t->compute.cmds = malloc(n * sizeof *t->compute.cmds);
  t->store.cmds = malloc(n * sizeof *t->store.cmds);
  if (t->commands == NULL || t->load.cmds == NULL || t->compute.cmds == NULL || t->store.cmds == NULL) {
    return tetra_fail(err, TETRA_ENOMEM, "no memory for a timeline of %u commands", t->plan->n_cmds);
  }
  return TETRA_OK;
}

/* Numbers each layer's STOREs; fills the engines' lists. */
static int number_stores(struct timeline_labels *t, struct tetra_error *err) {
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
  free(tiles);
  return TETRA_OK;
}

/* A COMPUTE fills what the next STORE of its accumulator buffer drains. */
static void label_computes(struct timeline_labels *t) {
  int32_t tile[2] = {-1, -1};
  for (uint32_t i = t->plan->n_cmds; i-- > 0;) {
    const struct tetra_cmd *c = &t->plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP);
    if (op == TETRA_OP_STORE) tile[tetra_cmd_get(c, TETRA_F_STORE_ACC_BUF)] = t->commands[i].tile;
    if (op == TETRA_OP_COMPUTE) t->commands[i].tile = tile[tetra_cmd_get(c, TETRA_F_COMP_ACC_BUF)];
  }
}

static int uses_loads(const struct tetra_cmd *c) {
  const uint32_t op = tetra_cmd_get(c, TETRA_F_OP);
  return op == TETRA_OP_COMPUTE || op == TETRA_OP_STORE;
}

/* For each LOAD and PACK, in order, the first command that cannot start before it is complete. */
static void find_waiters(const struct timeline_labels *t, uint32_t *waiter) {
  uint32_t seen = 0, found = 0;
  for (uint32_t i = 0; i < t->plan->n_cmds; i++) {
    const struct tetra_cmd *c = &t->plan->cmds[i];
    const uint32_t op = tetra_cmd_get(c, TETRA_F_OP);
    if (op == TETRA_OP_LOAD || op == TETRA_OP_PACK) seen++;
    if (!uses_loads(c) || (tetra_cmd_get(c, TETRA_F_WAIT_EN) & 1) == 0) continue;
    const uint32_t behind = (seen - tetra_cmd_get(c, TETRA_F_WAIT_LOAD)) & 0xffff;
    while (found + behind < seen) waiter[found++] = i;
  }
  while (found < t->load.n) waiter[found++] = UINT32_MAX;
}

/* A LOAD works for the first COMPUTE or STORE of its layer from its waiter on; the waiter itself may be another
 * layer's, which waits for a later LOAD and so for this one. */
static int label_loads(struct timeline_labels *t, struct tetra_error *err) {
  uint32_t *waiter = malloc(((size_t)t->load.n + 1) * sizeof *waiter);
  int32_t *tile = malloc(((size_t)t->g->n_ops + 1) * sizeof *tile);
  if (waiter != NULL && tile != NULL) {
    uint32_t k = t->load.n;
    find_waiters(t, waiter);
    for (int i = 0; i < t->g->n_ops; i++) tile[i] = -1;
    while (k > 0 && waiter[k - 1] == UINT32_MAX) k--;
    for (uint32_t i = t->plan->n_cmds; i-- > 0;) {
      const struct timeline_command *c = &t->commands[i];
      if (uses_loads(&t->plan->cmds[i]) && c->layer < t->g->n_ops) tile[c->layer] = c->tile;
      for (; k > 0 && waiter[k - 1] == i; k--) {
        struct timeline_command *load = &t->commands[t->load.cmds[k - 1]];
        if (load->layer < t->g->n_ops) load->tile = tile[load->layer];
      }
    }
  }
  const int rc = waiter != NULL && tile != NULL
                     ? TETRA_OK
                     : tetra_fail(err, TETRA_ENOMEM, "no memory for a timeline of %u loads", t->load.n);
  free(waiter);
  free(tile);
  return rc;
}

int timeline_labels_init(struct timeline_labels *t, const struct tetra_graph *g, const struct tetra_plan *plan,
                         struct tetra_error *err) {
  *t = (struct timeline_labels){.g = g, .plan = plan};
  int rc = make_lists(t, err);
  if (rc == TETRA_OK) rc = number_stores(t, err);
  if (rc != TETRA_OK) return rc;
  label_computes(t);
  return label_loads(t, err);
}

void timeline_labels_free(struct timeline_labels *t) {
  free(t->commands);
  free(t->load.cmds);
  free(t->compute.cmds);
  free(t->store.cmds);
  memset(t, 0, sizeof *t);
}

void timeline_name(const struct timeline_labels *t, uint32_t command, char *text, size_t size) {
  const struct timeline_command *c = &t->commands[command];
  const char *layer = c->layer >= 0 && c->layer < t->g->n_ops ? t->g->ops[c->layer].name : "?";
  if (c->tile < 0) {
    snprintf(text, size, "%s", layer);
  } else {
    snprintf(text, size, "%s tile %d", layer, (int)c->tile);
  }
}
