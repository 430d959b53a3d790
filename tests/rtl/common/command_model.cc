// The commands' loop nests: LOAD, PACK, COMPUTE and STORE as docs/commands.md has them.
#include "command_model.h"

#include <algorithm>
#include <cstring>

#include "../../common/round_oracle.h"

// For a loop that takes nearly all of the time, on arrays of the model's own.
#define NOT_SANITIZED __attribute__((noinline, no_sanitize("address", "undefined")))

namespace tetra_test {
namespace {

int Extend(int code, int bits, bool sgn) {
  code &= (1 << bits) - 1;
  return sgn && (code >> (bits - 1)) ? code - (1 << bits) : code;
}
int Nibble(const uint8_t *w, int i) { return (w[i / 2] >> (4 * (i & 1))) & 15; }
int16_t S16(uint32_t v) { return static_cast<int16_t>(v); }

// R(x, s) of docs/numerics.md; the hardware's numbers of the modes are the C model's.
wide RoundShift(wide x, int s, int mode) { return OracleRound(x, s, static_cast<tetra_round>(mode)); }

int EngineOf(int token) { return token == 3 ? 2 : token; }

// A byte of a LOAD.
void WriteByte(uint8_t *to, uint8_t byte, uint32_t narrow) {
  const int q = std::min((static_cast<int8_t>(byte) + 8) >> 4, 7) & 15;
  *to = narrow == TETRA_NARROW_NONE  ? byte
        : narrow == TETRA_NARROW_LOW ? static_cast<uint8_t>(q)
                                     : static_cast<uint8_t>(q << 4 | (*to & 15));
}

// sum[col] += code * weights[col].
NOT_SANITIZED void AddProducts(int32_t *sum, int32_t code, const int32_t *weights, int n) {
  for (int col = 0; col < n; col++) sum[col] += code * weights[col];
}

// The larger code in each place.
Word MaxWord(const Word &a, const Word &b, bool bits4, bool sgn) {
  Word m(a.size());
  for (size_t i = 0; i < 2 * a.size(); i++) {
    const int k = static_cast<int>(i);
    if (bits4) {
      const int most = std::max(Extend(Nibble(a.data(), k), 4, sgn), Extend(Nibble(b.data(), k), 4, sgn));
      m[i / 2] = static_cast<uint8_t>(m[i / 2] | (most & 15) << 4 * (k & 1));
    } else if (i % 2 == 0) {
      m[i / 2] = static_cast<uint8_t>(std::max(Extend(a[i / 2], 8, sgn), Extend(b[i / 2], 8, sgn)));
    }
  }
  return m;
}

}  // namespace

Machine::Machine(const Sizes &s, uint32_t dram_base, size_t dram_bytes)
    : dram(dram_bytes), acc(4u * s.n * s.acc), line(static_cast<size_t>(s.pool)), s_(s), dram_base_(dram_base) {
  const int words[4] = {s.act, s.wgt, s.res, s.par * 16};
  for (int b = 0; b < 4; b++) {
    buf[b].resize(static_cast<size_t>(words[b]) * s.n);
    use_[b].resize(static_cast<size_t>(words[b]));
  }
  use_[kAcc].resize(2);  // a buffer is either accumulated or drained, as a whole
  use_[kDram].resize(dram_bytes / s.n + 1);
}

void Machine::Execute(tetra_cmd *c) {
  std::fill(need_, need_ + 4, 0u);
  const uint32_t op = tetra_cmd_get(c, TETRA_F_OP);
  if (op == TETRA_OP_LOAD) Load(*c);
  if (op == TETRA_OP_PACK) Pack(*c);
  if (op == TETRA_OP_COMPUTE) Compute(*c);
  if (op == TETRA_OP_STORE) Store(*c);
  if (op == TETRA_OP_LOAD || op == TETRA_OP_PACK) done[0]++;
  if (op == TETRA_OP_COMPUTE) done[1]++;
  if (op == TETRA_OP_STORE) done[2]++, done[3]++;
  const tetra_field wait[4] = {TETRA_F_WAIT_LOAD, TETRA_F_WAIT_COMPUTE, TETRA_F_WAIT_DRAIN, TETRA_F_WAIT_STORE};
  uint32_t en = 0;
  for (int t = 0; t < 4; t++) {
    if (need_[t]) en |= 1u << t;
    tetra_cmd_set(c, wait[t], need_[t]);
  }
  tetra_cmd_set(c, TETRA_F_WAIT_EN, op == TETRA_OP_SYNC ? 0 : en);
}

void Machine::Touch(int space, size_t word, bool write, int token) {
  Use &u = use_[space][word];
  if (u.written && EngineOf(u.writer) != EngineOf(token)) need_[u.writer] = std::max(need_[u.writer], u.written);
  if (write) {
    for (int t = 0; t < 4; t++) {
      if (u.read[t] && EngineOf(t) != EngineOf(token)) need_[t] = std::max(need_[t], u.read[t]);
      u.read[t] = 0;
    }
    u.writer = token;
    u.written = done[token] + 1;
  } else {
    u.read[token] = done[token] + 1;
  }
}

void Machine::TouchBuf(int b, uint32_t addr, bool write, int token) {
  Touch(b, (addr & 0xffff) % use_[b].size(), write, token);
}

int32_t &Machine::Acc(int b, int h, int col, uint32_t e) {
  return acc[((static_cast<size_t>(b) * 2 + h) * s_.n + col) * s_.acc + e % s_.acc];
}

uint8_t *Machine::At(int b, uint32_t addr) { return &buf[b][(addr & 0xffff) * s_.n % buf[b].size()]; }

void Machine::Load(const tetra_cmd &c) {
#define F(name) tetra_cmd_get(&c, TETRA_F_LOAD_##name)
  const int b = static_cast<int>(F(DST));
  for (uint32_t i = 0; i < F(COUNT); i++)
    for (uint32_t k = 0; k < F(BEATS); k++) {
      const size_t off = F(ADDR) + i * F(ADDR_STRIDE) + k * s_.n - dram_base_;
      const uint32_t dst = F(DST_ADDR) + i * F(DST_STRIDE) + k;
      Touch(kDram, off / s_.n, false, 0);
      TouchBuf(b, dst, true, 0);
      for (size_t j = 0; j < static_cast<size_t>(s_.n); j++) WriteByte(At(b, dst) + j, dram[off + j], F(NARROW));
    }
  layers[tetra_cmd_get(&c, TETRA_F_LAYER)].read_beats += static_cast<uint64_t>(F(COUNT)) * F(BEATS);
#undef F
}

void Machine::Pack(const tetra_cmd &c) {
#define F(name) static_cast<int>(tetra_cmd_get(&c, TETRA_F_PACK_##name))
  const bool bits4 = F(BITS4);
  const int lanes = bits4 ? 2 * s_.n : s_.n, ring = F(RING_ROWS);
  for (int oy = 0; oy < F(OY); oy++)
    for (int ox = 0; ox < F(OX); ox++) {
      std::vector<uint8_t> v;
      for (int ky = 0; ky < F(KH); ky++) {
        const int step = oy * F(SY) + ky, y = S16(F(IY0)) + step;
        const uint32_t row = F(SRC) + ((F(SLOT) + step) % ring) * F(PITCH);
        for (int e = 0; e < F(SEG); e++) {
          const int x = S16(F(X0)) + ox * F(XSTEP) + e;
          if (y < 0 || y >= F(H) || x < 0 || x >= F(ROW_ELEMS)) {
            v.push_back(static_cast<uint8_t>(bits4 ? F(PAD) & 15 : F(PAD)));
            continue;
          }
          TouchBuf(TETRA_BUF_RES, row + x / lanes, false, 0);
          const uint8_t *w = At(TETRA_BUF_RES, row + x / lanes);
          v.push_back(static_cast<uint8_t>(bits4 ? Nibble(w, x % lanes) : w[x % lanes]));
        }
      }
      while (v.size() % lanes) v.push_back(0);
      for (size_t k = 0; k < v.size() / lanes; k++) {
        const uint32_t dst = F(DST_ADDR) + k * F(DST_STRIDE) + oy * F(OX) + ox;
        TouchBuf(TETRA_BUF_ACT, dst, true, 0);
        uint8_t *w = At(TETRA_BUF_ACT, dst);
        for (int i = 0; i < s_.n; i++)
          w[i] = bits4 ? static_cast<uint8_t>(v[k * lanes + 2 * i] | v[k * lanes + 2 * i + 1] << 4) : v[k * lanes + i];
      }
    }
#undef F
}

void Machine::Compute(const tetra_cmd &c) {
#define F(name) tetra_cmd_get(&c, TETRA_F_COMP_##name)
  const bool a8 = F(ACT8), w8 = F(WGT8), sgn = F(ACT_SIGNED);
  const int n = s_.n, rows = a8 ? n : 2 * n;
  const Word pad(n, static_cast<uint8_t>(F(PAD)));
  std::vector<int32_t> wv(2u * rows * n), sum(n);
  uint32_t s = 0;
  for (uint32_t kb = 0; kb < F(KB); kb++)
    for (uint32_t ky = 0; ky < F(KH); ky++)
      for (uint32_t kx = 0; kx < F(KW); kx++, s++) {
        for (int r = 0; r < rows; r++) {
          const uint32_t wa = F(WGT_BASE) + (F(HOLD) ? 0 : s) * rows + r;
          TouchBuf(TETRA_BUF_WGT, wa, false, 1);
          const uint8_t *w = At(TETRA_BUF_WGT, wa);
          for (int h = 0; h < 2; h++)
            for (int col = 0; col < n; col++)
              wv[(h * rows + r) * n + col] = w8 ? Extend(w[col], 8, true) : Extend(h ? w[col] >> 4 : w[col], 4, true);
        }
        uint32_t e = F(ACC_BASE);
        for (uint32_t oy = 0; oy < F(OY); oy++)
          for (uint32_t ox = 0; ox < F(OX); ox++, e++) {
            const int iy = S16(F(IY0)) + static_cast<int>(oy * F(SY) + ky * F(DKY));
            const int ix = S16(F(IX0)) + static_cast<int>(ox * F(SX) + kx * F(DKX));
            const uint8_t *a = pad.data();
            if (iy >= 0 && iy < static_cast<int>(F(H)) && ix >= 0 && ix < static_cast<int>(F(W))) {
              const uint32_t aa = F(ACT_BASE) + kb * F(KB_STRIDE) + ky * F(KY_STRIDE) + kx * F(KX_STRIDE) +
                                  oy * F(OY_STRIDE) + ox * F(OX_STRIDE);
              TouchBuf(TETRA_BUF_ACT, aa, false, 1);
              a = At(TETRA_BUF_ACT, aa);
            }
            Touch(kAcc, F(ACC_BUF), true, 1);
            for (int h = 0; h < 2; h++) {
              if (w8 && h != static_cast<int>(F(HALF))) continue;
              std::fill(sum.begin(), sum.end(), 0);
              for (int r = 0; r < rows; r++)
                AddProducts(sum.data(), a8 ? Extend(a[r], 8, sgn) : Extend(Nibble(a, r), 4, sgn),
                            &wv[(h * rows + r) * n], n);
              for (int col = 0; col < n; col++) {
                int32_t &t = Acc(static_cast<int>(F(ACC_BUF)), h, col, e);
                if (F(FIRST) && s == 0)
                  t = sum[col];
                else
                  t = F(MAX) ? std::max(t, sum[col])
                             : static_cast<int32_t>(static_cast<uint32_t>(t) + static_cast<uint32_t>(sum[col]));
              }
            }
          }
      }
  pixels += static_cast<uint64_t>(s) * F(OY) * F(OX);
  layers[tetra_cmd_get(&c, TETRA_F_LAYER)].pixels += static_cast<uint64_t>(s) * F(OY) * F(OX);
#undef F
}

// One output of a STORE.
class StoreModel {
 public:
  StoreModel(Machine *m, const tetra_cmd &c, int out)
      : m_(m), c_(c), out_(out), records_(2u * m->s_.n), form_(F(TETRA_F_STORE_RES_FORM)) {
    bits4 = out ? F(TETRA_F_STORE_OUT1_BITS4) : F(TETRA_F_STORE_OUT0_BITS4);
    sgn_ = out ? F(TETRA_F_STORE_OUT1_SIGNED) : F(TETRA_F_STORE_OUT0_SIGNED);
    const int bits = bits4 ? 4 : 8;
    zp_ = Extend(F(out ? TETRA_F_STORE_OUT1_ZP : TETRA_F_STORE_OUT0_ZP), bits, sgn_);
    lo_ = Extend(F(out ? TETRA_F_STORE_OUT1_LO : TETRA_F_STORE_OUT0_LO), bits, sgn_);
    hi_ = Extend(F(out ? TETRA_F_STORE_OUT1_HI : TETRA_F_STORE_OUT0_HI), bits, sgn_);
    rnd_ = F(out ? TETRA_F_STORE_OUT1_RND : TETRA_F_STORE_OUT0_RND);
  }

