// Somebody else's platform: a memory of theirs, the installed component, one layer through the driver.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <systemc/tetra_tlm.h>
#include <tetra/device.h>
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
    uint8_t *p = At(t.get_address(), t.get_data_length());
    if (p == nullptr) return t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    t.is_read() ? std::memcpy(t.get_data_ptr(), p, t.get_data_length())
                : std::memcpy(p, t.get_data_ptr(), t.get_data_length());
    delay += sc_core::sc_time(64, sc_core::SC_NS);
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

struct Software : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Software> bus{"bus"};
  sc_core::sc_in<bool> irq{"irq"};
  Memory *memory;
  int result = 1;
  SC_HAS_PROCESS(Software);
  Software(sc_core::sc_module_name name, Memory *m) : sc_module(name), memory(m) {
    SC_THREAD(Main);
    set_stack_size(1 << 20);
  }
  uint32_t Access(tlm::tlm_command c, uint32_t offset, uint32_t value) {
    tlm::tlm_generic_payload t;
    sc_core::sc_time delay;
    t.set_command(c), t.set_address(offset), t.set_data_length(4), t.set_streaming_width(4);
    t.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
    bus->b_transport(t, delay);
    wait(delay);
    return value;
  }
  void Main();
};

static uint32_t Read(void *s, uint32_t o) { return static_cast<Software *>(s)->Access(tlm::TLM_READ_COMMAND, o, 0); }
static void Write(void *s, uint32_t o, uint32_t v) { static_cast<Software *>(s)->Access(tlm::TLM_WRITE_COMMAND, o, v); }
static void *Map(void *s, uint32_t a, size_t n) { return static_cast<Software *>(s)->memory->At(a, n); }
static void Sync(void *, uint32_t, size_t, int) {}
static int Wait(void *s, uint32_t us) {
  auto *self = static_cast<Software *>(s);
  if (!self->irq.read()) sc_core::wait(sc_core::sc_time(us, sc_core::SC_US), self->irq.posedge_event());
  return self->irq.read() ? 0 : 1;
}

void Software::Main() {
  const tetra_hal hal = {this, Read, Write, Map, Sync, Wait};
  tetra_network_options net;
  tetra_compile_options where;
  tetra_graph g = {};
  tetra_plan p = {};
  tetra_device dev;
  tetra_error err = {};
  tetra_network_defaults(&net);
  tetra_compile_defaults(&where);
  where.dram_size = 64 << 20, where.reuse_memory = 0;
  net.network = "resnet18", net.width = 0.125, net.image_size = 32;
  if (tetra_device_init(&dev, &hal, 20000) || tetra_network_build(&net, &g, &err) ||
      tetra_compile(&g, &dev.caps, &where, &p, &err))
    sc_core::sc_stop();
  std::vector<tetra_tensor> t(static_cast<size_t>(g.n_values), tetra_tensor{});
  std::vector<uint8_t> rgb(32 * 32 * 3);
  tetra_synthetic_image(1, 32, rgb.data());
  if (tetra_tensor_init(&t[g.input], &g.values[g.input].d, &err) ||
      tetra_quantize_image(rgb.data(), &t[g.input], 0, &err) || tetra_run_graph(&g, t.data(), TETRA_FAST, &err))
    sc_core::sc_stop();
  std::memcpy(memory->At(p.const_addr, p.const_bytes), p.const_data, p.const_bytes);
  tetra_plan_write_value(&p, g.input, &t[g.input], memory->At(p.values[g.input].addr, p.values[g.input].bytes));
  const tetra_job job = {p.cmds, p.n_cmds, p.sync_tag, p.ring_addr, p.ring_entries, p.base, p.limit};
  const int status = tetra_device_run(&dev, &job, nullptr, nullptr, nullptr);
  tetra_tensor out = {};
  if (tetra_tensor_init(&out, &g.values[g.output].d, &err)) sc_core::sc_stop();
  tetra_plan_read_value(&p, g.output, &out, memory->At(p.values[g.output].addr, p.values[g.output].bytes));
  result = status == TETRA_OK && std::memcmp(out.data, t[g.output].data, out.pixel_bytes) == 0 ? 0 : 1;
  std::printf("%d layers, logits %s, %.0f ns\n", g.n_ops, result == 0 ? "equal" : "differ",
              sc_core::sc_time_stamp() / sc_core::sc_time(1, sc_core::SC_NS));
  sc_core::sc_stop();
}

int sc_main(int argc, char **argv) {
  const std::string engine = argc > 1 ? argv[1] : "at";
  tetra::TlmConfig config;
  config.engine = engine == "rtl"  ? tetra::TlmEngine::kRtl
                  : engine == "lt" ? tetra::TlmEngine::kLt
                                   : tetra::TlmEngine::kAt;
  config.caps = tetra_caps_default(4);
  tetra::TetraTlm tetra("tetra", config);
  Memory memory("memory");
  Software software("software", &memory);
  sc_core::sc_signal<bool> irq("irq"), rst_n("rst_n", true);
  software.bus.bind(tetra.regs), tetra.dram.bind(memory.socket);
  tetra.irq(irq), software.irq(irq), tetra.rst_n(rst_n);
  sc_core::sc_start();
  return software.result;
}
