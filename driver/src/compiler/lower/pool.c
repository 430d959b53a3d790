/* The max pool that is fused into a conv's STOREs (docs/commands.md, "STORE"): which windows a tile completes.
 *
 * Rows of the plane are counted with the padding before them. Window r is rows 2r to 2r+2: an even row ends window
 * row/2 - 1, an odd one is the middle of its window and ends it only where the plane ends.
 */
#include "compiler/program.h"

struct pooled pool_tile(const struct tetra_graph *g, int op, const struct pixels *px) {
  const struct tetra_op *q = &g->ops[op];
  struct pooled t = {.out = *px};
  if (!q->pool) return t;
  const struct tetra_desc *in = &g->values[q->input].d;
  const int row0 = px->y0 + q->pool_pad_top, last = px->y1 - 1 + q->pool_pad_top;
  const int first = max_int(2, row0 + row0 % 2);
  t.odd_y = row0 % 2;
  t.top = px->y0 == 0;
  t.out.y0 = first / 2 - 1;
  t.out.y1 = max_int(t.out.y0, last / 2);
  t.out.x1 = (px->x1 + q->pool_pad_left) / 2;
  t.end = last % 2 == 1 && px->y1 == tetra_op_plane_h(q, in->h);
  if (t.end) t.out.y1 = (last + 1) / 2;
  if (t.out.y1 > t.out.y0) return t;
  /* A STORE writes something: what there is of its last window, which the next tile's overwrites. */
  t.end = t.early = 1;
  t.out.y0 = (last - 1) / 2;
  t.out.y1 = t.out.y0 + 1;
  return t;
}

uint32_t pool_line_words(const struct program *p, int op) {
  const struct tetra_op *q = &p->g->ops[op];
  const uint32_t halves = q->cout > (int)p->caps.n ? 2 : 1;
  uint32_t sections = 0;
  for (int o = 0; o < q->n_outputs; o++) sections += tetra_fmt_bits(p->g->values[q->output[o]].d.fmt) == 4 ? 1 : halves;
  return sections * (uint32_t)p->g->values[q->output[0]].d.w;
}

void pool_fields(const struct program *p, struct tetra_cmd *cmd, int op, const struct pixels *px,
                 const struct pooled *t) {
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_BEATS, (uint32_t)pixels_count(&t->out));
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_PAD_X, (uint32_t)p->g->ops[op].pool_pad_left);
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_ODD_Y, (uint32_t)t->odd_y);
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_TOP, (uint32_t)t->top);
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_END, (uint32_t)t->end);
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_LINE, p->pool_line);
  tetra_cmd_set(cmd, TETRA_F_STORE_POOL_ROWS, (uint32_t)(px->y1 - px->y0));
}
