/* ResNet v1.5 as in the paper's imagenet/models.py: stride in the 3x3, 'SAME' padding, projections where shapes change.
 */
#include "nets/resnet.h"
#include "tetra/ceil_div.h"

#include <stdio.h>
#include <string.h>

struct variant {
  const char *name;
  int blocks[RESNET_STAGES];
  int bottleneck;
};

static const struct variant kVariants[] = {
    {"resnet18", {2, 2, 2, 2}, 0},   {"resnet34", {3, 4, 6, 3}, 0},   {"resnet50", {3, 4, 6, 3}, 1},
    {"resnet101", {3, 4, 23, 3}, 1}, {"resnet152", {3, 8, 36, 3}, 1},
};
enum { kVariantCount = sizeof kVariants / sizeof kVariants[0] };

const char *tetra_network_name(int i) { return i >= 0 && i < kVariantCount ? kVariants[i].name : NULL; }

void tetra_network_defaults(struct tetra_network_options *o) {
  *o = (struct tetra_network_options){"resnet50", TETRA_W4A4_INIT8_DENSE8, 1.0, 1, 1, 224, 1, 128, 0};
}

static const struct variant *find_variant(const char *name) {
  for (int i = 0; name && i < kVariantCount; i++) {
    if (strcmp(name, kVariants[i].name) == 0) return &kVariants[i];
  }
  return NULL;
}

int resnet_check_options(const struct tetra_network_options *o, struct tetra_error *err) {
  if (!find_variant(o->network)) {
    return tetra_fail(err, TETRA_EINVAL,
                      "unknown network '%.40s': want resnet18, resnet34, resnet50, resnet101 or resnet152",
                      o->network ? o->network : "(none)");
  }
  if (!tetra_precision_name(o->precision)) {
    return tetra_fail(err, TETRA_EINVAL, "unknown precision %d: want " TETRA_PRECISION_NAMES, (int)o->precision);
  }
  if (!(o->width > 0 && o->width <= 4)) {
    return tetra_fail(err, TETRA_EINVAL, "width %g: want more than 0 and at most 4", o->width);
  }
  if ((int)(64 * o->width) < 1) {
    return tetra_fail(err, TETRA_EINVAL, "width %g gives no channels: want at least 1/64 (0.015625)", o->width);
  }
  if (o->batch < 1) return tetra_fail(err, TETRA_EINVAL, "batch %d: want 1 or more", o->batch);
  if (o->image_size < 32 || o->image_size > 512) {
    return tetra_fail(err, TETRA_EINVAL, "image size %d: want 32..512", o->image_size);
  }
  return TETRA_OK;
}

/* 'SAME': ceil(in / stride) outputs, and of an odd total the smaller half of the padding comes first. */
static int same_padding(int in, int k, int stride, int *before, int *after) {
  const int out = tetra_ceil_div(in, stride);
  const int total = (out - 1) * stride + k - in;
  *before = total > 0 ? total / 2 : 0;
  *after = total > 0 ? total - *before : 0;
  return out;
}

static struct resnet_conv make_conv(const char *name, enum resnet_role role, int k, int stride, int size, int cin,
                                    int cout) {
  struct resnet_conv c = {.role = role, .h = size, .w = size, .cin = cin, .cout = cout};
  snprintf(c.name, sizeof c.name, "%s", name);
  c.win = (struct tetra_window){k, k, stride, stride, 1, 1, {0, 0, 0, 0}};
  c.ho = same_padding(size, k, stride, &c.win.pad.top, &c.win.pad.bottom);
  c.wo = same_padding(size, k, stride, &c.win.pad.left, &c.win.pad.right);
  return c;
}

static struct resnet_conv make_stem(int size) {
  struct resnet_conv c = make_conv("stem", RESNET_STEM, 7, 2, size, 3, 64); /* 64 channels whatever the width */
  c.win.pad = (struct tetra_pads){3, 3, 3, 3};
  c.ho = c.wo = tetra_window_out_h(&c.win, size);
  return c;
}

