// Counts that no test can wait for, set from outside (backdoor.vlt keeps them visible).
#ifndef TETRA_TESTS_RTL_TOP_POKE_H
#define TETRA_TESTS_RTL_TOP_POKE_H

#include <cstdint>

#include "bench.h"

namespace tetra_test {

#define TETRA_TOP(name) tetra_top__DOT__##name
#define TETRA_COUNTERS(name) tetra_top__DOT__u_regs__DOT__u_counters__DOT__##name
#define TETRA_FETCH(name) tetra_top__DOT__u_fetch__DOT__##name
#define TETRA_LOAD(name) tetra_top__DOT__u_load__DOT__##name
#define TETRA_WRITE(name) tetra_top__DOT__u_write__DOT__##name
#define TETRA_STREAM(name) tetra_top__DOT__u_core__DOT__u_stream__DOT__##name

// Verilator may keep a register's next value, too, under a name that is not there in all builds.
#define POKE(root, place, name, v) (PokeNext_##name((root), (v), 0), (root)->place(name) = (v))
#define POKE_NEXT(place, name) POKE_NEXT_OF(name, place(name))
#define POKE_NEXT_OF(name, path) POKE_NEXT_AT(name, path)
#define POKE_NEXT_AT(name, path)                                                            \
  template <class Root>                                                                     \
  auto PokeNext_##name(Root *root, uint32_t v, int)->decltype(void(root->__Vdly__##path)) { \
    root->__Vdly__##path = v;                                                               \
  }                                                                                         \
  template <class Root>                                                                     \
  void PokeNext_##name(Root *, uint32_t, long) {}
POKE_NEXT(TETRA_COUNTERS, cycles0_q)
POKE_NEXT(TETRA_COUNTERS, cycles1_q)
POKE_NEXT(TETRA_COUNTERS, cycles2_q)
POKE_NEXT(TETRA_COUNTERS, ones0_q)
POKE_NEXT(TETRA_COUNTERS, ones1_q)
POKE_NEXT(TETRA_FETCH, fp_q)
POKE_NEXT(TETRA_FETCH, head_q)
POKE_NEXT(TETRA_FETCH, index_q)
POKE_NEXT(TETRA_LOAD, count_q)
POKE_NEXT(TETRA_WRITE, sum_q)
POKE_NEXT(TETRA_STREAM, busy_q)
POKE_NEXT(TETRA_TOP, idle_cycles_q)

// Sets the cycle count: three parts, and whether the lower two are all ones.
inline void PokeCycles(TopBench *b, uint64_t value) {
  auto *root = b->Root();
  const auto low = static_cast<uint16_t>(value), mid = static_cast<uint16_t>(value >> 16);
  POKE(root, TETRA_COUNTERS, cycles0_q, low);
  POKE(root, TETRA_COUNTERS, cycles1_q, mid);
  POKE(root, TETRA_COUNTERS, cycles2_q, static_cast<uint32_t>(value >> 32));
  POKE(root, TETRA_COUNTERS, ones0_q, low == 0xffff);
  POKE(root, TETRA_COUNTERS, ones1_q, mid == 0xffff);
}

// Sets the cycle count of a running accelerator; false where this build keeps it elsewhere.
inline bool SetCycles(TopBench *b, uint64_t value) {
  PokeCycles(b, value);
  b->Tick();
  return b->Counter(TETRA_CNT_CYCLES) - value < 16;
}

// Sets the other counters, in the accelerator's parts: 16 bits with a carry, and 48.
inline void PokeCounters(TopBench *b, uint64_t value) {
  for (int c = 0; c < TETRA_CNT_NUM; c++) {
    b->Root()->TETRA_COUNTERS(low_q)[c] = value & 0xffff;
    b->Root()->TETRA_COUNTERS(high_q)[c] = value >> 16;
  }
}

// Sets how many commands have been fetched and dispatched, and where in the ring that is.
inline void PokeFetched(TopBench *b, uint32_t commands) {
  auto *root = b->Root();
  POKE(root, TETRA_FETCH, fp_q, commands);
  POKE(root, TETRA_FETCH, head_q, commands);
  POKE(root, TETRA_FETCH, index_q, commands);
}

// Sets what the engines have counted of their commands: beats read, and beats written.
inline void PokeBeats(TopBench *b, uint32_t value) {
  auto *root = b->Root();
  POKE(root, TETRA_LOAD, count_q, value);
  POKE(root, TETRA_WRITE, sum_q, value);
}

// Sets for how many cycles the watchdog has seen nothing move.
inline void PokeIdle(TopBench *b, uint32_t cycles) { POKE(b->Root(), TETRA_TOP, idle_cycles_q, cycles); }

// Sets the running COMPUTE's pixels; false while there is none.
inline bool PokePixels(TopBench *b, uint32_t value) {
  auto *root = b->Root();
  if (!root->TETRA_STREAM(active_q)) return false;
  POKE(root, TETRA_STREAM, busy_q, value);
  return true;
}

}  // namespace tetra_test
#endif
