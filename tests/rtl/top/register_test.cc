// The whole accelerator as the driver sees it: interrupt bits, event counters, layers' counters, reset after reset.
#include "bench.h"

namespace tetra_test {
namespace {

// Without residual, one output of 8 bits and both halves.
tetra_cmd Store(Program *p, int pixels) {
  tetra_cmd c = RandomStore(p->rnd, p->s, 0, pixels, pixels, 0);
  Set(&c, TETRA_F_STORE_TWO_OUT, 0);
  Set(&c, TETRA_F_STORE_HALVES2, 1);
  Set(&c, TETRA_F_STORE_OUT0_BITS4, 0);
  Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource);
  Set(&c, TETRA_F_STORE_OUT0_HALF_STRIDE, 4096);
  return c;
}

TEST(Interrupt, BitsClearOneByOneAndTheMaskGatesTheLine) {
  TopBench b(1);
  Program p(&b, 1);
  p.Prologue();
  tetra_cmd store = Store(&p, 4);
  Set(&store, TETRA_F_STORE_LAST, 1);
  p.Add(store);
  p.AddSync(Program::last_tag);
  b.Configure(32);
  b.Write(TETRA_REG_IRQ_MASK, 0);
  for (size_t i = 0; i < p.cmds.size(); i++) std::memcpy(&b.mem.data[kRing - kBase + i * 64], p.cmds[i].word, 64);
  b.Write(TETRA_REG_TAIL, static_cast<uint32_t>(p.cmds.size()));
  for (int i = 0; i < 100000 && b.Read(TETRA_REG_COMPLETED) != Program::last_tag; i++) b.Tick();
  const uint32_t both = TETRA_IRQ_SYNC | TETRA_IRQ_LAYER;
  EXPECT_EQ(b.Read(TETRA_REG_IRQ_STATUS), both);
  EXPECT_FALSE(b.Irq()) << "nothing is enabled";
  b.Write(TETRA_REG_IRQ_STATUS, TETRA_IRQ_ERROR | TETRA_IRQ_LAYER);
  EXPECT_EQ(b.Read(TETRA_REG_IRQ_STATUS), both) << "another bit's clearing, and a level's";
  b.Write(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC, 14);
  EXPECT_EQ(b.Read(TETRA_REG_IRQ_STATUS), both) << "the byte is not enabled";
  b.Write(TETRA_REG_IRQ_MASK, TETRA_IRQ_ERROR);
  EXPECT_FALSE(b.Irq());
  b.Write(TETRA_REG_IRQ_MASK, TETRA_IRQ_SYNC);
  EXPECT_TRUE(b.Irq());
  b.Write(TETRA_REG_IRQ_STATUS, TETRA_IRQ_SYNC);
  EXPECT_EQ(b.Read(TETRA_REG_IRQ_STATUS), static_cast<uint32_t>(TETRA_IRQ_LAYER));
  EXPECT_FALSE(b.Irq());
  b.Write(TETRA_REG_IRQ_MASK, TETRA_IRQ_LAYER);
  EXPECT_TRUE(b.Irq());
  b.Write(TETRA_REG_LOG_CYCLE_HI, 0);
  EXPECT_FALSE(b.Irq()) << "the log is empty";
}

// Commands that complete in neighbouring cycles, of one layer, of two in turn.
TEST(LayerCounters, OneBeatLoadsBackToBack_24) {
  TopBench b(2);
  b.mem.latency = 200;
  Program p(&b, 2);
  p.Prologue();
  for (int i = 0; i < 24; i++) p.Add(LoadCommand(1, i < 16 ? 7 : i & 1));
  p.AddSync(Program::last_tag);
  b.Configure(64);
  b.Run(p.cmds);
  p.Check(&b);
}

TEST(EventCounters, OfAProgramThatWaitsForNothing) {
  TopBench b(3);
  Program p(&b, 3);
  p.Add(LoadCommand(100, 0));
  p.AddSync(Program::last_tag);
  b.Configure(32);
  b.Run(p.cmds);
  EXPECT_EQ(b.Counter(TETRA_CNT_LOAD_BUSY), 100u);
  EXPECT_EQ(b.Counter(TETRA_CNT_LOAD_WAIT), 0u);
  EXPECT_EQ(b.Counter(TETRA_CNT_DRAIN_BUSY), 0u);
  EXPECT_EQ(b.Counter(TETRA_CNT_DRAIN_STALL), 0u);
}

// The array has nothing to do: while commands are on their way it waits for them, afterwards the run has come to its
// tail.
TEST(EventCounters, CommandsOnTheirWayAreWaitedFor) {
  TopBench b(8);
  b.mem.latency = 200;
  Program p(&b, 8);
  p.Add(LoadCommand(1, 0));
  p.AddSync(Program::last_tag);
  b.Configure(32);
  for (int i = 0; i < 600; i++) b.Tick();  // the layers' counters are cleared, one a cycle
  b.Start(p.cmds);
  b.Run({});
  EXPECT_GE(b.Counter(TETRA_CNT_WAIT_CMD), 200u) << "their own latency";
  EXPECT_LE(b.Counter(TETRA_CNT_WAIT_CMD), 240u);
  EXPECT_GE(b.Counter(TETRA_CNT_TAIL), 180u) << "the LOAD's, which begins before the SYNC is there";
  EXPECT_EQ(b.Counter(TETRA_CNT_WAIT_CMD) + b.Counter(TETRA_CNT_TAIL), b.Counter(TETRA_CNT_CYCLES));
}

// A LOAD that waits for the last COMPUTE, and STOREs of two rows a pixel: once with a fast bus, once with one that
// holds the drain back.
TEST(EventCounters, OfALoadThatWaitsAndADrainHeldBack) {
  for (int stall : {0, 95}) {
    SCOPED_TRACE("stall " + std::to_string(stall) + " %");
    TopBench b(4);
    Program p(&b, 4);
    p.Prologue();
    p.AddSync(1);
    b.Configure(32);
    b.Run(p.cmds);
    p.cmds.clear();
    b.mem.stall_percent = stall;
    const uint64_t cycles = b.Counter(TETRA_CNT_CYCLES), busy = b.Counter(TETRA_CNT_BUSY),
                   waited = b.Counter(TETRA_CNT_LOAD_WAIT);
    tetra_cmd c = RandomCompute(p.rnd, p.s, true, false, 0, 0, true, 1, p.s.acc);
    Set(&c, TETRA_F_COMP_KB, 8);
    Set(&c, TETRA_F_COMP_MAX, 0);
    p.Add(c);
    tetra_cmd load = LoadCommand(1, 0);
    Set(&load, TETRA_F_WAIT_EN, 2);
    Set(&load, TETRA_F_WAIT_COMPUTE, p.model.done[1]);
    p.cmds.push_back(load);
    for (int i = 0; i < 4; i++) p.Add(Store(&p, p.s.acc));
    p.AddSync(Program::last_tag);
    b.Run(p.cmds);
    EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u);
    const uint64_t compute = b.Counter(TETRA_CNT_BUSY) - busy, wait = b.Counter(TETRA_CNT_LOAD_WAIT) - waited;
    EXPECT_GE(compute, 8u * static_cast<unsigned>(p.s.acc));
    // The first weights take N cycles, the last pixel's sums 2N + 4; the rest is fetch and dispatch.
    EXPECT_LE(wait, compute + 3 * kN + 40) << "from the LOAD's arrival to the COMPUTE's last sum";
    EXPECT_GE(wait + 500, compute);
    EXPECT_EQ(b.Counter(TETRA_CNT_DRAIN_BUSY), 8u * static_cast<unsigned>(p.s.acc));
    const uint64_t held = b.Counter(TETRA_CNT_DRAIN_STALL);
    if (stall == 0)
      EXPECT_EQ(held, 0u);
    else
      EXPECT_GE(held, 200u) << "256 words are let through before the drain must wait";
    EXPECT_LE(held + b.Counter(TETRA_CNT_DRAIN_BUSY), b.Counter(TETRA_CNT_CYCLES) - cycles);
  }
}

// A reset gives up on a dead memory only once.
TEST(Reset, AfterAMemoryThatDiedTheNextOneIsQuick) {
  TopBench b(5);
  Program p(&b, 5);
  p.Add(LoadCommand(2000, 0));
  b.Configure(32);
  std::memcpy(&b.mem.data[kRing - kBase], p.cmds[0].word, 64);
  b.Write(TETRA_REG_TAIL, 1);
  for (int i = 0; i < 5000 && b.mem.read_beats < 100; i++) b.Tick();
  ASSERT_FALSE(b.mem.Quiet()) << "the LOAD is not under way";
  b.mem.dead = true;
  long start = b.cycles;
  b.Reset();
  EXPECT_GT(b.cycles - start, 65535);
  start = b.cycles;
  b.Reset();
  EXPECT_LT(b.cycles - start, 2000) << "nothing new is outstanding";
}

}  // namespace
}  // namespace tetra_test
