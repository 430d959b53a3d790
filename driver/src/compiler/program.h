/* The compiler's intermediate form: engine programs over ring-allocated buffer segments, before addresses and tokens.
 *
 * Lowering appends loads, computes and stores in the order in which their engines run them; an index in such a list is
 * the engine's completion count minus one. schedule.c assigns buffer addresses, tokens and the order in the command
 * ring.
 */
#ifndef TETRA_COMPILER_PROGRAM_H
#define TETRA_COMPILER_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "tetra/ceil_div.h"
#include "tetra/plan.h"

/* Loads of one queue keep their order; the scheduler merges the queues. One for each buffer, except that image rows
 * (RES) go with the PACKs (ACT) that read them. */
enum { kQueues = 4 };

/* A piece of one buffer, allocated and freed first-in first-out. */
struct segment {
  int buf;              /* TETRA_BUF_* */
  uint32_t words;       /* words, half-words or parameter entries */
  uint32_t addr;        /* assigned by the scheduler */
  int32_t first_load;   /* index of the first load that fills it; -1: none yet */
  int queue;            /* queue of its loads */
  int32_t loaded;       /* loads of that queue up to its last one */
  int32_t last_compute; /* COMPUTEs and STOREs (by drain) up to the last that reads it; 0: none */
  int32_t last_drain;
};

struct load_op {
  struct tetra_cmd cmd;
  int queue;
  int32_t segment;                  /* destination */
  uint32_t offset;                  /* in the segment, in the units of the command's DST_ADDR */
  int32_t pack_source;              /* PACK: segment of the image rows, else -1 */
  uint32_t beats;                   /* time that it takes: bus beats, or a PACK's cycles */
  int32_t need_store;               /* STOREs that must have completed: the producer of the data */
  int32_t wait_compute, wait_drain; /* completion counts that free its space; by the scheduler */
  int32_t tile;                     /* first tile that needs it */
  int32_t position;                 /* in the load engine's order; by the scheduler */
};

struct compute_op {
  struct tetra_cmd cmd;
  int32_t act_segment; /* ACT_BASE is relative to it */
  int32_t act_offset;  /* may be negative (padding) */
  int32_t wgt_segment;
  uint32_t wgt_offset;
  int32_t need_load[kQueues]; /* loads that must have completed, by queue */
  uint32_t cycles;            /* array cycles */
  int32_t need_drain;         /* STOREs that must have been drained: frees the accumulator buffer */
};

/* Where a tile's parameters are: entries of its outputs, one after the other. */
struct tile_params {
  int32_t segment;
  uint32_t offset; /* entries */
};

struct store_op {
  struct tetra_cmd cmd;
  int32_t res_segment; /* -1: none */
  struct tile_params par;
  int32_t need_load[kQueues]; /* residual and parameters, and readers of the memory it overwrites */
  uint32_t beats;             /* that it writes */
  int32_t need_compute;
};

/* One accumulator tile: computes first_compute .. and one store. */
struct tile_op {
  int32_t first_compute, n_computes;
};

/* A tile of output pixels: images img0..img1-1 whole, or rows y0..y1-1, columns x0..x1-1 of one image. */
struct pixels {
  int img0, img1, y0, y1, x0, x1;
};
static inline int pixels_count(const struct pixels *t) {
  return (t->img1 - t->img0) * (t->y1 - t->y0) * (t->x1 - t->x0);
}

/* Part of a value that a store has written, to find what a load must wait for. */
struct written {
  int32_t value, store;
  int32_t img0, img1, row0, row1, blk0, blk1; /* half-open ranges */
  int32_t cols;
};

struct extra;

