// The three engines behind the same sockets: networks bit for bit and, but for lt, cycle for cycle; refused accesses.
#include <cstdlib>

#include "platforms.h"

double sc_time_stamp() { return 0; }  // wanted by Verilator's run-time library; not SystemC's function

namespace tetra_test {

Systems *systems;  // elaborated once, before the simulation starts

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
  for (const tetra_precision p : {TETRA_W4A4_INIT8_DENSE8, TETRA_W8A8, TETRA_W4A4, TETRA_W4A8}) {
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
