// The cycle model by itself: jumps against single steps, sums, refusals. tests/sim/timing_test.cc compares it with the
// RTL.
#include <cstring>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "commands.h"
#include "tetra/network.h"
#include "tetra/timing.h"

namespace {

// A compiled network; weights do not matter to timing.
struct Compiled {
  tetra_graph graph = {};
  tetra_plan plan = {};
  Compiled(const char *network, tetra_precision precision, double width, int size, int batch, uint32_t n) {
    tetra_network_options o;
    tetra_compile_options c;
    tetra_error err = {};
    tetra_network_defaults(&o);
    tetra_compile_defaults(&c);
    o.network = network;
    o.precision = precision;
    o.width = width;
    o.image_size = size;
    o.batch = batch;
    const tetra_caps caps = tetra_caps_default(n);
    EXPECT_EQ(tetra_network_build_shapes(&o, &graph, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(tetra_compile(&graph, &caps, &c, &plan, &err), TETRA_OK) << err.msg;
  }
  Compiled(const Compiled &) = delete;
  Compiled &operator=(const Compiled &) = delete;
  ~Compiled() {
    tetra_plan_free(&plan);
    tetra_graph_free(&graph);
  }
};

// The result of a run, freed at its end.
struct Model {
  tetra_timing t = {};
  tetra_error err = {};
  int rc;
  Model(const tetra_plan &plan, tetra_memory_params mem, tetra_timing_mode mode = TETRA_TIMING_FAST)
      : rc(tetra_timing_run(&plan, &mem, mode, &t, &err)) {}
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;
  ~Model() { tetra_timing_free(&t); }
};

struct Case {
  uint32_t n;
  tetra_precision precision;
  uint32_t rate, latency;
  int batch;
};

std::string Name(const ::testing::TestParamInfo<Case> &i) {
  const Case &c = i.param;
  std::string precision = tetra_precision_name(c.precision);
  for (char &ch : precision) ch = ch == '-' ? '_' : ch;
  return precision + "_" + std::to_string(c.n) + "x" + std::to_string(c.n) + "_rate" + std::to_string(c.rate) +
         "_latency" + std::to_string(c.latency) + "_batch" + std::to_string(c.batch);
}

void PrintTo(const Case &c, std::ostream *s) { *s << Name({c, 0}); }

class Jumps : public ::testing::TestWithParam<Case> {};

// Every number of both modes, for one plan and memory.
void ExpectJumpsExact(const tetra_plan &plan, tetra_memory_params mem) {
  const Model fast(plan, mem), slow(plan, mem, TETRA_TIMING_EVERY_CYCLE);
  ASSERT_EQ(fast.rc, TETRA_OK) << fast.err.msg;
  ASSERT_EQ(slow.rc, TETRA_OK) << slow.err.msg;
  EXPECT_EQ(fast.t.total, slow.t.total);
  EXPECT_EQ(fast.t.cycles, slow.t.cycles);
  ASSERT_EQ(fast.t.n_layers, plan.n_layers);
  for (int i = 0; i < plan.n_layers; i++) {
    EXPECT_EQ(fast.t.layers[i].completion, slow.t.layers[i].completion) << "layer " << i;
    EXPECT_EQ(fast.t.layers[i].cycles, slow.t.layers[i].cycles) << "layer " << i;
  }
  for (int i = 0; i < TETRA_TIMING_CLASSES; i++) EXPECT_EQ(fast.t.classes[i], slow.t.classes[i]) << "class " << i;
}

TEST_P(Jumps, GiveWhatSingleStepsGive) {
  const Case &c = GetParam();
  const Compiled net("resnet18", c.precision, 0.5, 48, c.batch, c.n);
  ExpectJumpsExact(net.plan, {c.rate, c.latency});
}

std::vector<Case> JumpCases() {
  const tetra_precision kAll[] = {TETRA_W8A8, TETRA_W4A8, TETRA_W4A4, TETRA_W4A4_INIT8_DENSE8};
  std::vector<Case> cases;
  int k = 0;
  for (uint32_t n = 4; n <= 64; n *= 2) {
    // Whole beats, parts of beats, beats and a part, more than the array can use; short and long latencies.
    for (uint32_t rate : {n / 4, n / 3, n / 2, n / 2 + 1, 3 * n / 4, n - 1, n, n + 1, n + n / 2, 2 * n, 5 * n}) {
      const uint32_t latencies[] = {64, 1, 17, 300};
      cases.push_back({n, kAll[k % 4], rate, latencies[k / 2 % 4], 1 + k % 3 / 2});
      k++;
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Resnet18Small, Jumps, ::testing::ValuesIn(JumpCases()), Name);

// Residual adds, two outputs of different formats, and the largest share of DRAM traffic.
TEST(JumpsOfResnet50, BandwidthsAroundOneBeat) {
  const Compiled net("resnet50", TETRA_W4A4_INIT8_DENSE8, 0.5, 32, 1, 16);
  for (uint32_t rate : {4u, 8u, 11u, 15u, 16u, 17u, 24u, 31u, 32u}) {
    SCOPED_TRACE(std::to_string(rate) + " bytes a cycle");
    ExpectJumpsExact(net.plan, {rate, 64});
  }
}

// Blocks of layers that repeat are passed at once. What the jump over them gives is what going through them gives.
TEST(JumpsOverRepeatedBlocks, GiveWhatSingleStepsGive) {
  for (uint32_t n : {8u, 16u})
    for (tetra_precision p : {TETRA_W8A8, TETRA_W4A4_INIT8_DENSE8})
      for (uint32_t rate : {n, n / 2 + 1}) {
        SCOPED_TRACE(std::to_string(n) + "x" + std::to_string(n) + " " + tetra_precision_name(p) + " rate " +
                     std::to_string(rate));
        const Compiled net("resnet101", p, 0.25, 256, 1, n);
        const Model fast(net.plan, {rate, 64});
        ASSERT_EQ(fast.rc, TETRA_OK) << fast.err.msg;
        EXPECT_GT(fast.t.repeated, 0u);
        EXPECT_LT(fast.t.repeated, fast.t.total);
        ExpectJumpsExact(net.plan, {rate, 64});
      }
}

// Stages of 8 and 36 blocks: most of it. Blocks that are alike must have commands that are, which is the compiler's
// part: places in pages, waits, phase of the command fetch.
TEST(JumpsOverRepeatedBlocks, PassMostOfResnet152) {
  for (tetra_precision p : {TETRA_W8A8, TETRA_W4A8, TETRA_W4A4, TETRA_W4A4_INIT8_DENSE8}) {
    SCOPED_TRACE(tetra_precision_name(p));
    const Compiled net("resnet152", p, 1, 224, 1, 8);
    for (uint32_t rate : {8u, 4u}) {
      const Model fast(net.plan, {rate, 64});
      ASSERT_EQ(fast.rc, TETRA_OK) << fast.err.msg;
      EXPECT_GT(fast.t.repeated, fast.t.total / 5 * 3) << rate << " bytes a cycle";
    }
  }
}

// Changes a command in what timing depends on. Returns 0 where it has nothing of that kind.
int Change(tetra_cmd *c, int kind) {
  const auto add = [c](tetra_field f, uint32_t by) { tetra_cmd_set(c, f, tetra_cmd_get(c, f) + by); };
  const uint32_t op = tetra_cmd_get(c, TETRA_F_OP), waits = tetra_cmd_get(c, TETRA_F_WAIT_EN);
  switch (kind) {
    case 0:  // for the tile before it, too: accumulator buffers no longer alternate
      if (op == TETRA_OP_COMPUTE && waits >> 2 & 1) return add(TETRA_F_WAIT_DRAIN, 1), 1;
      return 0;
    case 1:
      if (op == TETRA_OP_COMPUTE) return add(TETRA_F_COMP_KB, 3), 1;
      return 0;
    case 2:
      if (op == TETRA_OP_LOAD) return add(TETRA_F_LOAD_ADDR, 2048), 1;
      return 0;
    case 3:
      if (op == TETRA_OP_STORE) return tetra_cmd_set(c, TETRA_F_STORE_SEG_BEATS, 5), 1;
      return 0;
    default:
      if (op == TETRA_OP_STORE) return add(TETRA_F_STORE_OUT0_ADDR, 1024), 1;
      return 0;
  }
}

// One command of a repeated block is changed: it is not taken for the one it was.
TEST(JumpsOverRepeatedBlocks, AreNotMadeOverACommandThatDiffers) {
  const Compiled net("resnet101", TETRA_W4A4, 0.25, 256, 1, 16);
  const Model before(net.plan, {16, 64});
  std::mt19937 random(1);
  int shorter[5] = {0};
  for (int i = 0; i < 40;) {
    const uint32_t at = net.plan.n_cmds / 3 + random() % (net.plan.n_cmds / 3);
    tetra_cmd *c = &net.plan.cmds[at];
    const tetra_cmd was = *c;
    if (!Change(c, i % 5)) continue;
    SCOPED_TRACE("kind " + std::to_string(i % 5) + ", command " + std::to_string(at));
    const Model changed(net.plan, {16, 64});
    ExpectJumpsExact(net.plan, {16, 64});
    shorter[i % 5] += changed.t.repeated < before.t.repeated;
    *c = was;
    i++;
  }
  for (int kind = 0; kind < 5; kind++) EXPECT_GT(shorter[kind], 0) << "no change of kind " << kind << " was seen";
}

TEST(Timing, SumsAddUp) {
  const Compiled net("resnet50", TETRA_W4A4_INIT8_DENSE8, 0.5, 64, 1, 16);
  const Model r(net.plan, {16, 64});
  ASSERT_EQ(r.rc, TETRA_OK) << r.err.msg;
  uint64_t classes = 0, cycles = 0, busy = 0;
  for (uint64_t c : r.t.classes) classes += c;
  for (int i = 0; i < r.t.n_layers; i++) {
    const tetra_timing_layer &l = r.t.layers[i];
    cycles += l.cycles;
    busy += l.busy;
    EXPECT_EQ(l.read_bytes + l.write_bytes, static_cast<uint64_t>(net.plan.layers[i].dram_bytes))
        << net.graph.ops[i].name;
  }
  EXPECT_EQ(classes, r.t.total);
  EXPECT_EQ(cycles, r.t.cycles);
  EXPECT_EQ(busy, r.t.classes[0]);
  EXPECT_LT(r.t.cycles, r.t.total);
}

TEST(Timing, MoreBandwidthIsNeverSlowerAndMoreLatencyNeverFaster) {
  const Compiled net("resnet18", TETRA_W4A4, 0.5, 64, 1, 16);
  uint64_t before = UINT64_MAX;
  for (uint32_t rate : {2u, 4u, 8u, 16u, 32u}) {
    const Model r(net.plan, {rate, 64});
    EXPECT_LT(r.t.cycles, before) << rate << " bytes a cycle";
    before = r.t.cycles;
  }
  before = 0;
  for (uint32_t latency : {1u, 16u, 64u, 256u, 1024u}) {
    const Model r(net.plan, {16, latency});
    EXPECT_GT(r.t.cycles, before) << latency << " cycles of latency";
    before = r.t.cycles;
  }
}

TEST(JumpsOfRandomCommands, GiveWhatSingleStepsGive) {
  for (uint32_t seed = 0; seed < 60; seed++) {
    RandomStream s(seed);
    s.h.Plan();
    s.h.plan.caps = tetra_caps_default(s.n);
    const uint32_t n = s.n, rates[] = {n,         n / 2, n / 4,     n - 1, n + 1,
                                       3 * n / 4, n / 3, n + n / 2, 2 * n, 2 * n - 1,
                                       n / 2 + 1, 1,     64 * n,    5 * n, TETRA_MEMORY_MAX_RATE};
    const uint32_t latencies[] = {64, 1, 17, 300, 2, 1000};
    for (int i = 0; i < 2; i++) {
      const uint32_t rate = rates[s.Below(15)], latency = latencies[s.Below(6)];
      SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(rate) + " bytes a cycle, latency " +
                   std::to_string(latency));
      ExpectJumpsExact(s.h.plan, {rate, latency});
      if (HasFailure()) return;
    }
  }
}

// Counted by hand from rtl/: the request of cycle 0 is on the bus in cycle 1, its first beat arrives L cycles later,
// the 4-beat command is whole 3 cycles after that and dispatched 3 later; queue, set-up: its only row is read 3 cycles
// after that, is in the word FIFO 11 later, at the FIFO's end 2 later and on the bus 1 after that; the response comes L
// cycles later and is logged in the next one.
TEST(Timing, OneStoreOfOnePixelByHand) {
  Handmade h;
  h.cmds = {Store(1)};
  const uint64_t latency = 50;
  const Model r(h.Plan(), {16, latency});
  ASSERT_EQ(r.rc, TETRA_OK) << r.err.msg;
  EXPECT_EQ(r.t.cycles, 1 + latency + 3 + 3 + 3 + 11 + 2 + 1 + latency + 1);
}

// PACK reads the residual buffer in three of four cycles here: of a STORE's rows with a residual one can be read in
// each fourth cycle, of one without in all.
TEST(Timing, PackHoldsUpResiduals) {
  uint64_t cycles[2];
  for (uint32_t form : {0u, 1u}) {
    Handmade h;
    tetra_cmd pack = Command(TETRA_OP_PACK);
    tetra_cmd_set(&pack, TETRA_F_PACK_OY, 8);
    tetra_cmd_set(&pack, TETRA_F_PACK_OX, 32);
    tetra_cmd_set(&pack, TETRA_F_PACK_KH, 3);
    tetra_cmd_set(&pack, TETRA_F_PACK_SEG, 1);
    h.cmds = {pack, Store(200)};
    tetra_cmd_set(&h.cmds[1], TETRA_F_STORE_RES_FORM, form);
    const Model r(h.Plan(), {16, 64});
    ASSERT_EQ(r.rc, TETRA_OK) << r.err.msg;
    cycles[form] = r.t.cycles;
  }
  EXPECT_GE(cycles[1], cycles[0] + 3 * 199);
  EXPECT_LE(cycles[1], cycles[0] + 3 * 201);
}

// A LOAD of two pages at half a beat a cycle: all its beats, but for the bucket's 64, are paid at that rate.
TEST(Timing, LongLoadTakesItsBandwidth) {
  Handmade h;
  h.cmds = {Load(8192), Store(1)};
  tetra_cmd_set(&h.cmds[1], TETRA_F_WAIT_EN, 1);
  tetra_cmd_set(&h.cmds[1], TETRA_F_WAIT_LOAD, 1);
  const Model r(h.Plan(), {8, 64});
  ASSERT_EQ(r.rc, TETRA_OK) << r.err.msg;
  EXPECT_GT(r.t.cycles, 2 * (8192 - 64));
  EXPECT_LT(r.t.cycles, 2 * 8192 + 400);
}

TEST(Timing, AWaitForWhatNeverComesIsAnError) {
  Handmade h;
  h.cmds = {Load(4), Store(1)};
  tetra_cmd_set(&h.cmds[1], TETRA_F_WAIT_EN, 1);
  tetra_cmd_set(&h.cmds[1], TETRA_F_WAIT_LOAD, 2);
  for (tetra_timing_mode mode : {TETRA_TIMING_FAST, TETRA_TIMING_EVERY_CYCLE}) {
    Handmade copy = h;
    const Model r(copy.Plan(), {16, 64}, mode);
    EXPECT_EQ(r.rc, TETRA_EINVAL);
    EXPECT_NE(std::string(r.err.msg).find("waits forever"), std::string::npos) << r.err.msg;
  }
}

TEST(Timing, CommandsThatTheHardwareRefusesAreErrors) {
  std::vector<tetra_cmd> bad;
  bad.push_back(Load(0));
  bad.push_back(Store(0));
  bad.push_back(Command(TETRA_OP_COMPUTE));
  bad.push_back(Command(TETRA_OP_PACK));
  bad.push_back(Command(TETRA_OP_SYNC));
  bad.push_back(Command(15));
  bad.push_back(Load(1));
  tetra_cmd_set(&bad.back(), TETRA_F_LOAD_ADDR, 8);
  bad.push_back(Store(1));
  tetra_cmd_set(&bad.back(), TETRA_F_LAYER, 1);
  for (const tetra_cmd &c : bad) {
    Handmade h;
    h.cmds = {c};
    const Model r(h.Plan(), {16, 64});
    EXPECT_EQ(r.rc, TETRA_EINVAL) << "operation " << tetra_cmd_get(&c, TETRA_F_OP);
    EXPECT_NE(std::string(r.err.msg).find("command 0"), std::string::npos) << r.err.msg;
  }
}

TEST(Timing, MemoryParametersOutOfRangeAreErrors) {
  Handmade h;
  h.cmds = {Store(1)};
  const tetra_plan &plan = h.Plan();
  const uint32_t kRate = TETRA_MEMORY_MAX_RATE, kLatency = TETRA_MEMORY_MAX_LATENCY;
  for (tetra_memory_params mem :
       {tetra_memory_params{0, 64}, {kRate + 1, 64}, {16, 0}, {16, kLatency + 1}, {UINT32_MAX, UINT32_MAX}}) {
    const Model r(plan, mem);
    EXPECT_EQ(r.rc, TETRA_EINVAL) << mem.bytes_per_cycle << " " << mem.latency;
  }
  EXPECT_EQ(Model(plan, {kRate, kLatency}).rc, TETRA_OK);
  EXPECT_EQ(Model(plan, {1, 1}).rc, TETRA_OK);
}

TEST(Timing, MissingArgumentsAndEmptyPlansAreErrors) {
  Handmade h;
  h.cmds = {Store(1)};
  const tetra_plan good = h.Plan();
  const tetra_memory_params mem = {16, 64};
  tetra_timing t;
  tetra_error err = {};
  EXPECT_EQ(tetra_timing_run(&good, &mem, TETRA_TIMING_FAST, nullptr, &err), TETRA_EINVAL);
  EXPECT_EQ(tetra_timing_run(nullptr, &mem, TETRA_TIMING_FAST, &t, &err), TETRA_EINVAL);
  EXPECT_EQ(tetra_timing_run(&good, nullptr, TETRA_TIMING_FAST, &t, nullptr), TETRA_EINVAL);
  tetra_plan plan = good;
  plan.n_cmds = 0;
  EXPECT_EQ(Model(plan, mem).rc, TETRA_EINVAL);
  plan = good, plan.cmds = nullptr;
  EXPECT_EQ(Model(plan, mem).rc, TETRA_EINVAL);
  plan = good, plan.layers = nullptr;
  EXPECT_EQ(Model(plan, mem).rc, TETRA_EINVAL);
  plan = good, plan.caps.n = 0;
  EXPECT_EQ(Model(plan, mem).rc, TETRA_EINVAL);
  EXPECT_EQ(Model(good, mem).rc, TETRA_OK);
  tetra_timing_free(nullptr);
}

TEST(Timing, ScaleSimFormula) {
  EXPECT_EQ(tetra_scale_sim_ws(16, 196, 2304, 256), 144u * 16 * (2 * 16 + 16 + 196 - 2));
  EXPECT_EQ(tetra_scale_sim_ws(16, 1, 17, 1), 2u * 47);
  EXPECT_EQ(tetra_scale_sim_ws(32, 49, 32, 33), 2u * (96 + 49 - 2));
}

}  // namespace
