// Errors: each stops the accelerator, raises the interrupt, records cause and index; a soft reset and a good run
// follow.
#include <functional>
#include <ostream>

#include "recovery.h"

namespace tetra_test {
namespace {

struct Bad {
  const char *name;
  uint32_t cause;
  std::function<void(TopBench *, tetra_cmd *)> make;
};

// A kind of command with some fields set to something illegal.
using Fields = std::vector<std::pair<tetra_field, uint32_t>>;
std::function<void(TopBench *, tetra_cmd *)> With(int op, Fields fields) {
  return [op, fields](TopBench *b, tetra_cmd *c) {
    if (op == TETRA_OP_LOAD) *c = GoodLoad();
    if (op == TETRA_OP_PACK) *c = RandomPack(b->rnd, b->sizes);
    if (op == TETRA_OP_COMPUTE) *c = RandomCompute(b->rnd, b->sizes, true, true, 0, 0, true, 2, 3);
    if (op == TETRA_OP_STORE) *c = GoodStore(b);
    for (const auto &f : fields) Set(c, f.first, f.second);
  };
}

// A plane's only two rows of 5 pixels: one row of two windows; then some fields set to something else.
Fields PoolOf2x5(const Fields &fields) {
  Fields all = {{TETRA_F_STORE_PIXELS, 10},    {TETRA_F_STORE_SEG_BEATS, 5}, {TETRA_F_STORE_POOL_ROWS, 2},
                {TETRA_F_STORE_POOL_BEATS, 2}, {TETRA_F_STORE_POOL_TOP, 1},  {TETRA_F_STORE_POOL_END, 1},
                {TETRA_F_STORE_RES_FORM, 0}};
  all.insert(all.end(), fields.begin(), fields.end());
  return all;
}

const std::vector<Bad> &BadCommands() {
  const uint32_t op = TETRA_ERR_ILLEGAL_OP, field = TETRA_ERR_ILLEGAL_FIELD, align = TETRA_ERR_MISALIGNED,
                 range = TETRA_ERR_RANGE;
  static const std::vector<Bad> bad = {
      {"op_0", op, With(0, {})},
      {"op_6", op, With(TETRA_OP_LOAD, {{TETRA_F_OP, 6}})},
      {"op_15", op, With(TETRA_OP_LOAD, {{TETRA_F_OP, 15}})},
      {"load_beats_0", field, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_BEATS, 0}})},
      {"load_count_0", field, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_COUNT, 0}})},
      {"load_65537_beats", field, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_BEATS, 65537}, {TETRA_F_LOAD_COUNT, 1}})},
      {"load_most_rows", field,
       With(TETRA_OP_LOAD,
            {{TETRA_F_LOAD_BEATS, 0xfffff}, {TETRA_F_LOAD_COUNT, 65535}, {TETRA_F_LOAD_ADDR_STRIDE, 0}})},
      {"load_addr_odd", align, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_ADDR, kBase + 1}})},
      {"load_stride_odd", align, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_ADDR_STRIDE, 2}})},
      {"load_below_base", range, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_ADDR, kBase - 64}})},
      {"load_above_limit", range,
       With(TETRA_OP_LOAD, {{TETRA_F_LOAD_ADDR, kBase + kMemBytes - 64}, {TETRA_F_LOAD_BEATS, 128}})},
      {"load_wraps_address_space", range,
       With(TETRA_OP_LOAD, {{TETRA_F_LOAD_ADDR, 0xffffff00}, {TETRA_F_LOAD_BEATS, 4096}})},
      {"load_second_row_outside", range, With(TETRA_OP_LOAD, {{TETRA_F_LOAD_ADDR_STRIDE, kMemBytes}})},
      {"pack_ring_0", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_RING_ROWS, 0}})},
      {"pack_slot_is_ring", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_RING_ROWS, 5}, {TETRA_F_PACK_SLOT, 5}})},
      {"pack_kh_0", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_KH, 0}})},
      {"pack_seg_0", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_SEG, 0}})},
      {"pack_oy_0", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_OY, 0}})},
      {"pack_ox_0", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_OX, 0}})},
      {"pack_sy_0", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_SY, 0}})},
      {"pack_sy_above_ring", field,
       With(TETRA_OP_PACK, {{TETRA_F_PACK_RING_ROWS, 3}, {TETRA_F_PACK_SLOT, 0}, {TETRA_F_PACK_SY, 4}})},
      {"pack_row_elems_32768", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_ROW_ELEMS, 32768}})},
      {"pack_most_pixels", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_OY, 65535}, {TETRA_F_PACK_OX, 65535}})},
      {"pack_most_elements", field, With(TETRA_OP_PACK, {{TETRA_F_PACK_KH, 255}, {TETRA_F_PACK_SEG, 65535}})},
      {"compute_kb_0", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_KB, 0}})},
      {"compute_kh_0", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_KH, 0}})},
      {"compute_kw_0", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_KW, 0}})},
      {"compute_oy_0", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_OY, 0}})},
      {"compute_ox_0", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_OX, 0}})},
      {"compute_257_pixels", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_OY, 1}, {TETRA_F_COMP_OX, 257}})},
      {"compute_65536x65535_pixels", field,
       With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_OY, 65535}, {TETRA_F_COMP_OX, 65535}})},
      {"compute_most_steps", field,
       With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_KB, 65535}, {TETRA_F_COMP_KH, 255}, {TETRA_F_COMP_KW, 255}})},
      {"compute_h_32768", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_H, 32768}})},
      {"compute_a4_odd_weights", field, With(TETRA_OP_COMPUTE, {{TETRA_F_COMP_ACT8, 0}, {TETRA_F_COMP_WGT_BASE, 7}})},
      {"store_pixels_0", field, With(TETRA_OP_STORE, {{TETRA_F_STORE_PIXELS, 0}})},
      {"store_257_pixels", field, With(TETRA_OP_STORE, {{TETRA_F_STORE_PIXELS, 257}})},
      {"store_seg_0", field, With(TETRA_OP_STORE, {{TETRA_F_STORE_SEG_BEATS, 0}})},
      {"pool_beats_of_another_count", field, With(TETRA_OP_STORE, PoolOf2x5({{TETRA_F_STORE_POOL_BEATS, 3}}))},
      {"pool_beats_without_end", field, With(TETRA_OP_STORE, PoolOf2x5({{TETRA_F_STORE_POOL_END, 0}}))},
      {"pool_pixels_not_rows_times_columns", field, With(TETRA_OP_STORE, PoolOf2x5({{TETRA_F_STORE_PIXELS, 9}}))},
      {"pool_rows_not_those_of_the_tile", field, With(TETRA_OP_STORE, PoolOf2x5({{TETRA_F_STORE_POOL_ROWS, 3}}))},
      {"pool_row_of_one_pixel", field,
       With(TETRA_OP_STORE, PoolOf2x5({{TETRA_F_STORE_PIXELS, 2},
                                       {TETRA_F_STORE_SEG_BEATS, 1},
                                       {TETRA_F_STORE_POOL_PAD_X, 1},
                                       {TETRA_F_STORE_POOL_BEATS, 1}}))},
      {"pool_with_residual", field, With(TETRA_OP_STORE, PoolOf2x5({{TETRA_F_STORE_RES_FORM, 1}}))},
      {"store_round_5", field, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT0_RND, 5}})},
      {"store_out1_round_7", field, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT1_RND, 7}})},
      {"store_out0_odd", align, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT0_ADDR, kBase + 2}})},
      {"store_out1_odd", align, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT1_ADDR, kBase + 2}})},
      {"store_half_stride_odd", align, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT0_HALF_STRIDE, 1}})},
      {"store_seg_stride_odd", align, With(TETRA_OP_STORE, {{TETRA_F_STORE_SEG_STRIDE, 3}})},
      {"store_below_base", range, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT0_ADDR, kBase - 4096}})},
      {"store_above_limit", range, With(TETRA_OP_STORE, {{TETRA_F_STORE_OUT0_ADDR, kBase + kMemBytes}})},
  };
  return bad;
}

