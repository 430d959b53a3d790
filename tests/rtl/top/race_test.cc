// What happens in one and the same cycle: an event and its clearing, two errors, a reset and bursts that begin, a
// register's two halves and the count that passes from one to the other.
#include "bench.h"
#include "poke.h"

namespace tetra_test {
namespace {

// A bench whose first SYNC has raised the interrupt, which nobody has cleared.
void RaiseIrq(TopBench *b) {
  b->mem.latency = 20;
  b->Configure(16);
  b->Start({SyncCommand(1)});
  b->TicksUntilIrq(true);
}

TEST(InterruptRace, ASyncInTheCycleOfTheClearingIsKept) {
  long clear = 0, set = 0;  // ticks from a write's handshake to its effect on the line
  {
    TopBench b(1);
    RaiseIrq(&b);
    b.Post(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC);
    clear = b.TicksUntilIrq(false, 20);
  }
  {
    TopBench b(1);
    RaiseIrq(&b);
    b.Write(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC);
    b.Post(TETRA_REG_TAIL, b.Fill({SyncCommand(2)}));
    set = b.TicksUntilIrq(true);
  }
  ASSERT_GT(set, clear + 10) << "room for the write that rings the doorbell";
  for (int late = -3; late <= 3; late++) {
    SCOPED_TRACE("clearing " + std::to_string(late) + " cycles after the SYNC");
    TopBench b(1);
    RaiseIrq(&b);
    b.Post(TETRA_REG_TAIL, b.Fill({SyncCommand(2)}));
    for (long i = set - clear + late; i > 1; i--) b.Tick();
    const long low = b.irq_low;
    b.Post(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC);
    for (int i = 0; i < 20; i++) b.Tick();
    EXPECT_EQ(b.Read(TETRA_REG_COMPLETED), 2u);
    EXPECT_EQ(b.Irq(), late <= 0) << "a SYNC after the clearing, or with it, is told of";
    if (late <= 0) {
      EXPECT_EQ(b.irq_low - low, -late) << "cycles between the clearing and the SYNC";
    }
  }
}

TEST(InterruptRace, ReadingTheStatusLeavesTheLine) {
  TopBench b(2);
  RaiseIrq(&b);
  const long low = b.irq_low;
  for (int i = 0; i < 20; i++) EXPECT_EQ(b.Read(TETRA_REG_IRQ_STATUS), static_cast<uint32_t>(TETRA_IRQ_SYNC));
  EXPECT_EQ(b.irq_low, low);
}

// From the cycle after the doorbell's write on a host reads that the accelerator is busy, until its work is done.
TEST(StatusRace, IsBusyFromTheDoorbellOn) {
  for (int late = 0; late < 12; late++) {
    SCOPED_TRACE("read " + std::to_string(late) + " cycles after the write");
    TopBench b(1);
    b.mem.latency = 100;
    b.Configure(16);
    for (int i = 0; i < 1000 && b.Read(TETRA_REG_STATUS) != 0; i++) {  // counters are being cleared
    }
    b.Post(TETRA_REG_TAIL, b.Fill({SyncCommand(1)}));
    for (int i = 0; i < late; i++) b.Tick();
    EXPECT_EQ(b.Read(TETRA_REG_STATUS) & 1, 1u);
    b.TicksUntilIrq(true);
    EXPECT_EQ(b.Read(TETRA_REG_STATUS) & 1, 0u);
  }
}

// So it is where the doorbell rings right behind the reset pin, while layers' counters are being cleared.
TEST(StatusRace, IsBusyBehindTheResetPin) {
  TopBench b(1);
  b.Configure(16);
  ASSERT_EQ(b.Read(TETRA_REG_STATUS), 4u) << "counters are being cleared";
  b.Write(TETRA_REG_TAIL, b.Fill({SyncCommand(1)}));
  int polls = 0;
  uint32_t status = b.Read(TETRA_REG_STATUS);
  EXPECT_EQ(status, 5u);
  for (; (status & 1) && polls < 10000; polls++) status = b.Read(TETRA_REG_STATUS);
  EXPECT_EQ(b.Read(TETRA_REG_HEAD), 1u) << "busy until its work is done";
  EXPECT_TRUE(b.Irq());
}

// A read and a write that fail: which comes first counts, and of two in one cycle the write's.
TEST(ErrorRace, OfTwoInOneCycleTheWriteIsReported) {
  for (int offset = -2; offset <= 2; offset++) {
    SCOPED_TRACE("the write's response " + std::to_string(offset) + " cycles after the read's data");
    TopBench b(3);
    Program p(&b, 3);
    p.Prologue();
    const uint32_t store = static_cast<uint32_t>(p.cmds.size());
    tetra_cmd c = RandomStore(p.rnd, p.s, 0, 8, 8, 0);
    Set(&c, TETRA_F_STORE_TWO_OUT, 0);
    Set(&c, TETRA_F_STORE_HALVES2, 0);
    Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource);
    p.Add(c);
    tetra_cmd load = LoadCommand(1, 0);
    const uint32_t at = kBase + 0x4000 + 16 * kN;
    Set(&load, TETRA_F_LOAD_ADDR, at);
    p.cmds.push_back(load);
    p.cmds.push_back(SyncCommand(1));
    b.mem.read_error = at;
    b.mem.write_error = kBase + Program::kSource;
    b.mem.pair_errors = true;
    b.mem.pair_offset = offset;
    b.Configure(32);
    b.Run(p.cmds);
    ASSERT_EQ(static_cast<int64_t>(b.mem.write_error_at - b.mem.read_error_at), offset);
    const bool write = offset <= 0;
    EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(write ? TETRA_ERR_AXI_WRITE : TETRA_ERR_AXI_READ));
    EXPECT_EQ(b.Read(TETRA_REG_ERR_INDEX), write ? store : store + 1);
    EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), write ? kBase + Program::kSource : at);
  }
}

