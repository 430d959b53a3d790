// The C functions behind the faster engines against the loop nests of docs/commands.md: random commands, every buffer
// and every word that a STORE lets out.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../rtl/common/random_commands.h"
#include "device/core.h"
#include "device/dot.h"

namespace {

using namespace tetra_test;

// Makes a record one whose results often lie halfway between two codes: a power of two, and no fraction.
void TiesRecord(Random &rnd, uint8_t *record) {
  uint32_t words[3];
  std::memcpy(words, record + 4, sizeof words);
  words[0] = 1u << 30;
  words[1] &= 0x7fffffff;
  words[2] = (words[2] & 0x3ffc0) | static_cast<uint32_t>(rnd(32, 37)) << TETRA_PARAM_S_LSB;
  std::memcpy(record + 4, words, sizeof words);
}

constexpr uint32_t kBase = 0x10000000, kBytes = 1 << 20;

class Device : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    caps_ = tetra_caps_default(static_cast<uint32_t>(GetParam()));
    caps_.act_words = 4096;
    caps_.wgt_words = 2048;
    caps_.res_words = 1024;
    caps_.par_entries = 8;
    caps_.acc_pixels = 128;
    caps_.pool_words = 256;
    tetra_error err = {};
    ASSERT_EQ(dev_core_init(&core_, &caps_, &err), TETRA_OK) << err.msg;
  }
  void TearDown() override { dev_core_free(&core_); }
  Sizes TestSizes() const {
    return {GetParam(),
            static_cast<int>(caps_.act_words),
            static_cast<int>(caps_.wgt_words),
            static_cast<int>(caps_.res_words),
            static_cast<int>(caps_.par_entries),
            static_cast<int>(caps_.acc_pixels),
            static_cast<int>(caps_.pool_words)};
  }
  // Random contents of everything, alike on both sides.
  void Fill(Machine *m, Random *rnd) {
    for (int b = 0; b < 4; b++) {
      for (auto &byte : m->buf[b]) byte = static_cast<uint8_t>((*rnd)(0, 255));
    }
    for (size_t i = 0; i + 16 <= m->buf[TETRA_BUF_PAR].size(); i += 16) {
      RandomRecord(*rnd, &m->buf[TETRA_BUF_PAR][i]);
      if ((*rnd)(0, 1)) TiesRecord(*rnd, &m->buf[TETRA_BUF_PAR][i]);
    }
    for (int b = 0; b < 4; b++) std::memcpy(core_.buf[b], m->buf[b].data(), m->buf[b].size());
    for (auto &byte : m->dram) byte = static_cast<uint8_t>((*rnd)(0, 255));
    for (uint32_t b = 0; b < 2; b++)
      for (uint32_t h = 0; h < 2; h++)
        for (uint32_t e = 0; e < caps_.acc_pixels; e++)
          for (int c = 0; c < GetParam(); c++)
            dev_acc(&core_, b, h, e)[c] = m->Acc(static_cast<int>(b), static_cast<int>(h), c, e) = (*rnd)(-5000, 5000);
  }
  void ExpectSame(Machine *m, const char *what) {
    for (int b = 0; b < 4; b++) {
      ASSERT_EQ(std::memcmp(core_.buf[b], m->buf[b].data(), m->buf[b].size()), 0) << what << ", buffer " << b;
    }
    for (uint32_t b = 0; b < 2; b++)
      for (uint32_t h = 0; h < 2; h++)
        for (uint32_t e = 0; e < caps_.acc_pixels; e++)
          for (int c = 0; c < GetParam(); c++)
            ASSERT_EQ(dev_acc(&core_, b, h, e)[c], m->Acc(static_cast<int>(b), static_cast<int>(h), c, e))
                << what << ", entry " << e << " column " << c << " half " << h;
  }
  void Load(Machine *m, Random *rnd);
  void Store(Machine *m, Random *rnd);
  void RandomCommands();

  tetra_caps caps_ = {};
  dev_core core_ = {};
};

void Device::Load(Machine *m, Random *rnd) {
  tetra_cmd c = {};
  const int n = GetParam();
  Set(&c, TETRA_F_OP, TETRA_OP_LOAD);
  Set(&c, TETRA_F_LOAD_DST, (*rnd)(0, 2));
  Set(&c, TETRA_F_LOAD_DST_ADDR, (*rnd)(0, 65535));
  Set(&c, TETRA_F_LOAD_ADDR, static_cast<int64_t>(kBase) + (*rnd)(0, 1000) * n);
  Set(&c, TETRA_F_LOAD_BEATS, (*rnd)(1, 200));
  Set(&c, TETRA_F_LOAD_COUNT, (*rnd)(1, 3));
  Set(&c, TETRA_F_LOAD_DST_STRIDE, (*rnd)(0, 400));
  Set(&c, TETRA_F_LOAD_ADDR_STRIDE, (*rnd)(0, 400) * n);
  ASSERT_EQ(dev_check(&c, &caps_), static_cast<uint32_t>(TETRA_ERR_NONE));
  const uint32_t row = tetra_cmd_get(&c, TETRA_F_LOAD_BEATS), rows = tetra_cmd_get(&c, TETRA_F_LOAD_COUNT);
  m->Execute(&c);
  for (uint32_t i = 0; i < rows; i++) {
    // In two pieces, as bursts come.
    const uint8_t *from =
        &m->dram[tetra_cmd_get(&c, TETRA_F_LOAD_ADDR) - kBase + i * tetra_cmd_get(&c, TETRA_F_LOAD_ADDR_STRIDE)];
    const uint32_t first = row / 3;
    if (first != 0) dev_load(&core_, &c, i * row, first, from);
    dev_load(&core_, &c, i * row + first, row - first, from + static_cast<size_t>(first) * caps_.n);
  }
  ExpectSame(m, "LOAD");
}