class BadCommand : public testing::TestWithParam<size_t> {};

// The bad command comes in the middle of good ones, under stalls and long latency.
TEST_P(BadCommand, StopsAndRecovers) {
  const Bad &bad = BadCommands()[GetParam()];
  SCOPED_TRACE(std::string("re-run: top_test_") + std::to_string(kN) + " --gtest_filter=*" + bad.name);
  TopBench b(GetParam() + 1);
  b.mem.latency = 40;
  b.mem.stall_percent = 20;
  Program p(&b, GetParam() + 5);
  p.Prologue();
  for (int i = 0; i < 6; i++) p.AddLoad();
  const uint32_t index = static_cast<uint32_t>(p.cmds.size());
  tetra_cmd c = {};
  bad.make(&b, &c);
  p.cmds.push_back(c);
  p.AddRandom(10);
  b.Configure(40);
  b.Run(p.cmds);
  ExpectError(&b, bad.cause, index);
  b.Reset();
  ExpectClean(&b);
  GoodRun(&b, GetParam() + 1000);
}
INSTANTIATE_TEST_SUITE_P(Each, BadCommand, testing::Range<size_t>(0, BadCommands().size()),
                         [](const testing::TestParamInfo<size_t> &i) { return BadCommands()[i.param].name; });

// The two error responses of AXI: a slave's, and the interconnect's where no slave is.
class AxiError : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Response, AxiError, testing::Values(2, 3),
                         [](const testing::TestParamInfo<int> &i) { return i.param == 2 ? "SLVERR" : "DECERR"; });

