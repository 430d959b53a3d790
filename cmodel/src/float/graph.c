/* Builds a float network: nodes, values and their shapes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tetra/float_graph.h"
#include "tetra/ceil_div.h"

size_t tetra_float_size(const struct tetra_float_value *v, int n) {
  return (size_t)n * (size_t)v->h * (size_t)v->w * (size_t)v->c;
}

/* How many indices of `size` the range names. */
static int picked(const struct tetra_float_range *r, int size) {
  return r->n ? r->n : tetra_ceil_div(size - r->start, r->step);
}

int tetra_float_shape(struct tetra_float_graph *g, const struct tetra_float_node *n) {
  struct tetra_float_value *v = &g->values[n->out];
  const struct tetra_float_value *in = &g->values[n->in[0]];
  v->h = in->h;
  v->w = in->w;
  v->c = in->c;
  v->flat = in->flat;
  switch (n->kind) {
    case TETRA_FLOAT_CONV:
      v->c = n->cout;
      v->flat = 0;
      /* fall through */
    case TETRA_FLOAT_MAXPOOL:
    case TETRA_FLOAT_AVGPOOL:
      v->h = tetra_window_out_h(&n->win, in->h);
      v->w = tetra_window_out_w(&n->win, in->w);
      return v->h > 0 && v->w > 0;
    case TETRA_FLOAT_PICK:
      v->h = picked(&n->picks.y, in->h) + n->win.pad.top + n->win.pad.bottom;
      v->w = picked(&n->picks.x, in->w) + n->win.pad.left + n->win.pad.right;
      v->c = picked(&n->picks.c, in->c) + n->c_before + n->c_after;
      return 1;
    case TETRA_FLOAT_FLATTEN:
      v->flat = in->flat || in->h > 1 || in->w > 1;
      return 1;
    default:
      return 1;
  }
}

struct tetra_float_node *tetra_float_graph_add(struct tetra_float_graph *g, enum tetra_float_kind kind,
                                               const char *name, const char *out_name, int in0, int in1) {
  struct tetra_float_node *n = &g->nodes[g->n_nodes];
  memset(n, 0, sizeof *n);
  snprintf(n->name, sizeof n->name, "%s", name);
  n->kind = kind;
  n->in[0] = in0;
  n->in[1] = in1;
  n->out = g->n_values++;
  n->win = tetra_window_pixel();
  n->groups = 1;
  n->picks.c.step = n->picks.y.step = n->picks.x.step = 1;
  n->lo = -INFINITY;
  n->hi = INFINITY;
  struct tetra_float_value *v = &g->values[n->out];
  memset(v, 0, sizeof *v);
  snprintf(v->name, sizeof v->name, "%s", out_name);
  v->producer = g->n_nodes++;
  g->values[in0].n_uses++;
  if (in1 >= 0) g->values[in1].n_uses++;
  return n;
}
