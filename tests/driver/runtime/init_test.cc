// First contact, reset, counters and names against a register file that expects exact accesses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <ostream>
#include <set>
#include <string>

#include "mock.h"

namespace {

tetra_device Initialized(ScriptedRegisters *regs) {
  ExpectIdentity(regs);
  ExpectCaps(regs, Caps16());
  ExpectReset(regs);
  const tetra_hal hal = regs->Hal();
  tetra_device dev;
  EXPECT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_OK);
  EXPECT_TRUE(regs->Finished());
  return dev;
}

TEST(RuntimeInit, ReadsIdentityAndCapabilitiesThenResets) {
  ScriptedRegisters regs;
  const tetra_device dev = Initialized(&regs);
  EXPECT_EQ(dev.caps.n, 16u);
  EXPECT_EQ(dev.caps.act_words, 16384u);
  EXPECT_EQ(dev.caps.wgt_words, 8192u);
  EXPECT_EQ(dev.caps.res_words, 1024u);
  EXPECT_EQ(dev.caps.par_entries, 64u);
  EXPECT_EQ(dev.caps.acc_pixels, 256u);
  EXPECT_EQ(dev.caps.max_layers, 512u);
  EXPECT_EQ(dev.caps.pool_words, 512u);
  EXPECT_EQ(dev.timeout_us, 1000u);
}

// Yosys counts as many memory bits in the elaborated 8x8 (`make synth`), less its queues.
TEST(DefaultCaps, SramBitsOf8x8AreThoseOfTheElaboratedHardware) {
  const tetra_caps c8 = tetra_caps_default(8), c16 = tetra_caps_default(16);
  EXPECT_EQ(tetra_caps_sram_bits(&c8), 2170880u);
  EXPECT_EQ(tetra_caps_multipliers(&c8), 256u);
  for (uint32_t n : {4u, 8u, 16u}) {
    const tetra_caps c = tetra_caps_default(n);
    EXPECT_LE(tetra_caps_sram_bits(&c), tetra_caps_sram_bits(&c16)) << n;
  }
  EXPECT_LE(tetra_caps_sram_bits(&c16), 512u * 8192u);
}

TEST(RuntimeInit, WrongIdWritesNothing) {
  for (uint32_t id : {0u, 0xffffffffu, TETRA_HW_ID ^ 1u}) {
    ScriptedRegisters regs;
    regs.ExpectRead(TETRA_REG_ID, id);
    const tetra_hal hal = regs.Hal();
    tetra_device dev;
    EXPECT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_EHW) << "id " << id;
    EXPECT_TRUE(regs.Finished());
    EXPECT_EQ(tetra_device_reset(&dev), TETRA_EINVAL) << "a device whose init failed must be refused";
  }
}

TEST(RuntimeInit, WrongVersionWritesNothing) {
  for (uint32_t version : {0u, TETRA_HW_VERSION + 1u}) {
    ScriptedRegisters regs;
    regs.ExpectRead(TETRA_REG_ID, TETRA_HW_ID);
    regs.ExpectRead(TETRA_REG_VERSION, version);
    const tetra_hal hal = regs.Hal();
    tetra_device dev;
    EXPECT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_EHW) << "version " << version;
    EXPECT_TRUE(regs.Finished());
  }
}

// One capability at a time gets a value; the others are a good 16x16's.
int InitWith(uint32_t tetra_caps::*field, uint32_t value) {
  ScriptedRegisters regs;
  tetra_caps caps = Caps16();
  caps.*field = value;
  ExpectIdentity(&regs);
  ExpectCaps(&regs, caps);
  ExpectReset(&regs);
  const tetra_hal hal = regs.Hal();
  tetra_device dev;
  const int status = tetra_device_init(&dev, &hal, 1000);
  EXPECT_EQ(regs.Finished(), status == TETRA_OK) << "a refused device must not be written to";
  return status;
}

TEST(RuntimeInit, CapabilityRanges) {
  const struct {
    const char *name;
    uint32_t tetra_caps::*field;
    uint32_t min, max;
    bool power_of_two;
  } rules[] = {{"n", &tetra_caps::n, 4, 64, true},
               {"act_words", &tetra_caps::act_words, 1, 65536, true},
               {"wgt_words", &tetra_caps::wgt_words, 1, 65536, true},
               {"res_words", &tetra_caps::res_words, 1, 65536, true},
               {"par_entries", &tetra_caps::par_entries, 1, 4096, true},
               {"acc_pixels", &tetra_caps::acc_pixels, 1, 65536, true},
               {"pool_words", &tetra_caps::pool_words, 1, 65536, true},
               {"max_layers", &tetra_caps::max_layers, 1, 512, false}};
  for (const auto &rule : rules) {
    for (uint32_t value : {0u,   1u,   2u,   3u,   4u,    6u,    8u,     16u,    32u,     48u,        64u,
                           128u, 511u, 512u, 513u, 4096u, 8192u, 65535u, 65536u, 131072u, 0x80000000u}) {
      if (rule.field == &tetra_caps::n && value > 65535) continue;  // a 16-bit register field
      const bool good = value >= rule.min && value <= rule.max && (!rule.power_of_two || (value & (value - 1)) == 0);
      EXPECT_EQ(InitWith(rule.field, value), good ? TETRA_OK : TETRA_EHW) << rule.name << " = " << value;
    }
  }
}