struct program {
  const struct tetra_graph *g;
  struct extra *extra; /* by op; NULL until extras_find */
  struct tetra_caps caps;
  struct tetra_plan *plan;
  struct segment *segments;
  struct load_op *loads;
  struct compute_op *computes;
  struct store_op *stores; /* store i belongs to tile i */
  struct tile_op *tiles;
  struct written *written;
  int32_t n_segments, n_loads, n_computes, n_stores, n_tiles, n_written;
  int32_t cap_segments, cap_loads, cap_computes, cap_stores, cap_tiles, cap_written;
  int32_t *written_from;              /* first record of a value, by value; -1: none yet (it is the network's input) */
  int32_t *written_to;                /* one past its last record */
  int32_t (*loads_after_op)[kQueues]; /* number of loads after op i was lowered, by queue */
  int32_t *reuse_after_op;         /* by value: last op whose loads read memory that this value overwrites; -1: none */
  int32_t n_queue[kQueues];        /* loads so far, by queue */
  int32_t next_need_load[kQueues]; /* loads that the next COMPUTE needs (program_use) */
  int layer;                       /* op being lowered */
  int splits;                      /* weight LOADs to split in two (program_want_splits) */
  uint32_t pool_line;              /* line-buffer word of the next STORE with a fused pool */
  int failed;                      /* an allocation failed; checked once per op */
  int uncovered;                   /* a load reads what no STORE before it writes: the lowering is wrong */
};

/* Where an op's constants lie in DRAM. */
struct constants {
  uint32_t weights; /* conv: weights; others: the identity matrix */
  uint32_t params;  /* [tile][output][half] entries of n*16 bytes */
};

/* ---- program.c ---- */
TETRA_NODISCARD int program_init(struct program *p, const struct tetra_graph *g, const struct tetra_caps *caps,
                                 struct tetra_plan *plan);
void program_free(struct program *p);
/* New segment, filled by loads of its buffer's queue; returns its index. */
int32_t program_segment(struct program *p, int buf, uint32_t words);
/* LOAD of `count` rows of `beats` beats into `segment` at `offset`; returns its index. */
int32_t program_load(struct program *p, int32_t segment, uint32_t offset, uint32_t addr, uint32_t beats, uint32_t count,
                     uint32_t dst_stride, uint32_t addr_stride);
/* Makes the last of them narrow the weights that it loads: NARROW_LOW, NARROW_HIGH. */
void program_narrow(struct program *p, uint32_t narrow);
/* Adds a prepared PACK that takes `cycles`. */
int32_t program_pack(struct program *p, const struct tetra_cmd *cmd, int32_t segment, int32_t rows_segment,
                     uint32_t cycles);
/* Makes load `i` wait for whoever writes that part of `value`. */
void program_depend(struct program *p, int32_t i, int value, int img0, int img1, int row0, int row1, int blk0,
                    int blk1);
/* Records that the next store writes that part of `value`. */
void program_record(struct program *p, int value, const struct pixels *px, int blk0, int blk1);
/* Begins a tile, adds a COMPUTE to it (fills LAYER, ACC_BUF), ends it with its STORE. The accumulator buffers
 * alternate. */
void program_begin_tile(struct program *p);
void program_compute(struct program *p, const struct compute_op *c);
/* The next COMPUTE of the running tile also reads `segment`. */
void program_use(struct program *p, int32_t segment);
void program_end_tile(struct program *p, const struct store_op *s);
/* A command with its op and layer set. */
struct tetra_cmd program_command(const struct program *p, int op);

/* Asks the next interleave to split a few weight LOADs, so that these and the commands before it fill whole bursts of
 * the fetch unit: layers that are alike then meet it in the same phase and take the same time. One with too few weights
 * does not. */
void program_want_splits(struct program *p);

/* ---- shapes shared by all ops ---- */
/* One past the last byte of memory, below 4 GiB. */
static inline uint64_t memory_end(const struct tetra_compile_options *o) {
  const uint64_t end = (uint64_t)o->dram_base + o->dram_size;
  return end < 0xffffffffu ? end : 0xffffffffu;
}
static inline uint64_t whole_pages(uint64_t bytes) {
  return (bytes + TETRA_PAGE_BYTES - 1) & ~(uint64_t)(TETRA_PAGE_BYTES - 1);
}
/* Beats of a parameter entry: n records, n bytes a beat. */
enum { kParamBeats = TETRA_PARAM_BYTES };
static inline int min_int(int a, int b) { return a < b ? a : b; }
static inline int max_int(int a, int b) { return a > b ? a : b; }
/* Channels in a block of this format. */
static inline int block_channels(uint32_t n, enum tetra_fmt f) { return (int)n * (tetra_fmt_bits(f) == 4 ? 2 : 1); }
static inline int blocks_of(uint32_t n, const struct tetra_desc *d) { return (int)tetra_layout_blocks(n, d); }
/* True where op i's input is the densely packed image. */
TETRA_NODISCARD int op_is_packed(const struct tetra_graph *g, int i);

