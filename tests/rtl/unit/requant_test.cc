// The requantizer against exact arithmetic in 128 bits: every rounding mode x residual form x output format, random
// parameters, ties and the ends of every range.
#include <algorithm>
#include <deque>
#include <tuple>

#include "../../common/round_oracle.h"
#include "util.h"

namespace {

enum { kNone, kJoint, kSeparate, kPre };
const char *const kRounds[] = {"Floor", "HalfUp", "HalfEven", "HalfAway", "Tflite"};
const char *const kForms[] = {"None", "Joint", "Separate", "Pre"};

struct Config {
  int form, rnd;
  bool res4, res_signed, bits4, out_signed;
  int res_zp, zp, lo, hi;  // code values
};
struct Lane {
  int32_t acc, bias, m, mr;
  int s, sr, lr, res_code;
  int16_t frac;
};

struct Result {
  bool in_contract;
  int code;
  bool saturated;
};

Result Model(const Config &c, const Lane &l) {
  const wide limit = static_cast<wide>(1) << 62;
  const wide rm = c.form == kNone ? 0 : static_cast<wide>(l.res_code - c.res_zp) * l.mr;
  wide acc = static_cast<wide>(l.acc) + l.bias;
  bool ok = acc == static_cast<int32_t>(acc);
  if (c.form == kPre) {
    const wide before = acc;
    acc = (acc << l.lr) + OracleRound(OracleRound(rm + 1024, 11, TETRA_FLOOR), l.sr, TETRA_HALF_AWAY);
    ok = ok && acc == static_cast<int32_t>(acc) && (before << l.lr) == static_cast<int32_t>(before << l.lr);
  }
  wide x = acc * l.m + l.frac * (static_cast<wide>(1) << (15 + (c.form == kPre ? l.lr : 0)));
  if (c.form == kJoint) {
    const wide add = rm << l.lr;
    ok = ok && add <= limit && add >= -limit;
    x += add;
  }
  ok = ok && x <= limit && x >= -limit;
  wide y = c.zp + OracleRound(x, l.s, static_cast<tetra_round>(c.rnd));
  if (c.form == kSeparate) y += OracleRound(rm, l.sr, static_cast<tetra_round>(c.rnd));
  const wide code = y < c.lo ? c.lo : y > c.hi ? c.hi : y;
  return {ok, static_cast<int>(code), y > c.hi || (y < c.lo && c.lo != c.zp)};
}

// 0..top, often an end: residual and zero point at opposite ends give the widest differences.
int CodeStep(Random &rnd, int top) {
  return static_cast<int>(rnd.Chance(30) ? (rnd.Chance(50) ? 0 : top) : rnd(0, top));
}

Lane RandomLane(Random &rnd, const Config &c) {
  Lane l = {};
  const int min = c.res_signed ? (c.res4 ? -8 : -128) : 0;
  l.res_code = min + CodeStep(rnd, c.res4 ? 15 : 255);
  l.mr = static_cast<int32_t>(rnd.Chance(20) ? 0x7fffffff : rnd(0, 0x7fffffff) >> rnd(0, 31));
  l.sr = static_cast<int>(rnd(0, c.form == kPre ? 31 : 62));
  l.lr = static_cast<int>(c.form == kPre ? rnd(0, 19) : rnd(0, 31));
  switch (rnd(0, 4)) {
    case 0:  // a tie: odd * 2^(s-1), split between accumulator and multiplier
      l.s = static_cast<int>(rnd(1, 40));
      {
        const int k = static_cast<int>(rnd(std::max(0, l.s - 1 - 20), std::min(30, l.s - 1)));
        l.m = static_cast<int32_t>(1) << k;
        l.acc = static_cast<int32_t>((2 * rnd(-300, 300) + 1) * (static_cast<int64_t>(1) << (l.s - 1 - k)));
      }
      if (rnd.Chance(70)) l.mr = 0;
      break;
    case 1:  // ends of the ranges: products next to 2^62
      l.acc = rnd.Chance(50) ? INT32_MIN : INT32_MAX;
      l.m = 0x7fffffff - static_cast<int32_t>(rnd(0, 1));
      l.s = static_cast<int>(rnd.Chance(70) ? rnd(52, 62) : rnd(0, 62));
      break;
    case 2:  // a zero multiplier, the residual alone
      l.acc = static_cast<int32_t>(rnd(-1000, 1000));
      l.m = 0;
      l.s = static_cast<int>(rnd(0, 62));
      break;
    default: {  // codes in or near the output's range
      l.acc = static_cast<int32_t>(rnd(INT32_MIN, INT32_MAX) >> rnd(0, 31));
      l.m = static_cast<int32_t>(rnd(0, 0x7fffffff));
      int bits = 0;
      for (wide x = static_cast<wide>(l.acc) * l.m; x != 0 && x != -1; x >>= 1) bits++;
      l.s = static_cast<int>(std::min<int64_t>(62, std::max<int64_t>(0, bits - rnd(2, 10))));
    }
  }
  // Part of the sum comes as bias.
  const auto bias = static_cast<int32_t>(rnd(-100000, 100000));
  const int64_t acc = static_cast<int64_t>(l.acc) - bias;
  if (acc == static_cast<int32_t>(acc)) {
    l.acc = static_cast<int32_t>(acc);
    l.bias = bias;
  }
  // A fraction with or without a whole part; a tie stays one where F is a multiple of 2^S, or 0.
  if (rnd.Chance(60)) l.frac = static_cast<int16_t>(rnd.Chance(20) ? (rnd.Chance(50) ? -32768 : 32767) : rnd(0, 65535));
  if (rnd.Chance(20) && l.s < 30) l.frac = static_cast<int16_t>(rnd(-1, 1) * (1 << std::max(0, l.s - 15)));
  return l;
}

Config RandomConfig(Random &rnd, int form, int round, int format) {
  Config c = {};
  c.form = form;
  c.rnd = round;
  c.bits4 = format & 1;
  c.out_signed = format & 2;
  c.res4 = rnd.Chance(50);
  c.res_signed = rnd.Chance(50);
  const int res_min = c.res_signed ? (c.res4 ? -8 : -128) : 0;
  c.res_zp = res_min + CodeStep(rnd, c.res4 ? 15 : 255);
  const int min = c.out_signed ? (c.bits4 ? -8 : -128) : 0, top = min + (c.bits4 ? 15 : 255);
  c.zp = static_cast<int>(rnd(min, top));
  c.lo = rnd.Chance(40) ? c.zp : rnd.Chance(50) ? min : static_cast<int>(rnd(min, top));
  c.hi = rnd.Chance(50) ? top : static_cast<int>(rnd(c.lo, top));
  return c;
}

constexpr long kLatency = 9;  // cycles from a row's inputs to its word
const int kRowCycles = static_cast<int>(tetra_row_cycles(kN));

class RequantBench {
 public:
  void Configure(const Config &c) {
    b_.top->rq_res_form_i = static_cast<uint8_t>(c.form);
    b_.top->rq_rnd_i = static_cast<uint8_t>(c.rnd);
    b_.top->rq_res4_i = c.res4;
    b_.top->rq_res_signed_i = c.res_signed;
    b_.top->rq_bits4_i = c.bits4;
    b_.top->rq_signed_i = c.out_signed;
    b_.top->rq_res_zp_i = static_cast<uint8_t>(c.res_zp);
    b_.top->rq_zp_i = static_cast<uint8_t>(c.zp);
    b_.top->rq_lo_i = static_cast<uint8_t>(c.lo);
    b_.top->rq_hi_i = static_cast<uint8_t>(c.hi);
  }
  // One row of one half. The other half's sums are noise.
  std::vector<Result> Drive(Random &rnd, const Config &c, int half) {
    std::vector<uint8_t> acc = rnd.Bytes(8 * kN), par(16 * kN), res = rnd.Bytes(kN);
    std::vector<Result> results;
    for (int i = 0; i < kN; i++) {
      Lane l;
      Result r;
      do {
        l = RandomLane(rnd, c);
        r = Model(c, l);
      } while (!r.in_contract);
      results.push_back(r);
      const uint32_t frac = static_cast<uint16_t>(l.frac);
      const uint32_t shifts = static_cast<uint32_t>(l.s | l.sr << 6 | l.lr << 12) | frac >> 2 << 18;
      const uint32_t m = static_cast<uint32_t>(l.m) | frac << 31, mr = static_cast<uint32_t>(l.mr) | frac >> 1 << 31;
      std::memcpy(&acc[static_cast<size_t>(4 * i)], &l.acc, 4);
      std::memcpy(&par[static_cast<size_t>(16 * i)], &l.bias, 4);
      std::memcpy(&par[static_cast<size_t>(16 * i + 4)], &m, 4);
      std::memcpy(&par[static_cast<size_t>(16 * i + 8)], &mr, 4);
      std::memcpy(&par[static_cast<size_t>(16 * i + 12)], &shifts, 4);
      const int nibble = half * kN + i;
      uint8_t &byte = res[static_cast<size_t>(c.res4 ? nibble / 2 : i)];
      if (!c.res4)
        byte = static_cast<uint8_t>(l.res_code);
      else
        byte =
            static_cast<uint8_t>(nibble & 1 ? (byte & 15) | (l.res_code & 15) << 4 : (byte & 240) | (l.res_code & 15));
    }
    SetPort(b_.top->rq_acc_i, acc.data(), acc.size());
    SetPort(b_.top->rq_par_i, par.data(), par.size());
    SetPort(b_.top->rq_res_i, res.data(), res.size());
    return results;
  }
  // Rows at random times; the configuration stays for a batch of words, or changes with every word.
  void Run(uint64_t seed, const std::tuple<int, int, int> *fixed) {
    Random rnd(seed);
    for (int batch = 0; batch < 40; batch++) {
      SCOPED_TRACE("batch " + std::to_string(batch));
      RunBatch(rnd, fixed);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  struct Expected {
    long cycle;
    bool word;
    Word data;
    int sat;
  };
  void NewConfig(Random &rnd, const std::tuple<int, int, int> *fixed) {
    if (fixed)
      c_ = RandomConfig(rnd, std::get<0>(*fixed), std::get<1>(*fixed), std::get<2>(*fixed));
    else
      c_ = RandomConfig(rnd, static_cast<int>(rnd(0, 3)), static_cast<int>(rnd(0, 4)), static_cast<int>(rnd(0, 3)));
    halves_ = rnd.Chance(75) ? 2 : 1;
  }
  void RunBatch(Random &rnd, const std::tuple<int, int, int> *fixed) {
    std::deque<Expected> expect;
    Word low(kN);
    int half = 0, words = 0, sat = 0;
    NewConfig(rnd, fixed);
    const int rows_end = 50 * kRowCycles;
    int held = 0;  // cycles that the last row still takes
    for (int i = 0; i < rows_end + 3 * kLatency; i++) {
      // A STORE leaves no word open: a first half is always followed by its second.
      const bool more = half == 1 ? i >= rows_end || !rnd.Chance(15) : i < rows_end && !rnd.Chance(15);
      const bool drive = more && held == 0;
      b_.top->rq_valid_i = drive;
      if (drive) {
        if (half == 0 && !fixed) NewConfig(rnd, fixed);
        Configure(c_);
        const bool end = !c_.bits4 || half == halves_ - 1;
        const std::vector<Result> r = Drive(rnd, c_, half);
        b_.top->rq_half_i = static_cast<uint8_t>(half);
        b_.top->rq_word_end_i = end;
        Expected e = {b_.cycle + kLatency, end, Word(kN), 0};
        for (int l = 0; l < kN; l++) {
          const Result &x = r[static_cast<size_t>(l)];
          e.sat += x.saturated;
          if (!c_.bits4) {
            e.data[static_cast<size_t>(l)] = static_cast<uint8_t>(x.code);
          } else {
            const auto nibble = static_cast<size_t>(half * kN + l);
            low[nibble / 2] =
                static_cast<uint8_t>(nibble & 1 ? (low[nibble / 2] & 15) | (x.code & 15) << 4 : x.code & 15);
            e.data = low;
          }
        }
        if (end) low.assign(kN, 0);
        expect.push_back(e);
        half = halves_ == 1 ? 0 : !half;
        held = kRowCycles - 1;
      } else if (held > 0) {
        held--;  // all but the residual stays
        SetPort(b_.top->rq_res_i, rnd.Bytes(kN).data(), kN);
      } else if (!fixed) {
        Configure(RandomConfig(rnd, 1, 2, 3));  // noise between the rows
      }
      b_.Settle();
      const bool due = !expect.empty() && expect.front().cycle == b_.cycle;
      ASSERT_EQ(b_.top->rq_valid_o, due && expect.front().word) << "step " << i;
      // The count comes a cycle after the word.
      ASSERT_EQ(b_.top->rq_sat_o, sat) << "step " << i;
      sat = due ? expect.front().sat : 0;
      // A first half by itself brings no word out, so nothing is in flight in the cycle in which one would come.
      const bool silent = due && !expect.front().word && expect.size() == 1;
      ASSERT_EQ(b_.top->rq_empty_o, expect.empty() || silent) << "step " << i;
      if (due) {
        if (expect.front().word) {
          ASSERT_EQ(GetPort(b_.top->rq_data_o, kN), expect.front().data) << "step " << i;
          words++;
        }
        expect.pop_front();
      }
      b_.Edge();
    }
    ASSERT_TRUE(expect.empty());
    ASSERT_GT(words, 10);
  }

  Config c_ = {};
  int halves_ = 2;
  Bench b_;
};

class Requant : public testing::TestWithParam<std::tuple<int, int, int>> {};

TEST_P(Requant, RandomTiesAndEnds) {
  SCOPED_TRACE(Rerun());
  const std::tuple<int, int, int> mode = GetParam();
  RequantBench().Run(static_cast<uint64_t>(std::get<0>(mode) * 64 + std::get<1>(mode) * 8 + std::get<2>(mode)), &mode);
}

// Every word with a form, rounding and format of its own.
TEST(RequantMixed, ConfigurationTravelsWithTheRow) {
  SCOPED_TRACE(Rerun());
  for (uint64_t seed = 0; seed < 10; seed++) RequantBench().Run(1000 + seed, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Modes, Requant,
                         testing::Combine(testing::Range(0, 4), testing::Range(0, 5), testing::Range(0, 4)),
                         [](const auto &info) {
                           const int f = std::get<2>(info.param);
                           return std::string(kForms[std::get<0>(info.param)]) + kRounds[std::get<1>(info.param)] +
                                  (f & 2 ? "S" : "U") + (f & 1 ? "4" : "8");
                         });

}  // namespace
