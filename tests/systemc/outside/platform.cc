// Somebody else's platform: a memory of theirs, the installed component, a network through the driver.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <systemc/driver_thread.h>
#include <systemc/tetra_tlm.h>
#include <tetra/network.h>
#include <tetra/plan.h>

struct Memory : sc_core::sc_module {
  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  std::vector<uint8_t> bytes = std::vector<uint8_t>(64 << 20);
  explicit Memory(sc_core::sc_module_name name) : sc_module(name) { socket.register_b_transport(this, &Memory::Do); }
  uint8_t *At(uint64_t a, size_t n) {
    return a >= 0x10000000 && a - 0x10000000 + n <= bytes.size() ? &bytes[a - 0x10000000] : nullptr;
  }
  void Do(tlm::tlm_generic_payload &t, sc_core::sc_time &delay) {
    uint8_t *p = At(t.get_address(), t.get_data_length()), *data = t.get_data_ptr();
    if (p == nullptr) return t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    t.is_read() ? std::memcpy(data, p, t.get_data_length()) : std::memcpy(p, data, t.get_data_length());
    delay += sc_core::sc_time(64, sc_core::SC_NS);
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

static int Run(const tetra_hal &hal, Memory *memory) {
  tetra_network_options net;
  tetra_compile_options where;
  tetra_graph g = {};
  tetra_plan p = {};
  tetra_device dev;
  tetra_error err = {};
  tetra_network_defaults(&net), tetra_compile_defaults(&where);
  net.network = "resnet18", net.width = 0.125, net.image_size = 32, where.dram_size = 64 << 20;
  if (tetra_device_init(&dev, &hal, 20000) || tetra_network_build(&net, &g, &err)) return 1;
  std::vector<tetra_tensor> t(static_cast<size_t>(g.n_values));
  std::vector<uint8_t> rgb(32 * 32 * 3);
  tetra_tensor out = {}, *in = &t[g.input];
  tetra_synthetic_image(1, 32, rgb.data());
  if (tetra_compile(&g, &dev.caps, &where, &p, &err) || tetra_tensor_init(in, &g.values[g.input].d, &err) ||
      tetra_quantize_image(rgb.data(), in, 0, &err) || tetra_run_graph(&g, t.data(), TETRA_FAST, &err) ||
      tetra_tensor_init(&out, &g.values[g.output].d, &err))
    return 1;
  std::memcpy(memory->At(p.const_addr, p.const_bytes), p.const_data, p.const_bytes);
  tetra_plan_write_value(&p, g.input, in, memory->At(p.values[g.input].addr, p.values[g.input].bytes));
  const tetra_job job = {p.cmds, p.n_cmds, p.sync_tag, p.ring_addr, p.ring_entries, p.base, p.limit};
  const bool ran = tetra_device_run(&dev, &job, nullptr, nullptr, nullptr) == TETRA_OK;
  tetra_plan_read_value(&p, g.output, &out, memory->At(p.values[g.output].addr, p.values[g.output].bytes));
  const bool equal = ran && std::memcmp(out.data, t[g.output].data, out.pixel_bytes) == 0;
  std::printf("%d layers, logits %s, %s\n", g.n_ops, equal ? "equal" : "differ",
              sc_core::sc_time_stamp().to_string().c_str());
  return equal ? 0 : 1;
}

int sc_main(int argc, char **argv) {
  const std::string engine = argc > 1 ? argv[1] : "at";
  tetra::TlmConfig config;
  if (engine == "rtl") config.engine = tetra::TlmEngine::kRtl;
  if (engine == "lt") config.engine = tetra::TlmEngine::kLt;
  config.caps = tetra_caps_default(4);
  tetra::TetraTlm tetra("tetra", config);
  Memory memory("memory");
  tetra::DriverThread software(
      "software", [&](uint32_t a, size_t n) { return memory.At(a, n); },
      [&](const tetra_hal &hal) { return Run(hal, &memory); });
  sc_core::sc_signal<bool> irq("irq"), rst_n("rst_n", true);
  software.bus.bind(tetra.regs), tetra.dram.bind(memory.socket);
  tetra.irq(irq), software.irq(irq), tetra.rst_n(rst_n);
  sc_core::sc_start();
  return software.result();
}
