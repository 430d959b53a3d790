// What the unit tests share: the bench of one array size, random numbers, bytes of wide ports.
#ifndef TETRA_TESTS_RTL_UNIT_UTIL_H
#define TETRA_TESTS_RTL_UNIT_UTIL_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vunit_bench.h"
#include "common/model.h"

constexpr int kN = TETRA_BENCH_N;
using Word = std::vector<uint8_t>;

struct Random {
  explicit Random(uint64_t seed) : g(seed * 0x9e3779b97f4a7c15u + 1) {}
  int64_t operator()(int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(g() % (static_cast<uint64_t>(hi - lo) + 1));
  }
  bool Chance(int percent) { return (*this)(0, 99) < percent; }
  Word Bytes(int n) {
    Word w(static_cast<size_t>(n));
    for (auto &b : w) b = static_cast<uint8_t>(g());
    return w;
  }
  std::mt19937_64 g;
};

// Ports of any width are little-endian in memory.
template <typename T>
void SetPort(T &port, const void *bytes, size_t n) {
  std::memset(&port, 0, sizeof port);
  std::memcpy(&port, bytes, n);
}
template <typename T>
Word GetPort(const T &port, size_t n) {
  Word w(n);
  std::memcpy(w.data(), &port, n);
  return w;
}

// How to run one failing case again.
inline std::string Rerun() {
  const testing::TestInfo *t = testing::UnitTest::GetInstance()->current_test_info();
  return "re-run: unit_test_" + std::to_string(kN) + " --gtest_filter=" + t->test_suite_name() + "." + t->name();
}

// A cycle is: set inputs, Settle(), look at outputs, Edge().
class Bench {
 public:
  Bench() : top(tetra_test::NewModel<Vunit_bench>()) {
    top->mem_limit_i = 0xffffffff;
    Reset();
  }
  ~Bench() { top->final(); }
  void Reset() {
    const tetra_test::NoAssertions unchecked;
    top->rst_ni = 0;
    for (int i = 0; i < 3; i++) Edge();
    top->rst_ni = 1;
    Settle();
  }
  void Settle() {
    top->clk_i = 0;
    top->eval();
  }
  void Edge() {
    Settle();
    top->clk_i = 1;
    top->eval();
    cycle++;
  }
  tetra_test::ModelPtr<Vunit_bench> top;
  long cycle = 0;
};

#endif
