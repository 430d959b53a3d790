// Stem packer, through the load engine: PACK's loop nest on random fields, and whole images against a plain im2col.
#include <algorithm>
#include <ostream>
#include <tuple>

#include "load.h"

namespace {

class Pack : public Load {
 protected:
  static constexpr uint32_t kResWords = 1024;

  void Set(tetra_cmd *c, tetra_field f, int64_t v) { tetra_cmd_set(c, f, static_cast<uint32_t>(v)); }
  int Element(const Word &w, size_t i, bool bits4) const { return bits4 ? w[i / 2] >> (4 * (i & 1)) & 15 : w[i]; }
  // Appends the words of one pixel's vector, zero-filled to whole words.
  void ExpectVector(std::vector<int> v, bool bits4, uint32_t dst, uint32_t stride) {
    const size_t lanes = bits4 ? 2 * kN : kN;
    v.resize((v.size() + lanes - 1) / lanes * lanes);
    for (size_t k = 0; k < v.size() / lanes; k++) {
      Word w;
      for (size_t i = k * lanes; i < (k + 1) * lanes; i += bits4 ? 2 : 1)
        w.push_back(static_cast<uint8_t>(bits4 ? v[i] | v[i + 1] << 4 : v[i]));
      expect_.push_back({TETRA_BUF_ACT, static_cast<uint16_t>(dst + k * stride), w});
    }
  }
  // PACK as documented, on the residual buffer's words.
  void ModelPack(const tetra_cmd &c, const std::vector<Word> &res) {
#define F(name) tetra_cmd_get(&c, TETRA_F_PACK_##name)
    const bool bits4 = F(BITS4);
    const int lanes = bits4 ? 2 * kN : kN, ring = static_cast<int>(F(RING_ROWS));
    for (uint32_t p = 0, oy = 0; oy < F(OY); oy++)
      for (uint32_t ox = 0; ox < F(OX); ox++, p++) {
        std::vector<int> v;
        for (uint32_t ky = 0; ky < F(KH); ky++) {
          const int dy = static_cast<int>(oy * F(SY) + ky), y = static_cast<int16_t>(F(IY0)) + dy;
          const uint32_t row = F(SRC) + static_cast<uint32_t>((static_cast<int>(F(SLOT)) + dy) % ring) * F(PITCH);
          for (uint32_t e = 0; e < F(SEG); e++) {
            const int x = static_cast<int16_t>(F(X0)) + static_cast<int>(ox * F(XSTEP) + e);
            const bool inside = y >= 0 && y < static_cast<int>(F(H)) && x >= 0 && x < static_cast<int>(F(ROW_ELEMS));
            v.push_back(inside ? Element(res[(row + static_cast<uint32_t>(x / lanes)) % kResWords],
                                         static_cast<size_t>(x % lanes), bits4)
                               : static_cast<int>(F(PAD) & (bits4 ? 15 : 255)));
          }
        }
        ExpectVector(v, bits4, F(DST_ADDR) + p, F(DST_STRIDE));
      }
#undef F
  }
  // A small PACK on whatever the residual buffer holds.
  tetra_cmd SmallPack() {
    tetra_cmd c = {};
    Set(&c, TETRA_F_OP, TETRA_OP_PACK);
    Set(&c, TETRA_F_PACK_PITCH, 2);
    Set(&c, TETRA_F_PACK_DST_STRIDE, 16);
    Set(&c, TETRA_F_PACK_RING_ROWS, 4);
    Set(&c, TETRA_F_PACK_KH, 3);
    Set(&c, TETRA_F_PACK_SEG, 3);
    Set(&c, TETRA_F_PACK_XSTEP, 1);
    Set(&c, TETRA_F_PACK_ROW_ELEMS, 2 * kN);
    Set(&c, TETRA_F_PACK_H, 4);
    Set(&c, TETRA_F_PACK_OY, 2);
    Set(&c, TETRA_F_PACK_OX, 5);
    Set(&c, TETRA_F_PACK_SY, 1);
    return c;
  }
  std::vector<Word> FillRes() {
    std::vector<Word> res;
    for (uint32_t i = 0; i < kResWords; i++) res.push_back(WordAt(0x20000 + i * kN));
    Offer(Make(TETRA_BUF_RES, 0x20000, 0, kResWords, 1, 0, 0));
    mem_.ready_percent = mem_.data_percent = 100;
    RunToIdle();
    got_.clear();
    return res;
  }
  void CompareWords() {
    ASSERT_EQ(got_.size(), expect_.size());
    for (size_t i = 0; i < got_.size(); i++) {
      ASSERT_EQ(got_[i].buf, expect_[i].buf) << "word " << i;
      ASSERT_EQ(got_[i].addr, expect_[i].addr) << "word " << i;
      ASSERT_EQ(got_[i].data, expect_[i].data) << "word " << i << " address " << got_[i].addr;
    }
  }
};

class PackBits : public Pack, public testing::WithParamInterface<int> {};

TEST_P(PackBits, RandomFields) {
  SCOPED_TRACE(Rerun());
  const bool bits4 = GetParam() == 4;
  rnd_ = Random(static_cast<uint64_t>(GetParam()));
  const std::vector<Word> res = FillRes();
  for (int i = 0; i < 250; i++) {
    tetra_cmd c = {};
    const auto sy = rnd_(1, 4), ring = std::max(sy, rnd_(1, 20)), iy0 = rnd_(-6, 12);
    const auto oy = rnd_(1, 3), ox = rnd_(1, 12), kh = rnd_(1, 7),
               seg = rnd_.Chance(70) ? rnd_(1, 28) : rnd_(1, 5 * kN);
    Set(&c, TETRA_F_OP, TETRA_OP_PACK);
    Set(&c, TETRA_F_PACK_BITS4, bits4);
    Set(&c, TETRA_F_PACK_SRC, rnd_(0, 65535));
    Set(&c, TETRA_F_PACK_PITCH, rnd_(1, 60));
    Set(&c, TETRA_F_PACK_DST_ADDR, rnd_(0, 65535));
    Set(&c, TETRA_F_PACK_DST_STRIDE, rnd_(0, 65535));
    Set(&c, TETRA_F_PACK_RING_ROWS, ring);
    Set(&c, TETRA_F_PACK_SLOT, (iy0 % ring + ring) % ring);
    Set(&c, TETRA_F_PACK_KH, kh);
    Set(&c, TETRA_F_PACK_PAD, rnd_(0, 255));
    Set(&c, TETRA_F_PACK_SEG, seg);
    Set(&c, TETRA_F_PACK_XSTEP, rnd_(1, 16));
    Set(&c, TETRA_F_PACK_X0, rnd_(-30, 30));
    Set(&c, TETRA_F_PACK_IY0, iy0);
    Set(&c, TETRA_F_PACK_ROW_ELEMS, rnd_(1, 150));
    Set(&c, TETRA_F_PACK_H, rnd_(1, 20));
    Set(&c, TETRA_F_PACK_OY, oy);
    Set(&c, TETRA_F_PACK_OX, ox);
    Set(&c, TETRA_F_PACK_SY, sy);
    got_.clear();
    expect_.clear();
    ModelPack(c, res);
    const long start = b_.cycle, done = b_.top->ld_done_load_o;
    Offer(c);
    RunToIdle();
    if (HasFatalFailure()) return;
    SCOPED_TRACE("command " + std::to_string(i));
    CompareWords();
    if (HasFatalFailure()) return;
    EXPECT_EQ(b_.top->ld_done_load_o, static_cast<uint16_t>(done + 1));
    // A window a cycle and one cycle more a pixel; the rest is getting in and out.
    EXPECT_LE(b_.cycle - start, oy * ox * (kh * ((seg + kN - 1) / kN) + 1) + 30);
  }
}

// A PACK waits like a LOAD, and holds back the LOADs behind it only in their data.
TEST_F(Pack, WaitsForTokensInOrder) {
  const std::vector<Word> res = FillRes();
  tetra_cmd c = SmallPack();
  Set(&c, TETRA_F_WAIT_EN, 2);
  Set(&c, TETRA_F_WAIT_COMPUTE, 1);
  const tetra_cmd behind = Make(TETRA_BUF_RES, 0x90000, 0, 9, 1, 0, 0);
  Offer(c);
  Offer(behind);
  for (int i = 0; i < 100; i++) Step();
  EXPECT_TRUE(got_.empty());
  EXPECT_TRUE(b_.top->ld_wait_token_o);
  b_.top->ld_done_compute_i = 1;
  ModelPack(c, res);
  Model(behind);
  RunToIdle();
  CompareWords();
  EXPECT_EQ(b_.top->ld_done_load_o, 3);
}

// Stop in the middle of a PACK, with data of later LOADs on the bus: they are taken, and a reset recovers.
TEST_F(Pack, StopAtAnyTimeThenReset) {
  SCOPED_TRACE(Rerun());
  for (int stop_at = 1; stop_at < 120; stop_at += 3) {
    FillRes();
    Offer(SmallPack());
    for (uint32_t i = 0; i < 6; i++) Offer(Make(TETRA_BUF_WGT, 0x90000 + i * 0x1000, 0, 30, 1, 0, 0));
    for (int i = 0; i < stop_at; i++) Step();
    b_.top->ld_stop_i = 1;
    got_.clear();
    stop_allows_pack_ = true;
    for (int i = 0; i < 2000 && mem_.outstanding(); i++) Step();
    ASSERT_EQ(mem_.outstanding(), 0u) << "stopped at " << stop_at;
    stop_allows_pack_ = false;
    Reset();
    const std::vector<Word> res = FillRes();
    expect_.clear();
    const tetra_cmd c = SmallPack();
    ModelPack(c, res);
    Offer(c);
    RunToIdle();
    CompareWords();
    if (HasFatalFailure()) return;
    Reset();
  }
}

// Images of 1 to 4 channels, their rows loaded into a ring tile by tile: the vectors are those of a plain im2col.
struct Shape {
  int h, w, cin, kh, kw, sy, sx, pad;
};
void PrintTo(const Shape &s, std::ostream *os) {
  *os << s.h << "x" << s.w << "x" << s.cin << " k" << s.kh << "x" << s.kw << " s" << s.sy << s.sx << " p" << s.pad;
}

class PackImage : public Pack, public testing::WithParamInterface<std::tuple<int, Shape>> {};

TEST_P(PackImage, RingOfRowsTileByTile) {
  SCOPED_TRACE(Rerun());
  const auto [bits, s] = GetParam();
  const bool bits4 = bits == 4;
  const int lanes = bits4 ? 2 * kN : kN, row_elems = s.w * s.cin;
  const int pitch = (row_elems + lanes - 1) / lanes;
  const int out_h = (s.h + 2 * s.pad - s.kh) / s.sy + 1, out_w = (s.w + 2 * s.pad - s.kw) / s.sx + 1;
  const int tile = 2, ring = s.kh + (tile - 1) * s.sy + 1, pad_code = 5;
  ASSERT_LE(ring * pitch, static_cast<int>(kResWords));
  // The image as it lies in DRAM: rows of `pitch` words.
  std::vector<std::vector<int>> image(static_cast<size_t>(s.h), std::vector<int>(static_cast<size_t>(row_elems)));
  Word dram(static_cast<size_t>(s.h * pitch * kN));
  for (int y = 0; y < s.h; y++)
    for (int x = 0; x < row_elems; x++) {
      const auto code = static_cast<int>(rnd_(0, bits4 ? 15 : 255));
      image[static_cast<size_t>(y)][static_cast<size_t>(x)] = code;
      const int byte = y * pitch * kN + (bits4 ? x / 2 : x);
      dram[static_cast<size_t>(byte)] |= static_cast<uint8_t>(code << (bits4 ? 4 * (x & 1) : 0));
    }
  const uint32_t base = 0x300000, src = 1000;
  mem_.overrides.push_back({base, dram});
  const int words = (s.kh * s.kw * s.cin + lanes - 1) / lanes, pixels = tile * out_w;
  int next_row = 0;
  for (int oy0 = 0; oy0 < out_h; oy0 += tile) {
    const int oy = std::min(tile, out_h - oy0), iy0 = oy0 * s.sy - s.pad;
    for (; next_row < std::min(s.h, iy0 + (oy - 1) * s.sy + s.kh); next_row++) {
      const uint32_t slot_at = (src + static_cast<uint32_t>(next_row % ring * pitch)) & 0xffff;
      const tetra_cmd load = Make(TETRA_BUF_RES, base + static_cast<uint32_t>(next_row * pitch * kN), slot_at,
                                  static_cast<uint32_t>(pitch), 1, 0, 0);
      for (int i = 0; i < pitch; i++) {
        const auto from = dram.begin() + (next_row * pitch + i) * kN;
        expect_.push_back(
            {TETRA_BUF_RES, static_cast<uint16_t>(slot_at + static_cast<uint32_t>(i)), Word(from, from + kN)});
      }
      Offer(load);
    }
    tetra_cmd c = {};
    Set(&c, TETRA_F_OP, TETRA_OP_PACK);
    Set(&c, TETRA_F_PACK_BITS4, bits4);
    Set(&c, TETRA_F_PACK_SRC, src);
    Set(&c, TETRA_F_PACK_PITCH, pitch);
    Set(&c, TETRA_F_PACK_DST_ADDR, 100);
    Set(&c, TETRA_F_PACK_DST_STRIDE, pixels);
    Set(&c, TETRA_F_PACK_RING_ROWS, ring);
    Set(&c, TETRA_F_PACK_SLOT, (iy0 % ring + ring) % ring);
    Set(&c, TETRA_F_PACK_KH, s.kh);
    Set(&c, TETRA_F_PACK_PAD, pad_code);
    Set(&c, TETRA_F_PACK_SEG, s.kw * s.cin);
    Set(&c, TETRA_F_PACK_XSTEP, s.sx * s.cin);
    Set(&c, TETRA_F_PACK_X0, -s.pad * s.cin);
    Set(&c, TETRA_F_PACK_IY0, iy0);
    Set(&c, TETRA_F_PACK_ROW_ELEMS, row_elems);
    Set(&c, TETRA_F_PACK_H, s.h);
    Set(&c, TETRA_F_PACK_OY, oy);
    Set(&c, TETRA_F_PACK_OX, out_w);
    Set(&c, TETRA_F_PACK_SY, s.sy);
    Offer(c);
    for (int p = 0; p < oy * out_w; p++) {
      std::vector<int> v;
      for (int ky = 0; ky < s.kh; ky++)
        for (int kx = 0; kx < s.kw; kx++)
          for (int ci = 0; ci < s.cin; ci++) {
            const int y = (oy0 + p / out_w) * s.sy + ky - s.pad, x = p % out_w * s.sx + kx - s.pad;
            v.push_back(y >= 0 && y < s.h && x >= 0 && x < s.w
                            ? image[static_cast<size_t>(y)][static_cast<size_t>(x * s.cin + ci)]
                            : pad_code);
          }
      ExpectVector(v, bits4, static_cast<uint32_t>(100 + p), static_cast<uint32_t>(pixels));
    }
  }
  RunToIdle();
  if (HasFatalFailure()) return;
  ASSERT_GT(words, 0);
  CompareWords();
}

INSTANTIATE_TEST_SUITE_P(Width, PackBits, testing::Values(8, 4),
                         [](const auto &info) { return "Bits" + std::to_string(info.param); });
INSTANTIATE_TEST_SUITE_P(
    Shapes, PackImage,
    testing::Combine(testing::Values(8, 4),
                     testing::Values(Shape{20, 24, 3, 7, 7, 2, 2, 3}, Shape{9, 11, 1, 3, 3, 1, 1, 1},
                                     Shape{12, 9, 2, 5, 3, 1, 2, 2}, Shape{10, 13, 4, 3, 3, 2, 1, 1},
                                     Shape{8, 8, 3, 1, 1, 2, 2, 0}, Shape{7, 40, 4, 7, 1, 3, 1, 3})),
    [](const auto &info) {
      const Shape &s = std::get<1>(info.param);
      return std::to_string(s.h) + "x" + std::to_string(s.w) + "x" + std::to_string(s.cin) + "_k" +
             std::to_string(s.kh) + "x" + std::to_string(s.kw) + "_s" + std::to_string(s.sy) + std::to_string(s.sx) +
             "_p" + std::to_string(s.pad) + "_bits" + std::to_string(std::get<0>(info.param));
    });

}  // namespace
