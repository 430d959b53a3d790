// Every cause of an error while the bus is quiet, while data are read, while they are written, and while both are: it
// stops and is told in the same way, and a good run follows.
#include <tuple>

#include "common/functional.h"
#include "recovery.h"

namespace tetra_test {
namespace {

const char *const kCauses[] = {"none",     "illegal_op", "illegal_field", "misaligned", "range",
                               "axi_read", "axi_write",  "axi_fetch",     "timeout",    "axi_protocol"};
constexpr uint32_t kResults = kBase + Program::kSource;
constexpr int kReading = 1, kWriting = 2;
const char *const kPhases[] = {"quiet", "reading", "writing", "both"};

class ErrorPhase : public testing::TestWithParam<std::tuple<uint32_t, int>> {
 protected:
  ErrorPhase() : b_(31), p_(&b_, 31), cause_(std::get<0>(GetParam())), phase_(std::get<1>(GetParam())) {}

  // One output of all accumulators, or of one.
  tetra_cmd Store(bool all) {
    tetra_cmd c = GoodStore(&b_);
    Set(&c, TETRA_F_STORE_TWO_OUT, 0);
    Set(&c, TETRA_F_STORE_OUT0_BITS4, 0);
    Set(&c, TETRA_F_STORE_HALVES2, all);
    Set(&c, TETRA_F_STORE_OUT0_HALF_STRIDE, 256 * kN);
    Set(&c, TETRA_F_STORE_PIXELS, all ? b_.sizes.acc : 1);
    Set(&c, TETRA_F_STORE_SEG_BEATS, all ? b_.sizes.acc : 1);
    return c;
  }
  int Phase() const { return (b_.mem.ReadOwed(0) ? kReading : 0) | (b_.mem.WriteOwed() ? kWriting : 0); }

  // Sends on their way what the phase is made of, and waits until it is there. Writes take longer than reads, so that a
  // LOAD behind the first, where its turn has come, still meets them.
  void Reach() {
    std::vector<tetra_cmd> cmds;
    read_before_ = b_.mem.read_beats;
    if (phase_ & kReading) cmds.push_back(LoadCommand(2000));
    for (int i = 0; i < (phase_ & kWriting ? 4 : 0); i++) cmds.push_back(Store(true));
    if (cmds.empty()) return;
    b_.Start(cmds);
    index_ += static_cast<uint32_t>(cmds.size());
    for (int i = 0; i < 20000 && Phase() != phase_; i++) b_.Tick();
    ASSERT_EQ(Phase(), phase_);
  }
  // A command that the checker refuses, or that waits for ever.
  tetra_cmd Refused() {
    tetra_cmd c = GoodLoad();
    if (cause_ == TETRA_ERR_ILLEGAL_OP) Set(&c, TETRA_F_OP, 15);
    if (cause_ == TETRA_ERR_ILLEGAL_FIELD) Set(&c, TETRA_F_LOAD_BEATS, 0);
    if (cause_ == TETRA_ERR_MISALIGNED) Set(&c, TETRA_F_LOAD_ADDR, kBase + 1);
    if (cause_ == TETRA_ERR_RANGE) Set(&c, TETRA_F_LOAD_ADDR, kBase - 64);
    if (cause_ == TETRA_ERR_TIMEOUT) {
      Set(&c, TETRA_F_WAIT_STORE, 10000);
      Set(&c, TETRA_F_WAIT_EN, 8);
    }
    return c;
  }
  // Beats that are on the bus a little later.
  uint32_t ReadAhead() const { return kBase + static_cast<uint32_t>(b_.mem.read_beats - read_before_ + 40) * kN; }
  // Brings the error about.
  void Fail() {
    const bool reading = phase_ & kReading, writing = phase_ & kWriting;
    if (cause_ == TETRA_ERR_AXI_READ) {
      b_.mem.read_error = reading ? ReadAhead() : kBase;
      if (!reading) b_.Start({LoadCommand(1)});
    } else if (cause_ == TETRA_ERR_AXI_WRITE) {
      b_.mem.write_error = writing ? kResults + 255 * kN : kResults;
      if (!writing) b_.Start({Store(false)});
    } else if (cause_ == TETRA_ERR_AXI_FETCH) {
      b_.mem.read_error = kRing + ring_ * 64;
      b_.Start({SyncCommand(2)});
    } else if (cause_ == TETRA_ERR_AXI_PROTOCOL) {
      b_.mem.breach = reading ? Memory::kUnknownId : writing ? Memory::kResponseId : Memory::kUnaskedRead;
      b_.mem.breach_at = ReadAhead();
    } else if (cause_ == TETRA_ERR_TIMEOUT && phase_) {
      b_.mem.dead = true;
    } else {
      b_.Start({Refused()});
    }
  }

  using Memory = AxiMemory<Vtetra_top>;
  TopBench b_;
  Program p_;
  uint32_t cause_;
  int phase_;
  uint32_t index_ = 0, ring_ = 0;
  uint64_t read_before_ = 0;
};

TEST_P(ErrorPhase, StopsAndRecovers) {
  b_.mem.latency = 30;
  p_.Prologue();
  b_.Configure(32);
  b_.Write(TETRA_REG_WATCHDOG, 1000);
  b_.Run(p_.cmds);
  index_ = static_cast<uint32_t>(p_.cmds.size());
  b_.mem.stall_percent = 30;
  Reach();
  ring_ = index_;
  if (HasFatalFailure()) return;
  Fail();
  b_.TicksUntilIrq(true);
  // Of a bad answer what else of its burst is owed, or is not, is the burst's matter.
  const bool own = cause_ == TETRA_ERR_AXI_READ || cause_ == TETRA_ERR_AXI_PROTOCOL;
  EXPECT_EQ(Phase() | (own ? phase_ & kReading : 0) | (cause_ == TETRA_ERR_AXI_WRITE ? phase_ & kWriting : 0), phase_);
  EXPECT_EQ(b_.Read(TETRA_REG_ERR_CAUSE), cause_);
  EXPECT_LE(b_.Read(TETRA_REG_ERR_INDEX), index_);
  Functional::Get().Hit("error", {kCauses[b_.Read(TETRA_REG_ERR_CAUSE)], kPhases[phase_]});
  b_.mem.dead = false;
  b_.mem.read_error = b_.mem.write_error = 0xffffffff;
  for (int i = 0; i < 20000 && !b_.mem.Quiet(); i++) b_.Tick();
  b_.Reset();
  ExpectClean(&b_);
  GoodRun(&b_, 90);
}
INSTANTIATE_TEST_SUITE_P(
    Each, ErrorPhase, testing::Combine(testing::Range<uint32_t>(1, TETRA_ERR_AXI_PROTOCOL + 1), testing::Range(0, 4)),
    [](const auto &i) { return std::string(kCauses[std::get<0>(i.param)]) + "_" + kPhases[std::get<1>(i.param)]; });

}  // namespace
}  // namespace tetra_test
