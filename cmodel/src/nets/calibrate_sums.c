/* Products of the calibration run by the fast path's kernels, and its loops over pixels shared among threads. What a
 * thread computes does not depend on what the others do, and nothing is added up across pieces. */
#include "nets/calibrate_sums.h"
#include "tetra/ceil_div.h"

struct share {
  size_t n, piece;
  void (*work)(void *arg, size_t first, size_t end, int worker);
  void *arg;
};

static void piece(void *arg, int i, int worker) {
  const struct share *s = arg;
  const size_t first = (size_t)i * s->piece;
  s->work(s->arg, first, s->n - first < s->piece ? s->n : first + s->piece, worker);
}

void calibrate_share(struct builder *b, size_t n, size_t least,
                     void (*work)(void *arg, size_t first, size_t end, int worker), void *arg) {
  struct share s = {n, n / (4 * (size_t)b->crew.count) + 1, work, arg};
  if (s.piece < least) s.piece = least;
  tetra_threads_run(b->crew.threads, (int)tetra_ceil_div_size(n, s.piece), piece, &s);
}

void calibrate_pack(enum tetra_fmt fmt, const float *codes, int n, uint8_t *out) {
  if (tetra_fmt_bits(fmt) == 8) {
    for (int i = 0; i < n; i++) out[i] = (uint8_t)(int)codes[i];
    return;
  }
  for (int i = 0; i < n; i += 2) {
    const int high = i + 1 < n ? (int)codes[i + 1] : 0;
    out[i / 2] = (uint8_t)(((int)codes[i] & 15) | (high & 15) << 4);
  }
}

struct packing {
  const struct operand *from;
  struct tetra_tensor *to;
};

static void pack_pixels(void *arg, size_t first, size_t end, int worker) {
  const struct packing *p = arg;
  const int c = p->from->codes.c;
  (void)worker;
  for (size_t i = first; i < end; i++)
    calibrate_pack(p->from->fmt, p->from->codes.v + i * (size_t)c, c, p->to->data + i * p->to->pixel_bytes);
}

int calibrate_sums(struct builder *b, const struct tetra_op *op, const struct operand *in, const struct resnet_conv *c,
                   struct ftensor *out) {
  const struct ftensor *x = &in->codes;
  const struct tetra_desc d = {x->n, x->h, x->w, x->c, in->fmt, 0, 1.0};
  struct tetra_tensor codes, shape = {.d = {x->n, c->ho, c->wo, c->cout, TETRA_S8, 0, 1.0}};
  struct tetra_fast_op f = {0};
  int rc = tetra_tensor_init(&codes, &d, b->err);
  if (rc != TETRA_OK) return rc;
  struct packing packing = {in, &codes};
  calibrate_share(b, ftensor_pixels(x), 64, pack_pixels, &packing);
  const struct tetra_op_io io = {.op = op, .in = &codes, .out = {&shape}};
  rc = tetra_fast_op_init(&f, b->kernel, &io, b->err);
  if (rc == TETRA_OK) rc = ftensor_init(out, x->n, c->ho, c->wo, c->cout, b->err);
  if (rc == TETRA_OK && tetra_fast_sums(&f, &io, &b->crew, out->v) != TETRA_OK) {
    ftensor_free(out);
    rc = tetra_fail(b->err, TETRA_ENOMEM, "no memory for the sums of %s", op->name);
  }
  tetra_fast_op_free(&f);
  tetra_tensor_free(&codes);
  return rc;
}