TEST_P(AxiError, ReadDuringLoads) {
  TopBench b(2);
  b.mem.error_response = GetParam();
  b.mem.latency = 60;
  b.mem.read_error = kBase + 0x400 + 16 * kN;
  Program p(&b, 8);
  for (int i = 0; i < 4; i++) {
    tetra_cmd c = GoodLoad();
    Set(&c, TETRA_F_LOAD_ADDR, i == 2 ? kBase + 0x400 : kBase + 0x8000);
    Set(&c, TETRA_F_LOAD_COUNT, 1);
    Set(&c, TETRA_F_LOAD_BEATS, 200);
    p.Add(c);
  }
  p.AddSync(1);
  b.Configure(16);
  b.Run(p.cmds);
  ExpectError(&b, TETRA_ERR_AXI_READ, 2);
  EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), kBase + 0x400);
  b.mem.read_error = 0xffffffff;
  b.Reset();
  ExpectClean(&b);
  GoodRun(&b, 77);
}

TEST_P(AxiError, WriteOfTheSecondStore) {
  TopBench b(3);
  b.mem.error_response = GetParam();
  b.mem.latency = 60;
  b.mem.write_error = kBase + Program::kSource + 0x4000 + 2 * kN;
  Program p(&b, 8);
  p.Prologue();
  const uint32_t first = static_cast<uint32_t>(p.cmds.size());
  for (int i = 0; i < 4; i++) {
    tetra_cmd c = GoodStore(&b);
    Set(&c, TETRA_F_STORE_TWO_OUT, 0);
    Set(&c, TETRA_F_STORE_HALVES2, 0);
    Set(&c, TETRA_F_STORE_OUT0_ADDR, kBase + Program::kSource + 0x4000 * i);
    p.Add(c);
  }
  p.AddSync(1);
  b.Configure(16);
  b.Run(p.cmds);
  ExpectError(&b, TETRA_ERR_AXI_WRITE, first + 1);
  EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), kBase + Program::kSource + 0x4000);
  b.mem.write_error = 0xffffffff;
  b.Reset();
  ExpectClean(&b);
  GoodRun(&b, 78);
}

