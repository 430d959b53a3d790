/* The trained network as an ONNX file. */
#include <string.h>

#include "exported.h"
#include "once.h"
#include "tetra/quantize.h"

/* A float network: weights and batch norms as they are. */
static int fill_float(struct tetra_train *t, struct tetra_arena *arena, struct tetra_bn **norms) {
  for (int i = 0; i < t->g.n_nodes; i++) {
    const struct train_layer *l = &t->layer[i];
    struct tetra_float_node *n = &t->g.nodes[i];
    if (!l->w.n) continue;
    n->w = t->param + l->w.at;
    n->bias = tetra_arena_alloc(arena, l->bias.n, sizeof *n->bias);
    if (!n->bias) return tetra_arena_failed(arena);
    for (size_t c = 0; c < l->bias.n; c++) n->bias[c] = (double)t->param[l->bias.at + c];
    if (!l->gamma.n) continue;
    const float *running = t->stats + l->running.at;
    norms[i] = tetra_arena_alloc(arena, l->gamma.n, sizeof **norms);
    if (!norms[i]) return tetra_arena_failed(arena);
    for (size_t c = 0; c < l->gamma.n; c++)
      norms[i][c] =
          (struct tetra_bn){t->param[l->gamma.at + c], t->param[l->bias.at + c], running[c], running[l->gamma.n + c]};
  }
  return TETRA_OK;
}

int tetra_train_export(struct tetra_train *t, uint8_t **bytes, size_t *size, struct tetra_error *err) {
  struct tetra_error own = {0, ""};
  struct tetra_arena arena = {.err = err ? err : &own, .budget = SIZE_MAX / 4};
  int rc = TETRA_OK;
  *bytes = NULL;
  if (t->o.method == TETRA_TRAIN_AQT && !t->frozen)
    return tetra_fail(err, TETRA_EINVAL, "bounds of activations are not frozen yet: train further, or freeze earlier");
  if (t->once) return train_once_write(t, bytes, size, err);
  if (t->quantized) {
    train_exported_fill(t);
    rc = tetra_plan_write(&arena, &t->exported, bytes, size);
  } else {
    struct tetra_bn **norms = tetra_arena_alloc(&arena, (size_t)t->g.n_nodes, sizeof(struct tetra_bn *));
    rc = norms ? fill_float(t, &arena, norms) : tetra_arena_failed(&arena);
    if (!rc) rc = tetra_float_write(&arena, &t->g, norms, bytes, size);
  }
  tetra_arena_free(&arena);
  return rc;
}
