/* Moments of a layer's inputs, image by image: no more than some rows of im2col are in memory. */
#include "ptq/moments.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

enum {
  most_rows = 1 << 16, /* for moments: more change hardly a code */
  most_kept = 1 << 12, /* rows that are kept themselves */
  batch = 1 << 10      /* rows in one matrix product */
};

struct collector {
  struct quant_moments *m;
  float *image, *image_f; /* im2col of an image: quantized, and float where rows are wanted */
  float *rows, *y;        /* those that wait for a product: [batch][k], [batch][cout] */
  float *product;         /* [k or cout][k] */
  size_t waiting;
  size_t step, next; /* every step-th row of all images; the next one, counted from the image's first */
  size_t keep_step, keep_next;
};

static void add(const float *from, size_t n, double *to) {
  for (size_t i = 0; i < n; i++) to[i] += (double)from[i];
}

/* Products are in float32 for this batch alone. */
static void flush(struct collector *x) {
  struct quant_moments *m = x->m;
  const int k = (int)m->k, cout = (int)m->cout, n = (int)x->waiting;
  if (n == 0) return;
  cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, k, n, 1.0f, x->rows, k, 0.0f, x->product, k);
  add(x->product, m->k * m->k, m->h);
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, cout, k, n, 1.0f, x->y, cout, x->rows, k, 0.0f, x->product, k);
  add(x->product, m->cout * m->k, m->d);
  for (size_t r = 0; r < x->waiting; r++) {
    add(x->rows + r * m->k, m->k, m->mean_u);
    add(x->y + r * m->cout, m->cout, m->mean_y);
  }
  x->waiting = 0;
}

static void take_row(struct collector *x, size_t pixel, const float *y) {
  struct quant_moments *m = x->m;
  const size_t size = m->k * sizeof(float);
  memcpy(x->rows + x->waiting * m->k, x->image + pixel * m->k, size);
  memcpy(x->y + x->waiting * m->cout, y, m->cout * sizeof *y);
  if (m->rows_f && m->used == x->keep_next && m->rows < most_kept) {
    memcpy(m->rows_f + m->rows * m->k, x->image_f + pixel * m->k, size);
    memcpy(m->rows_q + m->rows * m->k, x->image + pixel * m->k, size);
    m->rows++;
    x->keep_next += x->keep_step;
  }
  m->used++;
  if (++x->waiting == batch) flush(x);
}

static void finish(struct collector *x) {
  struct quant_moments *m = x->m;
  const size_t k = m->k;
  const double share = 1 / (double)m->used;
  flush(x);
  for (size_t i = 0; i < k; i++)
    for (size_t j = i; j < k; j++) m->h[j * k + i] = m->h[i * k + j] *= share;
  for (size_t i = 0; i < m->cout * k; i++) m->d[i] *= share;
  for (size_t i = 0; i < k; i++) m->mean_u[i] *= share;
  for (size_t i = 0; i < m->cout; i++) m->mean_y[i] *= share;
  for (size_t i = 0; i < k; i++) m->power[i] = m->h[i * k + i];
}

static int allocate(struct collector *x, size_t pixels, int with_rows) {
  struct quant_moments *m = x->m;
  const size_t k = m->k, cout = m->cout, most = k > cout ? k : cout;
  m->mean_u = calloc(2 * k + cout, sizeof *m->mean_u);
  m->h = calloc(k * k, sizeof *m->h);
  m->d = calloc(cout * k, sizeof *m->d);
  x->image = malloc((with_rows ? 2 : 1) * pixels * k * sizeof *x->image);
  x->rows = malloc(batch * (k + cout) * sizeof *x->rows);
  x->product = calloc(most * k, sizeof *x->product);
  if (with_rows) m->rows_f = malloc(2 * most_kept * k * sizeof *m->rows_f);
  if (!m->mean_u || !m->h || !m->d || !x->image || !x->rows || !x->product || (with_rows && !m->rows_f)) return 0;
  m->power = m->mean_u + k;
  m->mean_y = m->mean_u + 2 * k;
  x->y = x->rows + batch * k;
  if (!with_rows) return 1;
  m->rows_q = m->rows_f + most_kept * k;
  x->image_f = x->image + pixels * k;
  return 1;
}

static size_t step_for(size_t all, size_t most) { return (all + most - 1) / most; }

int quant_moments(const struct tetra_float_graph *g, const struct tetra_float_node *node, int group,
                  const struct quant_sight *sight, int with_rows, struct quant_moments *m, struct tetra_error *err) {
  const struct tetra_float_value *in = &g->values[node->in[0]], *out = &g->values[node->out];
  const size_t pixels = (size_t)out->h * (size_t)out->w, all = pixels * (size_t)sight->n,
               item = tetra_float_size(in, 1);
  struct collector x = {.m = m};
  memset(m, 0, sizeof *m);
  m->k = tetra_window_elements(&node->win, node->cin);
  m->cout = (size_t)(node->cout / node->groups);
  /* An odd step meets all columns of a plane, whose width is often a power of two. */
  x.step = step_for(all, most_rows);
  if (x.step > 1) x.step |= 1;
  x.keep_step = step_for(step_for(all, x.step), most_kept);
  const int ok = allocate(&x, pixels, with_rows);
  for (size_t i = 0; ok && i < (size_t)sight->n; i++) {
    const float *y = sight->wanted + i * pixels * (size_t)node->cout + (size_t)group * m->cout;
    tetra_float_im2col(in, node, group, sight->quantized + i * item, out->h, out->w, x.image);
    if (with_rows) tetra_float_im2col(in, node, group, sight->real + i * item, out->h, out->w, x.image_f);
    for (; x.next < pixels; x.next += x.step) take_row(&x, x.next, y + x.next * (size_t)node->cout);
    x.next -= pixels;
  }
  if (ok) finish(&x);
  free(x.image);
  free(x.rows);
  free(x.product);
  if (ok) return TETRA_OK;
  quant_moments_free(m);
  return tetra_fail(err, TETRA_ENOMEM, "no memory for the moments of %zu inputs of '%s'", m->k, node->name);
}

void quant_moments_free(struct quant_moments *m) {
  free(m->mean_u);
  free(m->h);
  free(m->d);
  free(m->rows_f);
  m->mean_u = m->power = m->mean_y = m->h = m->d = NULL;
  m->rows_f = m->rows_q = NULL;
}
