// The layers' counters: events in neighbouring cycles, clearing, and reads while events go on.
#include <array>

#include "util.h"

namespace {

struct Sums {
  std::array<uint32_t, 8> at = {};
};

void Clear(Bench *b, Sums *s) {
  b->top->lc_valid_i = b->top->lc_rd_start_i = 0;
  b->top->lc_clear_i = 1;
  int cycles = 0;
  for (b->Settle(); !b->top->lc_cleared_o; b->Settle()) {
    b->Edge();
    ASSERT_LE(++cycles, 8) << "one layer a cycle";
  }
  ASSERT_EQ(cycles, 8);
  b->Edge();
  b->top->lc_clear_i = 0;
  *s = Sums();
}

// A value that is read is the sum of all events up to some cycle between the request and the answer; where events leave
// gaps, up to the last gap, so that nothing is read late.
TEST(LayerCounter, ReadsWhileEventsGoOn) {
  SCOPED_TRACE(Rerun());
  Random rnd(21);
  Bench b;
  Sums sums;
  Clear(&b, &sums);
  int reads = 0, busy_reads = 0;
  for (int i = 0; i < 3000; i++) {
    if (rnd.Chance(1)) Clear(&b, &sums);
    const int events = static_cast<int>(rnd(0, 3)) * 25;  // per cent of the cycles
    const auto id = static_cast<uint8_t>(rnd(0, 7));
    uint32_t at_request = 0;
    std::vector<uint32_t> history;
    for (int cycle = 0; cycle < 1000; cycle++) {
      b.top->lc_rd_start_i = cycle == 0;
      b.top->lc_rd_id_i = id;
      b.top->lc_valid_i = rnd.Chance(events);
      b.top->lc_id_i = static_cast<uint8_t>(rnd.Chance(50) ? id : rnd(0, 7));
      b.top->lc_n_i = static_cast<uint32_t>(rnd(1, 0x7fffffff));
      b.Settle();
      if (cycle == 0) at_request = sums.at[id];
      if (cycle > 0 && !b.top->lc_pending_o) {
        // Every event before the last cycle without one in it or before it.
        uint32_t expect = at_request;
        bool found = b.top->lc_value_o == expect;
        for (uint32_t h : history) found = found || b.top->lc_value_o == h;
        ASSERT_TRUE(found) << "no sum that there was: " << b.top->lc_value_o;
        if (events == 0) {
          ASSERT_EQ(b.top->lc_value_o, sums.at[id]);
        }
        if (history.size() > 2) busy_reads++;
        reads++;
        break;
      }
      if (b.top->lc_valid_i) {
        sums.at[b.top->lc_id_i] += b.top->lc_n_i;
        history.push_back(sums.at[id]);
      }
      ASSERT_LT(cycle, 999) << "no gap for a read at " << events << " %";
      b.Edge();
    }
    b.top->lc_valid_i = b.top->lc_rd_start_i = 0;
    b.Settle();
    if (rnd.Chance(50)) b.Edge();
  }
  EXPECT_EQ(reads, 3000);
  EXPECT_GT(busy_reads, 200) << "reads that had to wait for a gap";
}

// The cycle right after an event, two after it, ...: the event is in the sum.
TEST(LayerCounter, ReadBehindAnEventHasIt) {
  for (int gap = 0; gap < 5; gap++) {
    Bench b;
    Sums sums;
    Clear(&b, &sums);
    for (int i = 1; i <= 4; i++) {
      b.top->lc_valid_i = 1;
      b.top->lc_id_i = 5;
      b.top->lc_n_i = 10;
      b.top->lc_rd_start_i = gap == 0;
      b.top->lc_rd_id_i = 5;
      b.Settle();
      b.Edge();
      b.top->lc_valid_i = b.top->lc_rd_start_i = 0;
      for (int k = 1; k < gap; k++) {
        b.Settle();
        b.Edge();
      }
      if (gap != 0) {
        b.top->lc_rd_start_i = 1;
        b.Settle();
        b.Edge();
        b.top->lc_rd_start_i = 0;
      }
      for (b.Settle(); b.top->lc_pending_o; b.Settle()) b.Edge();
      EXPECT_EQ(b.top->lc_value_o, static_cast<uint32_t>(10 * i)) << "read " << gap << " cycles behind the event";
    }
  }
}

}  // namespace
