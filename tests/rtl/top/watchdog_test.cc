// The watchdog: off at 0, to the cycle at every other value, fed by every kind of progress, and whom it names.
#include <algorithm>
#include <array>

#include "bench.h"

namespace tetra_test {
namespace {

// Waits for the hundredth command of an engine that never gets one.
tetra_cmd Waits(tetra_cmd c, tetra_field count, uint32_t enable) {
  Set(&c, count, 100);
  Set(&c, TETRA_F_WAIT_EN, enable);
  return c;
}

void Configure(TopBench *b, uint32_t watchdog) {
  b->Configure(16);
  b->Write(TETRA_REG_WATCHDOG, watchdog);
  for (int i = 0; i < 600; i++) b->Tick();  // the layers' counters are cleared, one a cycle
  b->mem.latency = 4;
}

// Cycles from the last beat that the memory gave to the interrupt, of a run that only a timeout ends.
uint64_t IdleCyclesUntilTimeout(uint32_t watchdog) {
  TopBench b(1);
  Configure(&b, watchdog);
  b.Post(TETRA_REG_TAIL, b.Fill({Waits(LoadCommand(1), TETRA_F_WAIT_STORE, 8)}));
  b.TicksUntilIrq(true);
  const uint64_t now = static_cast<uint64_t>(b.cycles);
  EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(TETRA_ERR_TIMEOUT));
  return now - b.mem.last_read;
}

TEST(WatchdogBound, IsExact) {
  // From a command's last beat it is read, checked and dispatched, a cycle each, the last of which is progress; then
  // come as many cycles without any as the register says, and one until the error is recorded.
  constexpr uint64_t kAround = 4;
  for (const uint32_t w : {20u, 21u, 100u, 1000u})
    EXPECT_EQ(IdleCyclesUntilTimeout(w), w + kAround) << "WATCHDOG " << w;
}

TEST(WatchdogBound, ZeroIsNever) {
  TopBench b(2);
  Configure(&b, 0);
  b.Start({Waits(LoadCommand(1), TETRA_F_WAIT_STORE, 8)});
  for (int i = 0; i < 70000; i++) b.Tick();
  EXPECT_FALSE(b.Irq());
  EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u);
  EXPECT_EQ(b.Read(TETRA_REG_STATUS) & 3, 1u) << "busy, not stopped";
  // Written while it waits, it begins to count at once: it has waited longer already.
  b.Write(TETRA_REG_WATCHDOG, 500);
  EXPECT_LE(b.TicksUntilIrq(true, 1000), 2);
}

// Data that come in the last cycle are in time; of the error that they carry the bus is told, not the watchdog.
TEST(WatchdogBound, AnAnswerInTheLastCycleIsInTime) {
  int first_late[2] = {0, 0};
  for (const int i : {0, 1}) {
    const uint32_t watchdog = i ? 150 : 100;
    for (int latency = static_cast<int>(watchdog) - 15; latency < static_cast<int>(watchdog) + 15; latency++) {
      TopBench b(3);
      Configure(&b, watchdog);
      b.mem.read_error = kBase;
      b.Post(TETRA_REG_TAIL, b.Fill({LoadCommand(1)}));
      while (b.mem.read_bursts[1] == 0 || b.mem.last_read == 0) b.Tick();  // the command is here
      b.mem.latency = latency;
      b.TicksUntilIrq(true);
      const uint32_t cause = b.Read(TETRA_REG_ERR_CAUSE);
      if (first_late[i] == 0 && cause == TETRA_ERR_TIMEOUT) first_late[i] = latency;
      EXPECT_EQ(cause, static_cast<uint32_t>(first_late[i] ? TETRA_ERR_TIMEOUT : TETRA_ERR_AXI_READ)) << latency;
    }
  }
  EXPECT_EQ(first_late[1] - first_late[0], 50);
  // The address is taken three cycles after the dispatch, so that the data of latency 97 are taken 100 cycles after it.
  EXPECT_EQ(first_late[0], 98);
}

// Everything that takes longer than the watchdog and moves all the time: a PACK, a COMPUTE, the drain of a STORE.
TEST(WatchdogBound, WorkOfAnEngineIsProgress) {
  TopBench b(4);
  Program p(&b, 4);
  p.Prologue();
  p.AddSync(1);
  b.Configure(32);
  b.Run(p.cmds);
  tetra_cmd pack = RandomPack(p.rnd, p.s);
  for (const auto &f : std::vector<std::pair<tetra_field, uint32_t>>{{TETRA_F_PACK_KH, 3},
                                                                     {TETRA_F_PACK_SEG, 16u * kN},
                                                                     {TETRA_F_PACK_OY, 1},
                                                                     {TETRA_F_PACK_OX, 64},
                                                                     {TETRA_F_PACK_DST_STRIDE, 64}})
    Set(&pack, f.first, f.second);
  tetra_cmd compute = RandomCompute(p.rnd, p.s, true, true, 0, 0, true, 1, p.s.acc);
  Set(&compute, TETRA_F_COMP_KB, 8);
  tetra_cmd store = RandomStore(p.rnd, p.s, 0, p.s.acc, p.s.acc, 0);
  Set(&store, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource);
  Set(&store, TETRA_F_STORE_OUT1_ADDR, kBase + Program::kSource + 0x8000);
  b.Write(TETRA_REG_WATCHDOG, 100);
  b.mem.latency = 4;
  for (const tetra_cmd &c : {pack, compute, store}) {
    SCOPED_TRACE("op " + std::to_string(tetra_cmd_get(&c, TETRA_F_OP)));
    p.cmds.clear();
    p.Add(c);
    p.AddSync(Program::last_tag);
    const long start = b.cycles;
    b.Run(p.cmds);
    EXPECT_GT(b.cycles - start, 200);
    ASSERT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u);
  }
}

// Of three engines that wait in vain the oldest command is named, whichever engine's it is.
TEST(WatchdogNames, TheOldestOfAllThatWait) {
  std::array<int, 3> order = {0, 1, 2};
  do {
    SCOPED_TRACE(std::to_string(order[0]) + std::to_string(order[1]) + std::to_string(order[2]));
    TopBench b(5);
    Program p(&b, 5);
    const tetra_cmd waiting[3] = {
        Waits(LoadCommand(8), TETRA_F_WAIT_STORE, 8),
        Waits(RandomCompute(p.rnd, p.s, true, true, 0, 0, true, 2, 3), TETRA_F_WAIT_LOAD, 1),
        Waits(RandomStore(p.rnd, p.s, 0, 4, 4, 0), TETRA_F_WAIT_COMPUTE, 2),
    };
    std::vector<tetra_cmd> cmds = {LoadCommand(1), LoadCommand(2)};
    for (const int k : order) {
      tetra_cmd c = waiting[k];
      Set(&c, TETRA_F_STORE_OUT0_ADDR, k == 2 ? kBase + Program::kSource : tetra_cmd_get(&c, TETRA_F_STORE_OUT0_ADDR));
      if (k == 2) Set(&c, TETRA_F_STORE_TWO_OUT, 0);
      cmds.push_back(c);
    }
    Configure(&b, 300);
    b.Start(cmds);
    b.TicksUntilIrq(true);
    EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(TETRA_ERR_TIMEOUT));
    EXPECT_EQ(b.Read(TETRA_REG_ERR_INDEX), 2u);
    EXPECT_EQ(b.Read(TETRA_REG_HEAD), 5u) << "all are dispatched";
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace tetra_test
