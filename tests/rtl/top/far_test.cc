// Numbers of 32 and 64 bits whose upper ones no run reaches: each of their bits counts, is carried on and is read.
#include "poke.h"
#include "recovery.h"

namespace tetra_test {
namespace {

constexpr uint32_t kFar[] = {0x55555550, 0xaaaaaaa0};

// A ring of 2^32 - 1 entries in whose far part the commands lie.
class FarRing : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(At, FarRing, testing::ValuesIn(kFar));

void ConfigureFar(TopBench *b, uint32_t first) {
  b->Configure(1000);
  b->Write(TETRA_REG_CTRL, 0);
  b->Write(TETRA_REG_RING_BASE, kRing - first * 64);  // modulo 2^32
  b->Write(TETRA_REG_RING_SIZE, 0xffffffff);
}

// A COMPUTE's steps where there is one only of what they lie between.
void SetUnusedSteps(tetra_cmd *c, uint32_t anything) {
  const struct {
    tetra_field count, step, rows;
  } steps[] = {{TETRA_F_COMP_KB, TETRA_F_COMP_KB_STRIDE, TETRA_F_COMP_KB_STRIDE},
               {TETRA_F_COMP_KH, TETRA_F_COMP_KY_STRIDE, TETRA_F_COMP_DKY},
               {TETRA_F_COMP_KW, TETRA_F_COMP_KX_STRIDE, TETRA_F_COMP_DKX},
               {TETRA_F_COMP_OY, TETRA_F_COMP_OY_STRIDE, TETRA_F_COMP_SY},
               {TETRA_F_COMP_OX, TETRA_F_COMP_OX_STRIDE, TETRA_F_COMP_SX}};
  for (const auto &s : steps) {
    if (tetra_cmd_get(c, s.count) != 1) continue;
    Set(c, s.rows, anything & 0xff);
    Set(c, s.step, anything & 0xffff);
  }
}

// The command where memory is elsewhere. Steps that it does not use are anything.
tetra_cmd Moved(tetra_cmd c, uint32_t by, uint32_t anything) {
  const uint32_t op = tetra_cmd_get(&c, TETRA_F_OP);
  const auto add = [&](tetra_field f) { Set(&c, f, tetra_cmd_get(&c, f) + by); };
  if (op == TETRA_OP_LOAD) add(TETRA_F_LOAD_ADDR);
  if (op == TETRA_OP_COMPUTE) SetUnusedSteps(&c, anything);
  if (op != TETRA_OP_STORE) return c;
  add(TETRA_F_STORE_OUT0_ADDR);
  add(TETRA_F_STORE_OUT1_ADDR);
  anything &= static_cast<uint32_t>(-kN);
  if (tetra_cmd_get(&c, TETRA_F_STORE_SEG_BEATS) == tetra_cmd_get(&c, TETRA_F_STORE_PIXELS))
    Set(&c, TETRA_F_STORE_SEG_STRIDE, anything);
  if (!tetra_cmd_get(&c, TETRA_F_STORE_HALVES2)) Set(&c, TETRA_F_STORE_OUT0_HALF_STRIDE, anything);
  return c;
}

TEST_P(FarRing, IndicesAreThoseOfTheCommands) {
  const uint32_t first = GetParam();
  TopBench b(first);
  Program p(&b, 3);
  p.Prologue();
  p.AddRandom(60);
  const uint32_t count = static_cast<uint32_t>(p.cmds.size());
  ConfigureFar(&b, first);
  PokeFetched(&b, first);
  b.Tick();
  ASSERT_EQ(b.Read(TETRA_REG_HEAD), first);
  p.cmds.push_back({});  // no operation: an error
  b.Write(TETRA_REG_TAIL, first + b.Fill(p.cmds));
  b.Write(TETRA_REG_CTRL, 1);
  for (int i = 0; i < 2000000 && !(b.Irq() && (b.Read(TETRA_REG_IRQ_STATUS) & TETRA_IRQ_ERROR)); i++) b.Tick();
  EXPECT_EQ(b.Read(TETRA_REG_HEAD), first + count);
  EXPECT_EQ(b.Read(TETRA_REG_COMPLETED), Program::last_tag);
  for (size_t i = 0; i < Program::kSource + Program::kResults; i++)
    ASSERT_EQ(b.mem.data[i], p.model.dram[i]) << "address 0x" << std::hex << kBase + i;
  ExpectError(&b, TETRA_ERR_ILLEGAL_OP, first + count);
  EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), kRing + count * 64);
  b.Reset();
  ExpectClean(&b);
  GoodRun(&b, 17);
}

