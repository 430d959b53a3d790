/* Padded planes and taps of a convolution, forward and backward. */
#include <string.h>

#include "math/geometry.h"
#include "math/vec.h"

/* a / b rounded down, for any sign of a. */
static int floor_div(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* Along one side, pixel s * q + rest of the input reads, backward, pixel q + shift of the output's gradient through tap
 * k; 0 where it does not. */
static int reads(int rest, int k, int before, int stride, int dilation, int *shift) {
  const int at = rest + before - k * dilation;
  *shift = floor_div(at, stride);
  return *shift * stride == at;
}

/* What lies before and behind the gradient along one side, so that no tap leaves it. */
static void margins(int in, int out, int k, int before, int stride, int dilation, int *front, int *size) {
  int low = 0, high = out - 1;
  for (int rest = 0; rest < stride && rest < in; rest++) {
    for (int t = 0; t < k; t++) {
      int shift;
      if (!reads(rest, t, before, stride, dilation, &shift)) continue;
      const int last = (in - 1 - rest) / stride + shift;
      low = shift < low ? shift : low;
      high = last > high ? last : high;
    }
  }
  *front = -low;
  *size = high - low + 1;
}

static int add_class(struct tetra_arena *arena, struct train_geometry *g, const struct tetra_window *win, int y,
                     int x) {
  struct train_class *c = &g->classes[g->n_classes++];
  c->taps.at = tetra_arena_alloc(arena, (size_t)g->taps.n, sizeof *c->taps.at);
  c->forward = tetra_arena_alloc(arena, (size_t)g->taps.n, sizeof *c->forward);
  if (!c->taps.at || !c->forward) return tetra_arena_failed(arena);
  for (int ky = 0; ky < win->kh; ky++) {
    for (int kx = 0; kx < win->kw; kx++) {
      int dy, dx;
      if (!reads(y, ky, g->pad.top, win->stride_y, win->dilation_y, &dy) ||
          !reads(x, kx, g->pad.left, win->stride_x, win->dilation_x, &dx))
        continue;
      c->taps.at[c->taps.n] = ((ptrdiff_t)(g->grad_top + dy) * g->grad_cols + g->grad_left + dx) * g->wide_out;
      c->forward[c->taps.n++] = ky * win->kw + kx;
    }
  }
  c->raster = (struct train_raster){.rows = (g->h - 1 - y) / win->stride_y + 1,
                                    .columns = (g->w - 1 - x) / win->stride_x + 1,
                                    .x_step = g->wide_out,
                                    .x_row = (ptrdiff_t)g->grad_cols * g->wide_out,
                                    .y_step = (ptrdiff_t)win->stride_x * g->cin,
                                    .y_row = (ptrdiff_t)win->stride_y * g->w * g->cin};
  c->first = ((ptrdiff_t)y * g->w + x) * g->cin;
  return TETRA_OK;
}

static void set_planes(struct train_geometry *g, const struct tetra_window *win) {
  g->in_rows = (g->oh - 1) * win->stride_y + (win->kh - 1) * win->dilation_y + 1;
  g->in_cols = (g->ow - 1) * win->stride_x + (win->kw - 1) * win->dilation_x + 1;
  margins(g->h, g->oh, win->kh, g->pad.top, win->stride_y, win->dilation_y, &g->grad_top, &g->grad_rows);
  margins(g->w, g->ow, win->kw, g->pad.left, win->stride_x, win->dilation_x, &g->grad_left, &g->grad_cols);
  const ptrdiff_t step = (ptrdiff_t)win->stride_x * g->cin, row = (ptrdiff_t)win->stride_y * g->in_cols * g->cin;
  g->forward = (struct train_raster){g->oh, g->ow, step, row, g->cout, (ptrdiff_t)g->ow * g->cout};
  g->weights = g->forward;
  g->weights.y_step = g->wide_out;
  g->weights.y_row = (ptrdiff_t)g->grad_cols * g->wide_out;
}

int train_geometry_of(struct tetra_arena *arena, const struct tetra_float_graph *graph,
                      const struct tetra_float_node *n, struct train_geometry *g) {
  const struct tetra_float_value *in = &graph->values[n->in[0]], *out = &graph->values[n->out];
  const struct tetra_window *win = &n->win;
  *g = (struct train_geometry){.h = in->h, .w = in->w, .cin = n->cin, .oh = out->h, .ow = out->w, .cout = n->cout};
  g->pad = win->pad;
  g->wide_in = whole_vectors(n->cin);
  g->wide_out = whole_vectors(n->cout);
  set_planes(g, win);
  g->taps.at = tetra_arena_alloc(arena, (size_t)win->kh * (size_t)win->kw, sizeof *g->taps.at);
  g->classes = tetra_arena_alloc(arena, (size_t)win->stride_y * (size_t)win->stride_x, sizeof *g->classes);
  if (!g->taps.at || !g->classes) return tetra_arena_failed(arena);
  for (int ky = 0; ky < win->kh; ky++)
    for (int kx = 0; kx < win->kw; kx++)
      g->taps.at[g->taps.n++] = ((ptrdiff_t)ky * win->dilation_y * g->in_cols + kx * win->dilation_x) * g->cin;
  for (int y = 0; y < win->stride_y && y < g->h; y++) {
    for (int x = 0; x < win->stride_x && x < g->w; x++) {
      const int rc = add_class(arena, g, win, y, x);
      if (rc) return rc;
    }
  }
  return TETRA_OK;
}

void train_pack(const struct train_geometry *g, const float *w, float *packed) {
  const int k = g->taps.n * g->cin;
  for (int co = 0; co < g->cout; co++)
    for (int i = 0; i < k; i++) packed[(size_t)i * (size_t)g->wide_out + (size_t)co] = *w++;
}

void train_pack_back(const struct train_geometry *g, const float *w, const float *unit, float *packed) {
  const size_t cin = (size_t)g->cin, cout = (size_t)g->cout, wide = (size_t)g->wide_in, taps = (size_t)g->taps.n;
  for (int i = 0; i < g->n_classes; i++) {
    const struct train_class *c = &g->classes[i];
    for (int t = 0; t < c->taps.n; t++) {
      for (size_t co = 0; co < cout; co++, packed += wide) {
        const float *from = w + (co * taps + (size_t)c->forward[t]) * cin, u = unit ? unit[co] : 1;
        for (size_t ci = 0; ci < cin; ci++) packed[ci] = u * from[ci];
      }
    }
  }
}

void train_pad(const struct train_geometry *g, const float *x, float *padded) {
  const size_t row = (size_t)g->in_cols * (size_t)g->cin, cin = (size_t)g->cin;
  const int end = g->pad.left + g->w < g->in_cols ? g->pad.left + g->w : g->in_cols;
  const size_t copied = (size_t)(end - g->pad.left) * cin, left = (size_t)g->pad.left * cin;
  for (int y = 0; y < g->in_rows; y++, padded += row) {
    const int from = y - g->pad.top;
    if (from < 0 || from >= g->h) {
      memset(padded, 0, row * sizeof *padded);
      continue;
    }
    memset(padded, 0, left * sizeof *padded);
    memcpy(padded + left, x + (size_t)from * (size_t)g->w * cin, copied * sizeof *padded);
    memset(padded + left + copied, 0, (row - left - copied) * sizeof *padded);
  }
}
