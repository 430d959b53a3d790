/* ResNets for small images as graphs: a 3x3 stem, three stages of basic blocks, the average of the plane, a dense
 * layer. */
#include "resnet.h"

#include <stdio.h>

enum { STAGES = 3, NODES_PER_BLOCK = 6, NODES_OUTSIDE = 5, NARROWEST = 16 };

static int convolution(struct tetra_float_graph *g, const char *prefix, const char *name, int in, int k, int stride,
                       int cout) {
  char text[TETRA_NAME_MAX];
  snprintf(text, sizeof text, "%s%s", prefix, name);
  struct tetra_float_node *n = tetra_float_graph_add(g, TETRA_FLOAT_CONV, text, text, in, -1);
  n->win = (struct tetra_window){k, k, stride, stride, 1, 1, {k / 2, k / 2, k / 2, k / 2}};
  n->cin = g->values[in].c;
  n->cout = cout;
  return tetra_float_shape(g, n) ? n->out : -1;
}

static int simple(struct tetra_float_graph *g, enum tetra_float_kind kind, const char *prefix, const char *name, int a,
                  int b) {
  char text[TETRA_NAME_MAX];
  snprintf(text, sizeof text, "%s%s", prefix, name);
  struct tetra_float_node *n = tetra_float_graph_add(g, kind, text, text, a, b);
  if (kind == TETRA_FLOAT_CLAMP) n->lo = 0;
  (void)tetra_float_shape(g, n); /* nothing here has a window */
  return n->out;
}

/* Every `stride`th pixel, zeros for the new channels, half of them in front. */
static int sampled(struct tetra_float_graph *g, const char *prefix, int in, int stride, int cout) {
  char text[TETRA_NAME_MAX];
  snprintf(text, sizeof text, "%sshortcut", prefix);
  struct tetra_float_node *n = tetra_float_graph_add(g, TETRA_FLOAT_PICK, text, text, in, -1);
  const int more = cout - g->values[in].c;
  n->picks.y.step = n->picks.x.step = stride;
  n->c_before = more / 2;
  n->c_after = more - more / 2;
  (void)tetra_float_shape(g, n);
  return n->out;
}

static int block(struct tetra_float_graph *g, const struct tetra_train_resnet *r, int stage, int index, int in,
                 int cout) {
  char prefix[32];
  const int stride = stage > 1 && index == 0 ? 2 : 1, changes = stride > 1 || cout != g->values[in].c;
  snprintf(prefix, sizeof prefix, "layer%d.%d.", stage, index);
  int shortcut = in;
  int y = convolution(g, prefix, "conv1", in, 3, stride, cout);
  if (y < 0) return -1;
  y = simple(g, TETRA_FLOAT_CLAMP, prefix, "relu1", y, -1);
  if (changes && r->projection) /* before the last convolution, whose sums stay open */
    shortcut = convolution(g, prefix, "shortcut", in, 1, stride, cout);
  else if (changes)
    shortcut = sampled(g, prefix, in, stride, cout);
  y = convolution(g, prefix, "conv2", y, 3, 1, cout);
  y = simple(g, TETRA_FLOAT_ADD, prefix, "add", y, shortcut);
  return simple(g, TETRA_FLOAT_CLAMP, prefix, "relu2", y, -1);
}

static int head(struct tetra_float_graph *g, const struct tetra_train_resnet *r, int v) {
  struct tetra_float_node *n = tetra_float_graph_add(g, TETRA_FLOAT_AVGPOOL, "avgpool", "avgpool", v, -1);
  n->win.kh = g->values[v].h;
  n->win.kw = g->values[v].w;
  if (!tetra_float_shape(g, n)) return -1;
  v = simple(g, TETRA_FLOAT_FLATTEN, "", "flatten", n->out, -1);
  n = tetra_float_graph_add(g, TETRA_FLOAT_CONV, "linear", "logits", v, -1);
  n->dense = 1;
  n->cin = g->values[v].c;
  n->cout = r->classes;
  g->output = n->out;
  g->values[n->out].n_uses++;
  return tetra_float_shape(g, n) ? n->out : -1;
}

static int check(const struct tetra_train_resnet *r, struct tetra_error *err) {
  if (r->depth < 8 || r->depth > 110 || r->depth % 6 != 2)
    return tetra_fail(err, TETRA_EINVAL, "resnet%d: 8, 14, 20, ... 110 layers (6n + 2) are accepted", r->depth);
  if (!(r->width >= 1.0 / 16 && r->width <= 16))
    return tetra_fail(err, TETRA_EINVAL, "width %g: 0.0625 to 16 are accepted", r->width);
  if (r->classes < 2 || r->classes > 100000)
    return tetra_fail(err, TETRA_EINVAL, "%d classes: 2 to 100000 are accepted", r->classes);
  if (r->h < 4 || r->w < 4 || r->h > 1024 || r->w > 1024 || r->c < 1 || r->c > 64)
    return tetra_fail(err, TETRA_EINVAL, "images of %dx%dx%d: sides of 4 to 1024 and 1 to 64 channels are accepted",
                      r->h, r->w, r->c);
  return TETRA_OK;
}

int train_resnet_graph(struct tetra_arena *arena, const struct tetra_train_resnet *r, struct tetra_float_graph *g) {
  const int rc = check(r, arena->err), blocks = (r->depth - 2) / 6;
  if (rc) return rc;
  const size_t nodes = (size_t)STAGES * (size_t)blocks * NODES_PER_BLOCK + NODES_OUTSIDE;
  *g = (struct tetra_float_graph){.input_rank = 4};
  g->nodes = tetra_arena_alloc(arena, nodes, sizeof *g->nodes);
  g->values = tetra_arena_alloc(arena, nodes + 1, sizeof *g->values);
  if (!g->nodes || !g->values) return tetra_arena_failed(arena);
  g->values[0] = (struct tetra_float_value){.name = "image", .h = r->h, .w = r->w, .c = r->c, .producer = -1};
  g->n_values = 1;
  /* The stem is as wide as the first stage, so that this begins with an identity. */
  const int narrowest = (int)(NARROWEST * r->width);
  int v = simple(g, TETRA_FLOAT_CLAMP, "", "relu", convolution(g, "", "conv1", 0, 3, 1, narrowest), -1);
  for (int stage = 1; stage <= STAGES; stage++) {
    const int cout = (int)(NARROWEST * r->width * (1 << (stage - 1)));
    for (int i = 0; i < blocks && v >= 0; i++) v = block(g, r, stage, i, v, cout);
  }
  if (v < 0 || head(g, r, v) < 0)
    return tetra_fail(arena->err, TETRA_EINVAL, "images of %dx%d are too small for three stages", r->h, r->w);
  return TETRA_OK;
}