// A memory, the ring in it and the window are elsewhere, and steps that nothing needs are anything: each bit of an
// address goes on its way, there and back.
TEST(FarMemory, AddressesAreWhole) {
  struct Place {
    uint32_t base, ring;
  };
  TopBench b(12);
  Program p(&b, 12);
  p.Prologue();
  p.AddRandom(80);
  const auto before = b.mem.data;
  for (const Place &at : {Place{0x55400000, 0x12aa80}, Place{0xaaa00000, 0x155540}, Place{0x55400000, 0x1aaa80},
                          Place{0xaaa00000, 0x12aa80}}) {
    b.Reset();
    b.Configure(1000);
    b.Write(TETRA_REG_CTRL, 0);
    b.Write(TETRA_REG_RING_BASE, at.base + at.ring);
    b.Write(TETRA_REG_MEM_BASE, at.base);
    b.Write(TETRA_REG_MEM_LIMIT, at.base + kMemBytes - 1);
    b.mem.MoveTo(at.base);
    b.mem.data = before;
    for (size_t i = 0; i < p.cmds.size(); i++) {
      const tetra_cmd c = Moved(p.cmds[i], at.base - kBase, i % 2 ? 0x55555555 : 0xaaaaaaaa);
      std::memcpy(&b.mem.data[at.ring + i * 64], c.word, 64);
    }
    b.Write(TETRA_REG_TAIL, static_cast<uint32_t>(p.cmds.size()));
    b.Write(TETRA_REG_CTRL, 1);
    for (int i = 0; i < 20000 && (b.Read(TETRA_REG_STATUS) & 1); i++)
      for (int k = 0; k < 50; k++) b.Tick();
    ASSERT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u) << "index " << b.Read(TETRA_REG_ERR_INDEX);
    EXPECT_EQ(b.Read(TETRA_REG_COMPLETED), Program::last_tag);
    for (size_t i = 0; i < Program::kSource + Program::kResults; i++)
      ASSERT_EQ(b.mem.data[i], p.model.dram[i]) << "address 0x" << std::hex << at.base + i;
  }
}

// So does an engine's error name its command and the address: of a LOAD, and of a STORE.
TEST(FarIndex, ErrorsOfEnginesNameTheirCommands) {
  for (const bool store : {false, true}) {
    TopBench b(9);
    for (const uint32_t far : {kFar[0], kFar[1], kFar[0]}) {
      Program p(&b, 4);
      p.Prologue();
      p.AddLoad();
      const uint32_t index = far + static_cast<uint32_t>(p.cmds.size());
      const uint32_t address = far + (far >> 24 & static_cast<uint32_t>(-kN));  // outside the window
      tetra_cmd c = store ? GoodStore(&b) : GoodLoad();
      Set(&c, store ? TETRA_F_STORE_OUT0_ADDR : TETRA_F_LOAD_ADDR, address);
      p.cmds.push_back(c);
      ConfigureFar(&b, far);
      PokeFetched(&b, far);
      b.Write(TETRA_REG_TAIL, far + b.Fill(p.cmds));
      b.Write(TETRA_REG_CTRL, 1);
      b.TicksUntilIrq(true);
      ExpectError(&b, TETRA_ERR_RANGE, index);
      EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), address);
      b.Reset();
      ExpectClean(&b);
    }
  }
}

