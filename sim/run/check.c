#include "run/check.h"

#include <inttypes.h>
#include <stdio.h>
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
          if (m->count++ < SIM_DIFFERENCES) m->shown[m->n_shown++] = (struct sim_difference){n, y, x, c, got, want};
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

int sim_check_op(const struct tetra_graph *g, int i, const struct tetra_plan *plan, const struct tetra_tensor *golden,
                 const uint8_t *dram, struct sim_mismatch *m) {
  const struct tetra_op *op = &g->ops[i];
  m->op = i;
  for (int o = 0; o < op->n_outputs; o++) {
    m->output = o;
    m->value = op->output[o];
    const int same = check_value(op, plan, m->value, &golden[m->value], dram, m);
    if (same != 1) return same;
  }
  return 1;
}

void sim_check_print(const struct tetra_graph *g, const struct tetra_tensor *golden, const struct sim_mismatch *m,
                     int name_offset) {
  const struct tetra_op *op = &g->ops[m->op];
  const struct tetra_desc *d = &g->values[m->value].d;
  printf("MISMATCH in layer %d %s, output %d (%s, %dx%dx%dx%d %s): %" PRId64 " of %" PRId64 " codes differ\n",
         m->op + name_offset, op->name, m->output, g->values[m->value].name, d->n, d->h, d->w, d->c,
         tetra_fmt_name(d->fmt), m->count, m->total);
  for (int i = 0; i < m->n_shown; i++) {
    const struct sim_difference *e = &m->shown[i];
    printf("  image %d y %d x %d channel %d: RTL %d, C %d (accumulator %d, bias %d)\n", e->n, e->y, e->x, e->c, e->rtl,
           e->golden, tetra_op_accumulator(g, m->op, golden, e->n, e->y, e->x, e->c), op->rq[m->output].ch[e->c].bias);
  }
  if (m->count > m->n_shown) printf("  and %" PRId64 " more\n", m->count - m->n_shown);
}