static void make_block(struct resnet_block *b, int bottleneck, int stage, int index, int size, int cin, int filters) {
  const int stride = stage > 0 && index == 0 ? 2 : 1;
  const int cout = bottleneck ? 4 * filters : filters;
  char name[TETRA_NAME_MAX];
  memset(b, 0, sizeof *b);
  snprintf(b->name, sizeof b->name, "s%db%d", stage + 1, index + 1);
  b->first_in_stage = index == 0;
  b->n_convs = bottleneck ? 3 : 2;
  int c = cin, s = size;
  for (int i = 0; i < b->n_convs; i++) {
    const int last = i == b->n_convs - 1;
    const int k = bottleneck && i != 1 ? 1 : 3;
    const int strided = bottleneck ? i == 1 : i == 0; /* v1.5: the (first) 3x3 */
    snprintf(name, sizeof name, "%s.conv%d", b->name, i + 1);
    b->conv[i] =
        make_conv(name, last ? RESNET_LAST : RESNET_INNER, k, strided ? stride : 1, s, c, last ? cout : filters);
    c = b->conv[i].cout;
    s = b->conv[i].ho;
  }
  b->conv[0].reads_first = b->first_in_stage;
  b->has_proj = stride != 1 || cin != cout;
  if (b->has_proj) {
    snprintf(name, sizeof name, "%s.proj", b->name);
    b->proj = make_conv(name, RESNET_PROJ, 1, stride, size, cin, cout);
  }
}

void resnet_build(const struct tetra_network_options *o, struct resnet *net) {
  const struct variant *v = find_variant(o->network);
  memset(net, 0, sizeof *net);
  net->stem = make_stem(o->image_size);
  net->maxpool = make_conv("maxpool", RESNET_POOL, 3, 2, net->stem.ho, net->stem.cout, net->stem.cout);
  int size = net->maxpool.ho, c = net->stem.cout;
  for (int stage = 0; stage < RESNET_STAGES; stage++) {
    const int filters = (int)(64 * o->width * (1 << stage));
    for (int i = 0; i < v->blocks[stage]; i++) {
      struct resnet_block *b = &net->block[net->n_blocks++];
      make_block(b, v->bottleneck, stage, i, size, c, filters);
      size = b->conv[b->n_convs - 1].ho;
      c = b->conv[b->n_convs - 1].cout;
    }
  }
  net->dense = make_conv("dense", RESNET_DENSE, 1, 1, 1, c, RESNET_CLASSES);
}

struct resnet_formats resnet_formats(enum tetra_precision p) {
  const struct tetra_precision_bits b = tetra_bits_of_precision(p);
  return (struct resnet_formats){.image = tetra_fmt_of(b.outer_acts, 1),
                                 .first = tetra_fmt_of(b.acts, 1),
                                 .inner = tetra_fmt_of(b.acts, 0),
                                 .stream = TETRA_U8,
                                 .pooled = tetra_fmt_of(b.outer_acts, 0),
                                 .wbits_ends = b.outer_weights,
                                 .wbits = b.weights};
}

int resnet_wbits(const struct resnet_formats *f, const struct resnet_conv *c) {
  return c->role == RESNET_STEM || c->role == RESNET_DENSE ? f->wbits_ends : f->wbits;
}

enum tetra_fmt resnet_input_fmt(const struct resnet_formats *f, const struct resnet_conv *c) {
  if (c->role == RESNET_STEM) return f->image;
  if (c->role == RESNET_DENSE) return f->pooled;
  return c->reads_first ? f->first : f->inner;
}

const struct resnet_conv *resnet_conv_at(const struct resnet *net, int i) {
  if (i == 0) return &net->stem;
  i--;
  for (int b = 0; b < net->n_blocks; b++) {
    const struct resnet_block *blk = &net->block[b];
    if (i < blk->n_convs) return &blk->conv[i];
    i -= blk->n_convs;
    if (blk->has_proj && i-- == 0) return &blk->proj;
  }
  return i == 0 ? &net->dense : NULL;
}
