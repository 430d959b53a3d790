/* Convolution's inner loops in vector code: accumulators stay in registers over a whole window, or over a whole plane.
 */
#include "math/kernel.h"
#include "math/vec.h"

/* Accumulators are PIXELS * CHAINS vectors, in registers. Weights come from the second-level cache where a layer has 64
 * channels: eight pixels for each that is read. */
#if defined(__AVX512F__)
enum { PIXELS = 8, CHAINS = 2 };
#else
enum { PIXELS = 4, CHAINS = 2 };
#endif

#define INLINE static inline __attribute__((always_inline))

static const vec kZero = {0};

/* One tap of `pixels` pixels: `vectors` vectors of output channels; input channels in `chains` independent sums. */
INLINE void sum_tap(int pixels, int vectors, int chains, const float *x, ptrdiff_t step, const float *w, int cin,
                    int wide, vec *acc) {
  int ci = 0;
  for (; ci + chains <= cin; ci += chains) {
    for (int j = 0; j < chains; j++) {
      for (int v = 0; v < vectors; v++) {
        const vec b = *(const vec_at *)(w + (ptrdiff_t)(ci + j) * wide + v * LANES);
        for (int p = 0; p < pixels; p++) acc[(p * vectors + v) * chains + j] += x[p * step + ci + j] * b;
      }
    }
  }
  for (; ci < cin; ci++) {
    for (int v = 0; v < vectors; v++) {
      const vec b = *(const vec_at *)(w + (ptrdiff_t)ci * wide + v * LANES);
      for (int p = 0; p < pixels; p++) acc[(p * vectors + v) * chains] += x[p * step + ci] * b;
    }
  }
}

INLINE void store(float *y, vec sum, int lanes) {
  if (lanes >= LANES) {
    *(vec_at *)y = sum;
  } else {
    for (int l = 0; l < LANES; l++) {
      if (l < lanes) y[l] = sum[l];
    }
  }
}

INLINE void sum_pixels_of(int pixels, int vectors, int chains, const struct train_taps *taps,
                          const struct train_raster *r, int cin, int wide, int lanes, const float *x, const float *w,
                          float *y) {
  vec acc[PIXELS * CHAINS];
  for (int i = 0; i < pixels * vectors * chains; i++) acc[i] = kZero;
  for (int t = 0; t < taps->n; t++)
    sum_tap(pixels, vectors, chains, x + taps->at[t], r->x_step, w + (ptrdiff_t)t * cin * wide, cin, wide, acc);
  for (int p = 0; p < pixels; p++) {
    for (int v = 0; v < vectors; v++) {
      vec sum = acc[(p * vectors + v) * chains];
      for (int j = 1; j < chains; j++) sum += acc[(p * vectors + v) * chains + j];
      store(y + p * r->y_step + v * LANES, sum, lanes - v * LANES);
    }
  }
}

#define SUM_PIXELS(pixels, vectors, chains)       \
  for (; i + (pixels) <= r->columns; i += pixels) \
    sum_pixels_of(pixels, vectors, chains, taps, r, cin, wide, lanes, x + i * r->x_step, w, y + i * r->y_step);
#define SUM_ROW(vectors, chains)                                                                                \
  static void sum_row_##vectors(const struct train_taps *taps, const struct train_raster *r, int cin, int wide, \
                                int lanes, const float *x, const float *w, float *y) {                          \
    int i = 0;                                                                                                  \
    SUM_PIXELS(PIXELS, vectors, chains)                                                                         \
    SUM_PIXELS(PIXELS / 2, vectors, chains)                                                                     \
    SUM_PIXELS(1, vectors, chains)                                                                              \
  }
SUM_ROW(1, CHAINS)
SUM_ROW(2, CHAINS / 2)

void train_sum_taps(const struct train_taps *taps, const struct train_raster *r, int cin, int cout, const float *x,
                    const float *w, float *y) {
  const int wide = whole_vectors(cout);
  for (int co = 0; co < wide;) {
    const int left = (wide - co) / LANES;
    const int vectors = left >= 2 ? 2 : 1;
    for (int row = 0; row < r->rows; row++) {
      const float *from = x + row * r->x_row;
      float *to = y + row * r->y_row + co;
      if (vectors == 1) sum_row_1(taps, r, cin, wide, cout - co, from, w + co, to);
      if (vectors == 2) sum_row_2(taps, r, cin, wide, cout - co, from, w + co, to);
    }
    co += vectors * LANES;
  }
}

/* `channels` input channels of one tap against `vectors` vectors of the gradient, over all pixels. */
INLINE void sum_outer(int channels, int vectors, const struct train_raster *r, int wide, const float *x,
                      const float *dy, float *dw) {
  vec acc[PIXELS * CHAINS];
  for (int c = 0; c < channels; c++)
    for (int v = 0; v < vectors; v++) acc[c * vectors + v] = *(const vec_at *)(dw + (ptrdiff_t)c * wide + v * LANES);
  for (int row = 0; row < r->rows; row++) {
    const float *xs = x + row * r->x_row, *ds = dy + row * r->y_row;
    for (int i = 0; i < r->columns; i++, xs += r->x_step, ds += r->y_step) {
      for (int v = 0; v < vectors; v++) {
        const vec d = *(const vec_at *)(ds + v * LANES);
        for (int c = 0; c < channels; c++) acc[c * vectors + v] += xs[c] * d;
      }
    }
  }
  for (int c = 0; c < channels; c++)
    for (int v = 0; v < vectors; v++) *(vec_at *)(dw + (ptrdiff_t)c * wide + v * LANES) = acc[c * vectors + v];
}

#define SUM_CHANNELS(vectors, channels)                                                                                \
  static void sum_channels_##vectors(const struct train_raster *r, int cin, int wide, const float *x, const float *dy, \
                                     float *dw) {                                                                      \
    int ci = 0;                                                                                                        \
    for (; ci + (channels) <= cin; ci += channels) sum_outer(channels, vectors, r, wide, x + ci, dy, dw + ci * wide);  \
    for (; ci + 2 <= cin; ci += 2) sum_outer(2, vectors, r, wide, x + ci, dy, dw + ci * wide);                         \
    for (; ci < cin; ci++) sum_outer(1, vectors, r, wide, x + ci, dy, dw + ci * wide);                                 \
  }
SUM_CHANNELS(1, PIXELS *CHAINS)
SUM_CHANNELS(2, PIXELS *CHAINS / 2)

void train_sum_pixels(const struct train_taps *taps, const struct train_raster *r, int cin, int cout, const float *x,
                      const float *dy, float *dw) {
  const int wide = whole_vectors(cout);
  for (int t = 0; t < taps->n; t++) {
    const float *xs = x + taps->at[t];
    float *dws = dw + (ptrdiff_t)t * cin * wide;
    for (int co = 0; co < wide;) {
      const int left = (wide - co) / LANES;
      const int vectors = left >= 2 ? 2 : 1;
      if (vectors == 1) sum_channels_1(r, cin, wide, xs, dy + co, dws + co);
      if (vectors == 2) sum_channels_2(r, cin, wide, xs, dy + co, dws + co);
      co += vectors * LANES;
    }
  }
}