/* ---- constants.c ---- */
/* Says where every op's weights and parameters are (addresses from const_addr), and sets plan->const_bytes. */
TETRA_NODISCARD int constants_place(const struct program *p, struct constants *where, struct tetra_error *err);
/* Behind constants_place: makes them, plan->const_data. */
TETRA_NODISCARD int constants_build(const struct program *p, struct tetra_error *err);
/* Behind constants_build: takes weights and identity matrices from `other`, where they lie in memory, and leaves the
 * parameters. TETRA_EINVAL where they are not the same ones. */
TETRA_NODISCARD int constants_share(const struct program *p, const struct tetra_plan *other, struct constants *where,
                                    struct tetra_error *err);
/* A conv's kernel as the hardware sees it: a packed one is 1x1 over kh*kw*cin channels, in one group. */
struct weight_shape {
  int act8, wgt8, lanes, outs; /* operand widths; input and output channels of a k-step */
  int kb, kh, kw, cin, cout;
  int group_cin, group_cout; /* channels of a group */
  int packed;
};
struct weight_shape weight_shape(const struct tetra_graph *g, uint32_t n, int op);
/* Of the op's array, over cin input channels: the weight of output channel co at the hardware's kernel position and
 * channel; 0 outside and between groups. */
TETRA_NODISCARD int weight_at(const struct tetra_op *op, const struct weight_shape *s, int cin, int array, int co,
                              int ky, int kx, int ci);
/* The outputs of one k-step after the other are slices of `outs` channels. The input blocks that slice i reads: those
 * that its channels' groups cover. */
struct blocks {
  int first, end; /* half open */
};
TETRA_NODISCARD int weight_slices(const struct weight_shape *s);
/* 1 where an op's 4-bit weights lie in DRAM as the 8-bit ones that hold them, which LOADs narrow: a dense convolution
 * over 8-bit codes, whose weights are in the same order with either width. weight_stored is their shape there; of all
 * other ops it is weight_shape. */
int weight_narrows(const struct tetra_graph *g, int op);
struct weight_shape weight_stored(const struct tetra_graph *g, uint32_t n, int op);
struct blocks weight_blocks(const struct weight_shape *s, int i);
/* Of the slices before slice i, in all: how many blocks of weights lie before its own. */
int64_t weight_blocks_before(const struct weight_shape *s, int i);

/* ---- extra.c ---- */
/* K-steps of one of an op's arrays of weights beside the first: channel blocks, and of the kernel kh rows of kw
 * positions from (ky, kx) on. */
struct extra_run {
  int slice, array;
  struct blocks blocks;
  int ky, kx, kh, kw;
  int piece, before; /* where its weights are: k-steps of the piece before them */
};
/* Weights that are loaded at once: runs of one slice. `before`: k-steps of pieces before it. */
struct extra_piece {
  int64_t before;
  int steps;
};
struct extra {
  struct extra_run *runs; /* slice by slice; slice i has slice_run[i]..slice_run[i + 1] - 1 */
  int n_runs, *slice_run;
  struct extra_piece *pieces;
  int n_pieces;
  int64_t steps;           /* in all */
  int tile_steps;          /* most of one channel tile */
  uint32_t step_halfwords; /* weights of one */
};
/* Those of every op of the program; all 0 where it has one array. TETRA_ENOMEM; extras_free is due in any case. */
TETRA_NODISCARD int extras_find(struct program *p);
void extras_free(struct program *p);

