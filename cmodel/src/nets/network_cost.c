/* The paper's cost model; formulas in tetra/cost.h. */
#include <string.h>

#include "nets/resnet.h"
#include "tetra/cost.h"

static void add_layer(struct tetra_cost *cost, int64_t pixels, int64_t weights, int wbits, int abits) {
  const int64_t mults = pixels * weights;
  cost->macs += mults;
  cost->weights += weights;
  cost->quadratic += mults * wbits * abits;
  cost->linear += mults * (wbits > abits ? wbits : abits);
  cost->memory += weights * wbits;
}

/* Of valid options. */
static void add_network(struct tetra_cost *cost, const struct tetra_network_options *o) {
  struct resnet net;
  resnet_build(o, &net);
  const struct resnet_formats f = resnet_formats(o->precision);
  const struct resnet_conv *c;
  for (int i = 0; (c = resnet_conv_at(&net, i)) != NULL; i++) {
    add_layer(cost, (int64_t)c->ho * c->wo, (int64_t)tetra_window_elements(&c->win, c->cin) * c->cout,
              resnet_wbits(&f, c), tetra_fmt_bits(resnet_input_fmt(&f, c)));
  }
}

int tetra_cost_network(const struct tetra_network_options *o, struct tetra_cost *cost, struct tetra_error *err) {
  memset(cost, 0, sizeof *cost);
  const int rc = resnet_check_options(o, err);
  if (rc == TETRA_OK) add_network(cost, o);
  return rc;
}

void tetra_cost_graph(const struct tetra_graph *g, struct tetra_cost *cost) {
  memset(cost, 0, sizeof *cost);
  for (int i = 0; i < g->n_ops; i++) {
    const struct tetra_op *op = &g->ops[i];
    if (op->kind != TETRA_CONV) continue;
    const struct tetra_desc *in = &g->values[op->input].d;
    add_layer(cost, tetra_op_plane_pixels(op, in), (int64_t)tetra_op_kernel(op, in->c) * op->cout, op->wbits,
              tetra_fmt_bits(in->fmt));
  }
}

void tetra_cost_ratios(const struct tetra_cost *cost, double ratios[3]) {
  struct tetra_network_options o;
  struct tetra_cost ref = {0};
  tetra_network_defaults(&o);
  add_network(&ref, &o);
  ratios[0] = (double)cost->quadratic / ((double)ref.macs * 256);
  ratios[1] = (double)cost->linear / ((double)ref.macs * 16);
  ratios[2] = (double)cost->memory / ((double)ref.weights * 16);
}
