/* Runs a float network's nodes over a batch: im2col and sgemm for convolutions, plain loops for the rest. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "float/ops.h"
#include "tetra/float_graph.h"
#include "tetra/threads.h"

enum { kMostWorkers = 16 }; /* each has an im2col matrix, some megabytes */

/* `count` channels, those of `group`, under output pixel (oy, ox) of an image of more. */
static void gather_group(const struct tetra_float_value *in, const struct tetra_float_node *node, int group,
                         const float *image, int oy, int ox, float *row) {
  const struct tetra_window *win = &node->win;
  const size_t c = (size_t)in->c, count = (size_t)node->cin;
  for (int ky = 0; ky < win->kh; ky++)
    for (int kx = 0; kx < win->kw; kx++, row += count) {
      const int y = oy * win->stride_y - win->pad.top + ky * win->dilation_y,
                x = ox * win->stride_x - win->pad.left + kx * win->dilation_x;
      if (y < 0 || y >= in->h || x < 0 || x >= in->w)
        memset(row, 0, count * sizeof *row);
      else
        memcpy(row, image + ((size_t)y * (size_t)in->w + (size_t)x) * c + (size_t)group * count, count * sizeof *row);
    }
}

void tetra_float_im2col(const struct tetra_float_value *in, const struct tetra_float_node *node, int group,
                        const float *image, int ho, int wo, float *rows) {
  const size_t k = tetra_window_elements(&node->win, node->cin);
  for (int y = 0; y < ho; y++)
    for (int x = 0; x < wo; x++, rows += k)
      if (node->groups == 1)
        float_gather(&node->win, in->h, in->w, in->c, image, y, x, rows);
      else
        gather_group(in, node, group, image, y, x, rows);
}

struct conv {
  const struct tetra_float_value *in, *out;
  const struct tetra_float_node *node;
  const float *x, *w; /* w: [cout][k]; of a depthwise one [k][cout] */
  const double *bias;
  float *y, *rows; /* rows: im2col of an image, for each worker */
  int k, pixels;
};

static int is_depthwise(const struct tetra_float_node *node) { return node->cin == 1 && node->cout == node->groups; }

/* Adds the products of one tap to an output pixel; all channels. */
static void add_tap(size_t c, const float *restrict x, const float *restrict w, float *restrict y) {
  for (size_t ch = 0; ch < c; ch++) y[ch] += x[ch] * w[ch];
}

/* Channel by channel, as they lie. */
static void depthwise_image(const struct conv *v, const float *x, float *y) {
  const struct tetra_window *win = &v->node->win;
  const size_t c = (size_t)v->out->c;
  for (int oy = 0; oy < v->out->h; oy++)
    for (int ox = 0; ox < v->out->w; ox++, y += c)
      for (int ky = 0; ky < win->kh; ky++)
        for (int kx = 0; kx < win->kw; kx++) {
          const int iy = oy * win->stride_y - win->pad.top + ky * win->dilation_y,
                    ix = ox * win->stride_x - win->pad.left + kx * win->dilation_x;
          if (iy < 0 || iy >= v->in->h || ix < 0 || ix >= v->in->w) continue;
          add_tap(c, x + ((size_t)iy * (size_t)v->in->w + (size_t)ix) * c, v->w + (size_t)(ky * win->kw + kx) * c, y);
        }
}

/* One image: what a thread computes depends on nothing that another does. */
static void conv_image(void *arg, int i, int worker) {
  const struct conv *v = arg;
  const size_t pixels = (size_t)v->pixels, c = (size_t)v->out->c;
  float *rows = v->rows + (size_t)worker * pixels * (size_t)v->k, *image = v->y + (size_t)i * pixels * c;
  const float *x = v->x + (size_t)i * tetra_float_size(v->in, 1);
  for (size_t p = 0; p < pixels; p++)
    for (size_t ch = 0; ch < c; ch++) image[p * c + ch] = (float)v->bias[ch];
  if (is_depthwise(v->node)) {
    depthwise_image(v, x, image);
    return;
  }
  const int outputs = v->out->c / v->node->groups;
  for (int g = 0; g < v->node->groups; g++) {
    tetra_float_im2col(v->in, v->node, g, x, v->out->h, v->out->w, rows);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, v->pixels, outputs, v->k, 1.0f, rows, v->k,
                v->w + (size_t)(g * outputs) * (size_t)v->k, v->k, 1.0f, image + g * outputs, v->out->c);
  }
}

/* [cout][k] as [k][cout], to be freed; NULL without memory. */
static float *transposed(const float *w, size_t cout, size_t k) {
  float *t = malloc(cout * k * sizeof *t);
  for (size_t i = 0; t && i < cout * k; i++) t[i % k * cout + i / k] = w[i];
  return t;
}

static int run_conv(const struct tetra_float_value *in, const struct tetra_float_node *node,
                    const struct tetra_float_value *out, int n, const float *x, const float *w, const double *bias,
                    float *y, struct tetra_error *err) {
  struct conv v = {.in = in, .out = out, .node = node, .x = x, .w = w, .bias = bias, .y = y};
  struct tetra_threads *threads = NULL;
  float *turned = NULL;
  v.k = (int)tetra_window_elements(&node->win, node->cin);
  v.pixels = out->h * out->w;
  int workers = tetra_usable_processors();
  if (workers > kMostWorkers) workers = kMostWorkers;
  if (workers > n) workers = n;
  int rc = tetra_threads_open(&threads, workers, err);
  if (rc) return rc;
  if (is_depthwise(node)) v.w = turned = transposed(w, (size_t)node->cout, (size_t)v.k);
  v.rows = malloc((size_t)tetra_threads_count(threads) * (size_t)v.pixels * (size_t)v.k * sizeof *v.rows);
  if (v.rows && v.w)
    tetra_threads_run(threads, n, conv_image, &v);
  else
    rc = tetra_fail(err, TETRA_ENOMEM, "no memory for im2col of '%s'", node->name);
  tetra_threads_close(threads);
  free(v.rows);
  free(turned);
  return rc;
}