/* ---- interleaves.c ---- */
/* Ops that are lowered together, their strips in turns, are an interleave: by op, the first and last of its own. */
struct interleaves {
  int32_t *first, *last;
};
/* Chooses them such that memory-bound convs run beside compute-bound ones. */
TETRA_NODISCARD int interleaves_choose(struct interleaves *s, const struct program *p, struct tetra_error *err);
void interleaves_free(struct interleaves *s);
/* Lowers ops first..last, interleaved. */
TETRA_NODISCARD int lower_interleaved(struct program *p, int first, int last, const struct constants *consts,
                                      struct tetra_error *err);

/* ---- place.c ---- */
/* Gives every value a region from `start` on; fills plan->values and reuse_after_op. Values share memory by next fit in
 * an arena, or by first fit in as little as that takes. *end is one past the last byte. */
TETRA_NODISCARD int place_values(struct program *p, const struct interleaves *interleaves,
                                 const struct tetra_compile_options *o, int next_fit, uint64_t start, uint64_t *end,
                                 struct tetra_error *err);

/* ---- lower_conv.c, lower_window.c, lower_tile.c ---- */
TETRA_NODISCARD int lower_conv(struct program *p, int op, const struct constants *c, struct tetra_error *err);
/* A conv whatever its kernel, split over k: for those that do not fit lower_conv's loops. */
TETRA_NODISCARD int lower_split(struct program *p, int op, const struct constants *c, struct tetra_error *err);
TETRA_NODISCARD int lower_packed(struct program *p, int op, const struct constants *c, struct tetra_error *err);
TETRA_NODISCARD int lower_window(struct program *p, int op, const struct constants *c, struct tetra_error *err);

/* How a plane of ho x wo pixels of `images` images is cut into accumulator tiles. */
struct cut {
  int images, ho, wo, y0, x0; /* y0, x0: where the rectangle of ho x wo pixels begins in the output plane */
  int imgs, rows, cols;       /* of a tile: imgs > 1 only where rows = ho and cols = wo */
};
struct cut cut_plane(const struct program *p, int op);
TETRA_NODISCARD int cut_count(const struct cut *c);
struct pixels cut_tile(const struct cut *c, int i);

/* Input rows that output rows y0..y1-1 of op read, clipped to the plane. */
void input_rows(const struct tetra_op *op, int in_h, int y0, int y1, int *row0, int *row1);
/* Fills a COMPUTE's pixel loop for rows and columns of one image: window, strides, padding. row_stride: words between
 * the rows that are in the buffer, row_step: input rows between them (neighbouring columns are neighbouring words). */
void set_window(struct tetra_cmd *cmd, const struct tetra_op *op, const struct tetra_desc *in, const struct pixels *t,
                int row_stride, int row_step);
enum { WINDOW_FIELD_MOST = 255 }; /* kernel sides, strides and dilations of a COMPUTE or PACK have 8 bits each */
TETRA_NODISCARD int window_has_fields(const struct tetra_window *w);
/* The same window for tile t of op: of a single row or column of output the stride is nothing, and becomes 1. */
struct tetra_op op_for_tile(const struct tetra_op *op, const struct pixels *t);
/* The op as far as the window goes, of a kernel that is its kh rows of kw positions from (ky, kx) on. */
struct tetra_op op_for_kernel(const struct tetra_op *op, int ky, int kx, int kh, int kw);
/* Loads rows row0, row0 + step, ... of blocks blk0..blk1-1 of a value, for `px`'s images, laid out
 * [block][image][row][x], into `segment` at `offset`. */
void load_plane(struct program *p, int32_t segment, uint32_t offset, int value, const struct pixels *px, int row0,
                int rows, int step, int blk0, int blk1);
/* Loads the residual as needed and appends the STORE of a tile of pixels for channel tile `t`. */
void store_tile(struct program *p, int op, const struct pixels *px, int t, struct tile_params params);

/* ---- pool.c ---- */
/* What a tile of a conv's plane gives after the fused pool, and how the line buffer is used. Without pool `out` is the
 * tile. */
