// The three engines behind the same sockets: networks bit for bit and, but for lt, cycle for cycle; refused accesses.
#include <cstdlib>

#include "foreign.h"
#include "systemc/payload.h"

namespace tetra_test {

Systems *systems;  // elaborated once, before the simulation starts

Systems::Systems() {
  for (const TlmEngine e : {TlmEngine::kRtl, TlmEngine::kAt, TlmEngine::kLt}) {
    foreign.push_back(std::make_unique<Foreign>(std::string("foreign_") + EngineName(e), e, false));
    phased.push_back(std::make_unique<Foreign>(std::string("phased_") + EngineName(e), e, true));
  }
}
Systems::~Systems() = default;

namespace {

class Engines : public testing::TestWithParam<TlmEngine> {
 protected:
  System &system() { return systems->one(GetParam()); }
};

TEST_P(Engines, RunNetworksBitForBit) {
  System &s = system();
  tetra_device dev = s.Open(0);
  EXPECT_EQ(dev.caps.n, kArray);
  for (const tetra_precision p : {TETRA_W4A4_INIT8_DENSE8, TETRA_W8A8}) {
    const Network net("resnet18", p);
    net.Place(&s);
    const JobRun r = net.RunOn(&dev);
    ASSERT_EQ(r.status, TETRA_OK) << tetra_fault_name(r.fault.cause) << " at " << r.fault.index;
    EXPECT_EQ(r.log.size(), static_cast<size_t>(net.graph.n_ops));
    net.ExpectResults(&s);
  }
}

TEST_P(Engines, RefuseWhatTheBusRefuses) {
  System &s = system();
  const uint64_t base = tetra::Platform::TetraBase(0);
  uint32_t value = 0;
  EXPECT_EQ(s.cpu.Access(tlm::TLM_READ_COMMAND, base + 2, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(s.cpu.Access(tlm::TLM_READ_COMMAND, base + 0x300, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(s.cpu.Access(tlm::TLM_WRITE_COMMAND, base + 0x300, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(s.cpu.Access(tlm::TLM_READ_COMMAND, base, &value, 2), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(s.cpu.Access(tlm::TLM_READ_COMMAND, 0x3ffff000, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(s.cpu.Access(tlm::TLM_READ_COMMAND, base, &value, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(value, static_cast<uint32_t>(TETRA_HW_ID));
}

TEST_P(Engines, Registers) {
  System &s = system();
  tetra_device dev = s.Open(0);
  const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8);
  net.Place(&s);
  const JobRun r = net.RunOn(&dev);
  ASSERT_EQ(r.status, TETRA_OK);
  // Of every counter of the RTL, bytes and saturated codes must be those of all engines, and the classes add up.
  uint64_t classes = 0, bytes = 0;
  for (int i = TETRA_CNT_BUSY; i <= TETRA_CNT_TAIL; i++) classes += r.counters[i];
  EXPECT_EQ(classes, r.counters[TETRA_CNT_CYCLES]);
  for (int i = 0; i < net.plan.n_layers; i++) bytes += static_cast<uint64_t>(net.plan.layers[i].dram_bytes);
  EXPECT_EQ(r.counters[TETRA_CNT_READ_BYTES] + r.counters[TETRA_CNT_WRITE_BYTES], bytes);
  EXPECT_EQ(r.counters[TETRA_CNT_FETCH_BYTES], uint64_t{net.plan.n_cmds} * TETRA_CMD_BYTES);
  uint32_t busy = 0, read = 0, write = 0;
  uint64_t pixels = 0, layer_bytes = 0;
  for (int i = 0; i < net.plan.n_layers; i++) {
    tetra_device_layer(&dev, static_cast<uint32_t>(i), &busy, &read, &write);
    pixels += busy;
    layer_bytes += uint64_t{kArray} * (read + write);
  }
  EXPECT_EQ(pixels, r.counters[TETRA_CNT_BUSY]);
  EXPECT_EQ(layer_bytes, bytes);
}

INSTANTIATE_TEST_SUITE_P(Each, Engines, testing::Values(TlmEngine::kRtl, TlmEngine::kAt, TlmEngine::kLt),
                         [](const auto &info) { return std::string(EngineName(info.param)); });

// Log and counters of both timed engines to the cycle, for one job after the other. The model of a plan knows nothing
// of jobs before: whose turn it is at the memory, a read's or a write's, stays as they left it, so that it may be a
// cycle off for all but the first.
TEST(Timed, RtlAndAtAreTheSameToTheCycle) {
  bool first = true;
  for (const tetra_precision p : {TETRA_W4A4_INIT8_DENSE8, TETRA_W8A8}) {
    const Network net("resnet18", p);
    tetra_timing model = {};
    tetra_error err = {};
    ASSERT_EQ(tetra_timing_run(&net.plan, &kMemory, TETRA_TIMING_FAST, &model, &err), TETRA_OK) << err.msg;
    for (int again = 0; again < 2; again++) {
      JobRun runs[2];
      for (int i = 0; i < 2; i++) {
        System &s = i == 0 ? systems->rtl : systems->at;
        tetra_device dev = s.Open(0);
        net.Place(&s);
        runs[i] = net.RunOn(&dev);
        ASSERT_EQ(runs[i].status, TETRA_OK) << i;
      }
      ASSERT_EQ(runs[0].log.size(), runs[1].log.size());
      for (size_t k = 0; k < runs[0].log.size(); k++) {
        EXPECT_EQ(runs[0].log[k].layer, runs[1].log[k].layer);
        EXPECT_EQ(runs[0].log[k].cycle, runs[1].log[k].cycle) << "layer " << runs[0].log[k].layer << ", run " << again;
        const uint64_t modelled = model.layers[runs[1].log[k].layer].completion;
        EXPECT_LE(modelled > runs[1].log[k].cycle ? modelled - runs[1].log[k].cycle : runs[1].log[k].cycle - modelled,
                  first ? 0u : 1u)
            << "layer " << runs[0].log[k].layer << ", run " << again;
      }
      first = false;
      for (int c = TETRA_CNT_CYCLES; c <= TETRA_CNT_TAIL; c++)
        EXPECT_EQ(runs[0].counters[c], runs[1].counters[c]) << tetra_counter_name(static_cast<uint32_t>(c));
      for (int c : {TETRA_CNT_LOAD_BUSY, TETRA_CNT_DRAIN_BUSY, TETRA_CNT_SAT0, TETRA_CNT_SAT1})
        EXPECT_EQ(runs[0].counters[c], runs[1].counters[c]) << tetra_counter_name(static_cast<uint32_t>(c));
    }
    tetra_timing_free(&model);
  }
}

// Commands behind the last SYNC, with a doorbell of their own and no reset between, through a ring that wraps: cycles
// go on from where they were, in at as in rtl.
TEST(Timed, ASecondJobWithoutResetGoesOnToTheCycle) {
  std::vector<uint64_t> cycles[2];
  for (int e = 0; e < 2; e++) {
    System &s = e == 0 ? systems->rtl : systems->at;
    tetra_device dev = s.Open(0);
    const tetra_hal hal = tetra::NativeCpu::Hal(s.devices[0].get());
    const auto set = [&](uint32_t offset, uint32_t value) { hal.reg_write(hal.ctx, offset, value); };
    constexpr uint32_t kRing = 8;
    set(TETRA_REG_RING_BASE, TETRA_VP_DRAM_BASE + 0xf80);  // its slots cross a page
    set(TETRA_REG_RING_SIZE, kRing);
    set(TETRA_REG_MEM_BASE, TETRA_VP_DRAM_BASE);
    set(TETRA_REG_MEM_LIMIT, TETRA_VP_DRAM_BASE + 0xfffff);
    set(TETRA_REG_CTRL, 1);
    uint32_t tail = 0;
    for (uint32_t job = 0; job < 5; job++) {
      for (uint32_t i = 0; i < 3; i++, tail = (tail + 1) % kRing) {
        tetra_cmd c = {};
        tetra_cmd_set(&c, TETRA_F_OP, i == 2 ? TETRA_OP_SYNC : TETRA_OP_LOAD);
        if (i == 2) {
          tetra_cmd_set(&c, TETRA_F_SYNC_TAG, job + 1);
        } else {
          tetra_cmd_set(&c, TETRA_F_LOAD_ADDR, TETRA_VP_DRAM_BASE + 0x2000 + 0x100 * job);
          tetra_cmd_set(&c, TETRA_F_LOAD_BEATS, 100 + 7 * job);
          tetra_cmd_set(&c, TETRA_F_LOAD_COUNT, 2 + i);
          tetra_cmd_set(&c, TETRA_F_LOAD_ADDR_STRIDE, 0x800);
        }
        std::memcpy(s.cpu.Map(TETRA_VP_DRAM_BASE + 0xf80 + tail * TETRA_CMD_BYTES, sizeof c), &c, sizeof c);
      }
      set(TETRA_REG_TAIL, tail);
      sc_core::wait(sc_core::sc_time(20 + job, sc_core::SC_US));
      ASSERT_EQ(hal.reg_read(hal.ctx, TETRA_REG_COMPLETED), job + 1);
      ASSERT_EQ(hal.reg_read(hal.ctx, TETRA_REG_HEAD), tail);
      uint64_t counters[TETRA_CNT_NUM];
      tetra_device_counters(&dev, counters);
      for (int c : {TETRA_CNT_CYCLES, TETRA_CNT_LOAD_BUSY, TETRA_CNT_FETCH_BYTES, TETRA_CNT_TAIL, TETRA_CNT_WAIT_CMD})
        cycles[e].push_back(counters[c]);
    }
  }
  EXPECT_EQ(cycles[0], cycles[1]);
}

// Two networks at once on the two accelerators of a system; what each said, once both are through.
std::vector<JobRun> RunBoth(System *s, const Network *nets[2]) {
  std::vector<JobRun> runs(2);
  int done = 0;
  sc_core::sc_event finished;
  for (unsigned i = 0; i < 2; i++) {
    nets[i]->Place(s);
    s->cpu.Spawn([&, i] {
      tetra_device dev = s->Open(i);
      runs[i] = nets[i]->RunOn(&dev);
      done++;
      finished.notify(sc_core::SC_ZERO_TIME);
    });
  }
  while (done < 2) sc_core::wait(finished);
  return runs;
}

// A memory that gives a beat a cycle is not enough for two: each takes longer than alone, at most twice as long, both
// the same, and at says to the cycle what rtl does.
TEST(Timed, TwoAcceleratorsShareTheMemory) {
  const Network one("resnet18", TETRA_W4A4_INIT8_DENSE8), other("resnet18", TETRA_W4A4_INIT8_DENSE8, 0x18000000);
  const Network *nets[2] = {&one, &other};
  std::vector<JobRun> runs[2];
  for (int e = 0; e < 2; e++) {
    System &s = e == 0 ? systems->rtl2 : systems->at2;
    runs[e] = RunBoth(&s, nets);
    for (int i = 0; i < 2; i++) {
      ASSERT_EQ(runs[e][static_cast<size_t>(i)].status, TETRA_OK);
      nets[i]->ExpectResults(&s);
    }
  }
  tetra_device dev = systems->at.Open(0);
  one.Place(&systems->at);
  const double alone = static_cast<double>(one.RunOn(&dev).counters[TETRA_CNT_CYCLES]);
  const double a = static_cast<double>(runs[0][0].counters[TETRA_CNT_CYCLES]);
  const double b = static_cast<double>(runs[0][1].counters[TETRA_CNT_CYCLES]);
  EXPECT_GT(a, alone);
  EXPECT_LT(a, 2 * alone);
  EXPECT_NEAR(a, b, 0.05 * a);
  EXPECT_GT(systems->rtl2.platform.dram.held(0), 0u);
  for (size_t i = 0; i < 2; i++) {
    ASSERT_EQ(runs[0][i].log.size(), runs[1][i].log.size());
    for (size_t k = 0; k < runs[0][i].log.size(); k++) {
      EXPECT_EQ(runs[0][i].log[k].layer, runs[1][i].log[k].layer);
      EXPECT_EQ(runs[0][i].log[k].cycle, runs[1][i].log[k].cycle) << "accelerator " << i << ", entry " << k;
    }
  }
}

// The bus answers the n-th burst of a kind with an error: cause and command are those of the RTL, and the next run is
// good.
TEST_P(Engines, ReportBusErrorsAsTheRtlDoes) {
  System &s = system();
  tetra_device dev = s.Open(0);
  const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8);
  net.Place(&s);
  const struct {
    tetra::DramFaults faults;
    uint32_t cause;
  } cases[] = {{{3, 0, 0}, TETRA_ERR_AXI_FETCH}, {{0, 9, 0}, TETRA_ERR_AXI_READ}, {{0, 0, 5}, TETRA_ERR_AXI_WRITE}};
  s.platform.dram.AllowDmi(false);  // accesses that no bus sees cannot fail
  for (const auto &c : cases) {
    s.platform.dram.faults = c.faults;
    const JobRun bad = net.RunOn(&dev);
    EXPECT_EQ(bad.status, TETRA_EHW);
    EXPECT_EQ(bad.fault.cause, c.cause) << tetra_fault_name(bad.fault.cause);
    s.platform.dram.faults = {};
    const JobRun good = net.RunOn(&dev);
    EXPECT_EQ(good.status, TETRA_OK) << tetra_fault_name(good.fault.cause) << " at " << good.fault.index;
    net.ExpectResults(&s);
  }
  s.platform.dram.AllowDmi(true);
}

TEST_P(Engines, RefuseWhatCommandsMayNotTouch) {
  System &s = system();
  tetra_device dev = s.Open(0);
  std::vector<tetra_cmd> cmds(2, tetra_cmd{});
  tetra_cmd_set(&cmds[0], TETRA_F_OP, TETRA_OP_LOAD);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_ADDR, TETRA_VP_DRAM_BASE + 0x100000);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_BEATS, 1);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_COUNT, 1);
  tetra_cmd_set(&cmds[1], TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(&cmds[1], TETRA_F_SYNC_TAG, 7);
  tetra_job job = {cmds.data(), 2, 7, TETRA_VP_DRAM_BASE, 4, TETRA_VP_DRAM_BASE, TETRA_VP_DRAM_BASE + 0xfffff};
  tetra_fault fault = {};
  EXPECT_EQ(tetra_device_run(&dev, &job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, static_cast<uint32_t>(TETRA_ERR_RANGE));
  EXPECT_EQ(fault.addr, TETRA_VP_DRAM_BASE + 0x100000u);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_ADDR, TETRA_VP_DRAM_BASE + 1);
  EXPECT_EQ(tetra_device_run(&dev, &job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, static_cast<uint32_t>(TETRA_ERR_MISALIGNED));
  EXPECT_EQ(fault.index, 0u);
  tetra_cmd_set(&cmds[0], TETRA_F_OP, 15);
  EXPECT_EQ(tetra_device_run(&dev, &job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, static_cast<uint32_t>(TETRA_ERR_ILLEGAL_OP));
  // Outside of every memory of the platform, which only the bus knows.
  tetra_cmd_set(&cmds[0], TETRA_F_OP, TETRA_OP_LOAD);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_ADDR, 0x50000000);
  job.limit = 0x7fffffff;
  EXPECT_EQ(tetra_device_run(&dev, &job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, static_cast<uint32_t>(TETRA_ERR_AXI_READ)) << tetra_fault_name(fault.cause);
  // A wait for a COMPUTE that never comes.
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_ADDR, TETRA_VP_DRAM_BASE);
  tetra_cmd_set(&cmds[0], TETRA_F_WAIT_EN, 2);
  tetra_cmd_set(&cmds[0], TETRA_F_WAIT_COMPUTE, 1);
  EXPECT_EQ(tetra_device_run(&dev, &job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, static_cast<uint32_t>(TETRA_ERR_TIMEOUT)) << tetra_fault_name(fault.cause);
  EXPECT_EQ(fault.index, 0u);
}

TEST_P(Engines, HonourByteEnablesOfWrites) {
  System &s = system();
  const uint64_t base = tetra::Platform::TetraBase(0) + TETRA_REG_MEM_BASE;
  uint32_t value = 0x11223344;
  ASSERT_EQ(s.cpu.Access(tlm::TLM_WRITE_COMMAND, base, &value, 4), tlm::TLM_OK_RESPONSE);
  value = 0xaabbccdd;
  uint8_t enables[4] = {0, TLM_BYTE_ENABLED, 0, TLM_BYTE_ENABLED};
  tlm::tlm_generic_payload trans;
  tetra::FillPayload(&trans, tlm::TLM_WRITE_COMMAND, base, &value, 4, enables);
  tetra::Transport(s.cpu.bus, &trans);
  EXPECT_EQ(trans.get_response_status(), tlm::TLM_OK_RESPONSE);
  ASSERT_EQ(s.cpu.Access(tlm::TLM_READ_COMMAND, base, &value, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(value, 0xaa22cc44u);
}

// The reset pin in the middle of a run: the driver finds that out, and the next run is good.
TEST_P(Engines, SurviveTheResetPinInFlight) {
  System &s = system();
  tetra_device dev = s.Open(0);
  const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8);
  net.Place(&s);
  s.cpu.Spawn([&s] {
    sc_core::wait(sc_core::sc_time(20, sc_core::SC_US));
    s.platform.rst_n.write(false);
    sc_core::wait(sc_core::sc_time(100, sc_core::SC_NS));
    s.platform.rst_n.write(true);
  });
  const JobRun cut = net.RunOn(&dev);
  EXPECT_NE(cut.status, TETRA_OK);
  sc_core::wait(sc_core::sc_time(20, sc_core::SC_US));
  const JobRun good = net.RunOn(&dev);
  ASSERT_EQ(good.status, TETRA_OK) << tetra_fault_name(good.fault.cause);
  net.ExpectResults(&s);
}

// DMI that is taken back in the middle of a run, and never given: the same results by transactions.
TEST(Loose, GoesOnWithoutDmi) {
  System &s = systems->lt;
  tetra_device dev = s.Open(0);
  const Network net("resnet18", TETRA_W4A4_INIT8_DENSE8);
  net.Place(&s);
  s.cpu.Spawn([&s] {
    sc_core::wait(sc_core::sc_time(50, sc_core::SC_US));
    s.platform.dram.AllowDmi(false);
  });
  EXPECT_EQ(net.RunOn(&dev).status, TETRA_OK);
  net.ExpectResults(&s);
  net.Place(&s);
  EXPECT_EQ(net.RunOn(&dev).status, TETRA_OK);
  net.ExpectResults(&s);
  s.platform.dram.AllowDmi(true);
}

}  // namespace
}  // namespace tetra_test

int sc_main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  auto all = std::make_unique<tetra_test::Systems>();
  tetra_test::systems = all.get();
  tetra::NativeCpu software("software", nullptr, 0, [] { return RUN_ALL_TESTS(); });
  sc_core::sc_signal<bool> no_irq("no_irq");
  software.irq.bind(no_irq);
  tetra::Ram nothing("nothing", 4096);
  software.bus.bind(nothing.socket);
  sc_core::sc_start();
  return software.exit_code();
}

// Instead of the library's own, to keep its banner out of the list of tests.
int main(int argc, char **argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
