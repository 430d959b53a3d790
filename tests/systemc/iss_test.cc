// The instruction-set simulator by itself: time, waiting, interrupts, and what a handler must not change.
#include "systemc/cpu/iss.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

using tetra::Isa;
using tetra::Iss;

namespace {

constexpr uint64_t kBus = 0x40000000;

// Memory of 64 KiB with a program at 0, and a bus that keeps what is stored.
class IssTest : public testing::Test, private tetra::IssBus {
 protected:
  void Start(Isa isa, const std::vector<uint32_t> &program) {
    std::memcpy(memory_, program.data(), program.size() * 4);
    iss_.reset(new Iss(isa, this));
    iss_->MapMemory(0, sizeof memory_, memory_);
    iss_->MapBus(kBus, 0x1000);
    iss_->Reset(0);
  }
  Iss::Stop Run(uint64_t instructions) { return iss_->Run(instructions, &done_); }

  std::unique_ptr<Iss> iss_;
  uint64_t done_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> stores_;  // offset, value
  std::vector<uint64_t> times_;                        // of each, in instructions of its Run

 private:
  bool Load(uint64_t, unsigned, uint64_t *value) override {
    *value = 0;
    return true;
  }
  bool Store(uint64_t addr, unsigned, uint64_t value) override {
    stores_.push_back({addr - kBus, value});
    times_.push_back(iss_->done());
    return true;
  }
  alignas(4096) uint8_t memory_[1 << 16] = {};
};

using Stores = std::vector<std::pair<uint64_t, uint64_t>>;

// 1: c.addi a0, 1; c.addi a0, 1; sw a0, 0(t2); c.j 1b. Instructions of both lengths.
TEST_F(IssTest, counts_instructions_and_stops_at_the_quantum) {
  Start(Isa::kRiscv64, {0x400003b7, 0x05050505, 0x00a3a023, 0x0000bfe5});
  EXPECT_EQ(Run(400), Iss::Stop::kQuantum);
  EXPECT_GE(done_, 400u);
  EXPECT_LT(done_, 405u);
  ASSERT_GE(times_.size(), 99u);
  for (size_t i = 1; i < times_.size(); i++) EXPECT_EQ(times_[i] - times_[i - 1], 4u);
  EXPECT_EQ(stores_.back().second, 2 * stores_.size());
  const size_t before = stores_.size();
  EXPECT_EQ(Run(40), Iss::Stop::kQuantum);
  EXPECT_EQ(stores_.size(), before + 10);
}

// lui t2, 0x40000; the handler's address to mtvec; wfi; 1 to the bus; mie = external; wfi; 2; interrupts on; 3; wfi.
// The handler: mcause, mepc to the bus; mie = 0; mret.
const std::vector<uint32_t> kWaiting = {0x400003b7, 0x00000297, 0x03c28293, 0x30529073, 0x10500073, 0xa0234505,
                                        0x630500a3, 0x8003031b, 0x30431073, 0x10500073, 0xa0234509, 0x607300a3,
                                        0x00013004, 0xa023450d, 0x007300a3, 0xa0011050, 0x342025f3, 0x00b3a223,
                                        0x341025f3, 0x00b3a423, 0x30401073, 0x30200073};

TEST_F(IssTest, wakes_for_what_is_selected_and_takes_it_where_interrupts_are_on) {
  Start(Isa::kRiscv64, kWaiting);
  iss_->SetInterrupt(true);
  EXPECT_EQ(Run(1000), Iss::Stop::kWait);  // mie does not select it
  EXPECT_TRUE(stores_.empty());
  EXPECT_EQ(Run(1000), Iss::Stop::kWait);  // the last one: mie is 0 again
  EXPECT_EQ(stores_, (Stores{{0, 1}, {0, 2}, {4, 11}, {8, 0x32}, {0, 3}}));
}

TEST_F(IssTest, sleeps_without_an_interrupt) {
  Start(Isa::kRiscv64, kWaiting);
  EXPECT_EQ(Run(1000), Iss::Stop::kWait);
  EXPECT_EQ(Run(1000), Iss::Stop::kWait);
  EXPECT_EQ(stores_, (Stores{{0, 1}}));
  EXPECT_EQ(iss_->pc(), 0x28u);
}

TEST_F(IssTest, an_instruction_that_does_not_exist_is_named) {
  Start(Isa::kRiscv64, {0x00000013, 0xffffffff});
  try {
    Run(10);
    FAIL() << "nothing was thrown";
  } catch (const tetra::IssError &e) {
    EXPECT_NE(std::string(e.what()).find("exception 2 near 0x"), std::string::npos) << e.what();
  }
}

// A vector table; numbers 10, 11, 12, 13, 13, 14 to r0-r3, r12 and lr, flags to equal; wfi; where they are still equal,
// the sum of all to the bus. The handler changes each of them and stores 1 at 4.
TEST_F(IssTest, cortex_m_handler_changes_no_register_of_the_program) {
  Start(Isa::kCortexM,
        {0x00004000, 0x00000045, 0,          0,          0,          0,          0,          0,          0,
         0,          0,          0,          0,          0,          0,          0,          0x00000073, 0x4780f04f,
         0x20014e0e, 0x200a6030, 0x220c210b, 0x469c230d, 0x46a6240e, 0xbf304280, 0x2063d000, 0x44104408, 0x44604418,
         0x60384470, 0x2000e7fe, 0x22002100, 0x469c2301, 0x4298607b, 0x00004770, 0xe000e100});
  EXPECT_EQ(Run(1000), Iss::Stop::kWait);
  EXPECT_TRUE(stores_.empty());
  iss_->SetInterrupt(true);
  EXPECT_EQ(Run(1), Iss::Stop::kQuantum);  // the handler's first block
  iss_->SetInterrupt(false);
  EXPECT_EQ(Run(100), Iss::Stop::kQuantum);
  EXPECT_EQ(stores_, (Stores{{4, 1}, {0, 10 + 11 + 12 + 13 + 13 + 14}}));
}

}  // namespace

int sc_main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
