// Every register of the definition: value after reset, what it reads back, what clears it, byte enables, reserved bits,
// and what a soft reset leaves. The tests walk over hw_fields.def, so that a new register is tested, too.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "bench.h"

namespace tetra_test {
namespace {

enum Access { CAP, RO, RW, W1C };
struct Register {
  const char *name;
  uint32_t offset;
  Access access;
  uint32_t bits, reset;
};
const Register kRegisters[] = {
#define TETRA_REG(camel, upper, offset, access, bits, reset, comment) {#upper, offset, access, bits, reset},
#include "tetra/hw_fields.def"
};

std::string Name(const Register &r) { return std::string(r.name) + " "; }

// The counters' registers are a block that begins at REG_COUNTERS; CTRL's reset bit is not stored.
bool IsPlain(const Register &r) { return r.access == RW && r.offset != TETRA_REG_CTRL; }

// The soft reset that follows the reset pin clears the layers' counters.
void Settle(TopBench *b) {
  for (int i = 0; i < 2000 && (b->Read(TETRA_REG_STATUS) & 4); i++) {
  }
  ASSERT_EQ(b->Read(TETRA_REG_STATUS), 0u);
}

void ExpectResetValues(TopBench *b) {
  for (const Register &r : kRegisters) {
    uint32_t resp = 7;
    const uint32_t value = b->Read(r.offset, &resp);
    EXPECT_EQ(resp, 0u) << Name(r);
    if (r.access == CAP)
      EXPECT_NE(value, 0u) << Name(r);
    else
      EXPECT_EQ(value, r.reset) << Name(r);
  }
}

TEST(RegisterMap, ValuesAfterTheResetPin) {
  TopBench b(1);
  Settle(&b);
  ExpectResetValues(&b);
}

// Not only at power-up, where a simulator's registers may be 0 by themselves: after a run, and with all that can be set
// set.
TEST(RegisterMap, TheResetPinUndoesARunAndAllThatIsSet) {
  TopBench b(2);
  for (int run = 0; run < 2; run++) {
    Program p(&b, 5);
    p.Prologue();
    p.AddRandom(20);
    b.Configure(64);
    b.Run(p.cmds);
    p.Check(&b);
    if (run == 1) break;
    b.Write(TETRA_REG_CTRL, 0);
    for (const Register &r : kRegisters)
      if (IsPlain(r) && r.offset != TETRA_REG_TAIL) b.Write(r.offset, ~r.reset);
    b.PullReset();
    Settle(&b);
    ExpectResetValues(&b);
  }
}

TEST(RegisterMap, WhatIsWrittenReadsBackAndNothingElseChanges) {
  TopBench b(2);
  Settle(&b);
  std::map<uint32_t, uint32_t> want;
  for (const Register &r : kRegisters) want[r.offset] = b.Read(r.offset);
  for (int round = 0; round < 6; round++)
    for (const Register &r : kRegisters) {
      if (r.offset == TETRA_REG_CTRL || r.offset == TETRA_REG_LOG_CYCLE_HI) continue;
      const uint32_t patterns[] = {0xffffffff, 0, 0xaaaaaaaa, 0x55555555};
      const uint32_t value = round < 4 ? patterns[round] : static_cast<uint32_t>(b.rnd.g());
      EXPECT_EQ(b.Write(r.offset, value), 0u) << Name(r);
      if (IsPlain(r)) want[r.offset] = value & r.bits;
      for (const Register &other : kRegisters)
        ASSERT_EQ(b.Read(other.offset), want[other.offset]) << Name(other) << "after a write to " << r.name;
    }
}

TEST(RegisterMap, ByteEnablesOfEveryRegister) {
  TopBench b(3);
  Settle(&b);
  for (const Register &r : kRegisters) {
    if (!IsPlain(r)) continue;
    for (int strobe = 0; strobe < 16; strobe++) {
      const uint32_t old = static_cast<uint32_t>(b.rnd.g()), value = static_cast<uint32_t>(b.rnd.g());
      uint32_t mask = 0;
      for (int i = 0; i < 4; i++)
        if (strobe >> i & 1) mask |= 0xffu << 8 * i;
      b.Write(r.offset, old);
      b.Write(r.offset, value, strobe);
      EXPECT_EQ(b.Read(r.offset), ((old & ~mask) | (value & mask)) & r.bits) << Name(r) << "enables " << strobe;
    }
  }
  // Enable is in CTRL's first byte.
  b.Write(TETRA_REG_CTRL, 0xffffffff, 14);
  EXPECT_EQ(b.Read(TETRA_REG_CTRL), 0u);
  b.Write(TETRA_REG_CTRL, 0xfffffffd, 1);
  EXPECT_EQ(b.Read(TETRA_REG_CTRL), 1u);
  b.Write(TETRA_REG_CTRL, 0, 14);
  EXPECT_EQ(b.Read(TETRA_REG_CTRL), 1u);
}

TEST(RegisterMap, ASoftResetKeepsTheConfiguration) {
  TopBench b(4);
  Settle(&b);
  std::map<uint32_t, uint32_t> want;
  for (const Register &r : kRegisters) {
    if (IsPlain(r)) b.Write(r.offset, 0xc35ab7e9 & ~(r.offset == TETRA_REG_RING_SIZE ? 0x80000000u : 0u));
    want[r.offset] = r.access == RO || r.access == W1C ? 0 : b.Read(r.offset);
  }
  want[TETRA_REG_TAIL] = 0;
  b.Reset();
  for (const Register &r : kRegisters) EXPECT_EQ(b.Read(r.offset), want[r.offset]) << Name(r);
}

// What is between the registers answers with an error; nothing is mirrored there.
TEST(RegisterMap, EveryOtherOffsetIsAnError) {
  TopBench b(5);
  Settle(&b);
  std::map<uint32_t, bool> mapped;
  for (const Register &r : kRegisters) mapped[r.offset] = true;
  for (uint32_t i = 0; i < 2 * TETRA_CNT_NUM; i++) mapped[TETRA_REG_COUNTERS + 4 * i] = true;
  for (uint32_t offset = 0; offset < 4096; offset++) {
    if (offset >= 0x400 && b.rnd(0, 15)) continue;  // what lies far away is sampled
    uint32_t resp = 0;
    const bool is = mapped.count(offset);
    const uint32_t value = b.Read(offset, &resp);
    EXPECT_EQ(resp, is ? 0u : 2u) << std::hex << offset;
    if (is) continue;
    EXPECT_EQ(value, 0u) << std::hex << offset;
    EXPECT_EQ(b.Write(offset, 0xffffffff), 2u) << std::hex << offset;
  }
  for (const Register &r : kRegisters)
    if (r.access != CAP) {
      EXPECT_EQ(b.Read(r.offset), r.reset) << Name(r) << "after writes elsewhere";
    }
  EXPECT_EQ(b.Write(TETRA_REG_WATCHDOG, 5), 0u) << "an error is of one write";
}

TEST(RegisterMap, CapabilitiesAreTheBuilds) {
  TopBench b(6);
  const uint32_t n = kN, res = TETRA_DEF_RES_BYTES / n;
  const std::pair<uint32_t, uint32_t> want[] = {
      {TETRA_REG_ID, TETRA_HW_ID},
      {TETRA_REG_VERSION, TETRA_HW_VERSION},
      {TETRA_REG_ARRAY, n << 16 | n},
      {TETRA_REG_ACT_WORDS, TETRA_DEF_ACT_WORDS},
      {TETRA_REG_WGT_WORDS, TETRA_DEF_WGT_WORDS},
      {TETRA_REG_RES_WORDS, std::max<uint32_t>(res, TETRA_DEF_RES_WORDS)},
      {TETRA_REG_PAR_ENTRIES, TETRA_DEF_PAR_ENTRIES},
      {TETRA_REG_ACC_PIXELS, TETRA_DEF_ACC_PIXELS},
      {TETRA_REG_MAX_LAYERS, TETRA_DEF_MAX_LAYERS},
      {TETRA_REG_POOL_WORDS, TETRA_DEF_POOL_BYTES / n},
  };
  size_t caps = 0;
  for (const Register &r : kRegisters) caps += r.access == CAP;
  EXPECT_EQ(caps, std::size(want));
  for (const auto &w : want) EXPECT_EQ(b.Read(w.first), w.second) << "0x" << std::hex << w.first;
}

}  // namespace
}  // namespace tetra_test
