/* Every kernel of the fast path against the plain loops, without a test framework or BLAS: for processors that are
 * emulated (scripts/cross-test.sh). Exit code 0: all agree, 1: they do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tetra/exec.h"
#include "tetra/quantize.h"

enum { kCases = 400 };

static uint64_t state = 1;

static int below(int n) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (int)((state >> 33) % (uint64_t)n);
}

static int code_of(enum tetra_fmt f) {
  const int lo = tetra_fmt_min(f), hi = tetra_fmt_max(f);
  return below(8) == 0 ? lo : below(8) == 0 ? hi : lo + below(hi - lo + 1);
}

static int value(struct tetra_graph *g, const char *name, int n, int h, int w, int c, int zero) {
  const enum tetra_fmt f = (enum tetra_fmt)below(4);
  const struct tetra_desc d = {n, h, w, c, f, zero ? code_of(f) : 0, 0.5};
  return tetra_graph_add_value(g, name, &d);
}

/* A shift that brings sums of this size to codes, or now and then any. */
static void parameters(const struct tetra_op *op, enum tetra_fmt out, double size, struct tetra_requant_channel *p) {
  struct tetra_error err;
  memset(p, 0, sizeof *p);
  const double factor = (tetra_fmt_bits(out) == 8 ? 60.0 : 5.0) / size * (0.5 + below(1000) / 1000.0);
  p->bias = below(2001) - 1000;
  if (tetra_dyadic(factor, 62, &p->m, &p->s, &err) != TETRA_OK) p->m = 1;
  p->mr = below(1 << 20);
  p->sr = (uint8_t)(op->res_form == TETRA_RES_PRE ? below(12) : 14 + below(6));
  p->lr = (uint8_t)(op->res_form == TETRA_RES_JOINT ? (p->s > 22 ? p->s - 22 : 0) : below(4));
  if (p->lr > 31) p->lr = 31;
  p->frac = (int16_t)(below(2001) - 1000);
  if (below(9) == 0) p->s = (uint8_t)below(20);
}

/* An op over random codes, after one that makes its residual; 0 where there is no memory. */
static int make_case(struct tetra_graph *g) {
  const int k = 1 + 2 * below(2), h = 3 + below(16), w = 3 + below(16);
  const int groups = below(3) ? 1 : 1 + below(40), depthwise = groups > 1 && below(2);
  const int inputs = depthwise ? 1 : 1 + below(90 / groups), outputs = depthwise ? 1 : 1 + below(90 / groups);
  const int cin = groups * inputs, cout = groups * outputs;
  struct tetra_op op = {.name = "op", .kind = TETRA_CONV, .residual = -1, .win = tetra_window_pixel()};
  memset(g, 0, sizeof *g);
  op.win.kh = op.win.kw = k;
  op.win.stride_y = op.win.stride_x = 1 + below(4) / 3;
  op.win.pad = (struct tetra_pads){k / 2, k / 2, k / 2, k / 2};
  op.wbits = below(2) ? 4 : 8;
  op.cout = cout;
  op.groups = groups;
  op.res_form = (enum tetra_res_form)below(4);
  op.input = value(g, "in", 1 + below(2), h, w, cin, 1);
  const struct tetra_desc in = g->values[op.input].d;
  op.pad_code = in.zero_point;
  op.n_outputs = 1 + below(2);
  const int ho = tetra_op_plane_h(&op, h), wo = tetra_op_plane_w(&op, w);
  if (op.res_form != TETRA_RES_NONE) op.residual = value(g, "res", in.n, ho, wo, cout, 1);
  const size_t weights = (size_t)cout * (size_t)k * (size_t)k * (size_t)inputs;
  op.weights = malloc(weights);
  for (size_t i = 0; op.weights && i < weights; i++)
    op.weights[i] = (int8_t)code_of(op.wbits == 8 ? TETRA_S8 : TETRA_S4);
  const double size = (tetra_fmt_bits(in.fmt) == 8 ? 100.0 : 6.0) * (op.wbits == 8 ? 60 : 4) * k * (1 + inputs / 8.0);
  for (int o = 0; o < op.n_outputs; o++) {
    op.output[o] = value(g, o ? "out1" : "out0", in.n, ho, wo, cout, 1);
    const struct tetra_desc out = g->values[op.output[o]].d;
    op.rq[o] = (struct tetra_requant){(enum tetra_round)below(5), out.zero_point, tetra_fmt_min(out.fmt),
                                      tetra_fmt_max(out.fmt), malloc((size_t)cout * sizeof *op.rq[o].ch)};
    for (int c = 0; op.rq[o].ch && c < cout; c++) parameters(&op, out.fmt, size, &op.rq[o].ch[c]);
  }
  const int made = tetra_graph_add_op(g, &op);
  return made >= 0 && op.weights && op.rq[0].ch;
}