TEST(RuntimeInit, ArrayMustBeSquare) {
  ScriptedRegisters regs;
  ExpectIdentity(&regs);
  regs.ExpectRead(TETRA_REG_ARRAY, 8 << 16 | 16);
  const uint32_t good[] = {16384, 8192, 1024, 64, 256, 512, 512};
  for (uint32_t i = 0; i < 7; i++) regs.ExpectRead(TETRA_REG_ACT_WORDS + 4 * i, good[i]);
  const tetra_hal hal = regs.Hal();
  tetra_device dev;
  EXPECT_EQ(tetra_device_init(&dev, &hal, 1000), TETRA_EHW);
  EXPECT_TRUE(regs.Finished());
}

TEST(RuntimeInit, NullArguments) {
  ScriptedRegisters regs;  // expects no access at all
  const tetra_hal hal = regs.Hal();
  tetra_device dev;
  EXPECT_EQ(tetra_device_init(nullptr, &hal, 1000), TETRA_EINVAL);
  EXPECT_EQ(tetra_device_init(&dev, nullptr, 1000), TETRA_EINVAL);
  EXPECT_EQ(tetra_device_init(&dev, &hal, 0), TETRA_EINVAL);
  for (int missing = 0; missing < 5; missing++) {
    tetra_hal h = hal;
    if (missing == 0) h.reg_read = nullptr;
    if (missing == 1) h.reg_write = nullptr;
    if (missing == 2) h.map = nullptr;
    if (missing == 3) h.sync = nullptr;
    if (missing == 4) h.wait_irq = nullptr;
    EXPECT_EQ(tetra_device_init(&dev, &h, 1000), TETRA_EINVAL) << "HAL function " << missing;
  }
  EXPECT_EQ(tetra_device_reset(nullptr), TETRA_EINVAL);
  EXPECT_EQ(tetra_device_reset(&dev), TETRA_EINVAL);
}

TEST(RuntimeReset, PollsUntilTheBitClears) {
  ScriptedRegisters regs;
  tetra_device dev = Initialized(&regs);
  regs.ExpectWrite(TETRA_REG_CTRL, 2);
  for (int i = 0; i < 5; i++) regs.ExpectRead(TETRA_REG_CTRL, 2);
  regs.ExpectRead(TETRA_REG_CTRL, 0);
  EXPECT_EQ(tetra_device_reset(&dev), TETRA_OK);
  EXPECT_TRUE(regs.Finished());
}

TEST(RuntimeCounters, ReadsHighLowHigh) {
  ScriptedRegisters regs;
  tetra_device dev = Initialized(&regs);
  for (uint32_t i = 0; i < TETRA_CNT_NUM; i++) {
    const uint32_t low = TETRA_REG_COUNTERS + 8 * i;
    regs.ExpectRead(low + 4, i);
    regs.ExpectRead(low, 0x80000000u + i);
    regs.ExpectRead(low + 4, i);
  }
  uint64_t counters[TETRA_CNT_NUM];
  tetra_device_counters(&dev, counters);
  EXPECT_TRUE(regs.Finished());
  for (uint64_t i = 0; i < TETRA_CNT_NUM; i++) EXPECT_EQ(counters[i], (i << 32) + 0x80000000u + i) << i;
}

// A 64-bit count that steps across a carry between any two reads: the value must be one it really had.
TEST(RuntimeCounters, CarryBetweenReadsIsNotTorn) {
  struct Stepping {
    uint64_t value, step;
    uint32_t reads, step_at;
  };
  for (uint32_t step_at = 0; step_at < 3; step_at++) {
    ScriptedRegisters regs;
    tetra_device dev = Initialized(&regs);
    Stepping s = {0x1fffffffeull, 5, 0, step_at};
    dev.hal.ctx = &s;
    dev.hal.reg_read = [](void *ctx, uint32_t offset) -> uint32_t {
      auto *t = static_cast<Stepping *>(ctx);
      if (t->reads++ == t->step_at) t->value += t->step;
      return static_cast<uint32_t>(offset & 4 ? t->value >> 32 : t->value);
    };
    uint64_t counters[TETRA_CNT_NUM];
    tetra_device_counters(&dev, counters);
    EXPECT_TRUE(counters[0] == 0x1fffffffeull || counters[0] == 0x200000003ull)
        << std::hex << counters[0] << " with the step before read " << step_at;
  }
}

// A bus on which no two reads agree is asked four times, and what it said last is taken.
TEST(RuntimeCounters, RestlessHighHalfIsAskedFourTimes) {
  ScriptedRegisters regs;
  tetra_device dev = Initialized(&regs);
  for (uint32_t i = 0; i < TETRA_CNT_NUM; i++) {
    const uint32_t at = TETRA_REG_COUNTERS + 8 * i;
    regs.ExpectRead(at + 4, 10);
    for (uint32_t k = 1; k <= 4; k++) {
      regs.ExpectRead(at, 100 * k);
      regs.ExpectRead(at + 4, 10 + k);
    }
  }
  uint64_t counters[TETRA_CNT_NUM];
  tetra_device_counters(&dev, counters);
  for (uint64_t counter : counters) EXPECT_EQ(counter, (uint64_t{14} << 32) + 400);
  EXPECT_TRUE(regs.Finished());
}

