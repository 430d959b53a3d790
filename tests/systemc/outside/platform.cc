// Somebody else's platform: the installed component, a memory, and a small ResNet that the driver runs on a thread.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <systemc/driver_thread.h>
#include <systemc/ram.h>
#include <systemc/run_plan.h>
#include <systemc/tetra_tlm.h>
#include <tetra/network.h>

// The network, its plan, an image as its input, and what the C model makes of that.
static bool Prepare(tetra_graph *g, tetra_plan *plan, std::vector<tetra_tensor> *t, tetra_error *err) {
  tetra_network_options net;
  tetra_compile_options where;
  tetra_network_defaults(&net), tetra_compile_defaults(&where);
  net.network = "resnet18", net.width = 0.125, net.image_size = 32;
  const tetra_caps caps = tetra_caps_default(4);
  if (tetra_network_build(&net, g, err) || tetra_compile(g, &caps, &where, plan, err)) return false;
  t->resize(static_cast<size_t>(g->n_values));
  tetra_tensor *input = &(*t)[g->input];
  std::vector<unsigned char> rgb(32 * 32 * 3);
  tetra_synthetic_image(1, 32, rgb.data());
  return !tetra_tensor_init(input, &g->values[g->input].d, err) && !tetra_quantize_image(rgb.data(), input, 0, err) &&
         !tetra_run_graph(g, t->data(), TETRA_FAST, err);
}

int sc_main(int argc, char **argv) {
  const std::string engine = argc > 1 ? argv[1] : "at";
  tetra_graph g = {};
  tetra_plan plan = {};
  tetra_tensor out = {};
  tetra_error err = {};
  std::vector<tetra_tensor> t;
  if (!Prepare(&g, &plan, &t, &err) || tetra_tensor_init(&out, &g.values[g.output].d, &err)) std::puts(err.msg);

  tetra::TlmConfig config;
  config.engine = engine == "rtl" ? tetra::TlmEngine::kRtl : engine == "lt" ? tetra::TlmEngine::kLt : config.engine;
  config.caps = plan.caps;
  tetra::TetraTlm tetra("tetra", config);
  tetra::Ram memory("memory", 64 << 20, sc_core::sc_time(64, sc_core::SC_NS), 0x10000000);
  tetra::DriverThread software(
      "software", [&](uint32_t addr, size_t bytes) { return memory.At(addr, bytes); },
      [&](const tetra_hal &hal) { return tetra::RunPlan(hal, plan, g.input, t[g.input], g.output, &out, &err); });
  sc_core::sc_signal<bool> irq("irq"), rst_n("rst_n", true);
  software.bus.bind(tetra.regs), tetra.dram.bind(memory.socket);
  tetra.irq(irq), software.irq(irq), tetra.rst_n(rst_n);
  sc_core::sc_start();
  const bool equal = software.result() == 0 && std::memcmp(out.data, t[g.output].data, out.pixel_bytes) == 0;
  std::printf("%s: %d layers, logits %s, %s %s\n", engine.c_str(), g.n_ops, equal ? "equal" : "differ",
              sc_core::sc_time_stamp().to_string().c_str(), err.msg);
  return equal ? 0 : 1;
}
