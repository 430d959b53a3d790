/* Building blocks of the fast path: what an op needs besides its operands, made once, and the executors. */
#ifndef TETRA_FAST_INTERNAL_H
#define TETRA_FAST_INTERNAL_H

#include "fast/kernel.h"
#include "tetra/threads.h"

/* Products in floats by OpenBLAS: for processors without a kernel of their own, and a check for those with one. It has
 * no tile; its requantization is the portable one. */
extern const struct tetra_kernel tetra_kernel_blas;

/* The kernel of that name, or for NULL the best one that this processor can run. TETRA_EINVAL. */
TETRA_NODISCARD int tetra_kernel_find(const char *name, const struct tetra_kernel **kernel, struct tetra_error *err);

/* Unpacks `count` consecutive codes that start at a byte boundary. */
void tetra_codes_f32(enum tetra_fmt fmt, const uint8_t *src, int count, float *dst);
void tetra_codes_i32(enum tetra_fmt fmt, const uint8_t *src, int count, int32_t *dst);
/* The same as bytes for a kernel: code - tetra_stored_zero(fmt, flip). */
void tetra_codes_stored(enum tetra_fmt fmt, int flip, const uint8_t *src, size_t count, uint8_t *dst);
TETRA_NODISCARD int tetra_stored_zero(enum tetra_fmt fmt, int flip);

/* A convolution's weights as a kernel reads them. */
struct tetra_packed {
  int n_blocks;
  struct tetra_block *blocks;
  void *memory; /* of all blocks' arrays */
};
/* How codes under a window lie in memory: `runs` stretches of `length` codes each, at these distances in bytes. */
struct tetra_runs {
  int runs, length, per_row; /* per_row runs of a kernel row */
  size_t row, tap;           /* from one kernel row, or run in a row, to the next */
};
/* Weights [cout][taps][cin / groups], the runs being cin codes a tap, for codes that are stored as 0..most or less,
 * code = stored + zero. */
struct tetra_weights {
  const int8_t *w;
  int cout, cin, groups, most, zero;
};
/* Packs them. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_pack_weights(struct tetra_packed *p, const struct tetra_kernel *k,
                                       const struct tetra_weights *m, const struct tetra_runs *runs);
void tetra_packed_free(struct tetra_packed *p);
/* Of a depthwise convolution with as many outputs as inputs, weights [cout][taps] (cin and groups are cout), for
 * kernels' depthwise tiles. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_pack_depthwise(struct tetra_packed *p, const struct tetra_kernel *k,
                                         const struct tetra_weights *m, const struct tetra_runs *runs);

/* What is made of an op before it runs for the first time, for operands of these shapes. */
struct tetra_fast_op {
  const struct tetra_kernel *kernel;
  const struct tetra_op *op;
  struct tetra_table tables[TETRA_MAX_OUTPUTS];
  int ready, direct; /* direct: a kernel reads the input tensor as it lies */
  int cols;          /* pixels of a row of codes, padding included */
  struct tetra_runs runs;
  int blocks;                                        /* of output channels */
  tetra_tile_fn *tile;                               /* the kernel's for the packed weights */
  struct tetra_packed packed, more[TETRA_MAX_EXTRA]; /* of the arrays of weights; in blocks that are alike */
  struct tetra_winograd *winograd;                   /* in the place of packed */
  struct tetra_blas *blas;
};
TETRA_NODISCARD int tetra_fast_op_init(struct tetra_fast_op *f, const struct tetra_kernel *k,
                                       const struct tetra_op_io *io, struct tetra_error *err);
void tetra_fast_op_free(struct tetra_fast_op *f);

/* Channels first.. of output pixels pixel.. (counted over the batch, row-major), at most a block and kTilePixels of
 * them, from raw accumulators that lie as a kernel's tile leaves them. */
void tetra_sink_tile(const struct tetra_fast_op *f, const struct tetra_op_io *io, size_t pixel, int pixels, int first,
                     int channels, const int32_t *acc);
/* Finishes `count` output pixels from `pixel` on (counted over the batch, row-major): all channels, whose raw
 * accumulators follow each other. */
void tetra_sink_pixels(const struct tetra_fast_op *f, const struct tetra_op_io *io, size_t pixel, size_t count,
                       const int32_t *acc);

/* Max pool of a fused convolution over rows of its plane, which are the codes of plane rows y0.. of one image, a byte
 * each: writes rows p0..p1-1 of output o, image n. */
void tetra_pool_rows(const struct tetra_op_io *io, int o, int n, const uint8_t *plane, int y0, int p0, int p1);

/* The threads that work on an op, each with memory of its own that stays for the next one. */
struct tetra_crew {
  struct tetra_threads *threads;
  int count;
  void **room; /* [count] */
  size_t bytes;
};
TETRA_NODISCARD int tetra_crew_open(struct tetra_crew *crew, int threads, struct tetra_error *err);
void tetra_crew_close(struct tetra_crew *crew);
/* Gives every worker at least so many bytes in room[], on a boundary of 64; what was in it is lost. TETRA_ENOMEM. */
TETRA_NODISCARD int tetra_crew_need(struct tetra_crew *crew, size_t bytes);

/* Executors; each shares its work among the crew. TETRA_ENOMEM is their only error. */
TETRA_NODISCARD int tetra_fast_conv(const struct tetra_fast_op *f, const struct tetra_op_io *io,
                                    struct tetra_crew *crew);
/* Sums without bias as floats, [pixels][cout], by a kernel that has tiles: io->op has no outputs and no pool,
 * io->out[0] only a shape. */
TETRA_NODISCARD int tetra_fast_sums(const struct tetra_fast_op *f, const struct tetra_op_io *io,
                                    struct tetra_crew *crew, float *sums);
TETRA_NODISCARD int tetra_fast_window(const struct tetra_fast_op *f, const struct tetra_op_io *io,
                                      struct tetra_crew *crew);
TETRA_NODISCARD int tetra_blas_conv(const struct tetra_fast_op *f, const struct tetra_op_io *io,
                                    struct tetra_crew *crew);
/* Row of the im2col matrix: the kh*kw*cin codes under output pixel `pixel`, as floats, in the weights' order. */
void tetra_im2col_pixel(const struct tetra_op *op, const struct tetra_tensor *in, int ho, int wo, size_t pixel,
                        float *row);
/* Winograd's way is for 3x3 windows with 4-bit operands: 1 where an op can take it and gains by it. */
TETRA_NODISCARD int tetra_winograd_fits(const struct tetra_kernel *k, const struct tetra_op_io *io);
TETRA_NODISCARD int tetra_winograd_init(struct tetra_winograd **w, const struct tetra_kernel *k,
                                        const struct tetra_op_io *io);
void tetra_winograd_free(struct tetra_winograd *w);
TETRA_NODISCARD int tetra_winograd_conv(const struct tetra_fast_op *f, const struct tetra_op_io *io,
                                        struct tetra_crew *crew);
TETRA_NODISCARD int tetra_blas_init(struct tetra_blas **b, const struct tetra_op_io *io);
void tetra_blas_free(struct tetra_blas *b);

#endif
