// The systolic array in every mode: k-steps of random lengths back to back, the next weights following the swap's
// wavefront as early or as late as the array allows, with the clock enable dropped at random.
#include <algorithm>
#include <map>
#include <utility>

#include "util.h"

double sc_time_stamp() { return 0; }

namespace {

struct KStep {
  long start;                            // enabled cycle in which row 0 takes its first pixel
  long load;                             // enabled cycle in which row 0's shadow weights are written
  std::vector<std::vector<uint16_t>> w;  // [row][column]
};
struct Pixel {
  long at;  // enabled cycle in which row 0 takes it
  bool tag;
  Word a;
  size_t step;
};

// A plain dot product of codes: `row` contributes one 8-bit or two 4-bit activation codes.
int32_t Dot(const Word &a, const KStep &s, int col, int half, bool a8, bool w8, bool sgn) {
  auto extend = [](int v, int bits, bool is_signed) { return is_signed && v >> (bits - 1) ? v - (1 << bits) : v; };
  int32_t sum = 0;
  for (size_t r = 0; r < a.size(); r++) {
    const uint16_t w = s.w[r][static_cast<size_t>(col)];
    for (int i = 0; i < (a8 ? 1 : 2); i++) {
      const int code = a8 ? extend(a[r], 8, sgn) : extend(a[r] >> (4 * i) & 15, 4, sgn);
      const int byte = w >> (8 * i) & 255;
      sum += code * (w8 ? extend(byte, 8, true) : extend(byte >> (4 * half) & 15, 4, true));
    }
  }
  return sum;
}

class Array : public testing::TestWithParam<int> {};

void RunArray(bool a8, bool w8, bool sgn, uint64_t seed, bool tight) {
  Random rnd(seed);
  Bench b;
  std::vector<KStep> steps;
  std::vector<Pixel> pixels;
  long t = kN + 2;
  for (size_t k = 0; k < 12; k++) {
    KStep s;
    s.start = t;
    s.load = k == 0 ? 1 : steps[k - 1].start + kN - 1;
    if (!tight) s.load += rnd(0, s.start - 1 - s.load);
    for (int r = 0; r < kN; r++) {
      std::vector<uint16_t> row;
      for (int c = 0; c < kN; c++) {
        const auto lo = static_cast<uint16_t>(rnd(0, 255)), hi = a8 ? lo : static_cast<uint16_t>(rnd(0, 255));
        row.push_back(static_cast<uint16_t>(lo | hi << 8));
      }
      s.w.push_back(row);
    }
    steps.push_back(s);
    const long n = tight ? kN : kN + rnd(0, 2 * kN);
    for (long p = 0; p < n; p++)
      if (p == 0 || tight || !rnd.Chance(20)) pixels.push_back({t + p, p == 0, rnd.Bytes(kN), k});
    t += n;
  }
  const long end = t + 3 * kN;
  // What enters and must leave, by enabled cycle.
  std::vector<Word> a_in(static_cast<size_t>(end), Word(kN)), tags(static_cast<size_t>(end), Word(kN));
  for (auto &w : a_in) w = rnd.Bytes(kN);
  std::map<std::pair<long, int>, const Pixel *> out;
  for (const Pixel &p : pixels)
    for (int r = 0; r < kN; r++) {
      a_in[static_cast<size_t>(p.at + r)][static_cast<size_t>(r)] = p.a[static_cast<size_t>(r)];
      tags[static_cast<size_t>(p.at + r)][static_cast<size_t>(r)] = p.tag;
      out[{p.at + kN + 2 + r, r}] = &p;
    }
  std::map<long, std::pair<const KStep *, int>> loads;
  for (const KStep &s : steps)
    for (int r = 0; r < kN; r++) loads[s.load + r] = {&s, r};
  ASSERT_EQ(loads.size(), steps.size() * kN) << "two rows in one cycle";

  b.top->arr_act8_i = a8;
  b.top->arr_wgt8_i = w8;
  b.top->arr_signed_i = sgn;
  size_t checked = 0;
  for (long now = 0; now < end;) {
    const bool en = !rnd.Chance(10);
    b.top->arr_en_i = en;
    SetPort(b.top->arr_a_i, a_in[static_cast<size_t>(now)].data(), kN);
    uint64_t tag = 0;
    for (int r = 0; r < kN; r++)
      tag |= static_cast<uint64_t>(tags[static_cast<size_t>(now)][static_cast<size_t>(r)]) << r;
    SetPort(b.top->arr_tag_i, &tag, (kN + 7) / 8);
    const auto load = loads.find(now);
    b.top->arr_w_load_i = load != loads.end();
    if (load != loads.end()) {
      b.top->arr_w_row_i = static_cast<uint8_t>(load->second.second);
      SetPort(b.top->arr_w_data_i, load->second.first->w[static_cast<size_t>(load->second.second)].data(), 2 * kN);
    }
    b.Settle();
    const Word y0 = GetPort(b.top->arr_y0_o, 4 * kN), y1 = GetPort(b.top->arr_y1_o, 4 * kN);
    for (int c = 0; c < kN && en; c++) {
      const auto it = out.find({now, c});
      if (it == out.end()) continue;
      int32_t got0, got1;
      std::memcpy(&got0, y0.data() + 4 * c, 4);
      std::memcpy(&got1, y1.data() + 4 * c, 4);
      const Pixel &p = *it->second;
      ASSERT_EQ(got0, Dot(p.a, steps[p.step], c, 0, a8, w8, sgn))
          << "k-step " << p.step << " column " << c << " cycle " << now;
      // With 8-bit weights lane 1 stands still.
      if (!w8) {
        ASSERT_EQ(got1, Dot(p.a, steps[p.step], c, 1, a8, w8, sgn)) << "k-step " << p.step << " column " << c;
      }
      checked++;
    }
    b.Edge();
    if (en) now++;
  }
  EXPECT_EQ(checked, pixels.size() * kN);
}

TEST_P(Array, RandomKSteps) {
  const int m = GetParam();
  SCOPED_TRACE(Rerun());
  for (uint64_t seed = 0; seed < 6; seed++) RunArray(m & 1, m & 2, m & 4, seed * 8 + static_cast<uint64_t>(m), false);
}

// Swaps every N pixels: each row of weights arrives in the only cycle that is neither too early nor too late.
TEST_P(Array, BackToBackSwaps) {
  const int m = GetParam();
  SCOPED_TRACE(Rerun());
  for (uint64_t seed = 0; seed < 3; seed++) RunArray(m & 1, m & 2, m & 4, seed * 8 + static_cast<uint64_t>(m), true);
}

INSTANTIATE_TEST_SUITE_P(Modes, Array, testing::Range(0, 8), [](const auto &info) {
  return std::string(info.param & 1 ? "A8" : "A4") + (info.param & 2 ? "W8" : "W4") +
         (info.param & 4 ? "Signed" : "Unsigned");
});

}  // namespace
