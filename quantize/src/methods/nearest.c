/* The nearest code of every weight. */
#include "methods/methods.h"

void method_nearest(const struct method_layer *l, struct method_codes *c) {
  const size_t k = method_inputs(l), n = k * (size_t)l->cout;
  for (size_t i = 0; i < n; i++) c->q[i] = (int8_t)method_round(l->target[i], (double)c->scale[i / k], l->top);
}
