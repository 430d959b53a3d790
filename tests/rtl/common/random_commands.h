// Random, legal commands and parameter records.
#ifndef TETRA_TESTS_RTL_RANDOM_COMMANDS_H
#define TETRA_TESTS_RTL_RANDOM_COMMANDS_H

#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include "command_model.h"

namespace tetra_test {

struct Random {
  explicit Random(uint64_t seed) : g(seed) {}
  int operator()(int lo, int hi) { return choose ? choose(lo, hi) : Data(lo, hi); }
  int Data(int lo, int hi) { return lo + static_cast<int>(g() % static_cast<uint64_t>(hi - lo + 1)); }
  std::mt19937_64 g;
  std::function<int(int, int)> choose;  // where set, who decides instead; but for what is data only
};

inline void Set(tetra_cmd *c, const tetra_field &f, int64_t v) { tetra_cmd_set(c, f, static_cast<uint32_t>(v)); }

inline tetra_cmd RandomCompute(Random &rnd, const Sizes &s, bool a8, bool w8, int buf, int half, bool first, int oy,
                               int ox) {
  tetra_cmd c = {};
  const int kh = rnd(1, 3), kw = rnd(1, 3), kb = rnd(1, 3), sy = rnd(1, 2), sx = rnd(1, 2), dy = rnd(1, 2),
            dx = rnd(1, 2);
  const int w = rnd(1, 20), h = rnd(1, 20);
  Set(&c, TETRA_F_OP, TETRA_OP_COMPUTE);
  Set(&c, TETRA_F_COMP_FIRST, first);
  Set(&c, TETRA_F_COMP_ACC_BUF, buf);
  Set(&c, TETRA_F_COMP_ACT8, a8);
  Set(&c, TETRA_F_COMP_WGT8, w8);
  Set(&c, TETRA_F_COMP_ACT_SIGNED, rnd(0, 1));
  Set(&c, TETRA_F_COMP_MAX, rnd(0, 3) == 0);
  Set(&c, TETRA_F_COMP_HOLD, rnd(0, 3) == 0);
  Set(&c, TETRA_F_COMP_HALF, half);
  Set(&c, TETRA_F_COMP_ACT_BASE, rnd(0, 65535));
  Set(&c, TETRA_F_COMP_WGT_BASE, rnd(0, s.wgt - 1) & (a8 ? ~0 : ~1));
  Set(&c, TETRA_F_COMP_KB, kb);
  Set(&c, TETRA_F_COMP_KB_STRIDE, w * h);
  Set(&c, TETRA_F_COMP_KH, kh);
  Set(&c, TETRA_F_COMP_KW, kw);
  Set(&c, TETRA_F_COMP_OY, oy);
  Set(&c, TETRA_F_COMP_OX, ox);
  Set(&c, TETRA_F_COMP_KY_STRIDE, dy * w);
  Set(&c, TETRA_F_COMP_KX_STRIDE, dx);
  Set(&c, TETRA_F_COMP_OY_STRIDE, sy * w);
  Set(&c, TETRA_F_COMP_OX_STRIDE, sx);
  Set(&c, TETRA_F_COMP_IY0, rnd(-3, 3));
  Set(&c, TETRA_F_COMP_IX0, rnd(-3, 3));
  Set(&c, TETRA_F_COMP_DKY, dy);
  Set(&c, TETRA_F_COMP_DKX, dx);
  Set(&c, TETRA_F_COMP_SY, sy);
  Set(&c, TETRA_F_COMP_SX, sx);
  Set(&c, TETRA_F_COMP_H, h);
  Set(&c, TETRA_F_COMP_W, w);
  Set(&c, TETRA_F_COMP_PAD, rnd(0, 255));
  return c;
}

// Addresses are left 0 for the caller.
inline tetra_cmd RandomStore(Random &rnd, const Sizes &s, int buf, int pixels, int seg, int form) {
  tetra_cmd c = {};
  Set(&c, TETRA_F_OP, TETRA_OP_STORE);
  Set(&c, TETRA_F_STORE_ACC_BUF, buf);
  Set(&c, TETRA_F_STORE_TWO_OUT, rnd(0, 1));
  Set(&c, TETRA_F_STORE_HALVES2, rnd(0, 3) != 0);
  Set(&c, TETRA_F_STORE_RES_FORM, form);
  Set(&c, TETRA_F_STORE_RES4, rnd(0, 1));
  Set(&c, TETRA_F_STORE_RES_SIGNED, rnd(0, 1));
  Set(&c, TETRA_F_STORE_PIXELS, pixels);
  Set(&c, TETRA_F_STORE_SEG_BEATS, seg);
  Set(&c, TETRA_F_STORE_RES_BASE, rnd(0, s.res - 1));
  Set(&c, TETRA_F_STORE_RES_HALF_STRIDE, rnd(0, 300));
  Set(&c, TETRA_F_STORE_RES_ZP, rnd(0, 255));
  const tetra_field zp[2] = {TETRA_F_STORE_OUT0_ZP, TETRA_F_STORE_OUT1_ZP};
  const tetra_field lo[2] = {TETRA_F_STORE_OUT0_LO, TETRA_F_STORE_OUT1_LO};
  const tetra_field hi[2] = {TETRA_F_STORE_OUT0_HI, TETRA_F_STORE_OUT1_HI};
  const tetra_field mode[2] = {TETRA_F_STORE_OUT0_RND, TETRA_F_STORE_OUT1_RND};
  const tetra_field b4[2] = {TETRA_F_STORE_OUT0_BITS4, TETRA_F_STORE_OUT1_BITS4};
  const tetra_field sg[2] = {TETRA_F_STORE_OUT0_SIGNED, TETRA_F_STORE_OUT1_SIGNED};
  for (int o = 0; o < 2; o++) {
    const int bits4 = rnd(0, 1), sgn = rnd(0, 1), top = bits4 ? 15 : 255, min = sgn ? -(top + 1) / 2 : 0;
    const int z = rnd(0, top) + min;
    Set(&c, zp[o], z);
    Set(&c, lo[o], rnd(0, 1) ? z : min);
    Set(&c, hi[o], min + top);
    Set(&c, mode[o], rnd(0, 4));
    Set(&c, b4[o], bits4);
    Set(&c, sg[o], sgn);
  }
  Set(&c, TETRA_F_STORE_OUT0_PAR, rnd(0, s.par / 2 - 2));
  Set(&c, TETRA_F_STORE_OUT1_PAR, rnd(s.par / 2 - 1, s.par - 2));
  return c;
}

// Makes a STORE without residual a pooled one over rows x cols pixels; leaves it as it is where no window would end.
// The line buffer is read only where `line` (Machine::line) was written.
inline void RandomPool(Random &rnd, int rows, int cols, const std::vector<Word> &line, tetra_cmd *c) {
  const int pad_x = rnd(0, 1), odd = rnd(0, 1), end = rnd(0, 1), base = rnd(0, 65535);
  const int windows = (cols + pad_x) / 2;
  bool written = true;
  for (int i = 0; i < 4 * windows; i++) written = written && !line[(base + i) % line.size()].empty();
  const int top = written ? rnd(0, 3) == 0 : 1;
  const int lines = (rows + !odd) / 2 - (top && !odd) + (end && (odd + rows - 1) % 2);
  if (cols < 2 || lines * windows == 0 || 4 * windows > static_cast<int>(line.size())) return;
  Set(c, TETRA_F_STORE_RES_FORM, 0);
  Set(c, TETRA_F_STORE_PIXELS, rows * cols);
  Set(c, TETRA_F_STORE_SEG_BEATS, cols);
  Set(c, TETRA_F_STORE_POOL_BEATS, lines * windows);
  Set(c, TETRA_F_STORE_POOL_ROWS, rows);
  Set(c, TETRA_F_STORE_POOL_PAD_X, pad_x);
  Set(c, TETRA_F_STORE_POOL_ODD_Y, odd);
  Set(c, TETRA_F_STORE_POOL_TOP, top);
  Set(c, TETRA_F_STORE_POOL_END, end);
  Set(c, TETRA_F_STORE_POOL_LINE, base);
}

inline tetra_cmd RandomPack(Random &rnd, const Sizes &s) {
  tetra_cmd c = {};
  const int ring = rnd(1, 9), cin = rnd(1, 4), sy = rnd(1, ring < 4 ? ring : 4), width = rnd(1, 40);
  const int oy = rnd(1, 4), ox = rnd(1, 12);
  Set(&c, TETRA_F_OP, TETRA_OP_PACK);
  Set(&c, TETRA_F_PACK_BITS4, rnd(0, 1));
  Set(&c, TETRA_F_PACK_SRC, rnd(0, s.res - 1));
  Set(&c, TETRA_F_PACK_PITCH, rnd(1, 60));
  Set(&c, TETRA_F_PACK_DST_ADDR, rnd(0, s.act - 1));
  Set(&c, TETRA_F_PACK_DST_STRIDE, oy * ox + rnd(0, 5));
  Set(&c, TETRA_F_PACK_RING_ROWS, ring);
  Set(&c, TETRA_F_PACK_SLOT, rnd(0, ring - 1));
  Set(&c, TETRA_F_PACK_KH, rnd(1, 7));
  Set(&c, TETRA_F_PACK_PAD, rnd(0, 255));
  Set(&c, TETRA_F_PACK_SEG, rnd(1, 7) * cin);
  Set(&c, TETRA_F_PACK_XSTEP, rnd(1, 4) * cin);
  Set(&c, TETRA_F_PACK_X0, -rnd(0, 4) * cin);
  Set(&c, TETRA_F_PACK_IY0, rnd(-5, 10));
  Set(&c, TETRA_F_PACK_ROW_ELEMS, width * cin);
  Set(&c, TETRA_F_PACK_H, rnd(1, 12));
  Set(&c, TETRA_F_PACK_OY, oy);
  Set(&c, TETRA_F_PACK_OX, ox);
  Set(&c, TETRA_F_PACK_SY, sy);
  return c;
}

// Records that keep every sum well inside 64 bits: M up to 2^31 - 1 with shifts that bring codes into range.
inline void RandomRecord(Random &rnd, uint8_t rec[16]) {
  const uint32_t frac = static_cast<uint32_t>(rnd.Data(0, 0xffff));
  const int32_t bias = rnd.Data(-5000, 5000);
  const uint32_t m = static_cast<uint32_t>(rnd.Data(1 << 20, 0x7fffffff)) | frac << 31;
  const uint32_t mr = static_cast<uint32_t>(rnd.Data(1 << 20, 0x7fffffff)) | frac >> 1 << 31;
  const uint32_t sh =
      static_cast<uint32_t>(rnd.Data(28, 45) | rnd.Data(0, 25) << 6 | rnd.Data(0, 8) << 12) | frac >> 2 << 18;
  std::memcpy(rec, &bias, 4);
  std::memcpy(rec + 4, &m, 4);
  std::memcpy(rec + 8, &mr, 4);
  std::memcpy(rec + 12, &sh, 4);
}

inline void RandomBytes(Random &rnd, uint8_t *p, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = static_cast<uint8_t>(rnd.Data(0, 255));
}

}  // namespace tetra_test
#endif
