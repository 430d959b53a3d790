/* A convolution being lowered. */
#ifndef TETRA_COMPILER_CONV_H
#define TETRA_COMPILER_CONV_H

#include "compiler/program.h"

struct conv {
  struct program *p;
  const struct tetra_op *op;
  const struct tetra_desc *in;
  int index;
  struct cut cut;
  struct weights w;
  int strips, strip_tiles; /* strips of full-width tiles; tiles in one */
  int row_step;            /* input rows between rows kept: the stride where rows between are not read */
  /* The plan. */
  int passes, pass_tiles, resident, band_strips; /* passes over so many channel tiles each */
  int kb;                                        /* most channel blocks of the input that a pass reads */
  int rows_mode; /* [row][block][x], neighbouring bands share rows; else [block][image][row][x] */
  /* Running state. */
  struct blocks kept; /* channel blocks of the pass: all that is loaded */
  struct pixels band; /* output pixels of the band */
  int row0, rows;     /* its input rows: first, number kept */
  int32_t *act;       /* plane mode: segment of each piece of the kept blocks; rows mode: of each input row */
  int piece_kb, pieces;
  int next_strip, next_ct,
      next_tile; /* interleaved: first strip of the band under way, channel tile, strip in the band */
  int row_image; /* rows mode: image whose rows `act` describes */
  struct params params;
};

/* Prepares op for lowering. rows_per_tile > 0: it is interleaved with others, i.e. its weights stay resident and it is
 * lowered tile by tile (conv_step), in tiles of so many rows and bands of as many as fit an accumulator buffer;
 * shared_entries as for params_init. conv_free is due in any case. */
TETRA_NODISCARD int conv_init(struct conv *v, struct program *p, int op, const struct constants *c, int rows_per_tile,
                              int shared_entries, struct tetra_error *err);
void conv_free(struct conv *v);
/* Tiles that conv_step lowers in all. */
TETRA_NODISCARD int conv_tiles(const struct conv *v);
/* Lowers the next tile of an interleaved conv. */
void conv_step(struct conv *v);
/* True where conv_step would begin a band (and load its input); *band is its output pixels. */
TETRA_NODISCARD int conv_at_band(const struct conv *v, struct pixels *band);
/* Strips of pixel tiles that are complete in all channels. */
TETRA_NODISCARD int conv_strips_done(const struct conv *v);

#endif
