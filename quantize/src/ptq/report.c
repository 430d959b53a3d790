/* What is said of each tensor and each layer's weights. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptq/quantizer.h"

struct tetra_quantized *quant_report_item(struct tetra_quantize_report *t, const char *name, enum tetra_fmt fmt) {
  if (!(t->n_items & (t->n_items - 1))) {
    const size_t room = t->n_items ? 2 * (size_t)t->n_items : 1;
    struct tetra_quantized *grown = realloc(t->items, room * sizeof *grown);
    if (!grown) return NULL;
    t->items = grown;
  }
  struct tetra_quantized *q = &t->items[t->n_items++];
  memset(q, 0, sizeof *q);
  snprintf(q->name, sizeof q->name, "%s", name);
  q->fmt = fmt;
  return q;
}

double quant_snr(const float *x, const float *y, size_t n) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < n; i++) {
    const double e = (double)x[i] - (double)y[i];
    signal += (double)x[i] * (double)x[i];
    noise += e * e;
  }
  return noise > 0 ? 10 * log10(signal / noise) : INFINITY;
}

int quant_report_weights(const struct quant_plan *p, int i, struct tetra_quantize_report *report,
                         struct tetra_error *err) {
  const struct tetra_float_node *n = &p->g->nodes[i];
  const struct quant_weights *q = &p->weights[i];
  struct tetra_quantized *item = quant_report_item(report, n->name, q->bits == 4 ? TETRA_S4 : TETRA_S8);
  if (!item) return tetra_fail(err, TETRA_ENOMEM, "no memory for the report");
  const size_t k = tetra_window_elements(&n->win, n->cin), count = k * (size_t)n->cout;
  const int top = (1 << (q->bits - 1)) - 1;
  size_t beyond = 0;
  for (size_t j = 0; j < count; j++) beyond += fabsf(n->w[j]) > ((float)top + 0.5f) * q->scale[j / k];
  for (int c = 0; c < n->cout; c++) item->bound += (double)q->scale[c] * top / n->cout;
  item->is_weights = 1;
  item->saturated = (double)beyond / (double)count;
  item->snr_db = quant_snr(n->w, q->real, count);
  memcpy(item->stages, q->stages, sizeof item->stages);
  item->n_stages = q->n_stages;
  item->power = q->power;
  return TETRA_OK;
}
