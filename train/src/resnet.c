/* ResNets as graphs: for small images a 3x3 stem and three stages of basic blocks; for photographs a 7x7 stem, a max
 * pool and four stages, of bottlenecks in deep ones; then the average of the plane and a dense layer. */
#include "resnet.h"

#include <stdio.h>

enum { MOST_STAGES = 4, NODES_PER_BLOCK = 8, NODES_OUTSIDE = 6, WIDER = 4 /* a bottleneck's output */ };

/* What the depth means. */
struct form {
  int stages, bottleneck, narrowest; /* channels of the first stage at width 1 */
  int blocks[MOST_STAGES];
};

static int form_of(const struct tetra_train_resnet *r, struct form *f) {
  static const struct {
    int depth, bottleneck, blocks[MOST_STAGES];
  } kPhotos[] = {{18, 0, {2, 2, 2, 2}},
                 {34, 0, {3, 4, 6, 3}},
                 {50, 1, {3, 4, 6, 3}},
                 {101, 1, {3, 4, 23, 3}},
                 {152, 1, {3, 8, 36, 3}}};
  const int n = (r->depth - 2) / 6;
  *f = (struct form){.stages = 3, .narrowest = 16, .blocks = {n, n, n}};
  if (!r->photos) return r->depth >= 8 && r->depth <= 110 && r->depth % 6 == 2;
  for (size_t i = 0; i < sizeof kPhotos / sizeof *kPhotos; i++) {
    if (kPhotos[i].depth != r->depth) continue;
    *f = (struct form){.stages = MOST_STAGES, .bottleneck = kPhotos[i].bottleneck, .narrowest = 64};
    for (int k = 0; k < MOST_STAGES; k++) f->blocks[k] = kPhotos[i].blocks[k];
    return 1;
  }
  return 0;
}

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

/* A convolution and its clamp. */
static int layer(struct tetra_float_graph *g, const char *prefix, int number, int in, int k, int stride, int cout) {
  char name[16];
  snprintf(name, sizeof name, "conv%d", number);
  const int y = convolution(g, prefix, name, in, k, stride, cout);
  if (y < 0) return -1;
  snprintf(name, sizeof name, "relu%d", number);
  return simple(g, TETRA_FLOAT_CLAMP, prefix, name, y, -1);
}

/* `width`: of the inner convolutions. */
static int block(struct tetra_float_graph *g, const struct tetra_train_resnet *r, const struct form *f, int stage,
                 int index, int in, int width) {
  char prefix[32];
  const int cout = f->bottleneck ? WIDER * width : width;
  const int stride = stage > 1 && index == 0 ? 2 : 1, changes = stride > 1 || cout != g->values[in].c;
  snprintf(prefix, sizeof prefix, "layer%d.%d.", stage, index);
  int shortcut = in, y = in;
  if (f->bottleneck) y = layer(g, prefix, 1, y, 1, 1, width);
  y = layer(g, prefix, f->bottleneck ? 2 : 1, y, 3, stride, width); /* as torchvision, the stride is the 3x3's */
  if (y < 0) return -1;
  if (changes && (r->projection || r->photos)) /* before the last convolution, whose sums stay open */
    shortcut = convolution(g, prefix, "shortcut", in, 1, stride, cout);
  else if (changes)
    shortcut = sampled(g, prefix, in, stride, cout);
  y = convolution(g, prefix, f->bottleneck ? "conv3" : "conv2", y, f->bottleneck ? 1 : 3, 1, cout);
  y = simple(g, TETRA_FLOAT_ADD, prefix, "add", y, shortcut);
  return simple(g, TETRA_FLOAT_CLAMP, prefix, f->bottleneck ? "relu3" : "relu2", y, -1);
}

/* The first layer, and of photographs the max pool. The stem is as wide as the first stage, so that a network of basic
 * blocks begins with an identity. */
static int stem(struct tetra_float_graph *g, const struct tetra_train_resnet *r, int width) {
  int v = convolution(g, "", "conv1", 0, r->photos ? 7 : 3, r->photos ? 2 : 1, width);
  if (v < 0) return -1;
  v = simple(g, TETRA_FLOAT_CLAMP, "", "relu", v, -1);
  if (!r->photos) return v;
  struct tetra_float_node *n = tetra_float_graph_add(g, TETRA_FLOAT_MAXPOOL, "maxpool", "maxpool", v, -1);
  n->win = (struct tetra_window){3, 3, 2, 2, 1, 1, {1, 1, 1, 1}};
  return tetra_float_shape(g, n) ? n->out : -1;
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
  struct form f;
  if (!form_of(r, &f))
    return tetra_fail(err, TETRA_EINVAL, "resnet%d: %s layers are accepted", r->depth,
                      r->photos ? "18, 34, 50, 101 or 152" : "8, 14, 20, ... 110 (6n + 2)");
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
  const int rc = check(r, arena->err);
  struct form f;
  if (rc || !form_of(r, &f)) return rc ? rc : TETRA_EINVAL;
  size_t nodes = NODES_OUTSIDE;
  for (int i = 0; i < f.stages; i++) nodes += (size_t)f.blocks[i] * NODES_PER_BLOCK;
  *g = (struct tetra_float_graph){.input_rank = 4};
  g->nodes = tetra_arena_alloc(arena, nodes, sizeof *g->nodes);
  g->values = tetra_arena_alloc(arena, nodes + 1, sizeof *g->values);
  if (!g->nodes || !g->values) return tetra_arena_failed(arena);
  g->values[0] = (struct tetra_float_value){.name = "image", .h = r->h, .w = r->w, .c = r->c, .producer = -1};
  g->n_values = 1;
  int v = stem(g, r, (int)(f.narrowest * r->width));
  for (int stage = 1; stage <= f.stages; stage++) {
    const int width = (int)(f.narrowest * r->width * (1 << (stage - 1)));
    for (int i = 0; i < f.blocks[stage - 1] && v >= 0; i++) v = block(g, r, &f, stage, i, v, width);
  }
  if (v < 0 || head(g, r, v) < 0)
    return tetra_fail(arena->err, TETRA_EINVAL, "images of %dx%d are too small for %d stages", r->h, r->w, f.stages);
  return TETRA_OK;
}
