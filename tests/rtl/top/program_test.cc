// The whole accelerator: random programs of all commands against their loop nests, under random memory behaviour.
#include "bench.h"

double sc_time_stamp() { return 0; }

namespace tetra_test {
namespace {

std::string Rerun(const char *name, uint64_t seed) {
  return "re-run: top_test_" + std::to_string(kN) + " --gtest_filter=*" + name + "/" + std::to_string(seed);
}

class Programs : public testing::TestWithParam<int> {};

TEST_P(Programs, RandomCommands) {
  const uint64_t seed = static_cast<uint64_t>(GetParam());
  SCOPED_TRACE(Rerun("RandomCommands", seed));
  TopBench b(seed);
  b.mem.latency = b.rnd(1, 100);
  b.mem.stall_percent = seed % 3 == 0 ? 0 : b.rnd(1, 60);
  Program p(&b, seed * 31 + 7);
  p.Prologue();
  p.AddRandom(kN < 16 ? 150 : 80);
  b.Configure(static_cast<uint32_t>(b.rnd(2, 100)));
  b.Run(p.cmds);
  p.Check(&b);
}

// The same, each command alone: where both fail this one names the first bad STORE, where only the other fails it is a
// matter of ordering.
TEST_P(Programs, OneCommandAtATime) {
  const uint64_t seed = static_cast<uint64_t>(GetParam());
  SCOPED_TRACE(Rerun("OneCommandAtATime", seed));
  TopBench b(seed);
  Program p(&b, seed * 31 + 7);
  p.Prologue();
  b.Configure(16);
  for (int i = 0; i < 60; i++) {
    p.AddRandom(1);
    b.Run(p.cmds);
    p.cmds.clear();
    ASSERT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u) << "command " << i;
    for (size_t k = 0; k < Program::kSource + Program::kResults; k++)
      ASSERT_EQ(b.mem.data[k], p.model.dram[k]) << "command " << i << " address 0x" << std::hex << kBase + k << "\n"
                                                << p.Dump();
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Programs, testing::Range(0, 10));

// The last entry that one COMPUTE adds to is the first that the next one adds to, in the other buffer, a cycle later:
// sums are forwarded within a buffer only.
TEST(Programs, SameEntryOfTheOtherBufferInTheNextCycle) {
  for (const bool act8 : {false, true}) {
    SCOPED_TRACE(act8 ? "a8" : "a4");
    TopBench b(7);
    Program p(&b, 7);
    p.Prologue();
    for (int i = 0; i < 6; i++) {
      tetra_cmd c = RandomCompute(p.rnd, p.s, act8, act8, i & 1, 0, false, 1, kN);
      for (const tetra_field &f : {TETRA_F_COMP_KB, TETRA_F_COMP_KH, TETRA_F_COMP_KW}) Set(&c, f, 1);
      Set(&c, TETRA_F_COMP_MAX, 0);
      Set(&c, TETRA_F_COMP_HOLD, 0);
      Set(&c, TETRA_F_COMP_ACC_BASE, i * (kN - 1));
      p.Add(c);
    }
    for (int buf = 0; buf < 2; buf++) {
      tetra_cmd c = RandomStore(p.rnd, p.s, buf, p.s.acc, p.s.acc, 0);
      Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource + 0x40000 * buf);
      Set(&c, TETRA_F_STORE_OUT1_ADDR, kBase + Program::kSource + 0x40000 * buf + 0x20000);
      for (const tetra_field &f : {TETRA_F_STORE_OUT0_HALF_STRIDE, TETRA_F_STORE_OUT1_HALF_STRIDE}) Set(&c, f, 0x8000);
      p.Add(c);
    }
    p.AddSync(Program::last_tag);
    b.Configure(64);
    b.Run(p.cmds);
    p.Check(&b);
  }
}

// Every operation with every set of waits: beside those that its operands need others for all that came before, in a
// run and alone after it, where nothing is left to wait for.
TEST(Programs, EverySetOfWaits) {
  TopBench b(21);
  Program p(&b, 21);
  p.Prologue();
  for (int i = 0; i < 100; i++) p.AddWithWaits(i % 4, p.rnd(0, 15), true);
  p.AddSync(Program::last_tag);
  b.Configure(64);
  b.Run(p.cmds);
  size_t commands = p.cmds.size();
  for (int i = 0; i < 64; i++) {
    p.cmds.clear();
    p.AddWithWaits(i % 4, i / 4, false);
    b.Run(p.cmds);
    commands++;
  }
  p.cmds.resize(commands);
  p.Check(&b);
}

TEST(Registers, IdentityAndCapabilities) {
  TopBench b;
  EXPECT_EQ(b.Read(TETRA_REG_ID), static_cast<uint32_t>(TETRA_HW_ID));
  EXPECT_EQ(b.Read(TETRA_REG_VERSION), static_cast<uint32_t>(TETRA_HW_VERSION));
  EXPECT_EQ(b.Read(TETRA_REG_ARRAY), static_cast<uint32_t>(kN << 16 | kN));
  EXPECT_EQ(b.Read(TETRA_REG_MAX_LAYERS), 512u);
}

TEST(Registers, ByteEnablesMergeAndReadOnlyIsIgnored) {
  TopBench b;
  b.Write(TETRA_REG_WATCHDOG, 0x11223344);
  b.Write(TETRA_REG_WATCHDOG, 0xaabbccdd, 5);
  EXPECT_EQ(b.Read(TETRA_REG_WATCHDOG), 0x11bb33ddu);
  EXPECT_EQ(b.Write(TETRA_REG_ID, 0), 0u);
  EXPECT_EQ(b.Read(TETRA_REG_ID), static_cast<uint32_t>(TETRA_HW_ID));
}

TEST(Registers, UnmappedOffsetsAnswerWithAnError) {
  TopBench b;
  for (uint32_t offset : {0x028u, 0x07cu, 0x0a0u, 0x190u, 0xffcu, 0x041u}) {
    uint32_t resp = 0;
    EXPECT_EQ(b.Read(offset, &resp), 0u);
    EXPECT_EQ(resp, 2u) << std::hex << offset;
    EXPECT_EQ(b.Write(offset, 1), 2u) << std::hex << offset;
  }
}

TEST(Ring, EverySizeFrom2To9Wraps) {
  for (uint32_t size = 2; size < 10; size++) {
    TopBench b(size);
    Program p(&b, size);
    for (int i = 0; i < 30; i++) p.AddSync(static_cast<uint32_t>(i));
    p.AddSync(Program::last_tag);
    b.Configure(size);
    b.Run(p.cmds);
    p.Check(&b);
  }
}

// As few bursts as four commands each and the page's end, behind the ring's first command, let it be.
TEST(Ring, CommandsAreFetchedInTheFewestBursts) {
  for (uint32_t n = 1; n < 14; n++) {
    TopBench b(n);
    Program p(&b, n);
    for (uint32_t i = 0; i < n; i++) p.AddSync(i);
    b.Configure(16);
    b.Start(p.cmds);
    b.Run({});
    EXPECT_EQ(b.mem.read_bursts[1], 1 + (n - 1 + 3) / 4) << n << " commands";
    EXPECT_EQ(b.Counter(TETRA_CNT_FETCH_BYTES), n * 64);
  }
}

TEST(Log, OverflowIsTold) {
  TopBench b;
  Program p(&b, 3);
  p.Prologue();
  for (int i = 0; i < 40; i++) {
    tetra_cmd c = RandomStore(p.rnd, p.s, 0, 1, 1, 0);
    Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource);
    Set(&c, TETRA_F_STORE_OUT1_ADDR, kBase + Program::kSource + 0x1000);
    Set(&c, TETRA_F_STORE_LAST, 1);
    Set(&c, TETRA_F_LAYER, i);
    p.Add(c);
  }
  p.AddSync(Program::last_tag);
  b.Configure(64);
  b.Run(p.cmds);
  EXPECT_EQ(b.Read(TETRA_REG_LOG_COUNT), 0x80000020u);
  for (uint32_t i = 0; i < 32; i++) {
    EXPECT_EQ(b.Read(TETRA_REG_LOG_LAYER), i);
    b.Write(TETRA_REG_LOG_CYCLE_HI, 0);
  }
  EXPECT_EQ(b.Read(TETRA_REG_LOG_COUNT), 0x80000000u);
  b.Reset();
  EXPECT_EQ(b.Read(TETRA_REG_LOG_COUNT), 0u) << "a reset forgets it";
}

// The cycle counter starts with the doorbell and stops with the last command.
TEST(Counters, CountOnlyWhileWorkIsOutstanding) {
  TopBench b;
  Program p(&b, 4);
  p.Prologue();
  p.AddSync(Program::last_tag);
  b.Configure(32);
  for (int i = 0; i < 1000; i++) b.Tick();
  EXPECT_EQ(b.Counter(TETRA_CNT_CYCLES), 0u);
  const long start = b.cycles;
  b.Run(p.cmds);
  const uint64_t total = b.Counter(TETRA_CNT_CYCLES);
  EXPECT_LE(total, static_cast<uint64_t>(b.cycles - start));
  EXPECT_GE(total, b.Counter(TETRA_CNT_BUSY));
  for (int i = 0; i < 1000; i++) b.Tick();
  EXPECT_EQ(b.Counter(TETRA_CNT_CYCLES), total);
  Program::CheckClasses(&b);
}

}  // namespace
}  // namespace tetra_test