static int fill(const struct tetra_graph *g, int v, struct tetra_tensor *t) {
  const struct tetra_desc *d = &g->values[v].d;
  if (tetra_tensor_init(t, d, NULL) != TETRA_OK) return 0;
  for (int n = 0; n < d->n; n++)
    for (int y = 0; y < d->h; y++)
      for (int x = 0; x < d->w; x++)
        for (int c = 0; c < d->c; c++) tetra_tensor_set(t, n, y, x, c, code_of(d->fmt));
  return 1;
}

/* Outputs by kernel `name`, NULL for the plain loops, in t[]. */
static int run(const struct tetra_graph *g, const char *name, struct tetra_tensor *t, struct tetra_error *err) {
  if (!name) return tetra_run_op(g, 0, t, TETRA_REFERENCE, err);
  const struct tetra_exec_options how = {1 + below(3), name};
  struct tetra_exec *e = NULL;
  int rc = tetra_exec_open(&e, g, &how, err);
  if (rc == TETRA_OK) rc = tetra_exec_op(e, 0, t, err);
  tetra_exec_close(e);
  return rc;
}

/* 1: the kernel's outputs are those of t[]. */
static int agrees(const struct tetra_graph *g, const char *name, const struct tetra_tensor *t) {
  struct tetra_tensor mine[8];
  struct tetra_error err = {TETRA_OK, ""};
  const struct tetra_op *op = &g->ops[0];
  int same = 1;
  memcpy(mine, t, (size_t)g->n_values * sizeof *t);
  for (int o = 0; o < op->n_outputs; o++) memset(&mine[op->output[o]], 0, sizeof *mine);
  if (run(g, name, mine, &err) != TETRA_OK) {
    printf("%s: %s\n", name, err.msg);
    same = 0;
  }
  for (int o = 0; o < op->n_outputs && same; o++) {
    const struct tetra_tensor *a = &t[op->output[o]], *b = &mine[op->output[o]];
    same = memcmp(a->data, b->data, (size_t)a->d.n * (size_t)a->d.h * (size_t)a->d.w * a->pixel_bytes) == 0;
  }
  for (int o = 0; o < op->n_outputs; o++) tetra_tensor_free(&mine[op->output[o]]);
  return same;
}

/* 0: the case was not one (its sums may overflow), 1: every kernel agrees, -1: one does not. */
static int one_case(int number) {
  struct tetra_graph g;
  struct tetra_tensor t[8] = {0};
  struct tetra_error err = {TETRA_OK, ""};
  int result = 0;
  if (!make_case(&g)) return -1;
  const struct tetra_op *op = &g.ops[0];
  /* The range is what matters; a residual that is given has no producer, which the whole check would refuse. */
  const int proven = op->residual >= 0 || tetra_graph_check(&g, &err) == TETRA_OK || err.code != TETRA_ERANGE;
  if (proven && fill(&g, op->input, &t[op->input]) && (op->residual < 0 || fill(&g, op->residual, &t[op->residual])) &&
      run(&g, NULL, t, &err) == TETRA_OK) {
    result = 1;
    for (int k = 0; tetra_exec_kernel(k); k++)
      if (tetra_exec_kernel_usable(k) && !agrees(&g, tetra_exec_kernel(k), t)) {
        printf("case %d: %s differs from the plain loops\n", number, tetra_exec_kernel(k));
        result = -1;
      }
  }
  for (int v = 0; v < g.n_values; v++) tetra_tensor_free(&t[v]);
  tetra_graph_free(&g);
  return result;
}

int main(void) {
  int good = 0, bad = 0;
  for (int i = 0; i < kCases; i++) {
    const int result = one_case(i);
    good += result > 0;
    bad += result < 0;
  }
  for (int k = 0; tetra_exec_kernel(k); k++)
    printf("%s: %s\n", tetra_exec_kernel(k), tetra_exec_kernel_usable(k) ? "tested" : "not on this processor");
  printf("%d cases agree, %d do not\n", good, bad);
  return bad != 0 || good < kCases / 2;
}
