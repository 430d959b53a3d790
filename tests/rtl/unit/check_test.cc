// tetra_check: what it accepts is what docs/commands.md says, on both sides of every bound and whatever stands in
// fields that the operation does not use.
#include <ostream>
#include <utility>

#include "common/fields.h"
#include "common/random_commands.h"
#include "util.h"

namespace {

using tetra_test::AllFields;
using tetra_test::NamedField;
using tetra_test::Set;
using Fields = std::vector<std::pair<tetra_field, uint32_t>>;

constexpr uint32_t kAccPixels = TETRA_DEF_ACC_PIXELS, kField = TETRA_ERR_ILLEGAL_FIELD, kAlign = TETRA_ERR_MISALIGNED;

// The smallest legal command of each operation: every count and extent 1.
tetra_cmd Least(uint32_t op) {
  tetra_cmd c = {};
  Set(&c, TETRA_F_OP, op);
  Fields ones;
  if (op == TETRA_OP_LOAD) ones = {{TETRA_F_LOAD_BEATS, 1}, {TETRA_F_LOAD_COUNT, 1}};
  if (op == TETRA_OP_PACK)
    ones = {{TETRA_F_PACK_RING_ROWS, 1}, {TETRA_F_PACK_KH, 1}, {TETRA_F_PACK_SEG, 1},
            {TETRA_F_PACK_OY, 1},        {TETRA_F_PACK_OX, 1}, {TETRA_F_PACK_SY, 1}};
  if (op == TETRA_OP_COMPUTE)
    ones = {
        {TETRA_F_COMP_KB, 1}, {TETRA_F_COMP_KH, 1}, {TETRA_F_COMP_KW, 1}, {TETRA_F_COMP_OY, 1}, {TETRA_F_COMP_OX, 1}};
  if (op == TETRA_OP_STORE) ones = {{TETRA_F_STORE_PIXELS, 1}, {TETRA_F_STORE_SEG_BEATS, 1}};
  for (const auto &f : ones) Set(&c, f.first, f.second);
  return c;
}

class CheckBench {
 public:
  uint32_t Cause(const tetra_cmd &c) {
    SetPort(b_.top->chk_cmd_i, c.word, sizeof c.word);
    b_.Settle();
    return b_.top->chk_cause_o;
  }
  // The same with noise in every bit that does not count.
  uint32_t NoisyCause(Random &rnd, tetra_cmd c) {
    tetra_test::AddNoise(rnd, &c);
    return Cause(c);
  }

