// Functional coverage: which combinations of what matters the benches have run. Crosses and their values are listed in
// tests/rtl/coverage/crosses.txt; scripts/coverage.py compares.
#ifndef TETRA_TESTS_RTL_FUNCTIONAL_H
#define TETRA_TESTS_RTL_FUNCTIONAL_H

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tetra/hw.h"

namespace tetra_test {

// The counts of a process, written when it ends to the folder $TETRA_COVERAGE_FILES if that is set.
class Functional {
 public:
  static Functional &Get() {
    static Functional counts;
    return counts;
  }
  // One more of a cross's combination; whether it is the first in this process.
  bool Hit(const std::string &cross, const std::vector<std::string> &values) {
    std::string name = cross;
    for (const std::string &v : values) name += " " + v;
    return counts_[name]++ == 0;
  }
  ~Functional() {
    const char *folder = std::getenv("TETRA_COVERAGE_FILES");
    if (folder == nullptr || counts_.empty()) return;
    std::ofstream out(std::string(folder) + "/" + std::to_string(getpid()) + ".crosses");
    for (const auto &c : counts_) out << c.first << ' ' << c.second << '\n';
  }

 private:
  std::map<std::string, uint64_t> counts_;
};

// Whether some tap of a COMPUTE lies outside its plane.
inline bool TouchesPadding(const tetra_cmd &c) {
  auto get = [&c](const tetra_field &f) { return static_cast<int>(tetra_cmd_get(&c, f)); };
  auto outside = [](int first, int outputs, int stride, int taps, int dilation, int size) {
    return first < 0 || first + (outputs - 1) * stride + (taps - 1) * dilation >= size;
  };
  return outside(static_cast<int16_t>(get(TETRA_F_COMP_IY0)), get(TETRA_F_COMP_OY), get(TETRA_F_COMP_SY),
                 get(TETRA_F_COMP_KH), get(TETRA_F_COMP_DKY), get(TETRA_F_COMP_H)) ||
         outside(static_cast<int16_t>(get(TETRA_F_COMP_IX0)), get(TETRA_F_COMP_OX), get(TETRA_F_COMP_SX),
                 get(TETRA_F_COMP_KW), get(TETRA_F_COMP_DKX), get(TETRA_F_COMP_W));
}

// A command about to run: its combinations, and whether one of them is new. Counts only what is legal.
inline bool SampleCompute(const tetra_cmd &c) {
  auto get = [&c](const tetra_field &f) { return tetra_cmd_get(&c, f); };
  const std::string mode = std::string(get(TETRA_F_COMP_ACT8) ? "a8" : "a4") + (get(TETRA_F_COMP_WGT8) ? "w8" : "w4");
  const bool tall = get(TETRA_F_COMP_KH) > 1, wide = get(TETRA_F_COMP_KW) > 1;
  const uint32_t sy = get(TETRA_F_COMP_SY), sx = get(TETRA_F_COMP_SX);
  const char *const kernel = tall && wide ? "rectangle" : tall ? "column" : wide ? "row" : "1x1";
  const char *const stride = sy != sx ? "unequal" : sy == 1 ? "1" : "2";
  const char *const sgn = get(TETRA_F_COMP_ACT_SIGNED) ? "signed" : "unsigned";
  const char *const how = get(TETRA_F_COMP_FIRST) ? "first" : "more";
  Functional &f = Functional::Get();
  const bool plane = f.Hit("compute", {mode, kernel, stride, TouchesPadding(c) ? "padded" : "inside", sgn});
  return f.Hit("accumulate",
               {mode, get(TETRA_F_COMP_MAX) ? "maximum" : "sum", how, get(TETRA_F_COMP_HOLD) ? "hold" : "load", sgn}) ||
         plane;
}
inline bool SampleStore(const tetra_cmd &c) {
  static const char *const rounds[] = {"floor", "half_up", "half_even", "half_away", "tflite", "5", "6", "7"};
  static const char *const forms[] = {"none", "joint", "separate", "pre"};
  auto get = [&c](const tetra_field &f) { return tetra_cmd_get(&c, f); };
  const bool two = get(TETRA_F_STORE_TWO_OUT), pool = get(TETRA_F_STORE_POOL_BEATS);
  bool fresh = false;
  for (int o = 0; o < (two ? 2 : 1); o++) {
    const std::string round = rounds[get(o ? TETRA_F_STORE_OUT1_RND : TETRA_F_STORE_OUT0_RND)];
    const std::string bits = get(o ? TETRA_F_STORE_OUT1_BITS4 : TETRA_F_STORE_OUT0_BITS4) ? "4bit" : "8bit";
    const std::string sgn = get(o ? TETRA_F_STORE_OUT1_SIGNED : TETRA_F_STORE_OUT0_SIGNED) ? "signed" : "unsigned";
    const std::string out = !two ? "only" : o ? "second" : "first";
    const std::string halves = get(TETRA_F_STORE_HALVES2) ? "two_halves" : "one_half";
    const uint32_t form = get(TETRA_F_STORE_RES_FORM);
    const std::string res =
        std::string(get(TETRA_F_STORE_RES4) ? "r4" : "r8") + (get(TETRA_F_STORE_RES_SIGNED) ? "signed" : "unsigned");
    Functional &f = Functional::Get();
    const bool a = f.Hit("store", {round, forms[form], bits, sgn, out});
    const bool b = f.Hit("pool", {pool ? "pooled" : "plain", round, bits, sgn, out, halves});
    const bool d = form != 0 && f.Hit("residual", {forms[form], res, bits, round});
    fresh = fresh || a || b || d;
  }
  return fresh;
}
inline bool SampleCommand(const tetra_cmd &c) {
  static const char *const names[] = {"none", "load", "pack", "compute", "store"};
  const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP), en = tetra_cmd_get(&c, TETRA_F_WAIT_EN);
  if (op < TETRA_OP_LOAD || op > TETRA_OP_STORE) return false;
  const bool waits = Functional::Get().Hit("waits", {names[op], en & 1 ? "load" : "-", en & 2 ? "compute" : "-",
                                                     en & 4 ? "drain" : "-", en & 8 ? "store" : "-"});
  if (op == TETRA_OP_COMPUTE) return SampleCompute(c) || waits;
  if (op == TETRA_OP_STORE) return SampleStore(c) || waits;
  return waits;
}

}  // namespace tetra_test
#endif