class ResetRace : public testing::TestWithParam<int> {};

// CTRL.reset at any moment: the engines ask for nothing more from then on, so that it ends with the data under way.
TEST_P(ResetRace, NothingNewIsAskedFor) {
  TopBench b(static_cast<uint64_t>(GetParam()) + 10);
  SCOPED_TRACE("re-run: top_test_" + std::to_string(kN) + " --gtest_filter=*NothingNewIsAskedFor/" +
               std::to_string(GetParam()));
  Program p(&b, static_cast<uint64_t>(GetParam()));
  p.Prologue();
  // Half of them amid loads, half amid stores and what lies between.
  if (GetParam() % 2)
    for (int i = 0; i < 20; i++) p.AddLoad();
  else
    p.AddRandom(30);
  b.mem.latency = b.rnd(20, 100);
  b.Configure(64);
  b.Start(p.cmds);
  const uint64_t fetches = b.mem.read_bursts[1];
  for (int k = b.rnd(300, GetParam() % 2 ? 4000 : 20000); k > 0 || b.mem.Quiet(); k--) b.Tick();
  b.Post(TETRA_REG_CTRL, 2);
  for (int k = 0; k < 3; k++) b.Tick();
  const uint64_t reads = b.mem.read_bursts[0] + b.mem.read_bursts[1], writes = b.mem.write_bursts;
  const long start = b.cycles;
  while (b.Read(TETRA_REG_CTRL) & 2) ASSERT_LT(b.cycles - start, 5000);
  EXPECT_TRUE(b.mem.Quiet());
  EXPECT_GE(reads, fetches);
  // One address of each kind may stand on the bus already; no more than sixteen bursts of 64 beats were under way.
  EXPECT_LE(b.mem.read_bursts[0] + b.mem.read_bursts[1] - reads, 1u);
  EXPECT_LE(b.mem.write_bursts - writes, 1u);
  EXPECT_LT(b.cycles - start, 17 * 64 + 2 * b.mem.latency + 50);
}
INSTANTIATE_TEST_SUITE_P(Seeds, ResetRace, testing::Range(0, 8));

