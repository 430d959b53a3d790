// Load engine against the LOAD loop nest of docs/commands.md, with a memory that answers at random times: bursts,
// strides, wrapping addresses, tokens, errors, stop.
#include <algorithm>

#include "load.h"

namespace {

TEST_F(Load, RandomBurstsStridesWrap) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 6; round++) {
    mem_.ready_percent = static_cast<int>(rnd_(10, 100));
    mem_.data_percent = static_cast<int>(rnd_(10, 100));
    for (int i = 0; i < 30; i++) {
      const tetra_cmd c = RandomCommand();
      Model(c);
      Offer(c);
    }
    RunToIdle();
    if (HasFatalFailure()) return;
  }
  Compare();
  EXPECT_EQ(beats_, static_cast<long>(got_.size()));
  EXPECT_EQ(b_.top->ld_done_load_o, 180);
}

// Bursts are as long as 64 beats and the 4 KiB boundary allow, and data move every cycle.
TEST_F(Load, LongRowSplitsIntoWholeBursts) {
  SCOPED_TRACE(Rerun());
  mem_.ready_percent = mem_.data_percent = 100;
  const uint32_t addr = 0x10000 - 3 * kN;
  const tetra_cmd c = Make(TETRA_BUF_ACT, addr, 65500, 500, 1, 0, 0);
  Model(c);
  Offer(c);
  const long start = b_.cycle;
  RunToIdle();
  Compare();
  EXPECT_LE(b_.cycle - start, 530);
  std::vector<uint32_t> beats, want;
  for (const auto &x : mem_.bursts) beats.push_back(x.beats);
  for (uint32_t a = addr, left = 500; left;) {
    const uint32_t n = std::min({64u, left, (4096 - a % 4096) / kN});
    want.push_back(n);
    a += n * kN;
    left -= n;
  }
  EXPECT_EQ(beats, want);
}

// No burst of a command before all its waits are satisfied, and none is forgotten when they are.
TEST_F(Load, WaitsForEveryEnabledToken) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 60; round++) {
    Reset();
    // Counts wrap at 2^16.
    const auto base = static_cast<uint16_t>(rnd_(0, 1) ? 65534 : rnd_(0, 65535));
    b_.top->ld_done_compute_i = b_.top->ld_done_drain_i = b_.top->ld_done_store_i = base;
    tetra_cmd c = RandomCommand();
    const auto en = static_cast<uint32_t>(rnd_(1, 7)) << 1;  // compute, drain, store
    const auto wait = static_cast<uint16_t>(base + 3);
    tetra_cmd_set(&c, TETRA_F_WAIT_EN, en);
    tetra_cmd_set(&c, TETRA_F_WAIT_LOAD, 12345);
    tetra_cmd_set(&c, TETRA_F_WAIT_COMPUTE, wait);
    tetra_cmd_set(&c, TETRA_F_WAIT_DRAIN, wait);
    tetra_cmd_set(&c, TETRA_F_WAIT_STORE, wait);
    Model(c);
    Offer(c);
    for (int i = 0; i < 30; i++) Step();
    mem_.bursts.clear();
    // Counts of disabled waits never move; the enabled ones arrive in random order.
    std::vector<int> order;
    for (int k = 1; k < 4; k++)
      if (en >> k & 1)
        for (int n = 0; n < 3; n++) order.push_back(k);
    std::shuffle(order.begin(), order.end(), rnd_.g);
    for (size_t i = 0; i < order.size(); i++) {
      ASSERT_TRUE(mem_.bursts.empty()) << "round " << round << ": started before its waits";
      ASSERT_TRUE(b_.top->ld_wait_token_o);
      ASSERT_EQ(b_.top->ld_wait_store_o, (en >> 3 & 1) && static_cast<int16_t>(b_.top->ld_done_store_i - wait) < 0);
      auto &done = order[i] == 1   ? b_.top->ld_done_compute_i
                   : order[i] == 2 ? b_.top->ld_done_drain_i
                                   : b_.top->ld_done_store_i;
      done = static_cast<uint16_t>(done + 1);
      if (i + 1 < order.size())
        for (int n = 0; n < 5; n++) Step();
    }
    RunToIdle();
    Compare();
    if (HasFatalFailure()) return;
  }
}