  // The code of half h, column col, pixel p.
  int Code(int h, int col, int p) {
    const Record &r = RecordOf(h, col);
    const uint32_t e = static_cast<uint32_t>(F(TETRA_F_STORE_ACC_BASE) + p);
    const int b = F(TETRA_F_STORE_ACC_BUF);
    m_->Touch(Machine::kAcc, static_cast<size_t>(b), false, 2);
    int32_t a = static_cast<int32_t>(static_cast<uint32_t>(m_->Acc(b, h, col, e)) + r.bias);
    const int64_t rm = static_cast<int64_t>(form_ ? Residual(h, col, p) : 0) * r.mr;
    if (form_ == 3)
      a = static_cast<int32_t>((static_cast<uint32_t>(a) << r.lr) +
                               static_cast<uint32_t>(RoundShift((rm + 1024) >> 11, r.sr, 3)));
    wide y = static_cast<wide>(a) * r.m +
             static_cast<wide>(r.frac) * (static_cast<wide>(1) << (TETRA_PARAM_FRAC_SHIFT + (form_ == 3 ? r.lr : 0)));
    if (form_ == 1) y += static_cast<wide>(rm) * (static_cast<wide>(1) << r.lr);
    y = RoundShift(y, r.s, rnd_) + zp_;
    if (form_ == 2) y += RoundShift(rm, r.sr, rnd_);
    if (y > hi_ || (y < lo_ && lo_ != zp_)) m_->sat[out_]++;
    return y < lo_ ? lo_ : y > hi_ ? hi_ : static_cast<int>(y);
  }