// An error of the memory, too, names the command, and where its row or its write begins, far away.
TEST(FarIndex, ErrorsOfTheMemoryNameTheirCommands) {
  constexpr uint32_t kAt = 0x1c0000;  // the ring, of which only its far part is there
  for (const bool store : {false, true}) {
    TopBench b(11);
    for (const int k : {0, 1, 0}) {
      const uint32_t base = k ? 0xaaa00000 : 0x55400000, far = kFar[k];
      const uint32_t address = kBase + Program::kSource + (k ? 0x2aaa8 : 0x55554) / kN * kN;
      tetra_cmd c = store ? GoodStore(&b) : GoodLoad();
      Set(&c, store ? TETRA_F_STORE_OUT0_ADDR : TETRA_F_LOAD_ADDR, address);
      c = Moved(c, base - kBase, 0);
      b.mem.MoveTo(base);
      (store ? b.mem.write_error : b.mem.read_error) = address - kBase + base;
      ConfigureFar(&b, far);
      b.Write(TETRA_REG_RING_BASE, base + kAt - far * 64);
      b.Write(TETRA_REG_MEM_BASE, base);
      b.Write(TETRA_REG_MEM_LIMIT, base + kMemBytes - 1);
      std::memcpy(&b.mem.data[kAt], c.word, 64);
      PokeFetched(&b, far);
      b.Write(TETRA_REG_TAIL, far + 1);
      b.Write(TETRA_REG_CTRL, 1);
      b.TicksUntilIrq(true);
      ExpectError(&b, store ? TETRA_ERR_AXI_WRITE : TETRA_ERR_AXI_READ, far);
      EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), address - kBase + base);
      b.Reset();
      ExpectClean(&b);
    }
  }
}

// The watchdog names the command that waits by all of its index, and has counted all cycles of its wait.
TEST(FarIndex, WatchdogCountsAndNamesTheOneThatWaits) {
  TopBench b(10);
  for (const uint32_t far : {kFar[0], kFar[1], kFar[0]}) {
    tetra_cmd waits = LoadCommand(8);
    Set(&waits, TETRA_F_WAIT_EN, 2);
    Set(&waits, TETRA_F_WAIT_COMPUTE, 100);
    ConfigureFar(&b, far);
    b.Write(TETRA_REG_WATCHDOG, far + 1000);
    PokeFetched(&b, far);
    b.Write(TETRA_REG_TAIL, far + b.Fill({waits}));
    b.Write(TETRA_REG_CTRL, 1);
    for (int i = 0; i < 2000; i++) b.Tick();
    ASSERT_FALSE(b.Irq()) << "that was too early";
    PokeIdle(&b, far);
    const long cycles = b.TicksUntilIrq(true, 2000);
    EXPECT_GT(cycles, 990);
    EXPECT_LT(cycles, 1010);
    ExpectError(&b, TETRA_ERR_TIMEOUT, far);
    b.Reset();
    ExpectClean(&b);
  }
}

// The commands to a tail so far away are not counted with fewer bits.
TEST_P(FarRing, TailFarAhead) {
  TopBench b(2);
  b.Configure(1000);
  b.Write(TETRA_REG_RING_SIZE, 0xffffffff);
  b.Fill({SyncCommand(7), {}});
  b.Write(TETRA_REG_TAIL, GetParam());
  b.TicksUntilIrq(true);
  for (int i = 0; i < 1000; i++) b.Tick();
  ExpectError(&b, TETRA_ERR_ILLEGAL_OP, 1);
  EXPECT_EQ(b.Read(TETRA_REG_COMPLETED), 7u);
  EXPECT_EQ(b.Read(TETRA_REG_TAIL), GetParam());
  b.Reset();
  ExpectClean(&b);
}