// Hardware may capture a counter when its low half is read and show that capture's high half whichever counter is asked
// for.
TEST(RuntimeCounters, SharedCaptureOfTheHighHalf) {
  struct Capture {
    uint64_t count, captured;
  };
  ScriptedRegisters regs;
  tetra_device dev = Initialized(&regs);
  Capture c = {0xabcd, 0xdead0000beefull};
  dev.hal.ctx = &c;
  dev.hal.reg_read = [](void *ctx, uint32_t offset) -> uint32_t {
    auto *t = static_cast<Capture *>(ctx);
    const uint64_t index = (offset - TETRA_REG_COUNTERS) / 8;
    if (!(offset & 4)) t->captured = ((index + 1) << 32) + t->count++;
    return static_cast<uint32_t>(offset & 4 ? t->captured >> 32 : t->captured);
  };
  uint64_t counters[TETRA_CNT_NUM];
  tetra_device_counters(&dev, counters);
  for (uint64_t i = 0; i < TETRA_CNT_NUM; i++) EXPECT_EQ(counters[i] >> 32, i + 1) << "counter " << i;
}

TEST(RuntimeCounters, LayerSelectionIsReadBackFirst) {
  ScriptedRegisters regs;
  tetra_device dev = Initialized(&regs);
  regs.ExpectWrite(TETRA_REG_LAYER_SEL, 57);
  regs.ExpectRead(TETRA_REG_LAYER_SEL, 57);
  regs.ExpectRead(TETRA_REG_LAYER_BUSY, 11);
  regs.ExpectRead(TETRA_REG_LAYER_READ, 22);
  regs.ExpectRead(TETRA_REG_LAYER_WRITE, 33);
  uint32_t busy = 0, read = 0, write = 0;
  tetra_device_layer(&dev, 57, &busy, &read, &write);
  EXPECT_TRUE(regs.Finished());
  EXPECT_EQ(busy, 11u);
  EXPECT_EQ(read, 22u);
  EXPECT_EQ(write, 33u);
}

TEST(RuntimeCounters, UnknownLayerOrDeviceGivesZerosWithoutAccess) {
  ScriptedRegisters regs;
  tetra_device dev = Initialized(&regs);
  uint32_t busy = 1, read = 2, write = 3;
  tetra_device_layer(&dev, 512, &busy, &read, &write);
  EXPECT_EQ(busy | read | write, 0u);
  tetra_device none = {};
  busy = 1;
  tetra_device_layer(&none, 0, &busy, nullptr, nullptr);
  EXPECT_EQ(busy, 0u);
  uint64_t counters[TETRA_CNT_NUM];
  std::fill_n(counters, +TETRA_CNT_NUM, 1u);
  tetra_device_counters(&none, counters);
  for (uint64_t c : counters) EXPECT_EQ(c, 0u);
  tetra_device_counters(&dev, nullptr);
}

struct Constant {
  const char *name;
  uint32_t value;
  const char *comment;
};
const Constant kConstants[] = {
#define TETRA_CONST(camel, upper, value, comment) {#upper, value, comment},
#include "tetra/hw_fields.def"
};

TEST(RuntimeNames, EveryErrorSaysWhatTheDefinitionSays) {
  int errors = 0;
  for (const Constant &c : kConstants) {
    if (std::string(c.name).rfind("ERR_", 0) != 0) continue;
    errors++;
    EXPECT_STREQ(tetra_fault_name(c.value), c.comment) << c.name;
  }
  EXPECT_EQ(errors, 10);
  EXPECT_STREQ(tetra_fault_name(0x7fffffff), "unknown error");
  EXPECT_STRNE(tetra_fault_name(TETRA_FAULT_REGISTERS), "unknown error");
  EXPECT_STRNE(tetra_fault_name(TETRA_FAULT_SILENT), "unknown error");
}

TEST(RuntimeNames, EveryCounterHasItsDefinitionsKeyAndText) {
  uint32_t counters = 0;
  for (const Constant &c : kConstants) {
    std::string key = c.name;
    if (key.rfind("CNT_", 0) != 0) continue;
    counters++;
    key = key.substr(4);
    for (char &letter : key) letter = letter == '_' ? letter : static_cast<char>(letter | 0x20);
    ASSERT_NE(tetra_counter_name(c.value), nullptr) << c.name;
    EXPECT_EQ(tetra_counter_name(c.value), key);
    EXPECT_STREQ(tetra_counter_text(c.value), c.comment) << c.name;
  }
  EXPECT_EQ(counters, +TETRA_CNT_NUM);
  EXPECT_EQ(tetra_counter_name(TETRA_CNT_NUM), nullptr);
  EXPECT_EQ(tetra_counter_text(TETRA_CNT_NUM), nullptr);
}

}  // namespace