  bool bits4;

 private:
  // A channel's parameters, once they were read.
  struct Record {
    bool read = false;
    uint32_t bias = 0, m = 0, mr = 0;
    int s = 0, sr = 0, lr = 0, frac = 0;
  };

  int F(const tetra_field &f) const { return static_cast<int>(tetra_cmd_get(&c_, f)); }

  const Record &RecordOf(int h, int col) {
    const int n = m_->s_.n, entry = F(out_ ? TETRA_F_STORE_OUT1_PAR : TETRA_F_STORE_OUT0_PAR) + h;
    Record &r = records_[static_cast<size_t>(h * n + col)];
    if (r.read) return r;
    uint8_t rec[16];
    for (int i = 0; i < 16; i++) {
      const uint32_t piece = entry * 16 + (col * 16 + i) / n;
      m_->TouchBuf(TETRA_BUF_PAR, piece, false, 2);
      rec[i] = m_->At(TETRA_BUF_PAR, piece)[(col * 16 + i) % n];
    }
    uint32_t mul, mr, sh;
    std::memcpy(&r.bias, rec, 4);
    std::memcpy(&mul, rec + 4, 4);
    std::memcpy(&mr, rec + 8, 4);
    std::memcpy(&sh, rec + 12, 4);
    r.m = mul & 0x7fffffff;
    r.mr = mr & 0x7fffffff;
    r.s = sh & 63;
    r.sr = (sh >> 6) & 63;
    r.lr = (sh >> 12) & 31;
    r.frac = static_cast<int16_t>(sh >> TETRA_PARAM_FRAC_LSB << 2 | mr >> 31 << 1 | mul >> 31);
    r.read = true;
    return r;
  }

