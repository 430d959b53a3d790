// compare SEED LATE: runs the plain and the straightened model with the same random inputs, resets among them, and
// compares all outputs with the clock low; with LATE = 1 also between rise and fall. Exit code 1 at the first
// difference.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "Vplain.h"
#include "Vstraight.h"

double sc_time_stamp() { return 0; }

static uint32_t state;
static uint32_t Random() {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

template <class A, class B>
static bool Equal(const A &a, const B &b) {
  return a.ready_o == b.ready_o && a.take_o == b.take_o && a.data_o == b.data_o && a.sum_o == b.sum_o &&
         a.bank_o == b.bank_o && std::memcmp(&a.wide_o, &b.wide_o, 16) == 0 &&
         std::memcmp(&a.more_o, &b.more_o, 24) == 0;
}

template <class T>
static void Low(T *t, const uint32_t *r, int reset) {
  t->push_i = r[0] % 3 != 0;
  t->pop_i = r[1] % 2;
  t->data_i = r[2];
  t->bank_i = r[3] % 5 == 0 ? r[3] >> 8 & 15 : 0;
  t->soft_i = r[4] % 61 == 0;
  t->rst_ni = !reset;
  t->clk_i = 0;
  t->eval();
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  state = static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 0)) * 2654435761u + 1;
  Vplain plain;
  Vstraight straight;
  uint64_t moved = 0;
  int reset = 3;
  for (int clock = 0; clock < 20000; clock++) {
    uint32_t r[5];
    for (uint32_t &x : r) x = Random();
    if (Random() % 97 == 0) reset = 1 + static_cast<int>(Random() % 3);
    Low(&plain, r, reset > 0);
    Low(&straight, r, reset > 0);
    if (reset > 0) reset--;
    if (!Equal(plain, straight)) return std::printf("clock %d, low: different\n", clock), 1;
    moved += plain.sum_o != 0;
    plain.clk_i = straight.clk_i = 1;
    plain.eval();
    straight.eval();
    if (argv[2][0] == '1' && !Equal(plain, straight)) return std::printf("clock %d, high: different\n", clock), 1;
  }
  if (moved < 1000) return std::printf("the sum stayed zero\n"), 2;
  return std::printf("equal\n"), 0;
}
