// FIFOs under random pushes and pops, and the burst splitter against counting beats one by one.
#include <algorithm>
#include <deque>

#include "util.h"

namespace {

TEST(Fifo, RandomPushPopClear) {
  SCOPED_TRACE(Rerun());
  Random rnd(11);
  Bench b;
  std::deque<uint16_t> model;
  for (int i = 0; i < 20000; i++) {
    const int phase = i / 500 % 3;  // mostly filling, mostly emptying, balanced
    const bool pop = !model.empty() && rnd.Chance(phase == 0 ? 20 : phase == 1 ? 80 : 50);
    const bool push = (model.size() < 4 || pop) && rnd.Chance(phase == 1 ? 20 : 80);
    const bool clear = rnd.Chance(1);
    const auto data = static_cast<uint16_t>(rnd(0, 8191));
    b.top->ff_push_i = push;
    b.top->ff_pop_i = pop;
    b.top->ff_clear_i = clear;
    b.top->ff_data_i = data;
    b.Settle();
    ASSERT_EQ(b.top->ff_empty_o, model.empty()) << i;
    ASSERT_EQ(b.top->ff_full_o, model.size() == 4) << i;
    ASSERT_EQ(b.top->ff_count_o, model.size()) << i;
    if (!model.empty()) {
      ASSERT_EQ(b.top->ff_data_o, model.front()) << i;
    }
    b.Edge();
    if (pop) model.pop_front();
    if (push) model.push_back(data);
    if (clear) model.clear();
  }
}

TEST(SramFifo, RandomPushPop) {
  SCOPED_TRACE(Rerun());
  Random rnd(12);
  Bench b;
  std::deque<uint32_t> model;
  int filled = 0;
  for (int i = 0; i < 30000; i++) {
    const int phase = i / 500 % 3;
    b.Settle();
    const bool shown = !b.top->sf_empty_o;
    const bool pop = shown && rnd.Chance(phase == 0 ? 10 : phase == 1 ? 90 : 60);
    const bool push = b.top->sf_space_o > 0 && rnd.Chance(phase == 1 ? 10 : 80);
    const auto data = static_cast<uint32_t>(rnd(0, 0xfffff));
    b.top->sf_push_i = push;
    b.top->sf_pop_i = pop;
    b.top->sf_data_i = data;
    ASSERT_LE(b.top->sf_space_o, 16) << i;
    // Words are in SRAM, or among the at most four on their way out.
    ASSERT_GE(model.size(), 16u - b.top->sf_space_o) << i;
    ASSERT_LE(model.size(), 16u - b.top->sf_space_o + 4) << i;
    if (b.top->sf_space_o == 0) filled++;
    if (shown) {
      ASSERT_FALSE(model.empty()) << i;
      ASSERT_EQ(b.top->sf_data_o, model.front()) << i;
    }
    b.Edge();
    if (pop) model.pop_front();
    if (push) model.push_back(data);
  }
  EXPECT_GT(filled, 100) << "the test never filled it";
}

// A word shows three cycles after its push, then one a cycle flows.
TEST(SramFifo, LatencyThreeAndOneWordACycle) {
  Bench b;
  uint32_t next = 0;
  for (uint32_t i = 0; i < 100; i++) {
    b.top->sf_push_i = 1;
    b.top->sf_data_i = i;
    b.Settle();
    ASSERT_EQ(b.top->sf_empty_o, i < 3) << i;
    if (!b.top->sf_empty_o) {
      ASSERT_EQ(b.top->sf_data_o, next++);
    }
    b.top->sf_pop_i = !b.top->sf_empty_o;
    b.Edge();
  }
}

TEST(Burst, RandomRunsBoundaryAndRange) {
  SCOPED_TRACE(Rerun());
  Random rnd(13);
  Bench b;
  int inside = 0, outside = 0, next_pages = 0, past_top = 0;
  for (int i = 0; i < 30000; i++) {
    // Mostly near a 4 KiB boundary, sometimes at the very top of the address space.
    uint32_t low = static_cast<uint32_t>(rnd(0, 0xfffff)) * 4096u + static_cast<uint32_t>(rnd(0, 4095));
    if (rnd.Chance(50)) low = (low | 4095u) - static_cast<uint32_t>(rnd(0, 70 * kN));
    if (rnd.Chance(10)) low |= 0xfffff000u;
    uint64_t addr = low & ~static_cast<uint32_t>(kN - 1);
    auto left = static_cast<uint32_t>(rnd.Chance(50) ? rnd(1, 400) : rnd(1, (1 << 20) - 1));
    // Limits near either end of a burst of the run's beginning.
    const int64_t base = static_cast<int64_t>(addr) + rnd(-2, 2);
    const int64_t limit = static_cast<int64_t>(addr) + rnd(1, 200) * kN + rnd(-2, 1);
    b.top->mem_base_i = rnd.Chance(50) || base < 0 ? 0 : static_cast<uint32_t>(std::min<int64_t>(base, 0xffffffff));
    b.top->mem_limit_i = rnd.Chance(50) ? 0xffffffff : static_cast<uint32_t>(std::min<int64_t>(limit, 0xffffffff));
    b.top->bu_load_i = 1;
    b.top->bu_step_i = rnd.Chance(50);
    b.top->bu_addr_i = static_cast<uint32_t>(addr);
    b.top->bu_beats_i = left;
    b.Edge();
    b.top->bu_load_i = 0;
    const bool base_ok = addr >= b.top->mem_base_i;
    for (int burst = 0; burst < 8 && left; burst++) {
      b.top->bu_addr_i = static_cast<uint32_t>(rnd(0, 0xffff));
      b.top->bu_beats_i = static_cast<uint32_t>(rnd(1, 100));
      uint32_t expect = 0;
      for (uint64_t a = addr; expect < 64 && expect < left && a / 4096 == addr / 4096; a += kN) expect++;
      const uint64_t last = addr + expect * kN - 1;
      const bool ok = base_ok && last <= b.top->mem_limit_i;
      for (int hold = static_cast<int>(rnd(0, 2)); hold >= 0; hold--) {
        b.top->bu_step_i = 0;
        if (hold) b.Edge();
        b.Settle();
        ASSERT_EQ(b.top->bu_addr_o, static_cast<uint32_t>(addr));
        ASSERT_EQ(b.top->bu_beats_o, expect) << "address " << addr << " left " << left;
        ASSERT_EQ(b.top->bu_last_o, expect == left);
        ASSERT_EQ(b.top->bu_in_range_o, ok) << "address " << addr << " beats " << expect << " limits "
                                            << b.top->mem_base_i << ".." << b.top->mem_limit_i;
      }
      (ok ? inside : outside)++;
      past_top += addr >> 32 != 0;
      next_pages += burst && addr % 4096 == 0;
      addr += expect * kN;
      left -= expect;
      b.top->bu_step_i = 1;
      b.Edge();
    }
  }
  EXPECT_GT(inside, 1000);
  EXPECT_GT(outside, 1000);
  EXPECT_GT(next_pages, 1000);
  EXPECT_GT(past_top, 1000);
}

}  // namespace
