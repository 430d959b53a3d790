// Whole sessions with a bus that fails: the run stops with the cause, and a second run on the same hardware is right.
#include <string>

#include <gtest/gtest.h>

#include "built_sizes.h"
#include "machine/rtl_model.h"
#include "run/session.h"

namespace {

class Faults : public ::testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    tetra_network_defaults(&options_.net);
    options_.net.network = "resnet18";
    options_.net.width = 0.25;
    options_.net.image_size = 32;
    options_.array = GetParam();
    options_.latency = 20;
    options_.bytes_per_cycle = options_.array;
    options_.quiet = 1;
    tetra_error err = {};
    ASSERT_EQ(sim_setup(&session_, &options_, nullptr, &err), TETRA_OK) << err.msg;
    ready_ = true;
  }
  void TearDown() override {
    if (ready_) sim_teardown(&session_);
  }
  // Runs into a fault, then again without one.
  void FailThenRecover(const char *cause) {
    tetra_error err = {};
    EXPECT_EQ(sim_simulate(&session_, &err), TETRA_EHW);
    EXPECT_NE(std::string(err.msg).find(cause), std::string::npos) << err.msg;
    EXPECT_LT(session_.r.n_done, session_.part.g.n_ops);
    session_.mem.faults = {};
    EXPECT_EQ(sim_simulate(&session_, &err), TETRA_OK) << err.msg;
    EXPECT_EQ(session_.r.match, SIM_EQUAL);
    EXPECT_EQ(session_.r.n_done, session_.part.g.n_ops);
  }
  sim_options options_ = {};
  sim_session session_;
  bool ready_ = false;
};

TEST_P(Faults, ErrorResponseToADataRead) {
  session_.mem.faults.read = session_.mem.n_read + 60;
  FailThenRecover(tetra_fault_name(TETRA_ERR_AXI_READ));
}

TEST_P(Faults, ErrorResponseToACommandFetch) {
  session_.mem.faults.fetch = session_.mem.n_fetch + 3;
  FailThenRecover(tetra_fault_name(TETRA_ERR_AXI_FETCH));
}

TEST_P(Faults, ErrorResponseToAWrite) {
  session_.mem.faults.write = session_.mem.n_write + 30;
  FailThenRecover(tetra_fault_name(TETRA_ERR_AXI_WRITE));
}

TEST_P(Faults, CommandsOutsideTheMemoryWindow) {
  session_.plan.limit = session_.plan.base + 64;
  tetra_error err = {};
  EXPECT_EQ(sim_simulate(&session_, &err), TETRA_EHW);
  EXPECT_NE(std::string(err.msg).find(tetra_fault_name(TETRA_ERR_RANGE)), std::string::npos) << err.msg;
}

// The status says so, whoever prints what differs.
TEST_P(Faults, ATensorThatDiffersHasAStatusOfItsOwn) {
  const tetra_graph &g = session_.part.g;
  tetra_error err = {};
  session_.part.tensors[g.ops[2].output[0]].data[0] ^= 1;
  EXPECT_EQ(sim_simulate(&session_, &err), TETRA_EDIFF) << err.msg;
  EXPECT_EQ(session_.r.match, SIM_DIFFERENT);
  EXPECT_EQ(session_.r.layers[2].match, SIM_DIFFERENT);
  session_.part.tensors[g.ops[2].output[0]].data[0] ^= 1;
  EXPECT_EQ(sim_simulate(&session_, &err), TETRA_OK) << err.msg;
}

TEST_P(Faults, ADriverSeesTheSameCyclesTwice) {
  tetra_error err = {};
  ASSERT_EQ(sim_simulate(&session_, &err), TETRA_OK) << err.msg;
  const uint64_t cycles = session_.r.cycles;
  ASSERT_EQ(sim_simulate(&session_, &err), TETRA_OK) << err.msg;
  EXPECT_EQ(session_.r.cycles, cycles) << "nothing of the first run is left in the hardware";
}

TEST_P(Faults, NoneMovesTheBytesThatThePlanSays) {
  tetra_error err = {};
  ASSERT_EQ(sim_simulate(&session_, &err), TETRA_OK) << err.msg;
  for (int i = 0; i < session_.part.g.n_ops; i++) {
    EXPECT_EQ(session_.r.layers[i].dram_bytes, static_cast<uint64_t>(session_.plan.layers[i].dram_bytes))
        << session_.part.g.ops[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Array, Faults, ::testing::ValuesIn(BuiltSizes()),
                         [](const auto &i) { return std::to_string(i.param) + "x" + std::to_string(i.param); });

}  // namespace
