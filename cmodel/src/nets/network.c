/* Built-in networks: the walk over stem, blocks and dense, quantized (the graph) or in float (its reference). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nets/calibrate.h"
#include "nets/image.h"
#include "nets/synth.h"
#include "tetra/float_net.h"
#include "tetra/quantize.h"
#include "tetra/ceil_div.h"

/* A block's input in the one or two formats its readers want. */
struct stream {
  struct operand t[TETRA_MAX_OUTPUTS];
  int n;
};

static void stream_free(struct stream *s) {
  for (int i = 0; i < s->n; i++) operand_free(&s->t[i]);
  s->n = 0;
}

/* conv1 reads t[0]; the projection or the identity shortcut reads the last. */
static struct operand *shortcut_of(struct stream *s) { return &s->t[s->n - 1]; }

/* What the op before `next` (NULL: the average pool) must write. */
static struct finish finish_for(const struct builder *b, const struct resnet_block *next) {
  struct finish f = {.relu = 1, .n_outputs = 1, .headroom = 1.0f, .fmt = {TETRA_U8, TETRA_U8}};
  if (!next) return f;
  f.fmt[0] = resnet_input_fmt(&b->fmts, &next->conv[0]);
  f.fmt[1] = next->has_proj ? resnet_input_fmt(&b->fmts, &next->proj) : b->fmts.stream;
  f.n_outputs = f.fmt[0] == f.fmt[1] ? 1 : 2;
  return f;
}

/* A convolution with one output. */
static int conv_layer(struct builder *b, const struct resnet_conv *c, const struct operand *in, enum tetra_fmt fmt,
                      int relu, struct operand *out) {
  const struct finish f = {.relu = relu, .n_outputs = 1, .headroom = 1.0f, .fmt = {fmt}};
  struct pending p;
  const int rc = step_conv(b, c, in, &p);
  return rc == TETRA_OK ? step_finish(b, &p, &f, out) : rc;
}

/* All convolutions of a block but the last; *x is the last one's input. */
static int block_inner(struct builder *b, const struct resnet_block *blk, const struct operand *in, struct operand *x) {
  for (int i = 0; i < blk->n_convs - 1; i++) {
    struct operand y;
    const int rc = conv_layer(b, &blk->conv[i], i == 0 ? in : x, b->fmts.inner, 1, &y);
    if (i > 0) operand_free(x);
    if (rc != TETRA_OK) return rc;
    *x = y;
  }
  return TETRA_OK;
}

/* The last convolution, the addition and the ReLU, as one op or as two. */
static int block_last(struct builder *b, const struct resnet_block *blk, const struct operand *x,
                      const struct operand *residual, const struct resnet_block *next, struct stream *out) {
  const struct resnet_conv *c = &blk->conv[blk->n_convs - 1];
  struct finish f = finish_for(b, next);
  struct operand pre = {.value = -1};
  struct pending p;
  int rc;
  f.residual = residual;
  if (b->o->fuse) {
    rc = step_conv(b, c, x, &p);
    if (rc == TETRA_OK) snprintf(p.op.name, sizeof p.op.name, "%.50s+add", c->name);
  } else {
    char name[TETRA_NAME_MAX];
    snprintf(name, sizeof name, "%s.add", blk->name);
    rc = conv_layer(b, c, x, TETRA_S8, 0, &pre);
    if (rc == TETRA_OK) rc = step_add(b, name, &pre, &p);
  }
  if (rc == TETRA_OK) rc = step_finish(b, &p, &f, out->t);
  if (rc == TETRA_OK) out->n = f.n_outputs;
  operand_free(&pre);
  return rc;
}

/* Replaces *s, the block's input, by its output. */
static int run_block(struct builder *b, const struct resnet_block *blk, const struct resnet_block *next,
                     struct stream *s) {
  struct operand x = {.value = -1}, proj = {.value = -1};
  struct stream out = {.n = 0};
  int rc = block_inner(b, blk, &s->t[0], &x);
  if (rc == TETRA_OK && blk->has_proj) rc = conv_layer(b, &blk->proj, shortcut_of(s), TETRA_S8, 0, &proj);
  if (rc == TETRA_OK) rc = block_last(b, blk, &x, blk->has_proj ? &proj : shortcut_of(s), next, &out);
  operand_free(&x);
  operand_free(&proj);
  stream_free(s);
  *s = out;
  return rc;
}

