/* The self-test's networks, made by hand: random weights, factors that spread the codes over their range. */
#include "nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tetra/random.h"

enum { IMAGE_SIDE = 16, CHANNELS = 16, CLASSES = 10 };

static const struct fpga_net nets[] = {{"w8a8", 8, 8}, {"w4a8", 8, 4}, {"w8a4", 4, 8}, {"w4a4", 4, 4}};

const struct fpga_net *fpga_net(int i) { return i >= 0 && (size_t)i < sizeof nets / sizeof nets[0] ? &nets[i] : NULL; }

/* A network that is being built. */
struct builder {
  struct tetra_graph *g;
  const struct fpga_net *net;
  uint64_t random;
  int failed; /* no memory */
};

static int between(struct builder *b, int lo, int hi) {
  return lo + (int)(tetra_random(&b->random) % (uint64_t)(hi - lo + 1));
}

static int value_of(struct builder *b, const char *name, struct tetra_desc d) {
  const int v = tetra_graph_add_value(b->g, name, &d);
  if (v < 0) b->failed = 1;
  return v;
}

static struct tetra_window square(int k, int stride, int pad) {
  const struct tetra_window w = {k, k, stride, stride, 1, 1, {pad, pad, pad, pad}};
  return w;
}

/* Standard deviation of uniform codes. */
static double spread_of(int bits) { return bits == 8 ? 74 : 4.6; }

/* Multipliers near `factor`, a little different in each channel. */
static void set_scale(struct builder *b, struct tetra_requant_channel *ch, double factor) {
  int s = 30;
  while (s < 60 && ldexp(1.5, 30 - s) > factor) s++;
  ch->s = (uint8_t)s;
  ch->m = (1 << 30) + between(b, 0, (1 << 30) - 1);
}

/* Adds output o, whose codes spread over half of the format where the sums' standard deviation is `sums`. */
static void add_output(struct builder *b, struct tetra_op *op, struct tetra_desc d, double sums) {
  const int o = op->n_outputs++;
  char name[TETRA_NAME_MAX];
  snprintf(name, sizeof name, "%.40s:%d", op->name, o);
  op->output[o] = value_of(b, name, d);
  struct tetra_requant *q = &op->rq[o];
  *q = (struct tetra_requant){o == 0 ? TETRA_HALF_UP : TETRA_HALF_EVEN, d.zero_point, tetra_fmt_min(d.fmt),
                              tetra_fmt_max(d.fmt), calloc((size_t)d.c, sizeof *q->ch)};
  if (q->ch == NULL) {
    b->failed = 1;
    return;
  }
  for (int c = 0; c < d.c; c++) {
    set_scale(b, &q->ch[c], spread_of(tetra_fmt_bits(d.fmt)) / sums);
    q->ch[c].bias = between(b, -50, 50);
    if (op->residual < 0) continue;
    const int shift = q->ch[c].s > 24 ? q->ch[c].s - 24 : 0;
    q->ch[c].lr = (uint8_t)shift;
    q->ch[c].mr = (int32_t)ldexp(tetra_fmt_bits(d.fmt) == b->net->abits ? 0.5 : 8, q->ch[c].s - shift);
  }
}

static struct tetra_op start(const char *name, enum tetra_op_kind kind, int input, struct tetra_window win) {
  struct tetra_op op = {.kind = kind, .input = input, .residual = -1, .win = win, .groups = 1};
  snprintf(op.name, sizeof op.name, "%s", name);
  return op;
}

static void finish(struct builder *b, const struct tetra_op *op) {
  if (tetra_graph_add_op(b->g, op) < 0) b->failed = 1;
}

/* Fills a convolution's weights; returns the standard deviation of its sums. */
static double add_weights(struct builder *b, struct tetra_op *op, const struct tetra_desc *in, int cout) {
  op->cout = cout;
  op->wbits = b->net->wbits;
  op->pad_code = in->zero_point;
  const size_t taps = tetra_window_elements(&op->win, in->c);
  const int low = op->wbits == 8 ? -128 : -8;
  op->weights = malloc((size_t)cout * taps);
  if (op->weights == NULL) {
    b->failed = 1;
    return 1;
  }
  for (size_t i = 0; i < (size_t)cout * taps; i++) op->weights[i] = (int8_t)between(b, low, -low - 1);
  return spread_of(tetra_fmt_bits(in->fmt)) * spread_of(op->wbits) * sqrt((double)taps);
}

/* Shape and format of a value, copied: the array moves. */
static struct tetra_desc desc_of(const struct builder *b, int v) { return b->g->values[v].d; }

