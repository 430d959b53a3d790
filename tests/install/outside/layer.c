/* One 4-bit convolution with Tetra's libraries: both executors of the C model, the compiler, and the cycle model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tetra/graph.h>
#include <tetra/plan.h>
#include <tetra/timing.h>

enum { SIDE = 8, CIN = 16, COUT = 32, KERNEL = 3 };

static void must(int status, const struct tetra_error *err) {
  if (status == TETRA_OK) return;
  fprintf(stderr, "layer: %s\n", err->msg);
  exit(1);
}

/* u4 in, s4 weights, u4 out. The graph owns what is allocated here. */
static void make_conv(struct tetra_graph *g) {
  const struct tetra_desc in = {1, SIDE, SIDE, CIN, TETRA_U4, 0, 1.0}, out = {1, SIDE, SIDE, COUT, TETRA_U4, 0, 1.0};
  struct tetra_op op = {
      .name = "conv", .kind = TETRA_CONV, .residual = -1, .wbits = 4, .cout = COUT, .groups = 1, .n_outputs = 1};
  memset(g, 0, sizeof *g);
  g->input = op.input = tetra_graph_add_value(g, "in", &in);
  g->output = op.output[0] = tetra_graph_add_value(g, "out", &out);
  op.win = tetra_window_pixel();
  op.win.kh = op.win.kw = KERNEL;
  op.win.pad = (struct tetra_pads){1, 1, 1, 1};
  op.weights = malloc(COUT * KERNEL * KERNEL * CIN);
  op.rq[0] = (struct tetra_requant){TETRA_HALF_EVEN, 0, 0, 15, calloc(COUT, sizeof *op.rq[0].ch)};
  if (g->output < 0 || op.weights == NULL || op.rq[0].ch == NULL) exit(1);
  for (int i = 0; i < COUT * KERNEL * KERNEL * CIN; i++) op.weights[i] = (int8_t)((i * 7 + i / 11) % 15 - 7);
  for (int c = 0; c < COUT; c++) op.rq[0].ch[c] = (struct tetra_requant_channel){.bias = 40 * c, .m = 1 << 20, .s = 26};
  if (tetra_graph_add_op(g, &op) < 0) exit(1);
}

/* Runs it; returns the sum of the output's codes, for which *t is freed again. */
static long run(const struct tetra_graph *g, enum tetra_backend backend, struct tetra_tensor *out) {
  struct tetra_error err = {0};
  struct tetra_tensor t[2] = {{{0}, 0, NULL}, {{0}, 0, NULL}};
  long sum = 0;
  must(tetra_tensor_init(&t[g->input], &g->values[g->input].d, &err), &err);
  for (int i = 0; i < SIDE * SIDE * CIN; i++)
    tetra_tensor_set(&t[g->input], 0, i / CIN / SIDE, i / CIN % SIDE, i % CIN, i * 5 % 16);
  must(tetra_run_graph(g, t, backend, &err), &err);
  for (int i = 0; i < SIDE * SIDE * COUT; i++)
    sum += tetra_tensor_get(&t[g->output], 0, i / COUT / SIDE, i / COUT % SIDE, i % COUT);
  *out = t[g->output];
  tetra_tensor_free(&t[g->input]);
  return sum;
}

int main(void) {
  struct tetra_graph g;
  struct tetra_plan plan = {0};
  struct tetra_timing timing = {0};
  struct tetra_compile_options options;
  struct tetra_error err = {0};
  struct tetra_tensor plain, fast;
  const struct tetra_caps caps = tetra_caps_default(16);
  const struct tetra_memory_params memory = {16, 64};
  make_conv(&g);
  must(tetra_graph_check(&g, &err), &err);
  const long sum = run(&g, TETRA_REFERENCE, &plain);
  const int same = run(&g, TETRA_FAST, &fast) == sum && memcmp(plain.data, fast.data, SIDE * SIDE * COUT / 2) == 0;
  tetra_compile_defaults(&options);
  must(tetra_compile(&g, &caps, &options, &plan, &err), &err);
  must(tetra_timing_run(&plan, &memory, TETRA_TIMING_FAST, &timing, &err), &err);
  /* The input as it lies in the accelerator's memory. */
  const size_t region = plan.values[g.input].bytes;
  uint8_t *bytes = calloc(region, 1);
  struct tetra_tensor input = {{0}, 0, NULL};
  must(tetra_tensor_init(&input, &g.values[g.input].d, &err), &err);
  if (bytes != NULL) tetra_plan_write_value(&plan, g.input, &input, bytes);
  free(bytes);
  tetra_tensor_free(&input);
  printf("sum of codes %ld, fast path %s, %u commands, %llu cycles, bound %lld\n", sum, same ? "equal" : "differs",
         (unsigned)plan.n_cmds, (unsigned long long)timing.cycles, (long long)plan.layers[0].compute_bound);
  const int good = same && sum > 0 && timing.cycles > (unsigned long long)plan.layers[0].compute_bound;
  tetra_tensor_free(&plain);
  tetra_tensor_free(&fast);
  tetra_timing_free(&timing);
  tetra_plan_free(&plan);
  tetra_graph_free(&g);
  return good ? 0 : 1;
}