void Device::Store(Machine *m, Random *rnd) {
  const int n = GetParam(), pixels = (*rnd)(1, 100), seg = (*rnd)(1, pixels);
  tetra_cmd c = RandomStore(*rnd, TestSizes(), (*rnd)(0, 1), pixels, seg, (*rnd)(0, 3));
  if ((*rnd)(0, 2) == 0) RandomPool(*rnd, (*rnd)(1, 6), (*rnd)(2, 20), m->line, &c);
  Set(&c, TETRA_F_STORE_ACC_BASE, (*rnd)(0, 65535));
  Set(&c, TETRA_F_STORE_SEG_STRIDE, (seg + (*rnd)(0, 20)) * n);
  Set(&c, TETRA_F_STORE_OUT0_ADDR, 64 * n);
  Set(&c, TETRA_F_STORE_OUT1_ADDR, 4096 * n);
  Set(&c, TETRA_F_STORE_OUT0_HALF_STRIDE, 1024 * n);
  Set(&c, TETRA_F_STORE_OUT1_HALF_STRIDE, 2048 * n);
  ASSERT_EQ(dev_check(&c, &caps_), static_cast<uint32_t>(TETRA_ERR_NONE));
  m->words.clear();
  m->descs.clear();
  m->Execute(&c);
  std::vector<uint8_t> words(static_cast<size_t>(tetra_cmd_store_beats(&c)) * caps_.n);
  dev_store(&core_, &c, words.data());
  ASSERT_EQ(m->words.size() * caps_.n, words.size());
  for (size_t i = 0; i < m->words.size(); i++)
    ASSERT_EQ(std::memcmp(m->words[i].data(), &words[i * caps_.n], caps_.n), 0) << "word " << i;
  dev_runs runs = dev_runs_begin(&c);
  for (const Machine::Desc &d : m->descs) {
    uint32_t addr = 0;
    ASSERT_EQ(dev_runs_next(&runs, &addr), d.beats);
    ASSERT_EQ(addr, d.addr);
  }
  uint32_t addr = 0;
  EXPECT_EQ(dev_runs_next(&runs, &addr), 0u);
  for (int o = 0; o < 2; o++) ASSERT_EQ(core_.sat[o], m->sat[o]) << "output " << o;
}

void Device::RandomCommands() {
  Random rnd(static_cast<uint64_t>(GetParam()));
  Machine m(TestSizes(), kBase, kBytes);
  m.store_to_dram = false;
  Fill(&m, &rnd);
  for (int i = 0; i < (GetParam() == 64 ? 30 : 120); i++) {
    tetra_cmd c;
    switch (i % 4) {
      case 0:
        Load(&m, &rnd);
        break;
      case 1:
        c = RandomPack(rnd, TestSizes());
        m.Execute(&c);
        dev_pack(&core_, &c);
        ExpectSame(&m, "PACK");
        break;
      case 2:
        c = RandomCompute(rnd, TestSizes(), rnd(0, 1), rnd(0, 1), rnd(0, 1), rnd(0, 1), rnd(0, 2) == 0, rnd(1, 6),
                          rnd(1, 20));
        Set(&c, TETRA_F_COMP_ACC_BASE, rnd(0, 65535));
        ASSERT_EQ(dev_check(&c, &caps_), static_cast<uint32_t>(TETRA_ERR_NONE));
        m.Execute(&c);
        dev_compute(&core_, &c);
        ExpectSame(&m, "COMPUTE");
        break;
      default:
        Store(&m, &rnd);
    }
    if (HasFatalFailure()) return;
  }
}

TEST_P(Device, CommandsAreTheirLoopNests) { RandomCommands(); }

TEST_P(Device, CommandsAreTheirLoopNestsOnAnyProcessor) {
  core_.portable = 1;
  RandomCommands();
}

INSTANTIATE_TEST_SUITE_P(Arrays, Device, testing::Values(4, 8, 16, 64),
                         [](const auto &info) { return "n" + std::to_string(info.param); });

// A panel of more lanes than fit in one is taken in pieces; every kernel gives the same sums.
TEST(Dot, KernelsAgreeAtTheCodesAndWeightsEnds) {
  Random rnd(7);
  std::vector<uint8_t> codes(static_cast<size_t>(DOT_PIXELS) * DOT_LANES);
  std::vector<int8_t> panel(static_cast<size_t>(DOT_LANES) * DOT_COLUMNS);
  for (auto &c : codes) c = rnd(0, 2) ? static_cast<uint8_t>(rnd(0, 255)) : 255;
  for (auto &w : panel) w = rnd(0, 2) ? static_cast<int8_t>(rnd(-128, 127)) : -128;
  for (int lanes : {4, 16, 252, int{DOT_LANES}}) {
    int32_t a[DOT_PIXELS][DOT_COLUMNS], b[DOT_PIXELS][DOT_COLUMNS];
    dot_portable(codes.data(), panel.data(), lanes, DOT_PIXELS, a);
    dot_choose()(codes.data(), panel.data(), lanes, DOT_PIXELS, b);
    EXPECT_EQ(std::memcmp(a, b, sizeof a), 0) << lanes;
  }
}

}  // namespace
