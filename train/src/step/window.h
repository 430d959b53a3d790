/* Which elements a pool reads, and a pick copies. */
#ifndef TRAIN_WINDOW_H
#define TRAIN_WINDOW_H

#include "state.h"

/* A window's part inside the plane: rows y0..y1-1, columns x0..x1-1. */
struct train_part {
  int y0, y1, x0, x1;
};
static inline struct train_part train_part_of(const struct tetra_window *win, const struct tetra_float_value *in, int y,
                                              int x) {
  struct train_part p = {y * win->stride_y - win->pad.top, 0, x * win->stride_x - win->pad.left, 0};
  p.y1 = p.y0 + win->kh < in->h ? p.y0 + win->kh : in->h;
  p.x1 = p.x0 + win->kw < in->w ? p.x0 + win->kw : in->w;
  if (p.y0 < 0) p.y0 = 0;
  if (p.x0 < 0) p.x0 = 0;
  return p;
}

/* Elements that an average divides by: those of the plane and of the padding that counts. */
static inline float train_divisor(const struct tetra_float_node *n, const struct tetra_float_value *in, int y, int x) {
  const int from_y = y * n->win.stride_y - n->win.pad.top, from_x = x * n->win.stride_x - n->win.pad.left;
  const int rows = tetra_window_count(from_y, n->win.kh, 1, -n->counted.top, in->h + n->counted.bottom);
  const int columns = tetra_window_count(from_x, n->win.kw, 1, -n->counted.left, in->w + n->counted.right);
  return (float)(rows * columns);
}

/* Of the output of a pick, all that is not padding: pixels, channels, and from channel to channel in the input. */
struct train_picks {
  int rows, columns;
  size_t channels, step;
};
static inline struct train_picks train_picks_of(const struct tetra_float_graph *g, const struct tetra_float_node *n) {
  const struct tetra_float_value *out = &g->values[n->out];
  return (struct train_picks){out->h - n->win.pad.top - n->win.pad.bottom, out->w - n->win.pad.left - n->win.pad.right,
                              (size_t)(out->c - n->c_before - n->c_after), (size_t)n->picks.c.step};
}
/* Where the first channel of such a pixel is in the input and in the output. */
static inline void train_picked(const struct tetra_float_graph *g, const struct tetra_float_node *n, int row,
                                int column, size_t *from, size_t *to) {
  const struct tetra_float_value *in = &g->values[n->in[0]], *out = &g->values[n->out];
  const struct tetra_float_picks *p = &n->picks;
  const int from_y = p->y.start + row * p->y.step, from_x = p->x.start + column * p->x.step;
  *from = ((size_t)from_y * (size_t)in->w + (size_t)from_x) * (size_t)in->c + (size_t)p->c.start;
  *to = ((size_t)(row + n->win.pad.top) * (size_t)out->w + (size_t)(column + n->win.pad.left)) * (size_t)out->c +
        (size_t)n->c_before;
}

#endif