// Each counter, from values whose carry changes every bit of the 48 above it.
TEST(FarCounters, EveryBitIsCarried) {
  TopBench b(6);
  Program p(&b, 6);
  p.Prologue();
  p.AddRandom(40);
  for (const uint64_t value : {0x555555555554ffffU, 0xaaaaaaaaaaa9ffffU, 0xffffffffffffffffU}) {
    b.Reset();
    b.Configure(100);
    PokeCounters(&b, value);
    PokeCycles(&b, value);
    b.Tick();
    uint64_t before[TETRA_CNT_NUM] = {};
    for (int c = 0; c < TETRA_CNT_NUM; c++) before[c] = b.Counter(c);
    if (before[TETRA_CNT_CYCLES] != value) GTEST_SKIP() << "the cycle count cannot be set in this build";
    b.Run(p.cmds);
    int moved = 0;
    for (int c = 0; c < TETRA_CNT_NUM; c++) {
      const uint64_t more = b.Counter(c) - before[c];
      EXPECT_LT(more, uint64_t{1} << 24) << "counter " << c << " from " << std::hex << value;
      moved += more != 0;
    }
    EXPECT_GE(moved, 12) << "the program moves most of them";
  }
}

// Of the first command of an operation: its layer.
int FirstLayer(const Program &p, uint32_t op) {
  for (const tetra_cmd &c : p.cmds)
    if (tetra_cmd_get(&c, TETRA_F_OP) == op) return static_cast<int>(tetra_cmd_get(&c, TETRA_F_LAYER));
  return -1;
}

// What a command adds to its layer's sums has 32 bits on its way, and so have the sums: the first LOAD, COMPUTE and
// STORE have done more than any test can wait for.
TEST(FarLayers, EveryBitIsAdded) {
  TopBench b(8);
  Program p(&b, 9);
  p.Prologue();
  p.AddStore();
  p.AddSync(Program::last_tag);
  const int layers[3] = {FirstLayer(p, TETRA_OP_COMPUTE), FirstLayer(p, TETRA_OP_LOAD), FirstLayer(p, TETRA_OP_STORE)};
  for (const uint32_t far : {0x55555000U, 0xaaaaa000U, 0x55555000U, 0U}) {
    b.Reset();
    b.Configure(64);
    for (int i = 0; i < 600; i++) b.Tick();  // the layers' counters are cleared, one a cycle
    PokeBeats(&b, far);
    b.Start(p.cmds);
    int waited = 0;
    while (!PokePixels(&b, far) && waited++ < 200000) b.Tick();
    b.Run({});
    ASSERT_EQ(b.Read(TETRA_REG_ERR_CAUSE), 0u);
    for (const auto &[layer, sums] : p.model.layers) {
      b.Write(TETRA_REG_LAYER_SEL, static_cast<uint32_t>(layer));
      const auto more = [&, at = static_cast<int>(layer)](int what) { return at == layers[what] ? far : 0; };
      EXPECT_EQ(b.Read(TETRA_REG_LAYER_BUSY), sums.pixels + more(0)) << "layer " << layer << " from " << far;
      EXPECT_EQ(b.Read(TETRA_REG_LAYER_READ), sums.read_beats + more(1)) << "layer " << layer << " from " << far;
      EXPECT_EQ(b.Read(TETRA_REG_LAYER_WRITE), sums.write_beats + more(2)) << "layer " << layer << " from " << far;
    }
  }
}

// The log keeps all of the cycle.
TEST(FarCounters, LogOfALateLayer) {
  TopBench b(7);
  Program p(&b, 8);
  p.Prologue();
  do p.AddStore();
  while (p.logged.empty());
  for (const uint64_t cycle : {0x5555555555555555U, 0xaaaaaaaaaaaaaaaaU, 0x0UL}) {
    b.Reset();
    b.Configure(100);
    PokeCycles(&b, cycle);
    b.Run(p.cmds);
    const uint64_t low = b.Read(TETRA_REG_LOG_CYCLE_LO), high = b.Read(TETRA_REG_LOG_CYCLE_HI);
    const uint64_t after = (high << 32 | low) - cycle;
    EXPECT_GT(after, 0u);
    EXPECT_LT(after, uint64_t{1} << 24) << "from cycle " << std::hex << cycle;
    b.Write(TETRA_REG_LOG_CYCLE_HI, 0);
  }
}

}  // namespace
}  // namespace tetra_test