  int Residual(int h, int col, int p) {
    const int bits = F(TETRA_F_STORE_RES4) ? 4 : 8, sgn = F(TETRA_F_STORE_RES_SIGNED);
    const uint32_t addr =
        static_cast<uint32_t>(F(TETRA_F_STORE_RES_BASE) + p + (bits == 8 ? h * F(TETRA_F_STORE_RES_HALF_STRIDE) : 0));
    m_->TouchBuf(TETRA_BUF_RES, addr, false, 2);
    const uint8_t *w = m_->At(TETRA_BUF_RES, addr);
    const int code = bits == 8 ? w[col] : Nibble(w, h * m_->s_.n + col);
    return Extend(code, bits, sgn) - Extend(F(TETRA_F_STORE_RES_ZP), bits, sgn);
  }

  Machine *m_;
  const tetra_cmd &c_;
  const int out_;
  std::vector<Record> records_;  // [half][column]
  const int form_;
  int zp_, lo_, hi_, rnd_;
  bool sgn_;
};

// Word p of half h (8 bits), or of both (4 bits; with one half the upper bytes are 0).
Word Machine::StoreWord(StoreModel *out, bool two_halves, int h, int p) {
  const int n = s_.n;
  Word w(n);
  for (int i = 0; i < n; i++) {
    if (!out->bits4) {
      w[i] = static_cast<uint8_t>(out->Code(h, i, p));
    } else if (2 * i < n * (two_halves ? 2 : 1)) {
      const int lo = out->Code(2 * i / n, 2 * i % n, p) & 15;
      w[i] = static_cast<uint8_t>(lo | (out->Code((2 * i + 1) / n, (2 * i + 1) % n, p) & 15) << 4);
    }
  }
  return w;
}

void Machine::Write(const tetra_cmd &c, uint32_t addr, const Word &w) {
  words.push_back(w);
  layers[tetra_cmd_get(&c, TETRA_F_LAYER)].write_beats++;
  if (!store_to_dram) return;
  const size_t off = addr - dram_base_;
  Touch(kDram, off / s_.n, true, 3);
  std::memcpy(&dram[off], w.data(), s_.n);
}

void Machine::Store(const tetra_cmd &c) {
#define F(name) tetra_cmd_get(&c, TETRA_F_STORE_##name)
  if (F(POOL_BEATS)) return StorePooled(c);
  const int n = s_.n, pixels_n = static_cast<int>(F(PIXELS)), halves = F(HALVES2) ? 2 : 1;
  const int seg = static_cast<int>(F(SEG_BEATS)), outs = F(TWO_OUT) ? 2 : 1;
  for (int o = 0; o < outs; o++) {
    StoreModel out(this, c, o);
    const uint32_t base = o ? F(OUT1_ADDR) : F(OUT0_ADDR), stride = o ? F(OUT1_HALF_STRIDE) : F(OUT0_HALF_STRIDE);
    const int passes = out.bits4 ? 1 : halves;
    for (int h = 0; h < passes; h++)
      for (int p = 0; p < pixels_n; p++) {
        const uint32_t seg_addr = base + h * stride + (p / seg) * F(SEG_STRIDE);
        if (p % seg == 0)
          descs.push_back({seg_addr, static_cast<uint32_t>(std::min(seg, pixels_n - p)),
                           o == outs - 1 && h == passes - 1 && p + seg >= pixels_n});
        Write(c, seg_addr + (p % seg) * n, StoreWord(&out, halves == 2, h, p));
      }
  }
#undef F
}

void Machine::StorePooled(const tetra_cmd &c) {
#define F(name) static_cast<int>(tetra_cmd_get(&c, TETRA_F_STORE_##name))
  const int rows = F(POOL_ROWS), cols = F(SEG_BEATS), windows = (cols + F(POOL_PAD_X)) / 2;
  const int halves = F(HALVES2) ? 2 : 1, outs = F(TWO_OUT) ? 2 : 1;
  size_t at = static_cast<size_t>(F(POOL_LINE));
  for (int o = 0; o < outs; o++) {
    StoreModel out(this, c, o);
    const bool sgn = o ? F(OUT1_SIGNED) : F(OUT0_SIGNED);
    const int passes = out.bits4 ? 1 : halves;
    for (int h = 0; h < passes; h++, at += static_cast<size_t>(windows)) {
      uint32_t addr = tetra_cmd_get(&c, o ? TETRA_F_STORE_OUT1_ADDR : TETRA_F_STORE_OUT0_ADDR) +
                      static_cast<uint32_t>(h) *
                          tetra_cmd_get(&c, o ? TETRA_F_STORE_OUT1_HALF_STRIDE : TETRA_F_STORE_OUT0_HALF_STRIDE);
      descs.push_back({addr, static_cast<uint32_t>(F(POOL_BEATS)), o == outs - 1 && h == passes - 1});
      for (int y = 0; y < rows; y++) {
        const bool odd = (F(POOL_ODD_Y) + y) % 2, above = !(F(POOL_TOP) && y == 0);
        std::vector<Word> row;
        for (int x = 0; x < cols; x++) row.push_back(StoreWord(&out, halves == 2, h, y * cols + x));
        for (int w = 0; w < windows; w++) {
          Word across, down;
          for (int x = std::max(0, 2 * w - F(POOL_PAD_X)); x < std::min(cols, 2 * w - F(POOL_PAD_X) + 3); x++)
            across = across.empty() ? row[x] : MaxWord(across, row[x], out.bits4, sgn);
          Word &l = line[(at + w) % line.size()];
          down = above ? MaxWord(across, l, out.bits4, sgn) : across;
          l = odd ? down : across;
          if (odd ? !(F(POOL_END) && y == rows - 1) : !above) continue;
          Write(c, addr, down);
          addr += static_cast<uint32_t>(s_.n);
        }
      }
    }
  }
#undef F
}

}  // namespace tetra_test
