// The accelerator in a small TLM-2.0 platform: the driver's runtime as the software, a memory, and the RTL between.
// One SystemC simulation is one process and cannot be restarted, so the tests run inside it, as its software thread.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tetra/device.h"
#include "tetra/network.h"
#include "tetra/plan.h"
#include "systemc/tetra_tlm.h"

double sc_time_stamp() { return 0; }  // wanted by Verilator's run-time library; not SystemC's function

namespace {

constexpr uint32_t kBase = 0x10000000, kSize = 16 << 20;

class Ram : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Ram> socket;
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kSize);

  explicit Ram(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &Ram::Access);
  }
  uint8_t *At(uint64_t addr, uint64_t n) {
    return addr >= kBase && n <= kSize && addr - kBase <= kSize - n ? &bytes[addr - kBase] : nullptr;
  }

 private:
  void Access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
    uint8_t *p = At(trans.get_address(), trans.get_data_length());
    delay += sc_core::sc_time(64, sc_core::SC_NS);
    if (p == nullptr) return trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (trans.is_read()) std::memcpy(trans.get_data_ptr(), p, trans.get_data_length());
    if (trans.is_write()) std::memcpy(p, trans.get_data_ptr(), trans.get_data_length());
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

class Platform : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Platform> cpu;
  TetraTlm tetra;
  Ram ram;
  int result = 1;

  explicit Platform(sc_core::sc_module_name name)
      : sc_module(name), cpu("cpu"), tetra("tetra", sc_core::sc_time(1, sc_core::SC_NS)), ram("ram") {
    cpu.bind(tetra.regs);
    tetra.dram.bind(ram.socket);
    sc_core::sc_spawn_options options;
    options.set_stack_size(16 << 20);
    sc_core::sc_spawn([this] { result = RUN_ALL_TESTS(), sc_core::sc_stop(); }, "software", &options);
  }

  tlm::tlm_response_status Access(tlm::tlm_command command, uint64_t addr, void *data, unsigned n) {
    tlm::tlm_generic_payload trans;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    trans.set_command(command);
    trans.set_address(addr);
    trans.set_data_ptr(static_cast<unsigned char *>(data));
    trans.set_data_length(n);
    trans.set_streaming_width(n);
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    cpu->b_transport(trans, delay);
    sc_core::wait(delay);
    return trans.get_response_status();
  }
  int WaitIrq(uint32_t timeout_us) {
    if (!tetra.irq.read()) sc_core::wait(sc_core::sc_time(timeout_us, sc_core::SC_US), tetra.irq.posedge_event());
    return tetra.irq.read() ? 0 : 1;
  }
};

Platform *platform;  // elaborated once, before the simulation starts

uint32_t RegRead(void *ctx, uint32_t offset) {
  uint32_t value = 0;
  EXPECT_EQ(static_cast<Platform *>(ctx)->Access(tlm::TLM_READ_COMMAND, offset, &value, 4), tlm::TLM_OK_RESPONSE);
  return value;
}
void RegWrite(void *ctx, uint32_t offset, uint32_t value) {
  EXPECT_EQ(static_cast<Platform *>(ctx)->Access(tlm::TLM_WRITE_COMMAND, offset, &value, 4), tlm::TLM_OK_RESPONSE);
}
void *Map(void *ctx, uint32_t addr, size_t n) { return static_cast<Platform *>(ctx)->ram.At(addr, n); }
void Sync(void *, uint32_t, size_t, int) {}
int WaitIrq(void *ctx, uint32_t timeout_us) { return static_cast<Platform *>(ctx)->WaitIrq(timeout_us); }

class Tlm : public testing::Test {
 protected:
  void SetUp() override {
    const tetra_hal hal = {platform, RegRead, RegWrite, Map, Sync, WaitIrq};
    ASSERT_EQ(tetra_device_init(&dev_, &hal, 20000), TETRA_OK);
  }
  int Run(const tetra_plan &plan, tetra_fault *fault) {
    const tetra_job job = {plan.cmds,         plan.n_cmds, plan.sync_tag, plan.ring_addr,
                           plan.ring_entries, plan.base,   plan.limit};
    return tetra_device_run(&dev_, &job, nullptr, nullptr, fault);
  }
  void RunNetwork(const char *network, tetra_precision precision);

  tetra_device dev_ = {};
};

TEST_F(Tlm, caps) {
  EXPECT_EQ(dev_.caps.n, unsigned{TETRA_TLM_N});
  EXPECT_GE(dev_.caps.acc_pixels, 1u);
}