/* What an average divides by. */
static int count_elements(const struct tetra_float_value *in, const struct tetra_float_node *node, int oy, int ox) {
  const struct tetra_window *w = &node->win;
  const struct tetra_pads *counted = &node->counted;
  return tetra_window_count(oy * w->stride_y - w->pad.top, w->kh, w->dilation_y, -counted->top,
                            in->h + counted->bottom) *
         tetra_window_count(ox * w->stride_x - w->pad.left, w->kw, w->dilation_x, -counted->left,
                            in->w + counted->right);
}

static void run_pool(const struct tetra_float_value *in, const struct tetra_float_node *node,
                     const struct tetra_float_value *out, int n, const float *x, float *y) {
  const struct tetra_window *w = &node->win;
  const size_t c = (size_t)in->c;
  const int max = node->kind == TETRA_FLOAT_MAXPOOL;
  for (int i = 0; i < n; i++, x += tetra_float_size(in, 1))
    for (int oy = 0; oy < out->h; oy++)
      for (int ox = 0; ox < out->w; ox++, y += c) {
        for (size_t k = 0; k < c; k++) y[k] = max ? -INFINITY : 0;
        for (int ky = 0; ky < w->kh; ky++)
          for (int kx = 0; kx < w->kw; kx++) {
            const int iy = oy * w->stride_y - w->pad.top + ky * w->dilation_y,
                      ix = ox * w->stride_x - w->pad.left + kx * w->dilation_x;
            if (iy < 0 || iy >= in->h || ix < 0 || ix >= in->w) continue;
            const float *p = x + ((size_t)iy * (size_t)in->w + (size_t)ix) * c;
            for (size_t k = 0; k < c; k++) y[k] = max ? fmaxf(y[k], p[k]) : y[k] + p[k];
          }
        const float scale = max ? 1.0f : 1.0f / (float)count_elements(in, node, oy, ox);
        for (size_t k = 0; !max && k < c; k++) y[k] *= scale;
      }
}

static void run_pick(const struct tetra_float_value *in, const struct tetra_float_node *node,
                     const struct tetra_float_value *out, int n, const float *x, float *y) {
  const struct tetra_float_picks *p = &node->picks;
  const struct tetra_pads *pad = &node->win.pad;
  const int h = out->h - pad->top - pad->bottom, w = out->w - pad->left - pad->right;
  const int c = out->c - node->c_before - node->c_after;
  for (int i = 0; i < n; i++, x += tetra_float_size(in, 1))
    for (int oy = 0; oy < out->h; oy++)
      for (int ox = 0; ox < out->w; ox++, y += out->c) {
        const int row = oy - pad->top, column = ox - pad->left;
        memset(y, 0, (size_t)out->c * sizeof *y);
        if (row < 0 || row >= h || column < 0 || column >= w) continue;
        const int iy = p->y.start + row * p->y.step, ix = p->x.start + column * p->x.step;
        const float *from = x + ((size_t)iy * (size_t)in->w + (size_t)ix) * (size_t)in->c + p->c.start;
        for (int k = 0; k < c; k++) y[node->c_before + k] = from[k * p->c.step];
      }
}

static void run_affine(const struct tetra_float_node *node, size_t count, const float *x, float *y) {
  const size_t c = (size_t)node->cout;
  for (size_t i = 0; i < count; i++) y[i] = x[i] * node->w[i % c] + (float)node->bias[i % c];
}

static void run_pointwise(const struct tetra_float_node *node, size_t count, const float *a, const float *b, float *y) {
  const float lo = (float)node->lo, hi = (float)node->hi;
  for (size_t i = 0; i < count; i++) {
    const float v = node->kind == TETRA_FLOAT_ADD ? a[i] + b[i] : a[i];
    y[i] = v < lo ? lo : v > hi ? hi : v;
  }
}

int tetra_float_run(const struct tetra_float_graph *g, const struct tetra_float_node *node, int n,
                    const float *const in[2], const float *w, const double *bias, float **out,
                    struct tetra_error *err) {
  const struct tetra_float_value *v = &g->values[node->out], *x = &g->values[node->in[0]];
  float *y = malloc(tetra_float_size(v, n) * sizeof *y);
  if (!y) return tetra_fail(err, TETRA_ENOMEM, "no memory for the result of '%s' over %d images", node->name, n);
  int rc = TETRA_OK;
  if (node->kind == TETRA_FLOAT_CONV)
    rc = run_conv(x, node, v, n, in[0], w ? w : node->w, bias ? bias : node->bias, y, err);
  else if (node->kind == TETRA_FLOAT_MAXPOOL || node->kind == TETRA_FLOAT_AVGPOOL)
    run_pool(x, node, v, n, in[0], y);
  else if (node->kind == TETRA_FLOAT_PICK)
    run_pick(x, node, v, n, in[0], y);
  else if (node->kind == TETRA_FLOAT_AFFINE)
    run_affine(node, tetra_float_size(v, n), in[0], y);
  else
    run_pointwise(node, tetra_float_size(v, n), in[0], in[1], y);
  if (rc) {
    free(y);
    y = NULL;
  }
  *out = y;
  return rc;
}
