/* RTL against C model, layer by layer: what DRAM holds against the golden tensor. */
#include "run/check.h"

#include <string.h>

/* Pixel by pixel: pad nibbles of odd channel counts do not count, so equal pixels are only a shortcut. */
static void find_differences(const struct tetra_op *op, const struct tetra_tensor *rtl,
                             const struct tetra_tensor *golden, struct sim_mismatch *m) {
  const struct tetra_desc *d = &golden->d;
  const uint8_t *a = rtl->data, *b = golden->data;
  for (int n = 0; n < d->n; n++) {
    for (int y = 0; y < d->h; y++) {
      for (int x = 0; x < d->w; x++, a += rtl->pixel_bytes, b += golden->pixel_bytes) {
        const int mine =
            !tetra_op_is_part(op) || (y >= op->part_y0 && y < op->part_y1 && x >= op->part_x0 && x < op->part_x1);
        if (!mine || memcmp(a, b, golden->pixel_bytes) == 0) continue;
        for (int c = 0; c < d->c; c++) {
          const int got = tetra_tensor_get(rtl, n, y, x, c), want = tetra_tensor_get(golden, n, y, x, c);
          if (got == want) continue;
          if (m->count++ < SIM_DIFFERENCES)
            m->shown[m->n_shown++] = (struct sim_difference){n, y, x, c, got, want, 0, 0};
        }
      }
    }
  }
}

static int check_value(const struct tetra_op *op, const struct tetra_plan *plan, int value,
                       const struct tetra_tensor *golden, const uint8_t *dram, struct sim_mismatch *m) {
  const struct tetra_placement *p = &plan->values[value];
  if (p->bytes == 0) return 1; /* fused away: never in DRAM */
  struct tetra_tensor rtl;
  if (tetra_tensor_init(&rtl, &golden->d, NULL) != TETRA_OK) return -1;
  tetra_plan_read_value(plan, value, &rtl, dram + (p->addr - plan->base));
  const struct tetra_desc *d = &golden->d;
  const size_t bytes = (size_t)d->n * (size_t)d->h * (size_t)d->w * golden->pixel_bytes;
  m->count = 0;
  m->n_shown = 0;
  m->total = (int64_t)d->n * d->h * d->w * d->c;
  if (memcmp(rtl.data, golden->data, bytes) != 0) find_differences(op, &rtl, golden, m);
  tetra_tensor_free(&rtl);
  return m->count == 0;
}

/* What the C model had in front of the requantization where elements differ. */
static void explain(const struct tetra_graph *g, const struct tetra_tensor *golden, struct sim_mismatch *m) {
  for (int i = 0; i < m->n_shown; i++) {
    struct sim_difference *e = &m->shown[i];
    e->accumulator = tetra_op_accumulator(g, m->op, golden, e->n, e->y, e->x, e->c);
    e->bias = g->ops[m->op].rq[m->output].ch[e->c].bias;
  }
}

int sim_check_op(const struct tetra_graph *g, int i, const struct tetra_plan *plan, const struct tetra_tensor *golden,
                 const uint8_t *dram, struct sim_mismatch *m) {
  const struct tetra_op *op = &g->ops[i];
  m->op = i;
  for (int o = 0; o < op->n_outputs; o++) {
    m->output = o;
    m->value = op->output[o];
    const int same = check_value(op, plan, m->value, &golden[m->value], dram, m);
    if (same == 0) explain(g, golden, m);
    if (same != 1) return same;
  }
  return 1;
}