TEST_F(Tlm, register_socket_refuses_unaligned_narrow_and_far) {
  uint32_t value = 0;
  EXPECT_EQ(platform->Access(tlm::TLM_READ_COMMAND, 2, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(platform->Access(tlm::TLM_READ_COMMAND, 0x1000, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(platform->Access(tlm::TLM_READ_COMMAND, 0, &value, 2), tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(value, 0u);
}

// A memory that answers with an address error becomes a DECERR on the bus and a fault in the driver.
TEST_F(Tlm, load_outside_memory_is_axi_read_fault) {
  std::vector<tetra_cmd> cmds(2, tetra_cmd{});
  tetra_cmd_set(&cmds[0], TETRA_F_OP, TETRA_OP_LOAD);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_ADDR, kBase + kSize);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_BEATS, 1);
  tetra_cmd_set(&cmds[0], TETRA_F_LOAD_COUNT, 1);
  tetra_cmd_set(&cmds[1], TETRA_F_OP, TETRA_OP_SYNC);
  tetra_cmd_set(&cmds[1], TETRA_F_SYNC_TAG, 7);
  const tetra_job job = {cmds.data(), 2, 7, kBase, 4, kBase, 0x7fffffff};
  tetra_fault fault = {};
  EXPECT_EQ(tetra_device_run(&dev_, &job, nullptr, nullptr, &fault), TETRA_EHW);
  EXPECT_EQ(fault.cause, static_cast<uint32_t>(TETRA_ERR_AXI_READ)) << tetra_fault_name(fault.cause);
}

void Tlm::RunNetwork(const char *network, tetra_precision precision) {
  tetra_network_options options;
  tetra_network_defaults(&options);
  options.network = network;
  options.precision = precision;
  options.width = 0.125;
  options.image_size = 32;
  tetra_graph graph = {};
  tetra_plan plan = {};
  tetra_error err = {};
  ASSERT_EQ(tetra_network_build(&options, &graph, &err), TETRA_OK) << err.msg;
  tetra_compile_options compile = {kBase, kSize, 0};
  ASSERT_EQ(tetra_compile(&graph, &dev_.caps, &compile, &plan, &err), TETRA_OK) << err.msg;

  std::vector<tetra_tensor> golden(static_cast<size_t>(graph.n_values), tetra_tensor{});
  tetra_tensor &input = golden[static_cast<size_t>(graph.input)];
  ASSERT_EQ(tetra_tensor_init(&input, &graph.values[graph.input].d, &err), TETRA_OK) << err.msg;
  std::vector<uint8_t> rgb(32 * 32 * 3);
  tetra_synthetic_image(1, 32, rgb.data());
  ASSERT_EQ(tetra_quantize_image(rgb.data(), &input, 0, &err), TETRA_OK) << err.msg;
  ASSERT_EQ(tetra_run_graph(&graph, golden.data(), TETRA_FAST, &err), TETRA_OK) << err.msg;

  const tetra_placement &in = plan.values[graph.input];
  std::memcpy(platform->ram.At(plan.const_addr, plan.const_bytes), plan.const_data, plan.const_bytes);
  tetra_plan_write_value(&plan, graph.input, &input, platform->ram.At(in.addr, in.bytes));
  tetra_fault fault = {};
  ASSERT_EQ(Run(plan, &fault), TETRA_OK) << tetra_fault_name(fault.cause) << " at command " << fault.index;
  for (int v = 0; v < graph.n_values; v++) {
    tetra_tensor got = {};
    ASSERT_EQ(tetra_tensor_init(&got, &graph.values[v].d, &err), TETRA_OK) << err.msg;
    tetra_plan_read_value(&plan, v, &got, platform->ram.At(plan.values[v].addr, plan.values[v].bytes));
    const tetra_desc &d = got.d;
    const size_t bytes = static_cast<size_t>(d.n) * static_cast<size_t>(d.h * d.w) * got.pixel_bytes;
    EXPECT_EQ(std::memcmp(got.data, golden[static_cast<size_t>(v)].data, bytes), 0) << graph.values[v].name;
    tetra_tensor_free(&got);
  }
  for (auto &tensor : golden) tetra_tensor_free(&tensor);
  tetra_plan_free(&plan);
  tetra_graph_free(&graph);
}

TEST_F(Tlm, resnet18_width0125_32x32_w4a4_init8_dense8) { RunNetwork("resnet18", TETRA_W4A4_INIT8_DENSE8); }
TEST_F(Tlm, resnet18_width0125_32x32_w8a8) { RunNetwork("resnet18", TETRA_W8A8); }

}  // namespace

int sc_main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  Platform p("platform");
  platform = &p;
  sc_core::sc_start();
  return p.result;
}

// Instead of the library's own, to keep its banner out of the list of tests.
int main(int argc, char **argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
