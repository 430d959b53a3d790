// TLM-2.0's base protocol from the other side: memories and processors that use all the room that it gives them.
#include <cstdlib>
#include <utility>

#include "foreign.h"
#include "systemc/payload.h"

namespace tetra_test {

namespace {

class Protocol : public testing::TestWithParam<TlmEngine> {
 protected:
  Foreign &foreign() { return systems->with_foreign(GetParam()); }
  tetra_device Open(Foreign *f) {
    tetra_device dev = {};
    const tetra_hal hal = f->Hal();
    EXPECT_EQ(tetra_device_init(&dev, &hal, kTimeoutUs), TETRA_OK);
    return dev;
  }
  /// A network against these manners, bit for bit.
  void ExpectGood(Foreign *f, const Manners &manners) {
    f->memory->Behave(manners);
    tetra_device dev = Open(f);
    const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8, ForeignMemory::kBase);
    net.Place(dev.hal);
    const JobRun r = net.RunOn(&dev);
    ASSERT_EQ(r.status, TETRA_OK) << tetra_fault_name(r.fault.cause) << " at " << r.fault.index;
    net.ExpectResults(dev.hal);
    EXPECT_EQ(f->memory->wrong, "");
  }
};

TEST_P(Protocol, AnyTimesOfTheMemory) {
  Manners manners;
  manners.annotate = 90;
  ExpectGood(&foreign(), manners);
  manners.wait = 40;
  ExpectGood(&foreign(), manners);
  manners.sync = true;
  ExpectGood(&foreign(), manners);
}

TEST_P(Protocol, AMemoryOfPhases) {
  Manners manners;
  manners.annotate = 50;
  ExpectGood(&systems->with_phases(GetParam()), manners);
}

// Windows of DMI that bursts cross, that are for reads only, that are taken back again and again: lt uses what it gets.
TEST_P(Protocol, AnyDmi) {
  Foreign &f = foreign();
  Manners manners;
  manners.window = 0x1000;
  ExpectGood(&f, manners);
  const uint64_t whole = f.memory->transactions;
  manners.read_only = true;
  ExpectGood(&f, manners);
  if (GetParam() == TlmEngine::kLt) {
    EXPECT_LT(whole, 20u);  // until it has asked again
    EXPECT_GT(f.memory->transactions, 0u);
  }
  manners.forget = 7;
  ExpectGood(&f, manners);
  // Who is refused does not ask again and again.
  ExpectGood(&f, Manners{});
  EXPECT_LE(f.memory->asked, 2u);
}

TEST_P(Protocol, ErrorsOfTheMemory) {
  Foreign &f = foreign();
  const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8, ForeignMemory::kBase);
  for (const auto response :
       {tlm::TLM_INCOMPLETE_RESPONSE, tlm::TLM_GENERIC_ERROR_RESPONSE, tlm::TLM_ADDRESS_ERROR_RESPONSE,
        tlm::TLM_COMMAND_ERROR_RESPONSE, tlm::TLM_BURST_ERROR_RESPONSE, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE}) {
    tetra_device dev = Open(&f);
    net.Place(dev.hal);
    Manners manners;
    manners.response = response;
    manners.bad = 40;
    f.memory->Behave(manners);
    const JobRun r = net.RunOn(&dev);
    EXPECT_EQ(r.status, TETRA_EHW) << response;
  }
  ExpectGood(&f, Manners{});
}

// While memory holds a burst back, a soft reset or the reset pin comes, for as short as a fraction of a clock: what was
// under way is forgotten, and the next run is good.
TEST_P(Protocol, ResetsWhileTheMemoryWaits) {
  Foreign &f = foreign();
  const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8, ForeignMemory::kBase);
  Manners slow;
  slow.wait = 3000;
  for (int i = 0; i < 6; i++) {
    tetra_device dev = Open(&f);
    net.Place(dev.hal);
    f.memory->Behave(slow);
    f.cpu.Spawn([&, i] {
      while (f.memory->transactions < 5 + static_cast<uint64_t>(i) / 2)
        sc_core::wait(sc_core::sc_time(17.3, sc_core::SC_NS));
      if (i % 2 == 0) {
        dev.hal.reg_write(dev.hal.ctx, TETRA_REG_CTRL, TETRA_CTRL_RESET);
        return;
      }
      f.rst_n.write(false);
      sc_core::wait(sc_core::sc_time(i % 4 == 1 ? 0.3 : 200, sc_core::SC_NS));
      f.rst_n.write(true);
    });
    EXPECT_NE(net.RunOn(&dev).status, TETRA_OK) << i;
    sc_core::wait(sc_core::sc_time(30, sc_core::SC_US));
    ExpectGood(&f, i % 3 == 0 ? slow : Manners{});
  }
}