TEST_P(AxiError, FetchOfAnyBeat) {
  for (uint32_t beat = 0; beat < 64 / kN; beat++) {
    TopBench b(4);
    b.mem.error_response = GetParam();
    b.mem.read_error = kRing + 5 * 64 + beat * kN;
    Program p(&b, 9);
    for (int i = 0; i < 9; i++) p.AddSync(static_cast<uint32_t>(i) + 50);
    b.Configure(16);
    b.Run(p.cmds);
    ExpectError(&b, TETRA_ERR_AXI_FETCH, 5);
    EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), kRing + 5 * 64);
    EXPECT_EQ(b.Read(TETRA_REG_COMPLETED), 54u) << "the SYNC before";
    b.mem.read_error = 0xffffffff;
    b.Reset();
    GoodRun(&b, 79);
  }
}

// Success by the name that only exclusive accesses have.
TEST(AxiResponse, ExokayIsNoError) {
  TopBench b(8);
  b.mem.good_response = 1;
  GoodRun(&b, 76);
}

TEST(Ring, TailOutsideIsAnError) {
  TopBench b(5);
  Program p(&b, 9);
  p.AddSync(1);
  p.AddSync(2);
  b.Configure(16);
  b.Run(p.cmds);
  b.Write(TETRA_REG_TAIL, 16);
  for (int i = 0; i < 50; i++) b.Tick();
  ExpectError(&b, TETRA_ERR_ILLEGAL_FIELD, 2);
  b.Reset();
  GoodRun(&b, 80);
}

// The command that waits in vain is named, not the one fetched last.
TEST(Watchdog, TokenNobodyGives) {
  const struct {
    int op;
    tetra_field field;
    int bit;
  } cases[] = {{TETRA_OP_COMPUTE, TETRA_F_WAIT_LOAD, 1},
               {TETRA_OP_LOAD, TETRA_F_WAIT_STORE, 8},
               {TETRA_OP_STORE, TETRA_F_WAIT_COMPUTE, 2}};
  for (const auto &k : cases) {
    SCOPED_TRACE("op " + std::to_string(k.op));
    TopBench b(6);
    Program p(&b, 10);
    p.Prologue();
    const uint32_t index = static_cast<uint32_t>(p.cmds.size());
    tetra_cmd c = {};
    With(k.op, {{k.field, 100}, {TETRA_F_WAIT_EN, static_cast<uint32_t>(k.bit)}})(&b, &c);
    p.cmds.push_back(c);
    p.AddSync(1);
    b.Configure(40);
    b.Write(TETRA_REG_WATCHDOG, 2000);
    b.Run(p.cmds);
    ExpectError(&b, TETRA_ERR_TIMEOUT, index);
    b.Reset();
    ExpectClean(&b);
    GoodRun(&b, 81);
  }
}