// A wait on an earlier LOAD: its last beat is in the buffer before the next burst is asked for.
TEST_F(Load, WaitsForEarlierLoad) {
  tetra_cmd first = Make(TETRA_BUF_RES, 0x8000, 0, 20, 1, 0, 0), second = Make(TETRA_BUF_ACT, 0x9000, 0, 4, 1, 0, 0);
  tetra_cmd_set(&second, TETRA_F_WAIT_EN, 1);
  tetra_cmd_set(&second, TETRA_F_WAIT_LOAD, 1);
  Model(first);
  Model(second);
  Offer(first);
  Offer(second);
  mem_.data_percent = 20;
  size_t words_at_second = 0;
  for (int i = 0; i < 2000 && words_at_second == 0; i++) {
    Step();
    if (!mem_.bursts.empty() && mem_.bursts.back().addr == 0x9000) words_at_second = got_.size();
  }
  EXPECT_EQ(words_at_second, 20u);
  RunToIdle();
  Compare();
}

// Everything promised is taken from the bus after stop, nothing more is asked for or written, and a reset recovers.
TEST_F(Load, StopDrainsAtAnyTime) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 60; round++) {
    for (int i = 0; i < 12; i++) Offer(RandomCommand());
    const auto stop_at = rnd_(1, 400);
    for (int i = 0; i < stop_at; i++) Step();
    b_.top->ld_stop_i = 1;
    const size_t bursts = mem_.bursts.size();
    for (int i = 0; i < 4000 && mem_.outstanding(); i++) Step();
    ASSERT_EQ(mem_.outstanding(), 0u) << "round " << round;
    ASSERT_EQ(mem_.bursts.size(), bursts) << "round " << round << ": a burst after stop";
    for (int i = 0; i < 3; i++) Step();
    ASSERT_FALSE(b_.top->ld_outstanding_o);
    Reset();
    const tetra_cmd c = RandomCommand();
    Model(c);
    Offer(c);
    RunToIdle();
    Compare();
    if (HasFatalFailure()) return;
    Reset();
  }
}

TEST_F(Load, RangeErrorNamesCommandAndAddress) {
  SCOPED_TRACE(Rerun());
  for (const bool below : {false, true}) {
    Reset();
    mem_.bursts.clear();
    // Fails in the third row: at its second burst above the limit, at its first one below the base.
    const uint32_t addr = 0x40000, stride = 0x2000;
    const tetra_cmd good = Make(TETRA_BUF_WGT, addr, 0, 8, 1, 0, 0);
    const tetra_cmd bad = below
                              ? Make(TETRA_BUF_ACT, addr, 0, 4, 3, 4, static_cast<uint32_t>(-static_cast<int>(stride)))
                              : Make(TETRA_BUF_ACT, addr, 0, 100, 3, 100, stride);
    b_.top->mem_base_i = below ? addr - stride : addr;
    b_.top->mem_limit_i = below ? 0xffffffff : addr + 2 * stride + 99 * kN - 1;
    const uint32_t bad_addr = below ? addr - 2 * stride : addr + 2 * stride + (4096 / kN < 64 ? 4096 : 64 * kN);
    Offer(good);
    Offer(bad);
    const uint32_t bad_index = next_index_ - 1;
    for (int i = 0; i < 3000 && !b_.top->ld_err_valid_o; i++) Step();
    ASSERT_TRUE(b_.top->ld_err_valid_o);
    EXPECT_EQ(b_.top->ld_err_cause_o, TETRA_ERR_RANGE);
    EXPECT_EQ(b_.top->ld_err_index_o, bad_index);
    EXPECT_EQ(b_.top->ld_err_addr_o, bad_addr);
    for (const auto &x : mem_.bursts) {
      EXPECT_GE(x.addr, b_.top->mem_base_i);
      EXPECT_LE(x.addr + x.beats * kN - 1, b_.top->mem_limit_i);
    }
    b_.top->ld_stop_i = 1;
    for (int i = 0; i < 4000 && mem_.outstanding(); i++) Step();
    ASSERT_EQ(mem_.outstanding(), 0u);
    EXPECT_EQ(b_.top->ld_err_index_o, bad_index) << "level until reset";
    Reset();
    b_.Settle();
    EXPECT_FALSE(b_.top->ld_err_valid_o);
  }
}