struct pooled {
  struct pixels out;
  int odd_y, top, end; /* fields of the STORE */
  int early;           /* only windows that a later tile completes, into the same words */
};
struct pooled pool_tile(const struct tetra_graph *g, int op, const struct pixels *px);
/* Line-buffer words of one channel tile. */
uint32_t pool_line_words(const struct program *p, int op);
/* The pool's fields of a STORE; its line-buffer word is p->pool_line. */
void pool_fields(const struct program *p, struct tetra_cmd *cmd, int op, const struct pixels *px,
                 const struct pooled *t);

/* ---- weights.c ---- */
/* The weights of an op in pieces of whole channel blocks, loaded when first asked for. */
struct weights {
  struct weight_shape shape, stored; /* in the array; in DRAM */
  int loads;                /* bytes of DRAM for one in the buffer: 2 where 8-bit weights are narrowed, else 1 */
  uint32_t base;            /* DRAM address */
  int kb, chunk_kb, chunks; /* most channel blocks of a (tile, half); blocks of a piece; most pieces */
  uint32_t kb_halfwords;    /* of one channel block */
  int parts;                /* 2 for 8-bit weights: halves are apart; 1: both at once */
  int tiles;
  const struct extra *extra; /* arrays beside the first: behind it in DRAM */
  int32_t *segment;          /* [tile][part][chunk], then the pieces of `extra`; -1: not loaded */
};
/* What of it depends on nothing but the op's weights and the hardware: all but base and segment. */
void weights_measure(struct weights *w, const struct program *p, int op);
TETRA_NODISCARD int weights_init(struct weights *w, const struct program *p, int op, const struct constants *c);
void weights_free(struct weights *w);
/* Forgets what is loaded: the next use loads again. */
void weights_forget(struct weights *w);
/* Parts of channel tile t that hold channels; pieces of one of them. */
TETRA_NODISCARD int weights_parts(const struct weights *w, int tile);
TETRA_NODISCARD int weights_chunks(const struct weights *w, int tile, int part);
/* The input's channel blocks that a piece meets. */
struct blocks weights_chunk(const struct weights *w, int tile, int part, int chunk);
/* The channel blocks of the input that channel tiles ct0..ct1-1 read. */
struct blocks weights_input(const struct weights *w, int ct0, int ct1);
/* Segment of a piece, loaded now if it is not there yet. */
int32_t weights_get(struct weights *w, struct program *p, int tile, int part, int chunk);
/* Half-words of the largest channel tile, all parts. */
uint32_t weights_tile_halfwords(const struct weights *w);
/* Sets weight fields of a COMPUTE for that piece. */
void weights_set(const struct weights *w, struct compute_op *c, int tile, int part, int chunk, int32_t segment);
/* Runs of the arrays beside the first, by index in extra->runs; segment and fields of one. */
struct blocks weights_runs(const struct weights *w, int tile, int part);
int32_t weights_get_run(struct weights *w, struct program *p, int run);
void weights_set_run(const struct weights *w, struct compute_op *c, int part, int run, int32_t segment);

/* ---- params.c ---- */
/* The parameters of an op in pieces of whole channel tiles, loaded when first asked for. */
struct params {
  uint32_t base; /* DRAM address */
  int entries, outputs;
  int piece, pieces; /* channel tiles of a piece; pieces */
  int keep;          /* pieces stay for the next use; else only one at a time does, */
  int each_tile;     /* or none: they are loaded for each tile */
  int last;          /* piece asked for last; -1: none */
  int32_t *segment;  /* by piece; -1: not loaded */
};
/* Parameter entries of an op. */
TETRA_NODISCARD int params_entries(const struct tetra_op *op, uint32_t n);
/* shared_entries: those of all ops of this one's interleave, itself included; 0: it is lowered alone. */
TETRA_NODISCARD int params_init(struct params *v, const struct program *p, int op, const struct constants *c,
                                int shared_entries);
void params_free(struct params *v);
/* Those of a tile, loaded now if they are not there. */
struct tile_params params_get(struct params *v, struct program *p, int tile);

/* ---- schedule.c ---- */
/* Assigns buffer addresses and tokens and merges the engines' programs into plan->cmds. */
TETRA_NODISCARD int schedule(struct program *p, struct tetra_error *err);

#endif
