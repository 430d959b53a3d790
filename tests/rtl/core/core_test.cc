// Compute core against the loop nests of docs/commands.md: random COMPUTE chains and STOREs in every mode.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "Vcore_bench.h"
#include "common/command_model.h"
#include "common/functional.h"
#include "common/model.h"
#include "common/random_commands.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

namespace tetra_test {
namespace {

constexpr int kN = TETRA_BENCH_N;
const Sizes kSizes = {kN, 16384, 8192, kN < 16 ? 16384 / kN : 1024, 64, 256, 64};

class CoreBench {
 public:
  CoreBench() : model(kSizes, 0, kN), top_(NewModel<Vcore_bench>()) {
    const NoAssertions unchecked;
    model.store_to_dram = false;
    top_->rst_ni = 0;
    Tick();
    Tick();
    busy = 0, sat[0] = sat[1] = 0;  // what the outputs were before means nothing
    descs.clear(), words.clear();
    top_->rst_ni = 1;
    top_->wd_space_i = 256;
    Tick();
  }
  void Tick() {
    top_->clk_i = 0;
    top_->eval();
    if (top_->busy_o) busy++;
    sat[0] += top_->sat0_o;
    sat[1] += top_->sat1_o;
    if (top_->desc_valid_o) descs.push_back({top_->desc_addr_o, top_->desc_beats_o, top_->desc_last_o != 0});
    if (top_->wd_valid_o) {
      Word w(kN);
      std::memcpy(w.data(), &top_->wd_data_o, kN);
      words.push_back(w);
    }
    top_->clk_i = 1;
    top_->eval();
    cycles++;
  }
  // Writes the model's buffer into the core's.
  void Write(int buf, int addr) {
    std::memcpy(&top_->wr_data_i, model.At(buf, static_cast<uint32_t>(addr)), kN);
    top_->wr_addr_i = addr & 0xffff;
    top_->act_we_i = buf == TETRA_BUF_ACT;
    top_->wgt_we_i = buf == TETRA_BUF_WGT;
    top_->res_we_i = buf == TETRA_BUF_RES;
    top_->par_we_i = buf == TETRA_BUF_PAR;
    Tick();
    top_->act_we_i = top_->wgt_we_i = top_->res_we_i = top_->par_we_i = 0;
  }
  void Issue(const tetra_cmd &c) {
    const bool comp = tetra_cmd_get(&c, TETRA_F_OP) == TETRA_OP_COMPUTE;
    std::memcpy(comp ? &top_->comp_cmd_i : &top_->store_cmd_i, c.word, 64);
    (comp ? top_->comp_valid_i : top_->store_valid_i) = 1;
    for (int i = 0; i < 100000; i++) {
      top_->clk_i = 0;
      top_->eval();
      const bool taken = comp ? top_->comp_ready_o : top_->store_ready_o;
      Tick();
      if (taken) break;
    }
    top_->comp_valid_i = top_->store_valid_i = 0;
  }
  void WaitIdle() {
    for (int i = 0; i < 200000; i++) {
      Tick();
      if (top_->idle_o) break;
    }
    ASSERT_TRUE(top_->idle_o);
    for (int i = 0; i < 4; i++) Tick();
  }
  Machine model;
  std::vector<Word> words;
  std::vector<Machine::Desc> descs;
  long cycles = 0, busy = 0;
  uint64_t sat[2] = {0, 0};