/* Stem and max-pool, as one op or as two. */
static int run_head(struct builder *b, const struct operand *image, struct stream *s) {
  const struct finish f = finish_for(b, &b->net.block[0]);
  struct operand x = {.value = -1};
  struct pending p;
  int rc;
  if (b->quantize && b->o->fuse && b->net.stem.wo <= b->o->pool_cols) {
    rc = step_stem_pool(b, image, &p);
    if (rc == TETRA_OK) rc = step_finish(b, &p, &f, s->t);
    if (rc == TETRA_OK) s->n = f.n_outputs;
    return rc;
  }
  rc = conv_layer(b, &b->net.stem, image, TETRA_U8, 1, &x);
  if (rc != TETRA_OK) return rc;
  rc = step_maxpool(b, &x, &p);
  if (rc == TETRA_OK) rc = step_finish(b, &p, &f, s->t);
  if (rc == TETRA_OK) s->n = f.n_outputs;
  operand_free(&x);
  return rc;
}

/* Average pool and dense; *logits is the network's output. Images other than those of calibration may give larger
 * logits, hence a headroom of a quarter. */
static int run_tail(struct builder *b, const struct operand *in, struct operand *logits) {
  const struct finish pooled = {.n_outputs = 1, .headroom = 1.0f, .fmt = {b->fmts.pooled}};
  const struct finish last = {.n_outputs = 1, .headroom = 1.25f, .fmt = {TETRA_S8}};
  struct operand x;
  struct pending p;
  int rc = step_avgpool(b, in, &p);
  if (rc == TETRA_OK) rc = step_finish(b, &p, &pooled, &x);
  if (rc != TETRA_OK) return rc;
  rc = step_conv(b, &b->net.dense, &x, &p);
  if (rc == TETRA_OK) rc = step_finish(b, &p, &last, logits);
  operand_free(&x);
  return rc;
}

static int walk(struct builder *b, const struct operand *image, struct operand *logits) {
  struct stream s = {.n = 0};
  int rc = run_head(b, image, &s);
  for (int i = 0; i < b->net.n_blocks && rc == TETRA_OK; i++) {
    rc = run_block(b, &b->net.block[i], i + 1 < b->net.n_blocks ? &b->net.block[i + 1] : NULL, &s);
  }
  if (rc == TETRA_OK) rc = run_tail(b, &s.t[0], logits);
  stream_free(&s);
  return rc;
}

int tetra_calibration_images(int image_size) {
  int last = image_size; /* side of the last stage: five halvings, each rounded up */
  for (int i = 0; i < 5; i++) last = (last + 1) / 2;
  return tetra_ceil_div(49, last * last);
}

void tetra_calibration_image(const struct tetra_network_options *o, int i, uint8_t *rgb) {
  char name[32];
  snprintf(name, sizeof name, "calibration %d", i);
  struct synth s = synth_open(o->seed, name);
  tetra_synthetic_image(i == 0 ? o->seed : synth_next(&s), o->image_size, rgb);
}

/* The calibration images followed by `extra` (n of them), normalized. */
static int load_images(struct builder *b, const uint8_t *extra, int n, struct ftensor *t) {
  const int size = b->o->image_size;
  const size_t bytes = (size_t)size * (size_t)size * 3;
  float levels[3][256];
  uint8_t *rgb = malloc(bytes);
  if (!rgb) return tetra_fail(b->err, TETRA_ENOMEM, "no memory for a calibration image");
  const int rc = ftensor_init(t, b->n_cal + n, size, size, 3, b->err);
  tetra_image_levels(levels);
  for (int i = 0; rc == TETRA_OK && i < b->n_cal + n; i++) {
    const uint8_t *src = i < b->n_cal ? rgb : extra + (size_t)(i - b->n_cal) * bytes;
    if (i < b->n_cal) tetra_calibration_image(b->o, i, rgb);
    for (size_t k = 0; k < bytes; k++) t->v[(size_t)i * bytes + k] = levels[k % 3][src[k]];
  }
  free(rgb);
  return rc;
}