// A run that is started while the layers' counters are still being cleared, one a cycle, waits for that.
TEST(ResetRace, TheNextRunsEventsAreCountedFromTheFirst) {
  for (const int layer : {0, 300, 511}) {
    TopBench b(4);
    b.mem.latency = 1;
    b.Configure(16);
    b.Run({LoadCommand(3, layer), SyncCommand(1)});
    b.Post(TETRA_REG_CTRL, 2);
    for (int i = 0; i < 20; i++) b.Tick();  // the reset proper
    std::memcpy(&b.mem.data[kRing - kBase], LoadCommand(5, layer).word, 64);
    b.Post(TETRA_REG_TAIL, 1);
    for (int i = 0; i < 3; i++) b.Tick();
    b.Post(TETRA_REG_CTRL, 1);
    for (int i = 0; i < 3; i++) b.Tick();
    EXPECT_EQ(b.mem.read_bursts[0], 1u) << "the first run's LOAD; the second waits";
    for (int i = 0; i < 1000; i++) b.Tick();
    EXPECT_EQ(b.mem.read_bursts[0], 2u);
    b.Write(TETRA_REG_LAYER_SEL, static_cast<uint32_t>(layer));
    EXPECT_EQ(b.Read(TETRA_REG_LAYER_READ), 5u) << "layer " << layer;
    EXPECT_EQ(b.Counter(TETRA_CNT_READ_BYTES), 5u * kN);
  }
}

// While the cycle counter passes 2^32 its low half is read, then its high half: together they are a value that it had.
TEST(CounterRace, ReadsAreNotTornAtTwoToThe32) {
  for (uint32_t seed = 0; seed < 16; seed++) {
    TopBench b(5 + seed);
    tetra_cmd waits = LoadCommand(1, 0);  // for ever: every cycle is counted
    Set(&waits, TETRA_F_WAIT_STORE, 100);
    Set(&waits, TETRA_F_WAIT_EN, 8);
    b.Configure(16);
    b.Start({waits});
    for (int i = 0; i < 700; i++) b.Tick();  // the layers' counters are cleared, and the LOAD waits
    const long start = b.cycles;
    if (!SetCycles(&b, 0xffffff00)) GTEST_SKIP() << "the cycle count cannot be set in this build";
    uint64_t previous = 0xffffff00;
    for (int i = 0; i < 60; i++) {
      const uint32_t lo = b.Read(TETRA_REG_COUNTERS + 8 * TETRA_CNT_CYCLES);
      const uint64_t at = 0xffffff00 + static_cast<uint64_t>(b.cycles - start);
      for (int k = b.rnd(0, 10); k > 0; k--) b.Tick();
      const uint64_t value = static_cast<uint64_t>(b.Read(TETRA_REG_COUNTERS + 8 * TETRA_CNT_CYCLES + 4)) << 32 | lo;
      EXPECT_LE(value, at);
      EXPECT_GE(value + 10, at);
      EXPECT_GT(value, previous);
      previous = value;
    }
    EXPECT_GT(previous, uint64_t{1} << 32);
  }
}

// Every counter has 64 bits: what it counts carries into the upper half.
TEST(CounterRace, EveryCounterCarriesPastTwoToThe32) {
  TopBench b(6);
  Program p(&b, 6);
  p.Prologue();
  p.AddRandom(40);
  b.Configure(100);
  PokeCounters(&b, (uint64_t{7} << 32) - 1);
  PokeCycles(&b, (uint64_t{7} << 32) - 1);
  b.Tick();  // what is made of the registers follows
  uint64_t before[TETRA_CNT_NUM] = {};
  for (int c = 0; c < TETRA_CNT_NUM; c++) {
    before[c] = b.Counter(c);
    const bool bytes = c == TETRA_CNT_READ_BYTES || c == TETRA_CNT_FETCH_BYTES || c == TETRA_CNT_WRITE_BYTES;
    if (c == TETRA_CNT_CYCLES && before[c] < uint64_t{1} << 31)
      GTEST_SKIP() << "the cycle count cannot be set in this build: " << before[c];
    EXPECT_EQ(before[c], ((uint64_t{7} << 32) - 1) * (bytes ? kN : 1))
        << "counter " << c << ", bytes are counted as beats";
  }
  b.Run(p.cmds);
  int carried = 0;
  for (int c = 0; c < TETRA_CNT_NUM; c++) {
    const uint64_t v = b.Counter(c);
    EXPECT_TRUE(v == before[c] || v >> 32 == (before[c] >> 32) + 1) << "counter " << c << ": " << std::hex << v;
    carried += v >> 32 == (before[c] >> 32) + 1;
  }
  EXPECT_GE(carried, 12) << "the program moves most of them";
}

}  // namespace
}  // namespace tetra_test
