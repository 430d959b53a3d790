// Control: a run that is paused, and a soft reset that had to give up on answers which come later.
#include "bench.h"

namespace tetra_test {
namespace {

std::string Rerun(const char *name, int seed) {
  return "re-run: top_test_" + std::to_string(kN) + " --gtest_filter=*" + name + "/" + std::to_string(seed);
}

struct Snapshot {
  explicit Snapshot(TopBench *b) : data(b->mem.data), reads(b->mem.read_beats), writes(b->mem.write_beats) {
    for (int c = 0; c < TETRA_CNT_NUM; c++) counters.push_back(b->Counter(c));
  }
  std::vector<uint8_t> data;
  uint64_t reads, writes;
  std::vector<uint64_t> counters;
};

class Pause : public testing::TestWithParam<int> {};

// Without enable busy stays until nothing that was dispatched can go on; then memory and counters stand still, however
// long, and the run goes on as if nothing had been.
TEST_P(Pause, NothingMovesOnceBusyIsLow) {
  const int seed = GetParam();
  SCOPED_TRACE(Rerun("NothingMovesOnceBusyIsLow", seed));
  TopBench b(static_cast<uint64_t>(seed) + 300);
  b.mem.latency = b.rnd(1, 150);
  b.mem.stall_percent = b.rnd(0, 50);
  Program p(&b, static_cast<uint64_t>(seed) + 5);
  p.Prologue();
  p.AddRandom(40);
  b.Configure(64);
  b.Write(TETRA_REG_WATCHDOG, 3000);
  b.Start(p.cmds);
  const long start = b.cycles;
  for (int i = b.rnd(1, 4); i > 0 && b.Read(TETRA_REG_HEAD) < p.cmds.size(); i--) {
    for (int k = b.rnd(1, 12000); k > 0; k--) b.Tick();
    if (!(b.Read(TETRA_REG_STATUS) & 1)) break;  // it is over
    b.Write(TETRA_REG_CTRL, 0);
    const uint64_t at_pause = b.Counter(TETRA_CNT_CYCLES);
    const long pause = b.cycles;
    int polls = 0;
    while (b.Read(TETRA_REG_STATUS) & 1) ASSERT_LT(polls++, 100000);
    const long busy = b.cycles - pause;
    const Snapshot then(&b);
    EXPECT_TRUE(b.mem.Quiet());
    EXPECT_LE(then.counters[TETRA_CNT_CYCLES] - at_pause, static_cast<uint64_t>(busy) + 20);
    EXPECT_GE(then.counters[TETRA_CNT_CYCLES] - at_pause + 40, static_cast<uint64_t>(busy))
        << "busy cycles are counted";
    Program::CheckClasses(&b);
    for (int k = 0; k < 5000; k++) b.Tick();  // longer than the watchdog
    const Snapshot now(&b);
    EXPECT_EQ(now.reads, then.reads);
    EXPECT_EQ(now.writes, then.writes);
    EXPECT_EQ(now.data, then.data) << "memory was written";
    EXPECT_EQ(now.counters, then.counters);
    EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u) << "a pause is no timeout";
    b.Write(TETRA_REG_CTRL, 1);
  }
  b.Run({});
  p.Check(&b);
  EXPECT_LE(b.Counter(TETRA_CNT_CYCLES), static_cast<uint64_t>(b.cycles - start));
}
INSTANTIATE_TEST_SUITE_P(Seeds, Pause, testing::Range(0, 10));

class LateAnswers : public testing::TestWithParam<int> {};

// A memory that falls silent in mid-run, resets that give up on it, and all its answers later: at once, in the middle
// of the next run, after another reset. What was promised is kept (the bench checks that valid stays), late data and
// responses change nothing, and the next run is right.
TEST_P(LateAnswers, AreSwallowed) {
  const int seed = GetParam();
  SCOPED_TRACE(Rerun("AreSwallowed", seed));
  TopBench b(static_cast<uint64_t>(seed) + 400);
  b.mem.latency = b.rnd(1, 150);
  b.mem.stall_percent = b.rnd(0, 50);
  {
    Program p(&b, static_cast<uint64_t>(seed) + 6);
    p.Prologue();
    p.AddRandom(40);
    b.Configure(64);
    b.Start(p.cmds);
    // At any moment; with write data owed; with responses owed.
    for (int k = b.rnd(300, 15000); k > 0 || b.mem.Quiet(); k--) b.Tick();
    for (int k = 0; k < 100000 && seed % 3 == 1 && b.mem.DataOwed() < 4; k++) b.Tick();
    for (int k = 0; k < 100000 && seed % 3 == 2 && b.mem.ResponsesOwed() < 1; k++) b.Tick();
  }
  b.mem.dead = true;
  for (int k = b.rnd(0, 300); k > 0; k--) b.Tick();
  const long first = b.cycles;
  b.Reset();
  b.mem.MarkOld();
  const bool owed = !b.mem.Quiet();
  EXPECT_EQ(b.cycles - first > 65535, owed);
  Program p(&b, static_cast<uint64_t>(seed) + 7);
  p.Prologue();
  p.AddRandom(30);
  for (int again = b.rnd(0, 3); again > 0; again--) {
    b.Configure(64);
    b.Start(p.cmds);
    for (int k = b.rnd(1, 500); k > 0; k--) b.Tick();
    const long second = b.cycles;
    b.Reset();
    if (owed) {
      EXPECT_LT(b.cycles - second, 2000) << "it was given up on before";
    }
  }
  if (b.rnd(0, 1)) b.mem.dead = false;
  for (int k = b.rnd(0, 1) * b.rnd(0, 60); k > 0; k--) b.Tick();
  b.Configure(64);
  b.Start(p.cmds);
  for (int k = b.rnd(0, 1000); k > 0; k--) b.Tick();
  b.mem.dead = false;
  b.Run({});
  p.Check(&b);
  EXPECT_LE(b.mem.old_data, 1u) << "the beat that had been offered";
}
INSTANTIATE_TEST_SUITE_P(Seeds, LateAnswers, testing::Range(0, 18));

// Of a memory that stays silent the watchdog tells, after a reset as before it.
TEST(SilentMemory, IsATimeoutAgainAfterEachReset) {
  TopBench b(9);
  Program p(&b, 9);
  p.Prologue();
  p.AddSync(Program::last_tag);
  b.mem.dead = true;
  for (int i = 0; i < 3; i++) {
    SCOPED_TRACE("run " + std::to_string(i));
    b.Configure(64);
    b.Write(TETRA_REG_WATCHDOG, 500);
    b.Start(p.cmds);
    for (int k = 0; k < 3000 && !b.Irq(); k++) b.Tick();
    EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(TETRA_ERR_TIMEOUT));
    b.Reset();
  }
  b.mem.dead = false;
  b.Configure(64);
  b.Run(p.cmds);
  p.Check(&b);
}

}  // namespace
}  // namespace tetra_test