/* The graph's input; its bound is what a normalized pixel can be, so it fits every image. */
static int quantize_input(struct builder *b, struct operand *image) {
  const int size = b->o->image_size;
  const float s = tetra_aqt_scale(b->fmts.image, tetra_image_bound());
  image->fmt = b->fmts.image;
  image->scale = 1.0 / (double)s;
  tetra_aqt_quantize_n(image->fmt, s, image->codes.v, ftensor_size(&image->codes), image->codes.v);
  const struct tetra_desc d = {b->o->batch, size, size, 3, image->fmt, 0, image->scale};
  image->value = tetra_graph_add_value(b->g, "image", &d);
  if (image->value < 0) return tetra_fail(b->err, TETRA_ENOMEM, "no memory for the graph");
  b->g->values[image->value].producer = -1;
  b->g->input = image->value;
  return TETRA_OK;
}

static int start(struct builder *b, const struct tetra_network_options *o, struct tetra_error *err) {
  int rc = resnet_check_options(o, err);
  memset(b, 0, sizeof *b);
  if (rc != TETRA_OK) return rc;
  b->o = o;
  b->err = err;
  b->fmts = resnet_formats(o->precision);
  b->n_cal = tetra_calibration_images(o->image_size);
  resnet_build(o, &b->net);
  rc = tetra_kernel_find(NULL, &b->kernel, err);
  return rc == TETRA_OK ? tetra_crew_open(&b->crew, o->threads, err) : rc;
}

static int build(const struct tetra_network_options *o, int shapes_only, struct tetra_graph *g,
                 struct tetra_error *err) {
  struct builder b;
  struct operand image = {.value = -1}, logits = {.value = -1};
  memset(g, 0, sizeof *g);
  int rc = start(&b, o, err);
  if (rc != TETRA_OK) return rc;
  if (shapes_only) b.n_cal = 0;
  b.quantize = 1;
  b.g = g;
  snprintf(g->name, sizeof g->name, "%s", o->network);
  rc = load_images(&b, NULL, 0, &image.codes);
  if (rc == TETRA_OK) rc = quantize_input(&b, &image);
  if (rc == TETRA_OK) rc = walk(&b, &image, &logits);
  g->output = logits.value;
  operand_free(&image);
  operand_free(&logits);
  tetra_crew_close(&b.crew);
  if (rc == TETRA_OK) rc = tetra_graph_check(g, err);
  if (rc != TETRA_OK) tetra_graph_free(g);
  return rc;
}

int tetra_network_build(const struct tetra_network_options *o, struct tetra_graph *g, struct tetra_error *err) {
  return build(o, 0, g, err);
}

int tetra_network_build_shapes(const struct tetra_network_options *o, struct tetra_graph *g, struct tetra_error *err) {
  return build(o, 1, g, err);
}

int tetra_float_logits(const struct tetra_network_options *o, const uint8_t *rgb, int n, float *logits,
                       struct tetra_error *err) {
  struct tetra_network_options plain = *o;
  struct builder b;
  struct operand image = {.scale = 1.0, .value = -1}, out = {.value = -1};
  plain.batch = plain.fuse = 1;
  if (n < 1) return tetra_fail(err, TETRA_EINVAL, "%d images: want 1 or more", n);
  int rc = start(&b, &plain, err);
  if (rc != TETRA_OK) return rc;
  rc = load_images(&b, rgb, n, &image.codes);
  if (rc == TETRA_OK) rc = walk(&b, &image, &out);
  if (rc == TETRA_OK) {
    const size_t classes = (size_t)out.codes.c;
    memcpy(logits, out.codes.v + (size_t)b.n_cal * classes, (size_t)n * classes * sizeof *logits);
  }
  operand_free(&image);
  operand_free(&out);
  tetra_crew_close(&b.crew);
  return rc;
}