 private:
  ModelPtr<Vcore_bench> top_;
};

// Random operands in all buffers, of the model and of the core.
void Fill(Random &rnd, CoreBench *b) {
  for (int buf = 0; buf < 3; buf++) RandomBytes(rnd, b->model.buf[buf].data(), b->model.buf[buf].size());
  for (size_t i = 0; i < b->model.buf[TETRA_BUF_PAR].size(); i += 16)
    RandomRecord(rnd, &b->model.buf[TETRA_BUF_PAR][i]);
  for (int buf = 0; buf < 4; buf++)
    for (int i = 0; i < static_cast<int>(b->model.buf[buf].size()) / kN; i++) b->Write(buf, i);
}

void RunCompute(CoreBench *b, const tetra_cmd &c) {
  SampleCompute(c);
  b->model.Compute(c);
  b->Issue(c);
}

// Runs a STORE alone and compares its words, segments and saturations.
void CheckStore(CoreBench *b, tetra_cmd st) {
  Set(&st, TETRA_F_STORE_SEG_STRIDE, 0x8000);
  Set(&st, TETRA_F_STORE_OUT0_ADDR, 0x10000);
  Set(&st, TETRA_F_STORE_OUT1_ADDR, 0x20000);
  Set(&st, TETRA_F_STORE_OUT0_HALF_STRIDE, 0x1000);
  Set(&st, TETRA_F_STORE_OUT1_HALF_STRIDE, 0x2000);
  SampleStore(st);
  b->model.words.clear();
  b->model.descs.clear();
  b->model.Store(st);
  const std::vector<Word> &words = b->model.words;
  const std::vector<Machine::Desc> &descs = b->model.descs;
  b->words.clear();
  b->descs.clear();
  b->Issue(st);
  b->WaitIdle();
  ASSERT_EQ(b->words.size(), words.size());
  for (size_t i = 0; i < words.size(); i++) ASSERT_EQ(b->words[i], words[i]) << "word " << i;
  ASSERT_EQ(b->descs.size(), descs.size());
  for (size_t i = 0; i < descs.size(); i++) {
    EXPECT_EQ(b->descs[i].addr, descs[i].addr) << i;
    EXPECT_EQ(b->descs[i].beats, descs[i].beats) << i;
    EXPECT_EQ(b->descs[i].last, descs[i].last) << i;
  }
  for (int o = 0; o < 2; o++) EXPECT_EQ(b->sat[o], b->model.sat[o]) << "output " << o;
}

class Core : public testing::TestWithParam<int> {};

TEST_P(Core, RandomTiles) {
  const int seed = GetParam();
  SCOPED_TRACE("re-run: core_test_" + std::to_string(kN) + " --gtest_filter=*RandomTiles/" + std::to_string(seed));
  Random rnd(static_cast<uint64_t>(seed) * 7919 + 1);
  CoreBench b;
  Fill(rnd, &b);
  for (int tile = 0; tile < 12; tile++) {
    SCOPED_TRACE("tile " + std::to_string(tile));
    const int buf = tile & 1, form = rnd(0, 3);
    const int oy = rnd(0, 3) ? rnd(1, 6) : 1, ox = rnd(0, 3) ? rnd(1, 30) : 1;
    const bool w8 = rnd(0, 1);
    for (int half = 0; half < 2; half++) {
      const int parts = rnd(1, 3);
      for (int i = 0; i < parts; i++)
        RunCompute(&b, RandomCompute(rnd, kSizes, rnd(0, 1), w8, buf, half, half == 0 || w8 ? i == 0 : false, oy, ox));
    }
    b.WaitIdle();
    tetra_cmd st = RandomStore(rnd, kSizes, buf, oy * ox, rnd(1, oy * ox), form);
    if (rnd(0, 2) == 0) RandomPool(rnd, oy, ox, b.model.line, &st);
    CheckStore(&b, st);
    if (HasFatalFailure()) return;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Core, testing::Range(0, 12));

// Of many random commands those that combine what no other did: every combination of tests/rtl/coverage/crosses.txt.
TEST(CoreCrosses, EveryCombination) {
  Random rnd(11);
  CoreBench b;
  Fill(rnd, &b);
  const int oy = 3, ox = 5;
  for (int k = 0; k < 4; k++) {
    tetra_cmd c = RandomCompute(rnd, kSizes, true, true, k & 1, k >> 1, true, oy, ox);
    Set(&c, TETRA_F_COMP_MAX, 0);
    RunCompute(&b, c);
  }
  for (int i = 0; i < 6000; i++) {
    tetra_cmd c = RandomCompute(rnd, kSizes, rnd(0, 1), rnd(0, 1), i & 1, rnd(0, 1), rnd(0, 1), oy, ox);
    if (rnd(0, 1)) {  // a plane that the taps just fill
      auto get = [&c](const tetra_field &f) { return static_cast<int>(tetra_cmd_get(&c, f)); };
      Set(&c, TETRA_F_COMP_IY0, 0);
      Set(&c, TETRA_F_COMP_IX0, 0);
      Set(&c, TETRA_F_COMP_H, (oy - 1) * get(TETRA_F_COMP_SY) + (get(TETRA_F_COMP_KH) - 1) * get(TETRA_F_COMP_DKY) + 1);
      Set(&c, TETRA_F_COMP_W, (ox - 1) * get(TETRA_F_COMP_SX) + (get(TETRA_F_COMP_KW) - 1) * get(TETRA_F_COMP_DKX) + 1);
    }
    if (!SampleCompute(c)) continue;
    RunCompute(&b, c);
    b.WaitIdle();
    CheckStore(&b, RandomStore(rnd, kSizes, i & 1, oy * ox, oy * ox, 0));
    if (HasFatalFailure()) return;
  }
  for (int i = 0; i < 12000; i++) {
    tetra_cmd st = RandomStore(rnd, kSizes, i & 1, oy * ox, rnd(1, oy * ox), rnd(0, 3));
    if (rnd(0, 1)) RandomPool(rnd, oy, ox, b.model.line, &st);
    if (!SampleStore(st)) continue;
    CheckStore(&b, st);
    if (HasFatalFailure()) return;
  }
}

// A command's first pixel in the cycle behind the last pixel of another, or two behind it, in the same entry: of the
// same half it meets a sum that is not written yet, of the other one that is not its own.
TEST(CoreAccumulator, CommandsMeetInAnEntry) {
  Random rnd(3);
  CoreBench b;
  Fill(rnd, &b);
  auto command = [&rnd](int half, bool first, int base, int pixels) {
    tetra_cmd c = RandomCompute(rnd, kSizes, true, true, 0, half, first, 1, pixels);
    for (const auto &f :
         {TETRA_F_COMP_KB, TETRA_F_COMP_KH, TETRA_F_COMP_KW, TETRA_F_COMP_SX, TETRA_F_COMP_OX_STRIDE, TETRA_F_COMP_H})
      Set(&c, f, 1);
    for (const auto &f :
         {TETRA_F_COMP_MAX, TETRA_F_COMP_HOLD, TETRA_F_COMP_ACT_SIGNED, TETRA_F_COMP_IY0, TETRA_F_COMP_IX0})
      Set(&c, f, 0);
    Set(&c, TETRA_F_COMP_W, pixels);  // no pixel is padding
    Set(&c, TETRA_F_COMP_ACC_BASE, base);
    return c;
  };
  for (int back : {1, 2, 3}) {
    for (int halves = 0; halves < 4; halves++) {
      SCOPED_TRACE("back " + std::to_string(back) + " halves " + std::to_string(halves));
      for (int half = 0; half < 2; half++) RunCompute(&b, command(half, true, 0, 3 * kN));
      RunCompute(&b, command(halves & 1, false, 0, kN));
      RunCompute(&b, command(halves >> 1, false, kN - back, kN));
      b.WaitIdle();
      tetra_cmd st = RandomStore(rnd, kSizes, 0, 3 * kN, 3 * kN, 0);
      Set(&st, TETRA_F_STORE_HALVES2, 1);
      CheckStore(&b, st);
      if (HasFatalFailure()) return;
    }
  }
}

// k-steps of at least N pixels follow each other without a bubble, within a command and across commands.
TEST(CoreTiming, NoBubbleBetweenKSteps) {
  for (int pixels : {kN, kN + 1, 3 * kN}) {
    CoreBench b;
    Random rnd(5);
    tetra_cmd c = RandomCompute(rnd, kSizes, true, true, 0, 0, true, 1, pixels);
    tetra_cmd_set(&c, TETRA_F_COMP_HOLD, 0);
    tetra_cmd_set(&c, TETRA_F_COMP_KB, 3);
    tetra_cmd_set(&c, TETRA_F_COMP_KH, 1);
    tetra_cmd_set(&c, TETRA_F_COMP_KW, 1);
    const long start = b.cycles;
    for (int i = 0; i < 8; i++) b.Issue(c);
    b.WaitIdle();
    EXPECT_EQ(b.busy, 8 * 3 * pixels);
    // Array fill, drain and the first weights, once.
    EXPECT_LE(b.cycles - start, 8 * 3 * pixels + 4 * kN + 20) << pixels << " pixels a k-step";
  }
}

// Outputs follow each other without a bubble, STOREs with two at most.
// Every cycle, or every other where lanes are shared.
TEST(CoreTiming, DrainTakesRowAfterRow) {
  CoreBench b;
  Random rnd(6);
  tetra_cmd c = RandomStore(rnd, kSizes, 0, 50, 50, 0);
  for (const auto &f : {TETRA_F_STORE_TWO_OUT, TETRA_F_STORE_HALVES2}) Set(&c, f, 1);
  const long start = b.cycles;
  for (int i = 0; i < 8; i++) b.Issue(c);
  b.WaitIdle();
  const long rows = 2 * 2 * 50 * static_cast<long>(tetra_row_cycles(kN));
  EXPECT_GE(b.cycles - start, 8 * rows);
  EXPECT_LE(b.cycles - start, 8 * (rows + 2) + 20);
}

}  // namespace
}  // namespace tetra_test