// The window's last byte is that of any beat of a row: the burst that goes beyond it is refused, all before it are
// made.
TEST_F(Load, WindowMayEndWithAnyBeat) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 60; round++) {
    Reset();
    mem_.bursts.clear();
    const auto beats = static_cast<uint32_t>(rnd_(1, 200)), inside = static_cast<uint32_t>(rnd_(0, 210));
    const uint32_t n = kN, addr = 0x40000 + n * static_cast<uint32_t>(rnd_(0, 4096 / kN - 1));
    b_.top->mem_base_i = 0;
    b_.top->mem_limit_i = addr + inside * n - 1;
    uint32_t bad = 0;  // first beat of the burst that is refused
    for (uint32_t next = 0;
         next < beats && (next += std::min({64u, (4096 - (addr + bad * n) % 4096) / n, beats - bad})) <= inside;)
      bad = next;
    Offer(Make(TETRA_BUF_ACT, addr, 0, beats, 1, 0, 0));
    if (inside >= beats) {
      RunToIdle();
      EXPECT_FALSE(b_.top->ld_err_valid_o);
      continue;
    }
    for (int i = 0; i < 3000 && !b_.top->ld_err_valid_o; i++) Step();
    ASSERT_TRUE(b_.top->ld_err_valid_o) << beats << " beats, " << inside << " inside";
    EXPECT_EQ(b_.top->ld_err_cause_o, TETRA_ERR_RANGE);
    EXPECT_EQ(b_.top->ld_err_addr_o, addr + bad * n) << beats << " beats from " << addr << ", " << inside << " inside";
    b_.top->ld_stop_i = 1;
    for (int i = 0; i < 4000 && mem_.outstanding(); i++) Step();
  }
  Reset();
  b_.top->mem_limit_i = 0xffffffff;
}

// With the whole address space allowed: a row may end at its last byte, but not go on at address 0.
TEST_F(Load, RowPastTheLastAddressIsOutOfRange) {
  SCOPED_TRACE(Rerun());
  b_.top->mem_base_i = 0;
  b_.top->mem_limit_i = 0xffffffff;
  const uint32_t addr = 0u - 100 * kN;
  const tetra_cmd good = Make(TETRA_BUF_ACT, addr, 0, 100, 2, 100, 200 * kN);  // strides count modulo 2^32
  Model(good);
  Offer(good);
  RunToIdle();
  Compare();
  Reset();
  mem_.bursts.clear();
  Offer(Make(TETRA_BUF_ACT, addr, 0, 101, 1, 0, 0));
  const uint32_t bad_index = next_index_ - 1;
  for (int i = 0; i < 3000 && !b_.top->ld_err_valid_o; i++) Step();
  ASSERT_TRUE(b_.top->ld_err_valid_o);
  EXPECT_EQ(b_.top->ld_err_cause_o, TETRA_ERR_RANGE);
  EXPECT_EQ(b_.top->ld_err_index_o, bad_index);
  EXPECT_EQ(b_.top->ld_err_addr_o, 0u);
  for (const auto &x : mem_.bursts) EXPECT_GE(x.addr, addr);
}

TEST_F(Load, ReadErrorNamesCommand) {
  SCOPED_TRACE(Rerun());
  for (int round = 0; round < 20; round++) {
    Reset();
    const uint32_t base = 0x100000 + static_cast<uint32_t>(round) * 0x10000;
    for (uint32_t i = 0; i < 5; i++) Offer(Make(static_cast<int>(i & 3), base + i * 0x1000, 0, 40, 1, 0, 0));
    mem_.error_addr = base + 3 * 0x1000 + static_cast<uint32_t>(rnd_(0, 39)) * kN;
    for (int i = 0; i < 3000 && !b_.top->ld_err_valid_o; i++) Step();
    ASSERT_TRUE(b_.top->ld_err_valid_o);
    EXPECT_EQ(b_.top->ld_err_cause_o, TETRA_ERR_AXI_READ);
    EXPECT_EQ(b_.top->ld_err_index_o, next_index_ - 2);
    EXPECT_EQ(b_.top->ld_err_addr_o, base + 3 * 0x1000);
    b_.top->ld_stop_i = 1;
    for (int i = 0; i < 4000 && mem_.outstanding(); i++) Step();
    ASSERT_EQ(mem_.outstanding(), 0u);
    EXPECT_EQ(b_.top->ld_err_cause_o, TETRA_ERR_AXI_READ);
    mem_.error_addr = 1;
  }
}

}  // namespace
