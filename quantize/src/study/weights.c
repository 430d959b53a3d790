/* What few bits make of a layer's weights. */
#include <stdlib.h>

#include "methods/methods.h"
#include "study/internal.h"

/* One channel of a layer, which has a scale of its own. */
struct channel {
  struct method_layer l;
  struct method_codes c;
  double *target;
  int8_t *q;
  float scale, least;
};

static int open_channel(struct channel *x, const struct tetra_float_node *node, int bits) {
  const size_t k = tetra_window_elements(&node->win, node->cin);
  *x = (struct channel){.scale = 1, .least = 1e-30f};
  x->target = malloc(k * sizeof *x->target);
  x->q = malloc(k);
  x->c = (struct method_codes){x->q, &x->scale};
  x->l = (struct method_layer){.cout = 1,
                               .taps = node->win.kh * node->win.kw,
                               .cin = node->cin,
                               .top = bits == 4 ? 7 : 127,
                               .share = 1,
                               .target = x->target,
                               .least = &x->least};
  return x->target && x->q ? TETRA_OK : TETRA_ENOMEM;
}

static void close_channel(struct channel *x) {
  free(x->target);
  free(x->q);
}

static void set_weights(struct channel *x, const float *w) {
  const size_t k = method_inputs(&x->l);
  for (size_t i = 0; i < k; i++) x->target[i] = (double)w[i];
}

int study_scales(const struct tetra_float_node *node, float *scale) {
  struct channel x;
  int rc = open_channel(&x, node, 4);
  for (size_t o = 0; !rc && o < (size_t)node->cout; o++) {
    set_weights(&x, node->w + o * method_inputs(&x.l));
    rc = method_best_scales(&x.l, NULL, &scale[o]);
  }
  close_channel(&x);
  return rc;
}

int study_weights(const struct tetra_float_node *node, int bits, const float *scale, float *out) {
  struct channel x;
  const int rc = open_channel(&x, node, bits);
  for (size_t o = 0; !rc && o < (size_t)node->cout; o++) {
    const size_t k = method_inputs(&x.l);
    set_weights(&x, node->w + o * k);
    x.scale = scale[o];
    if (bits == 8) method_max_scales(&x.l, x.c.scale);
    method_nearest(&x.l, &x.c);
    for (size_t i = 0; i < k; i++) out[o * k + i] = (float)x.c.q[i] * x.scale;
  }
  close_channel(&x);
  return rc;
}
