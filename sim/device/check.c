/* The rules for commands of docs/commands.md, as fetch applies them (rtl/control/tetra_check.sv). */
#include "device/core.h"

static uint64_t get(const struct tetra_cmd *c, struct tetra_field f) { return tetra_cmd_get(c, f); }
static int extent_bad(uint64_t v) { return v >= 32768; }

static uint32_t check_load(const struct tetra_cmd *c, const struct tetra_caps *caps) {
  const uint64_t beats = get(c, TETRA_F_LOAD_BEATS) * get(c, TETRA_F_LOAD_COUNT);
  const uint64_t narrow = get(c, TETRA_F_LOAD_NARROW);
  if (beats == 0 || beats > TETRA_MAX_BUF_WORDS || narrow > TETRA_NARROW_HIGH) return TETRA_ERR_ILLEGAL_FIELD;
  if (narrow != TETRA_NARROW_NONE && get(c, TETRA_F_LOAD_DST) != TETRA_BUF_WGT) return TETRA_ERR_ILLEGAL_FIELD;
  const uint64_t low = get(c, TETRA_F_LOAD_ADDR) | get(c, TETRA_F_LOAD_ADDR_STRIDE);
  return low % caps->n != 0 ? TETRA_ERR_MISALIGNED : TETRA_ERR_NONE;
}

static uint32_t check_pack(const struct tetra_cmd *c, const struct tetra_caps *caps) {
  const uint64_t pixels = get(c, TETRA_F_PACK_OY) * get(c, TETRA_F_PACK_OX);
  const uint64_t elements = get(c, TETRA_F_PACK_KH) * get(c, TETRA_F_PACK_SEG);
  const uint64_t ring = get(c, TETRA_F_PACK_RING_ROWS), step = get(c, TETRA_F_PACK_SY);
  const int bad = pixels == 0 || pixels > caps->acc_pixels || elements == 0 ||
                  elements > (uint64_t)TETRA_MAX_BUF_WORDS * caps->n || get(c, TETRA_F_PACK_SLOT) >= ring ||
                  step == 0 || step > ring || extent_bad(get(c, TETRA_F_PACK_ROW_ELEMS)) ||
                  extent_bad(get(c, TETRA_F_PACK_H));
  return bad ? TETRA_ERR_ILLEGAL_FIELD : TETRA_ERR_NONE;
}

static uint32_t check_compute(const struct tetra_cmd *c, const struct tetra_caps *caps) {
  const uint64_t pixels = get(c, TETRA_F_COMP_OY) * get(c, TETRA_F_COMP_OX);
  const uint64_t steps = get(c, TETRA_F_COMP_KB) * get(c, TETRA_F_COMP_KH) * get(c, TETRA_F_COMP_KW);
  const int bad = pixels == 0 || pixels > caps->acc_pixels || steps == 0 || steps > TETRA_MAX_BUF_WORDS ||
                  extent_bad(get(c, TETRA_F_COMP_H)) || extent_bad(get(c, TETRA_F_COMP_W)) ||
                  (!get(c, TETRA_F_COMP_ACT8) && get(c, TETRA_F_COMP_WGT_BASE) % 2 != 0);
  return bad ? TETRA_ERR_ILLEGAL_FIELD : TETRA_ERR_NONE;
}

/* The words that a section of a pooled STORE announces must be those that the pool lets out. */
static int pool_bad(const struct tetra_cmd *c, const struct tetra_caps *caps) {
  const uint64_t rows = get(c, TETRA_F_STORE_POOL_ROWS), row = get(c, TETRA_F_STORE_SEG_BEATS);
  const uint64_t odd = get(c, TETRA_F_STORE_POOL_ODD_Y), top = get(c, TETRA_F_STORE_POOL_TOP);
  const uint64_t ends = get(c, TETRA_F_STORE_POOL_END) && rows % 2 == odd;
  /* Signed in a way: a plane of one row has fewer than none, and announces none. */
  const uint64_t lines = (rows + !odd) / 2 - (top && !odd) + ends;
  const uint64_t windows = (row + get(c, TETRA_F_STORE_POOL_PAD_X)) / 2;
  return row < 2 || get(c, TETRA_F_STORE_RES_FORM) != TETRA_RES_FORM_NONE || rows > caps->acc_pixels ||
         row > caps->acc_pixels || get(c, TETRA_F_STORE_PIXELS) != rows * row ||
         get(c, TETRA_F_STORE_POOL_BEATS) != windows * lines;
}

static uint32_t check_store(const struct tetra_cmd *c, const struct tetra_caps *caps) {
  const uint64_t pixels = get(c, TETRA_F_STORE_PIXELS), two = get(c, TETRA_F_STORE_TWO_OUT);
  if (pixels == 0 || pixels > caps->acc_pixels || get(c, TETRA_F_STORE_SEG_BEATS) == 0 ||
      get(c, TETRA_F_STORE_OUT0_RND) > TETRA_ROUND_LAST || (two && get(c, TETRA_F_STORE_OUT1_RND) > TETRA_ROUND_LAST) ||
      (get(c, TETRA_F_STORE_POOL_BEATS) != 0 && pool_bad(c, caps)))
    return TETRA_ERR_ILLEGAL_FIELD;
  uint64_t low =
      get(c, TETRA_F_STORE_SEG_STRIDE) | get(c, TETRA_F_STORE_OUT0_ADDR) | get(c, TETRA_F_STORE_OUT0_HALF_STRIDE);
  if (two) low |= get(c, TETRA_F_STORE_OUT1_ADDR) | get(c, TETRA_F_STORE_OUT1_HALF_STRIDE);
  return low % caps->n != 0 ? TETRA_ERR_MISALIGNED : TETRA_ERR_NONE;
}

uint32_t dev_check(const struct tetra_cmd *c, const struct tetra_caps *caps) {
  switch (tetra_cmd_get(c, TETRA_F_OP)) {
    case TETRA_OP_LOAD:
      return check_load(c, caps);
    case TETRA_OP_PACK:
      return check_pack(c, caps);
    case TETRA_OP_COMPUTE:
      return check_compute(c, caps);
    case TETRA_OP_STORE:
      return check_store(c, caps);
    case TETRA_OP_SYNC:
      return TETRA_ERR_NONE;
    default:
      return TETRA_ERR_ILLEGAL_OP;
  }
}