 private:
  Bench b_;
};

// A bound: the fields at their last legal values, and the same with the field that goes beyond.
struct Bound {
  const char *name;
  uint32_t op;
  Fields legal, illegal;
  uint32_t cause;
};

const std::vector<Bound> &Bounds() {
  const uint32_t load = TETRA_OP_LOAD, pack = TETRA_OP_PACK, comp = TETRA_OP_COMPUTE, store = TETRA_OP_STORE,
                 max = TETRA_MAX_BUF_WORDS;
  // A plane's only four rows of 6 pixels: rows 0..3 give two lines of 3 windows.
  const Fields pool = {{TETRA_F_STORE_PIXELS, 24},    {TETRA_F_STORE_SEG_BEATS, 6}, {TETRA_F_STORE_POOL_ROWS, 4},
                       {TETRA_F_STORE_POOL_BEATS, 6}, {TETRA_F_STORE_POOL_TOP, 1},  {TETRA_F_STORE_POOL_END, 1}};
  auto with = [](Fields a, const Fields &b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  };
  static const std::vector<Bound> bounds = {
      {"load_beats", load, {}, {{TETRA_F_LOAD_BEATS, 0}}, kField},
      {"load_count", load, {}, {{TETRA_F_LOAD_COUNT, 0}}, kField},
      {"load_one_row", load, {{TETRA_F_LOAD_BEATS, max}}, {{TETRA_F_LOAD_BEATS, max + 1}}, kField},
      {"load_rows_of_a_beat", load, {{TETRA_F_LOAD_COUNT, 65535}}, {{TETRA_F_LOAD_BEATS, 2}}, kField},
      {"load_rows",
       load,
       {{TETRA_F_LOAD_BEATS, 256}, {TETRA_F_LOAD_COUNT, max / 256}},
       {{TETRA_F_LOAD_COUNT, max / 256 + 1}},
       kField},
      {"load_most", load, {}, {{TETRA_F_LOAD_BEATS, 0xfffff}, {TETRA_F_LOAD_COUNT, 0xffff}}, kField},
      {"load_narrow",
       load,
       {{TETRA_F_LOAD_DST, TETRA_BUF_WGT}, {TETRA_F_LOAD_NARROW, TETRA_NARROW_HIGH}},
       {{TETRA_F_LOAD_NARROW, 3}},
       kField},
      {"load_narrow_of_weights",
       load,
       {{TETRA_F_LOAD_DST, TETRA_BUF_WGT}, {TETRA_F_LOAD_NARROW, TETRA_NARROW_LOW}},
       {{TETRA_F_LOAD_DST, TETRA_BUF_ACT}},
       kField},
      {"load_addr", load, {{TETRA_F_LOAD_ADDR, 0xfffffffc & -kN}}, {{TETRA_F_LOAD_ADDR, kN / 2}}, kAlign},
      {"load_stride", load, {{TETRA_F_LOAD_ADDR_STRIDE, kN}}, {{TETRA_F_LOAD_ADDR_STRIDE, 1}}, kAlign},
      {"pack_ring", pack, {}, {{TETRA_F_PACK_RING_ROWS, 0}}, kField},
      {"pack_slot",
       pack,
       {{TETRA_F_PACK_RING_ROWS, 255}, {TETRA_F_PACK_SLOT, 254}},
       {{TETRA_F_PACK_SLOT, 255}},
       kField},
      {"pack_kh", pack, {}, {{TETRA_F_PACK_KH, 0}}, kField},
      {"pack_seg", pack, {}, {{TETRA_F_PACK_SEG, 0}}, kField},
      {"pack_oy", pack, {}, {{TETRA_F_PACK_OY, 0}}, kField},
      {"pack_ox", pack, {}, {{TETRA_F_PACK_OX, 0}}, kField},
      {"pack_sy", pack, {}, {{TETRA_F_PACK_SY, 0}}, kField},
      {"pack_sy_ring", pack, {{TETRA_F_PACK_RING_ROWS, 7}, {TETRA_F_PACK_SY, 7}}, {{TETRA_F_PACK_SY, 8}}, kField},
      {"pack_row_elems", pack, {{TETRA_F_PACK_ROW_ELEMS, 32767}}, {{TETRA_F_PACK_ROW_ELEMS, 32768}}, kField},
      {"pack_h", pack, {{TETRA_F_PACK_H, 32767}}, {{TETRA_F_PACK_H, 32768}}, kField},
      {"pack_row_pixels", pack, {{TETRA_F_PACK_OX, kAccPixels}}, {{TETRA_F_PACK_OX, kAccPixels + 1}}, kField},
      {"pack_pixels",
       pack,
       {{TETRA_F_PACK_OY, kAccPixels / 4}, {TETRA_F_PACK_OX, 4}},
       {{TETRA_F_PACK_OY, kAccPixels / 4 + 1}},
       kField},
      {"pack_elements",
       pack,
       {{TETRA_F_PACK_KH, 64}, {TETRA_F_PACK_SEG, max / 64 * kN}},
       {{TETRA_F_PACK_SEG, max / 64 * kN + 1}},
       kField},
      {"comp_kb", comp, {}, {{TETRA_F_COMP_KB, 0}}, kField},
      {"comp_kh", comp, {}, {{TETRA_F_COMP_KH, 0}}, kField},
      {"comp_kw", comp, {}, {{TETRA_F_COMP_KW, 0}}, kField},
      {"comp_oy", comp, {}, {{TETRA_F_COMP_OY, 0}}, kField},
      {"comp_ox", comp, {}, {{TETRA_F_COMP_OX, 0}}, kField},
      {"comp_row_pixels", comp, {{TETRA_F_COMP_OX, kAccPixels}}, {{TETRA_F_COMP_OX, kAccPixels + 1}}, kField},
      {"comp_pixels",
       comp,
       {{TETRA_F_COMP_OY, 16}, {TETRA_F_COMP_OX, kAccPixels / 16}},
       {{TETRA_F_COMP_OY, 17}},
       kField},
      {"comp_h", comp, {{TETRA_F_COMP_H, 32767}}, {{TETRA_F_COMP_H, 32768}}, kField},
      {"comp_w", comp, {{TETRA_F_COMP_W, 32767}}, {{TETRA_F_COMP_W, 32768}}, kField},
      {"comp_blocks", comp, {{TETRA_F_COMP_KB, 65535}}, {{TETRA_F_COMP_KW, 2}}, kField},
      {"comp_steps",
       comp,
       {{TETRA_F_COMP_KB, max / 64}, {TETRA_F_COMP_KH, 8}, {TETRA_F_COMP_KW, 8}},
       {{TETRA_F_COMP_KB, max / 64 + 1}},
       kField},
      {"comp_weights_even", comp, {{TETRA_F_COMP_WGT_BASE, 65534}}, {{TETRA_F_COMP_WGT_BASE, 65535}}, kField},
      {"comp_weights_odd",
       comp,
       {{TETRA_F_COMP_ACT8, 1}, {TETRA_F_COMP_WGT_BASE, 65535}},
       {{TETRA_F_COMP_ACT8, 0}},
       kField},
      {"store_no_pixels", store, {}, {{TETRA_F_STORE_PIXELS, 0}}, kField},
      {"store_pixels", store, {{TETRA_F_STORE_PIXELS, kAccPixels}}, {{TETRA_F_STORE_PIXELS, kAccPixels + 1}}, kField},
      {"store_seg", store, {{TETRA_F_STORE_SEG_BEATS, 65535}}, {{TETRA_F_STORE_SEG_BEATS, 0}}, kField},
      {"store_round",
       store,
       {{TETRA_F_STORE_OUT0_RND, TETRA_ROUND_LAST}},
       {{TETRA_F_STORE_OUT0_RND, TETRA_ROUND_LAST + 1}},
       kField},
      {"store_round1",
       store,
       {{TETRA_F_STORE_TWO_OUT, 1}, {TETRA_F_STORE_OUT1_RND, TETRA_ROUND_LAST}},
       {{TETRA_F_STORE_OUT1_RND, TETRA_ROUND_LAST + 1}},
       kField},
      {"store_seg_stride", store, {{TETRA_F_STORE_SEG_STRIDE, kN}}, {{TETRA_F_STORE_SEG_STRIDE, kN / 2}}, kAlign},
      {"store_addr0", store, {{TETRA_F_STORE_OUT0_ADDR, kN}}, {{TETRA_F_STORE_OUT0_ADDR, kN / 2}}, kAlign},
      {"store_half0", store, {{TETRA_F_STORE_OUT0_HALF_STRIDE, kN}}, {{TETRA_F_STORE_OUT0_HALF_STRIDE, 1}}, kAlign},
      {"store_addr1",
       store,
       {{TETRA_F_STORE_TWO_OUT, 1}, {TETRA_F_STORE_OUT1_ADDR, kN}},
       {{TETRA_F_STORE_OUT1_ADDR, kN / 2}},
       kAlign},
      {"store_half1",
       store,
       {{TETRA_F_STORE_TWO_OUT, 1}, {TETRA_F_STORE_OUT1_HALF_STRIDE, kN}},
       {{TETRA_F_STORE_OUT1_HALF_STRIDE, kN / 2}},
       kAlign},
      {"pool_beats_more", store, pool, {{TETRA_F_STORE_POOL_BEATS, 7}}, kField},
      {"pool_beats_fewer", store, pool, {{TETRA_F_STORE_POOL_BEATS, 5}}, kField},
      {"pool_beats_one", store, pool, {{TETRA_F_STORE_POOL_BEATS, 1}}, kField},
      {"pool_residual", store, pool, {{TETRA_F_STORE_RES_FORM, 3}}, kField},
      {"pool_pixels_more", store, pool, {{TETRA_F_STORE_PIXELS, 25}}, kField},
      {"pool_pixels_fewer", store, pool, {{TETRA_F_STORE_PIXELS, 23}}, kField},
      {"pool_rows_more", store, pool, {{TETRA_F_STORE_POOL_ROWS, 5}}, kField},
      {"pool_rows_that_wrap", store, pool, {{TETRA_F_STORE_POOL_ROWS, 4 + 2 * kAccPixels}}, kField},
      {"pool_columns_that_wrap", store, pool, {{TETRA_F_STORE_SEG_BEATS, 6 + 2 * kAccPixels}}, kField},
      {"pool_no_end", store, pool, {{TETRA_F_STORE_POOL_END, 0}}, kField},
      {"pool_no_top", store, pool, {{TETRA_F_STORE_POOL_TOP, 0}}, kField},
      {"pool_padded_even_row_is_the_same",
       store,
       with(pool, {{TETRA_F_STORE_POOL_PAD_X, 1}}),
       {{TETRA_F_STORE_POOL_BEATS, 8}},
       kField},
      {"pool_padded_odd_row",
       store,
       with(pool, {{TETRA_F_STORE_PIXELS, 20}, {TETRA_F_STORE_SEG_BEATS, 5}, {TETRA_F_STORE_POOL_PAD_X, 1}}),
       {{TETRA_F_STORE_POOL_PAD_X, 0}},
       kField},
      {"pool_narrowest",
       store,
       with(pool, {{TETRA_F_STORE_PIXELS, 8}, {TETRA_F_STORE_SEG_BEATS, 2}, {TETRA_F_STORE_POOL_BEATS, 2}}),
       {{TETRA_F_STORE_PIXELS, 4}, {TETRA_F_STORE_SEG_BEATS, 1}, {TETRA_F_STORE_POOL_PAD_X, 1}},
       kField},
  };
  return bounds;
}

class CheckBound : public testing::TestWithParam<size_t> {};

TEST_P(CheckBound, LastLegalAndFirstIllegal) {
  SCOPED_TRACE(Rerun());
  const Bound &bound = Bounds()[GetParam()];
  CheckBench b;
  Random rnd(GetParam());
  tetra_cmd c = Least(bound.op);
  EXPECT_EQ(b.Cause(c), 0u) << "the least command";
  for (const auto &f : bound.legal) Set(&c, f.first, f.second);
  for (int i = 0; i < 20; i++) EXPECT_EQ(b.NoisyCause(rnd, c), 0u) << "last legal";
  for (const auto &f : bound.illegal) Set(&c, f.first, f.second);
  for (int i = 0; i < 20; i++) EXPECT_EQ(b.NoisyCause(rnd, c), bound.cause) << "first illegal";
}
INSTANTIATE_TEST_SUITE_P(Each, CheckBound, testing::Range<size_t>(0, Bounds().size()),
                         [](const testing::TestParamInfo<size_t> &i) { return Bounds()[i.param].name; });

TEST(Check, OperationsThatExist) {
  CheckBench b;
  Random rnd(1);
  for (uint32_t op = 0; op < 16; op++)
    for (int i = 0; i < 50; i++)
      EXPECT_EQ(b.NoisyCause(rnd, Least(op)), op >= 1 && op <= 5 ? 0u : +TETRA_ERR_ILLEGAL_OP) << "op " << op;
}

// Fields that no bound names: whatever they hold, the command is legal.
TEST(Check, AddressesCodesAndSignsAreFree) {
  static const char *const kFree[] = {
      "LOAD_DST",        "LOAD_DST_ADDR",  "LOAD_DST_STRIDE",  "PACK_BITS4",       "PACK_SRC",
      "PACK_PITCH",      "PACK_DST_ADDR",  "PACK_DST_STRIDE",  "PACK_PAD",         "PACK_XSTEP",
      "PACK_X0",         "PACK_IY0",       "COMP_FIRST",       "COMP_ACC_BUF",     "COMP_WGT8",
      "COMP_ACT_SIGNED", "COMP_MAX",       "COMP_HOLD",        "COMP_HALF",        "COMP_ACT_BASE",
      "COMP_KB_STRIDE",  "COMP_ACC_BASE",  "COMP_KY_STRIDE",   "COMP_KX_STRIDE",   "COMP_OY_STRIDE",
      "COMP_OX_STRIDE",  "COMP_IY0",       "COMP_IX0",         "COMP_DKY",         "COMP_DKX",
      "COMP_SY",         "COMP_SX",        "COMP_PAD",         "STORE_ACC_BUF",    "STORE_HALVES2",
      "STORE_RES_FORM",  "STORE_LAST",     "STORE_RES4",       "STORE_RES_SIGNED", "STORE_ACC_BASE",
      "STORE_RES_BASE",  "STORE_RES_ZP",   "STORE_OUT0_ZP",    "STORE_OUT0_LO",    "STORE_OUT0_HI",
      "STORE_OUT0_PAR",  "STORE_OUT1_PAR", "STORE_OUT0_BITS4", "STORE_OUT0_SIGNED"};
  CheckBench b;
  Random rnd(2);
  for (uint32_t op = TETRA_OP_LOAD; op <= TETRA_OP_SYNC; op++)
    for (int i = 0; i < 500; i++) {
      tetra_cmd c = Least(op);
      for (const NamedField &f : AllFields())
        for (const char *name : kFree)
          if (f.name == name && tetra_test::Has(op, name)) Set(&c, f.field, rnd(0, 0xffffffff));
      EXPECT_EQ(b.NoisyCause(rnd, c), 0u) << "op " << op;
    }
}

}  // namespace