// A memory that breaks the protocol, in the middle of a LOAD or when nothing is asked for: an error, then a good run.
struct Breach {
  const char *name;
  AxiMemory<Vtetra_top>::Breach breach;
  uint32_t beat;  // of the LOAD's first burst
};
void PrintTo(const Breach &t, std::ostream *s) { *s << t.name; }
class ProtocolBreach : public testing::TestWithParam<Breach> {};
TEST_P(ProtocolBreach, StopsAndRecovers) {
  TopBench b(9);
  Program p(&b, 12);
  p.Add(LoadCommand(300));
  if (GetParam().breach == AxiMemory<Vtetra_top>::kResponseId) {
    p.Prologue();
    p.AddStore();
  }
  p.AddSync(1);
  b.mem.breach = GetParam().breach;
  b.mem.breach_at = kBase + GetParam().beat * kN;
  b.Configure(16);
  b.Start(p.cmds);
  for (int i = 0; i < 200000 && !b.Irq(); i++) b.Tick();
  EXPECT_EQ(b.mem.breach, AxiMemory<Vtetra_top>::kNone);
  EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(TETRA_ERR_AXI_PROTOCOL));
  EXPECT_EQ(b.Read(TETRA_REG_ERR_ADDR), 0u);
  for (int i = 0; i < 2000 && !b.mem.Quiet(); i++) b.Tick();
  b.Reset();
  ExpectClean(&b);
  GoodRun(&b, 84);
}
using Memory = AxiMemory<Vtetra_top>;
const Breach kBreaches[] = {
    {"last_in_the_middle", Memory::kEarlyLast, 5}, {"no_last", Memory::kNoLast, 63},
    {"id_of_the_other", Memory::kOtherId, 5},      {"id_of_nobody", Memory::kUnknownId, 5},
    {"data_for_nothing", Memory::kUnaskedRead, 0}, {"response_for_nothing", Memory::kUnaskedResponse, 0},
    {"id_of_a_response", Memory::kResponseId, 0},
};
INSTANTIATE_TEST_SUITE_P(Kinds, ProtocolBreach, testing::ValuesIn(kBreaches),
                         [](const auto &i) { return std::string(i.param.name); });

// A memory that answers no more: the reset gives up on it, and the next run waits for what it owes.
TEST(Watchdog, DeadMemory) {
  TopBench b(7);
  Program p(&b, 11);
  p.Prologue();
  p.AddRandom(30);
  b.Configure(64);
  b.Write(TETRA_REG_WATCHDOG, 500);
  for (size_t i = 0; i < p.cmds.size(); i++) std::memcpy(&b.mem.data[kRing - kBase + i * 64], p.cmds[i].word, 64);
  b.Write(TETRA_REG_TAIL, static_cast<uint32_t>(p.cmds.size()));
  for (int i = 0; i < 2000; i++) b.Tick();
  b.mem.dead = true;
  for (int i = 0; i < 3000 && !b.Irq(); i++) b.Tick();
  EXPECT_EQ(b.Read(TETRA_REG_ERR_CAUSE), static_cast<uint32_t>(TETRA_ERR_TIMEOUT));
  b.Reset();
  b.mem.dead = false;
  for (int i = 0; i < 10000 && !b.mem.Quiet(); i++) b.Tick();
  ExpectClean(&b);
  GoodRun(&b, 82);
}

// Reset at any moment of a run, bursts in flight.
class ResetAnyTime : public testing::TestWithParam<int> {};
TEST_P(ResetAnyTime, GoodRunAfterwards) {
  const int seed = GetParam();
  SCOPED_TRACE("re-run: top_test_" + std::to_string(kN) + " --gtest_filter=*GoodRunAfterwards/" + std::to_string(seed));
  TopBench b(static_cast<uint64_t>(seed) + 20);
  b.mem.latency = b.rnd(1, 200);
  b.mem.stall_percent = b.rnd(0, 50);
  Program p(&b, static_cast<uint64_t>(seed));
  p.AddRandom(0);
  p.cmds.clear();
  p.Prologue();
  p.AddRandom(30);
  b.Configure(64);
  for (size_t i = 0; i < p.cmds.size(); i++) std::memcpy(&b.mem.data[kRing - kBase + i * 64], p.cmds[i].word, 64);
  b.Write(TETRA_REG_TAIL, static_cast<uint32_t>(p.cmds.size()));
  const int ticks = b.rnd(0, 1) ? b.rnd(600, 2000) : b.rnd(600, 80000);
  for (int i = 0; i < ticks; i++) b.Tick();
  b.Reset();
  ExpectClean(&b);
  EXPECT_GT(b.mem.most_reads, 0u);
  GoodRun(&b, static_cast<uint64_t>(seed) + 83);
}
INSTANTIATE_TEST_SUITE_P(Seeds, ResetAnyTime, testing::Range(0, 12));

}  // namespace
}  // namespace tetra_test