static struct tetra_desc shaped(struct builder *b, int side, int channels) {
  const int bits = b->net->abits;
  const struct tetra_desc d = {1, side, side, channels, tetra_fmt_of(bits, 0), bits == 8 ? 128 : 8, 0.25};
  return d;
}

static int add_stem(struct builder *b, int input) {
  const struct tetra_desc in = desc_of(b, input);
  struct tetra_op op = start("stem+pool", TETRA_CONV, input, square(3, 1, 1));
  op.pool = 1;
  op.pool_pad_top = op.pool_pad_left = 1;
  const double sums = add_weights(b, &op, &in, CHANNELS);
  add_output(b, &op, shaped(b, in.h / 2, CHANNELS), sums);
  finish(b, &op);
  return op.output[0];
}

/* residual: -1, or what is added; then the sum is written in 8 bits, too. */
static int add_conv(struct builder *b, const char *name, int input, int residual) {
  const struct tetra_desc in = desc_of(b, input);
  struct tetra_op op = start(name, TETRA_CONV, input, square(3, 1, 1));
  op.residual = residual;
  op.res_form = residual >= 0 ? TETRA_RES_JOINT : TETRA_RES_NONE;
  const double sums = add_weights(b, &op, &in, CHANNELS);
  const struct tetra_desc out = shaped(b, in.h, CHANNELS);
  add_output(b, &op, out, sums);
  if (residual >= 0) {
    struct tetra_desc wide = out;
    wide.fmt = TETRA_S8;
    wide.zero_point = 0;
    add_output(b, &op, wide, sums);
  }
  finish(b, &op);
  return op.output[0];
}

static int add_pool(struct builder *b, const char *name, enum tetra_op_kind kind, int input, struct tetra_window win,
                    double sums) {
  const struct tetra_desc in = desc_of(b, input);
  struct tetra_op op = start(name, kind, input, win);
  op.cout = in.c;
  op.pad_code = in.zero_point;
  add_output(b, &op, shaped(b, tetra_op_out_h(&op, in.h), in.c), sums);
  finish(b, &op);
  return op.output[0];
}

static int add_dense(struct builder *b, int input) {
  const struct tetra_desc in = desc_of(b, input);
  struct tetra_op op = start("dense", TETRA_CONV, input, tetra_window_pixel());
  const double sums = add_weights(b, &op, &in, CLASSES);
  struct tetra_desc out = shaped(b, 1, CLASSES);
  out.fmt = TETRA_S8;
  out.zero_point = 0;
  add_output(b, &op, out, sums);
  finish(b, &op);
  return op.output[0];
}

static int fill_image(struct builder *b, struct tetra_tensor *image, struct tetra_error *err) {
  const struct tetra_desc d = desc_of(b, b->g->input);
  const int rc = tetra_tensor_init(image, &d, err);
  if (rc != TETRA_OK) return rc;
  for (int y = 0; y < d.h; y++) {
    for (int x = 0; x < d.w; x++) {
      for (int c = 0; c < d.c; c++)
        tetra_tensor_set(image, 0, y, x, c, between(b, tetra_fmt_min(d.fmt), tetra_fmt_max(d.fmt)));
    }
  }
  return TETRA_OK;
}

int fpga_net_build(const struct fpga_net *net, struct tetra_graph *g, struct tetra_tensor *image,
                   struct tetra_error *err) {
  struct builder b = {g, net, (uint64_t)(net->abits * 16 + net->wbits), 0};
  const struct tetra_desc in = {1, IMAGE_SIDE, IMAGE_SIDE, 3, tetra_fmt_of(net->abits, 1), 0, 0.25};
  const double code = spread_of(net->abits);
  *g = (struct tetra_graph){0};
  *image = (struct tetra_tensor){0};
  snprintf(g->name, sizeof g->name, "%s", net->name);
  g->input = value_of(&b, "image", in);
  if (b.failed) return tetra_fail(err, TETRA_ENOMEM, "no memory for a network");
  const int stem = add_stem(&b, g->input);
  const int conv = b.failed ? 0 : add_conv(&b, "conv1", stem, -1);
  const int sum = b.failed ? 0 : add_conv(&b, "conv2+add", conv, stem);
  const int small = b.failed ? 0 : add_pool(&b, "maxpool", TETRA_MAXPOOL, sum, square(3, 2, 1), code);
  const int mean = b.failed ? 0 : add_pool(&b, "avgpool", TETRA_AVGPOOL, small, square(IMAGE_SIDE / 4, 1, 0), 4 * code);
  g->output = b.failed ? 0 : add_dense(&b, mean);
  if (b.failed) return tetra_fail(err, TETRA_ENOMEM, "no memory for a network");
  const int rc = tetra_graph_check(g, err);
  return rc == TETRA_OK ? fill_image(&b, image, err) : rc;
}
