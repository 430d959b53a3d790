// Compute core against the loop nests of docs/architecture.md: random COMPUTE chains and STOREs in every mode.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vcore_bench.h"
#include "tetra/hw.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

namespace {

constexpr int kN = TETRA_BENCH_N;
constexpr int kActWords = 16384, kWgtWords = 8192, kResWords = kN < 16 ? 16384 / kN : 1024, kAcc = 256;
using Word = std::vector<uint8_t>;

template <typename T> void SetWide(T &port, const uint8_t *bytes, int n) { std::memcpy(&port, bytes, n); }

class CoreBench {
 public:
  CoreBench() : top_(new Vcore_bench), act_(kActWords, Word(kN)), wgt_(kWgtWords, Word(kN)), res_(kResWords, Word(kN)),
                par_(64 * 16, Word(kN)) {
    top_->rst_ni = 0;
    Tick();
    Tick();
    top_->rst_ni = 1;
    top_->wd_space_i = 256;
    Tick();
  }
  void Tick() {
    top_->clk_i = 0;
    top_->eval();
    if (top_->busy_o) busy++;
    if (top_->desc_valid_o) descs.push_back({top_->desc_addr_o, top_->desc_beats_o, top_->desc_last_o});
    if (top_->wd_valid_o) {
      Word w(kN);
      std::memcpy(w.data(), &top_->wd_data_o, kN);
      words.push_back(w);
    }
    top_->clk_i = 1;
    top_->eval();
    cycles++;
  }
  void Write(int buf, int addr, const Word &w) {
    auto &mem = buf == TETRA_BUF_ACT ? act_ : buf == TETRA_BUF_WGT ? wgt_ : buf == TETRA_BUF_RES ? res_ : par_;
    mem[addr % mem.size()] = w;
    SetWide(top_->wr_data_i, w.data(), kN);
    top_->wr_addr_i = addr & 0xffff;
    top_->act_we_i = buf == TETRA_BUF_ACT;
    top_->wgt_we_i = buf == TETRA_BUF_WGT;
    top_->res_we_i = buf == TETRA_BUF_RES;
    top_->par_we_i = buf == TETRA_BUF_PAR;
    Tick();
    top_->act_we_i = top_->wgt_we_i = top_->res_we_i = top_->par_we_i = 0;
  }
  void Issue(const tetra_cmd &c) {
    const bool comp = tetra_cmd_get(&c, TETRA_F_OP) == TETRA_OP_COMPUTE;
    std::memcpy(comp ? &top_->comp_cmd_i : &top_->store_cmd_i, c.word, 64);
    (comp ? top_->comp_valid_i : top_->store_valid_i) = 1;
    for (int i = 0; i < 100000; i++) {
      top_->clk_i = 0;
      top_->eval();
      const bool taken = comp ? top_->comp_ready_o : top_->store_ready_o;
      Tick();
      if (taken) break;
    }
    top_->comp_valid_i = top_->store_valid_i = 0;
  }
  void WaitIdle() {
    for (int i = 0; i < 200000; i++) {
      Tick();
      if (top_->idle_o) break;
    }
    ASSERT_TRUE(top_->idle_o);
    for (int i = 0; i < 4; i++) Tick();
  }
  struct Desc {
    uint32_t addr;
    uint32_t beats;
    bool last;
  };
  std::unique_ptr<Vcore_bench> top_;
  std::vector<Word> act_, wgt_, res_, par_;
  std::vector<Word> words;
  std::vector<Desc> descs;
  long cycles = 0, busy = 0;
  int32_t acc[2][2][kN][kAcc] = {};
};

int Nibble(const Word &w, int i) { return (w[i / 2] >> (4 * (i & 1))) & 15; }
int Extend(int code, int bits, bool sgn) { return sgn && (code >> (bits - 1)) ? code - (1 << bits) : code; }
int16_t S16(uint32_t v) { return static_cast<int16_t>(v); }

// COMPUTE, as documented.
void ModelCompute(CoreBench &b, const tetra_cmd &c) {
#define F(name) tetra_cmd_get(&c, TETRA_F_COMP_##name)
  const bool a8 = F(ACT8), w8 = F(WGT8), sgn = F(ACT_SIGNED);
  int s = 0;
  for (uint32_t kb = 0; kb < F(KB); kb++)
    for (uint32_t ky = 0; ky < F(KH); ky++)
      for (uint32_t kx = 0; kx < F(KW); kx++, s++) {
        const uint32_t wb = F(WGT_BASE) + (F(HOLD) ? 0 : s) * (a8 ? kN : 2 * kN);
        uint32_t e = F(ACC_BASE);
        for (uint32_t oy = 0; oy < F(OY); oy++)
          for (uint32_t ox = 0; ox < F(OX); ox++, e++) {
            const int iy = S16(F(IY0)) + static_cast<int>(oy * F(SY) + ky * F(DKY));
            const int ix = S16(F(IX0)) + static_cast<int>(ox * F(SX) + kx * F(DKX));
            Word a(kN, F(PAD));
            if (iy >= 0 && iy < static_cast<int>(F(H)) && ix >= 0 && ix < static_cast<int>(F(W)))
              a = b.act_[(F(ACT_BASE) + kb * F(KB_STRIDE) + ky * F(KY_STRIDE) + kx * F(KX_STRIDE) +
                          oy * F(OY_STRIDE) + ox * F(OX_STRIDE)) % kActWords];
            for (int col = 0; col < kN; col++)
              for (int h = 0; h < 2; h++) {
                if (w8 && h != static_cast<int>(F(HALF))) continue;
                int32_t sum = 0;
                for (int r = 0; r < kN; r++)
                  for (int i = 0; i < (a8 ? 1 : 2); i++) {
                    const int av = a8 ? Extend(a[r], 8, sgn) : Extend(i ? a[r] >> 4 : a[r] & 15, 4, sgn);
                    const int byte = b.wgt_[(wb + (a8 ? r : 2 * r + i)) % kWgtWords][col];
                    const int wv = w8 ? Extend(byte, 8, true) : Extend(h ? byte >> 4 : byte & 15, 4, true);
                    sum += av * wv;
                  }
                int32_t &acc = b.acc[F(ACC_BUF)][h][col][e % kAcc];
                if (F(FIRST) && s == 0)
                  acc = sum;
                else
                  acc = F(MAX) ? std::max(acc, sum) : acc + sum;
              }
          }
      }
#undef F
}

__int128 RoundShift(__int128 x, int s, int mode) {
  if (mode == 4 && s > 31) return RoundShift((x + (1 << 30)) >> 31, s - 31, 3);
  if (s == 0) return x;
  const __int128 q = x >> s, rem = x - (q << s), half = static_cast<__int128>(1) << (s - 1);
  if (rem < half || mode == 0) return q;
  if (rem > half) return q + 1;
  switch (mode) {
    case 2: return q + (q & 1);
    case 3: return x < 0 ? q : q + 1;
    default: return q + 1;
  }
}

// STORE, as documented: the words and descriptors in order.
void ModelStore(CoreBench &b, const tetra_cmd &c, std::vector<Word> *words, std::vector<CoreBench::Desc> *descs,
                long sat[2]) {
#define F(name) tetra_cmd_get(&c, TETRA_F_STORE_##name)
  const int pixels = F(PIXELS), halves = F(HALVES2) ? 2 : 1, seg = F(SEG_BEATS);
  for (uint32_t o = 0; o <= F(TWO_OUT); o++) {
    const bool bits4 = o ? F(OUT1_BITS4) : F(OUT0_BITS4), sgn = o ? F(OUT1_SIGNED) : F(OUT0_SIGNED);
    const int bits = bits4 ? 4 : 8, rnd = o ? F(OUT1_RND) : F(OUT0_RND);
    const int zp = Extend((o ? F(OUT1_ZP) : F(OUT0_ZP)) & ((1 << bits) - 1), bits, sgn);
    const int lo = Extend((o ? F(OUT1_LO) : F(OUT0_LO)) & ((1 << bits) - 1), bits, sgn);
    const int hi = Extend((o ? F(OUT1_HI) : F(OUT0_HI)) & ((1 << bits) - 1), bits, sgn);
    auto code = [&](int h, int col, int p) {
      uint8_t rec[16];
      const int entry = (o ? F(OUT1_PAR) : F(OUT0_PAR)) + h;
      for (int i = 0; i < 16; i++) {
        const int byte = col * 16 + i;
        rec[i] = b.par_[entry * 16 + byte / kN][byte % kN];
      }
      int32_t bias, m, mr, sh;
      std::memcpy(&bias, rec, 4);
      std::memcpy(&m, rec + 4, 4);
      std::memcpy(&mr, rec + 8, 4);
      std::memcpy(&sh, rec + 12, 4);
      const int s = sh & 63, sr = (sh >> 6) & 63, lr = (sh >> 12) & 63, form = F(RES_FORM);
      int res = 0;
      if (form) {
        const int rb = F(RES4) ? 4 : 8;
        const int rc = F(RES4) ? Nibble(b.res_[(F(RES_BASE) + p) % kResWords], h * kN + col)
                               : b.res_[(F(RES_BASE) + h * F(RES_HALF_STRIDE) + p) % kResWords][col];
        res = Extend(rc, rb, F(RES_SIGNED)) - Extend(F(RES_ZP) & ((1 << rb) - 1), rb, F(RES_SIGNED));
      }
      int64_t a = b.acc[F(ACC_BUF)][h][col][(F(ACC_BASE) + p) % kAcc] + bias;
      const int64_t rm = static_cast<int64_t>(res) * mr;
      if (form == 3) a = static_cast<int32_t>((a << lr) + RoundShift((rm + 1024) >> 11, sr, 3));
      __int128 y = static_cast<__int128>(a) * m + (form == 1 ? static_cast<__int128>(rm) << lr : 0);
      y = RoundShift(y, s, rnd) + zp;
      if (form == 2) y += RoundShift(rm, sr, rnd);
      const int r = y < lo ? lo : y > hi ? hi : static_cast<int>(y);
      if (y > hi || (y < lo && lo != zp)) sat[o]++;
      return r;
    };
    const uint32_t addr = o ? F(OUT1_ADDR) : F(OUT0_ADDR), hs = o ? F(OUT1_HALF_STRIDE) : F(OUT0_HALF_STRIDE);
    for (int h = 0; h < (bits4 ? 1 : halves); h++)
      for (int p = 0; p < pixels; p++) {
        if (p % seg == 0)
          descs->push_back({addr + h * hs + (p / seg) * F(SEG_STRIDE), static_cast<uint32_t>(seg),
                            o == F(TWO_OUT) && (bits4 || h == halves - 1) && p + seg == pixels});
        Word w(kN);
        for (int i = 0; i < kN; i++) {
          if (!bits4)
            w[i] = static_cast<uint8_t>(code(h, i, p));
          else if (2 * i < kN * halves)
            w[i] = static_cast<uint8_t>((code(2 * i / kN, 2 * i % kN, p) & 15) |
                                        (code((2 * i + 1) / kN, (2 * i + 1) % kN, p) & 15) << 4);
        }
        words->push_back(w);
      }
  }
#undef F
}

struct Random {
  explicit Random(uint64_t seed) : g(seed) {}
  int operator()(int lo, int hi) { return lo + static_cast<int>(g() % static_cast<uint64_t>(hi - lo + 1)); }
  std::mt19937_64 g;
};

tetra_cmd RandomCompute(Random &rnd, bool a8, bool w8, int buf, int half, bool first, int oy, int ox) {
  tetra_cmd c = {};
  auto set = [&](tetra_field f, int v) { tetra_cmd_set(&c, f, static_cast<uint32_t>(v)); };
  const int kh = rnd(1, 3), kw = rnd(1, 3), kb = rnd(1, 3), sy = rnd(1, 2), sx = rnd(1, 2), dy = rnd(1, 2), dx = rnd(1, 2);
  const int w = rnd(1, 20), h = rnd(1, 20);
  set(TETRA_F_OP, TETRA_OP_COMPUTE);
  set(TETRA_F_COMP_FIRST, first);
  set(TETRA_F_COMP_ACC_BUF, buf);
  set(TETRA_F_COMP_ACT8, a8);
  set(TETRA_F_COMP_WGT8, w8);
  set(TETRA_F_COMP_ACT_SIGNED, rnd(0, 1));
  set(TETRA_F_COMP_MAX, rnd(0, 3) == 0);
  set(TETRA_F_COMP_HOLD, rnd(0, 3) == 0);
  set(TETRA_F_COMP_HALF, half);
  set(TETRA_F_COMP_ACT_BASE, rnd(0, 65535));
  set(TETRA_F_COMP_WGT_BASE, rnd(0, 8191) & (a8 ? ~0 : ~1));
  set(TETRA_F_COMP_KB, kb);
  set(TETRA_F_COMP_KB_STRIDE, w * h);
  set(TETRA_F_COMP_KH, kh);
  set(TETRA_F_COMP_KW, kw);
  set(TETRA_F_COMP_ACC_BASE, 0);
  set(TETRA_F_COMP_OY, oy);
  set(TETRA_F_COMP_OX, ox);
  set(TETRA_F_COMP_KY_STRIDE, dy * w);
  set(TETRA_F_COMP_KX_STRIDE, dx);
  set(TETRA_F_COMP_OY_STRIDE, sy * w);
  set(TETRA_F_COMP_OX_STRIDE, sx);
  set(TETRA_F_COMP_IY0, rnd(-3, 3));
  set(TETRA_F_COMP_IX0, rnd(-3, 3));
  set(TETRA_F_COMP_DKY, dy);
  set(TETRA_F_COMP_DKX, dx);
  set(TETRA_F_COMP_SY, sy);
  set(TETRA_F_COMP_SX, sx);
  set(TETRA_F_COMP_H, h);
  set(TETRA_F_COMP_W, w);
  set(TETRA_F_COMP_PAD, rnd(0, 255));
  return c;
}

tetra_cmd RandomStore(Random &rnd, int buf, int oy, int ox, int form) {
  tetra_cmd c = {};
  auto set = [&](tetra_field f, int v) { tetra_cmd_set(&c, f, static_cast<uint32_t>(v)); };
  set(TETRA_F_OP, TETRA_OP_STORE);
  set(TETRA_F_STORE_ACC_BUF, buf);
  set(TETRA_F_STORE_TWO_OUT, rnd(0, 1));
  set(TETRA_F_STORE_HALVES2, rnd(0, 3) != 0);
  set(TETRA_F_STORE_RES_FORM, form);
  set(TETRA_F_STORE_RES4, rnd(0, 1));
  set(TETRA_F_STORE_RES_SIGNED, rnd(0, 1));
  set(TETRA_F_STORE_PIXELS, oy * ox);
  set(TETRA_F_STORE_SEG_BEATS, rnd(0, 1) ? ox : oy * ox);
  set(TETRA_F_STORE_SEG_STRIDE, 4096);
  set(TETRA_F_STORE_RES_BASE, rnd(0, kResWords - 1));
  set(TETRA_F_STORE_RES_HALF_STRIDE, rnd(0, 300));
  set(TETRA_F_STORE_RES_ZP, rnd(0, 255));
  const tetra_field zp[2] = {TETRA_F_STORE_OUT0_ZP, TETRA_F_STORE_OUT1_ZP};
  const tetra_field lo[2] = {TETRA_F_STORE_OUT0_LO, TETRA_F_STORE_OUT1_LO};
  const tetra_field hi[2] = {TETRA_F_STORE_OUT0_HI, TETRA_F_STORE_OUT1_HI};
  const tetra_field mode[2] = {TETRA_F_STORE_OUT0_RND, TETRA_F_STORE_OUT1_RND};
  const tetra_field b4[2] = {TETRA_F_STORE_OUT0_BITS4, TETRA_F_STORE_OUT1_BITS4};
  const tetra_field sg[2] = {TETRA_F_STORE_OUT0_SIGNED, TETRA_F_STORE_OUT1_SIGNED};
  for (int o = 0; o < 2; o++) {
    const int bits4 = rnd(0, 1), sgn = rnd(0, 1), top = bits4 ? 15 : 255, min = sgn ? -(top + 1) / 2 : 0;
    const int z = rnd(0, top) + min;
    set(zp[o], z);
    set(lo[o], rnd(0, 1) ? z : min);
    set(hi[o], min + top);
    set(mode[o], rnd(0, 4));
    set(b4[o], bits4);
    set(sg[o], sgn);
  }
  set(TETRA_F_STORE_OUT0_PAR, rnd(0, 30));
  set(TETRA_F_STORE_OUT1_PAR, rnd(31, 62));
  set(TETRA_F_STORE_OUT0_ADDR, 0x10000);
  set(TETRA_F_STORE_OUT1_ADDR, 0x20000);
  set(TETRA_F_STORE_OUT0_HALF_STRIDE, 0x1000);
  set(TETRA_F_STORE_OUT1_HALF_STRIDE, 0x2000);
  return c;
}

// Records that keep every sum well inside 64 bits: M up to 2^31 - 1 with shifts that bring codes into range.
Word RandomPiece(Random &rnd, int piece_byte0, std::vector<uint8_t> *rec) {
  Word w(kN);
  for (int i = 0; i < kN; i++) {
    const int byte = (piece_byte0 + i) % 16;
    if (byte == 0) {
      rec->assign(16, 0);
      const int32_t bias = rnd(-5000, 5000), m = rnd(1 << 20, 0x7fffffff), mr = rnd(1 << 20, 0x7fffffff);
      const int s = rnd(28, 45), sr = rnd(0, 25), lr = rnd(0, 8);
      const int32_t sh = s | sr << 6 | lr << 12;
      std::memcpy(rec->data(), &bias, 4);
      std::memcpy(rec->data() + 4, &m, 4);
      std::memcpy(rec->data() + 8, &mr, 4);
      std::memcpy(rec->data() + 12, &sh, 4);
    }
    w[i] = (*rec)[byte];
  }
  return w;
}

class Core : public testing::TestWithParam<int> {};

TEST_P(Core, RandomTiles) {
  const int seed = GetParam();
  SCOPED_TRACE("re-run: core_test_" + std::to_string(kN) + " --gtest_filter=*RandomTiles/" + std::to_string(seed));
  Random rnd(static_cast<uint64_t>(seed) * 7919 + 1);
  CoreBench b;
  auto fill = [&](int buf, int words) {
    for (int i = 0; i < words; i++) {
      Word w(kN);
      for (auto &x : w) x = static_cast<uint8_t>(rnd(0, 255));
      b.Write(buf, i, w);
    }
  };
  fill(TETRA_BUF_ACT, kActWords);
  fill(TETRA_BUF_WGT, kWgtWords);
  fill(TETRA_BUF_RES, kResWords);
  std::vector<uint8_t> rec(16);
  for (int i = 0; i < 64 * 16; i++) b.Write(TETRA_BUF_PAR, i, RandomPiece(rnd, i * kN, &rec));

  for (int tile = 0; tile < 12; tile++) {
    const int buf = tile & 1, form = rnd(0, 3);
    const int oy = rnd(0, 3) ? rnd(1, 6) : 1, ox = rnd(0, 3) ? rnd(1, 30) : 1;
    const bool w8 = rnd(0, 1);
    for (int half = 0; half < 2; half++) {
      const int parts = rnd(1, 3);
      for (int i = 0; i < parts; i++) {
        const tetra_cmd c = RandomCompute(rnd, rnd(0, 1), w8, buf, half, half == 0 || w8 ? i == 0 : false, oy, ox);
        ModelCompute(b, c);
        b.Issue(c);
      }
    }
    b.WaitIdle();
    const tetra_cmd st = RandomStore(rnd, buf, oy, ox, form);
    std::vector<Word> words;
    std::vector<CoreBench::Desc> descs;
    long sat[2] = {0, 0};
    ModelStore(b, st, &words, &descs, sat);
    b.words.clear();
    b.descs.clear();
    b.Issue(st);
    b.WaitIdle();
    ASSERT_EQ(b.words.size(), words.size());
    for (size_t i = 0; i < words.size(); i++) ASSERT_EQ(b.words[i], words[i]) << "tile " << tile << " word " << i;
    ASSERT_EQ(b.descs.size(), descs.size());
    for (size_t i = 0; i < descs.size(); i++) {
      EXPECT_EQ(b.descs[i].addr, descs[i].addr) << i;
      EXPECT_EQ(b.descs[i].beats, descs[i].beats) << i;
      EXPECT_EQ(b.descs[i].last, descs[i].last) << i;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Core, testing::Range(0, 12));

// k-steps of at least N pixels follow each other without a bubble, within a command and across commands.
TEST(CoreTiming, NoBubbleBetweenKSteps) {
  for (int pixels : {kN, kN + 1, 3 * kN}) {
    CoreBench b;
    Random rnd(5);
    tetra_cmd c = RandomCompute(rnd, true, true, 0, 0, true, 1, pixels);
    tetra_cmd_set(&c, TETRA_F_COMP_HOLD, 0);
    tetra_cmd_set(&c, TETRA_F_COMP_KB, 3);
    tetra_cmd_set(&c, TETRA_F_COMP_KH, 1);
    tetra_cmd_set(&c, TETRA_F_COMP_KW, 1);
    const long start = b.cycles;
    for (int i = 0; i < 8; i++) b.Issue(c);
    b.WaitIdle();
    EXPECT_EQ(b.busy, 8 * 3 * pixels);
    // Array fill, drain and the first weights, once.
    EXPECT_LE(b.cycles - start, 8 * 3 * pixels + 4 * kN + 20) << pixels << " pixels a k-step";
  }
}

}  // namespace