/// An access to a register with what a payload can say beside command, address and data.
struct Oddity {
  unsigned length = 4, width = 4;
  std::vector<uint8_t> enables = {};
  bool enables_without_length = false;
};
tlm::tlm_response_status Access(Foreign *f, tlm::tlm_command command, uint64_t addr, uint64_t *value,
                                const Oddity &odd) {
  tlm::tlm_generic_payload t;
  uint8_t bytes[64] = {};
  std::vector<uint8_t> enables = odd.enables;
  std::memcpy(bytes, value, sizeof *value);
  tetra::FillPayload(&t, command, addr, bytes, odd.length);
  t.set_streaming_width(odd.width);
  if (!enables.empty()) t.set_byte_enable_ptr(enables.data());
  t.set_byte_enable_length(odd.enables_without_length ? 0 : static_cast<unsigned>(enables.size()));
  sc_core::sc_time delay(static_cast<double>(addr % 7), sc_core::SC_NS);
  f->cpu.bus->b_transport(t, delay);
  sc_core::wait(delay);
  EXPECT_FALSE(t.is_dmi_allowed());
  std::memcpy(value, bytes, sizeof *value);
  return t.get_response_status();
}

TEST_P(Protocol, OddAccesses) {
  Foreign &f = foreign();
  constexpr uint64_t kReg = TETRA_REG_MEM_BASE;
  constexpr auto kRead = tlm::TLM_READ_COMMAND, kWrite = tlm::TLM_WRITE_COMMAND;
  uint64_t v = 0x11223344;
  const auto with = [](unsigned length, unsigned width, std::vector<uint8_t> enables = {}) {
    return Oddity{length, width, std::move(enables), false};
  };
  EXPECT_EQ(Access(&f, kWrite, kReg, &v, {}), tlm::TLM_OK_RESPONSE);
  const struct {
    tlm::tlm_command command;
    uint64_t addr;
    Oddity odd;
    tlm::tlm_response_status response;
  } refused[] = {{kWrite, kReg, with(8, 8), tlm::TLM_BURST_ERROR_RESPONSE},
                 {kWrite, kReg, with(2, 2), tlm::TLM_BURST_ERROR_RESPONSE},
                 {kRead, kReg, with(64, 64), tlm::TLM_BURST_ERROR_RESPONSE},
                 {kWrite, kReg, with(4, 2), tlm::TLM_BURST_ERROR_RESPONSE},
                 {kRead, kReg, with(4, 0), tlm::TLM_BURST_ERROR_RESPONSE},
                 {kWrite, kReg + 1, with(4, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE},
                 {kWrite, kReg + 0x1000, with(4, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE},
                 {kWrite, kReg + (uint64_t{1} << 32), with(4, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE},
                 {kRead, ~uint64_t{3}, with(4, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE},
                 {kRead, kReg, with(4, 4, {0xff, 0xff, 0xff, 0xff}), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE},
                 {kWrite, kReg, Oddity{4, 4, {0xff}, true}, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE}};
  for (const auto &r : refused) {
    v = 0xdeadbeef;
    EXPECT_EQ(Access(&f, r.command, r.addr, &v, r.odd), r.response) << &r - refused;
    EXPECT_EQ(v, 0xdeadbeefu) << &r - refused;
  }
  EXPECT_EQ(Access(&f, tlm::TLM_IGNORE_COMMAND, kReg, &v, {}), tlm::TLM_OK_RESPONSE);
  ASSERT_EQ(Access(&f, kRead, kReg, &v, with(4, 64)), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(static_cast<uint32_t>(v), 0x11223344u);
  // Enables are repeated where there are fewer than bytes.
  const struct {
    std::vector<uint8_t> enables;
    uint32_t got;
  } enabled[] = {{{0xff}, 0xaabbccdd},
                 {{0}, 0x11223344},
                 {{0, 0xff}, 0xaa22cc44},
                 {{0xff, 0, 0}, 0xaa2233dd},
                 {{0, 0, 0, 0xff, 0xff}, 0xaa223344}};
  for (const auto &e : enabled) {
    v = 0x11223344;
    ASSERT_EQ(Access(&f, kWrite, kReg, &v, {}), tlm::TLM_OK_RESPONSE);
    v = 0xaabbccdd;
    ASSERT_EQ(Access(&f, kWrite, kReg, &v, with(4, 4, e.enables)), tlm::TLM_OK_RESPONSE);
    ASSERT_EQ(Access(&f, kRead, kReg, &v, {}), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(static_cast<uint32_t>(v), e.got);
  }
}

TEST_P(Protocol, DebugAndDirectAccessesHaveNoEffect) {
  Foreign &f = foreign();
  tlm::tlm_generic_payload t;
  uint32_t value = 0;
  const bool rtl = GetParam() == TlmEngine::kRtl;
  tetra::FillPayload(&t, tlm::TLM_READ_COMMAND, TETRA_REG_ID, &value, 4);
  const sc_core::sc_time before = sc_core::sc_time_stamp();
  EXPECT_EQ(f.cpu.bus->transport_dbg(t), rtl ? 0u : 4u);
  EXPECT_EQ(value, rtl ? 0u : static_cast<uint32_t>(TETRA_HW_ID));
  t.set_data_length(0);
  EXPECT_EQ(f.cpu.bus->transport_dbg(t), 0u);
  tetra::FillPayload(&t, tlm::TLM_WRITE_COMMAND, TETRA_REG_MEM_BASE, &value, 4);
  EXPECT_EQ(f.cpu.bus->transport_dbg(t), 0u);
  tetra::FillPayload(&t, tlm::TLM_READ_COMMAND, 0x300, &value, 4);
  EXPECT_EQ(f.cpu.bus->transport_dbg(t), 0u);
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(f.cpu.bus->get_direct_mem_ptr(t, dmi));
  EXPECT_EQ(sc_core::sc_time_stamp(), before);
}

// Of transactions with phases, as an initiator that has no b_transport uses.
TEST_P(Protocol, PhasesOfTheProcessor) {
  struct Manager : tlm::tlm_mm_interface {
    int freed = 0;
    void free(tlm::tlm_generic_payload *t) override {
      t->reset();
      freed++;
    }
  } manager;
  Foreign &f = foreign();
  for (uint32_t i = 0; i < 20; i++) {
    tlm::tlm_generic_payload t(&manager);
    uint32_t value = 0x1000 * i;
    t.acquire();
    tetra::FillPayload(&t, tlm::TLM_WRITE_COMMAND, TETRA_REG_MEM_BASE, &value, 4);
    EXPECT_EQ(f.cpu.Phases(&t), "");
    EXPECT_TRUE(t.is_response_ok());
    uint32_t got = 1;
    tetra::FillPayload(&t, tlm::TLM_READ_COMMAND, TETRA_REG_MEM_BASE, &got, 4);
    EXPECT_EQ(f.cpu.Phases(&t), "");
    EXPECT_EQ(got, value);
    tetra::FillPayload(&t, tlm::TLM_READ_COMMAND, 0x300, &got, 4);
    EXPECT_EQ(f.cpu.Phases(&t), "");
    EXPECT_EQ(t.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    t.release();
  }
  EXPECT_EQ(manager.freed, 20);
}

INSTANTIATE_TEST_SUITE_P(Each, Protocol, testing::Values(TlmEngine::kRtl, TlmEngine::kAt, TlmEngine::kLt),
                         [](const auto &info) { return std::string(EngineName(info.param)); });

}  // namespace
}  // namespace tetra_test
