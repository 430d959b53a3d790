/* Average pools whose windows have different numbers of elements. */
#include <stdio.h>

#include "common/parts.h"
#include "common/report.h"
#include "tetra/window.h"

int import_find_stretches(struct import_stretches *s, int out, int stride, int pad, int k, int dilation, int from,
                          int to) {
  s->n = 0;
  for (int o = 0; o < out; o++) {
    const int count = tetra_window_count(o * stride - pad, k, dilation, from, to);
    if (s->n != 0 && s->count[s->n - 1] == count) continue;
    if (s->n == IMPORT_STRETCHES_MAX || count < 1) return 0;
    s->from[s->n] = o;
    s->count[s->n++] = count;
  }
  s->from[s->n] = out;
  return s->n != 0;
}

int import_part_count(const struct import_parts *p, int part) {
  return p->y.count[part / p->x.n] * p->x.count[part % p->x.n];
}

void import_set_part(const struct import_parts *p, int part, struct tetra_op *op) {
  if (import_n_parts(p) == 1) return;
  const int i = part / p->x.n, k = part % p->x.n;
  op->part_y0 = p->y.from[i];
  op->part_y1 = p->y.from[i + 1];
  op->part_x0 = p->x.from[k];
  op->part_x1 = p->x.from[k + 1];
}

void import_name_part(char out[TETRA_NAME_MAX], const char *name, int part) {
  char whole[TETRA_NAME_MAX + 16];
  snprintf(whole, sizeof whole, "%s part %d", name, part + 1);
  import_name(out, whole);
}
